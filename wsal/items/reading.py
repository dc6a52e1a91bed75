"""read_items: a data frame, Parquet, CSV or JSON lines in; Items out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from wsal.arrays import numpy_numbers
from wsal.errors import DataError, Location, did_you_mean
from wsal.items.columns import Column
from wsal.items.csv_files import read_csv
from wsal.items.items import Items
from wsal.items.jsonl_files import read_jsonl
from wsal.items.raw import RawTable
from wsal.types import SYNTHETIC_PREFIX, ItemId, as_item_id, id_array, is_missing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ItemSource", "read_items", "read_table"]

ItemSource: TypeAlias = "pd.DataFrame | str | os.PathLike[str]"
"""Where items come from: a data frame, or the path of a file."""

_DEFAULT_ID, _DEFAULT_TEXT = "id", "text"
_PANDAS_INDEX = "__index_level_"  # how pandas names an index without a name in Parquet


def read_items(source: ItemSource, *, id_column: str | None = None, text: str | None = None) -> Items:
    """Read the items of a task.

    Parameters
    ----------
    source : pandas.DataFrame or path
        Files end in ``.parquet``, ``.csv``, ``.jsonl`` or ``.ndjson``.
    id_column : str, optional
        The column that names items. Where not given: ``id`` if there is one (or the data frame's index, if
        that is called ``id``), else the row number from 0, which ``notes`` then says. Ids from files are
        texts, also where they look like numbers; ids from data frames are as given, texts or whole numbers.
    text : str, optional
        The column to read; ``text`` where not given and there.

    Returns
    -------
    Items

    Raises
    ------
    DataError
        The file is not there, is empty, or cannot be read; a column is not there; an id is missing, or stands
        twice. With file, line and cure.

    Notes
    -----
    In CSV an empty cell is missing and nothing else is; `wsal.items.csv_files` says when a column is numeric.
    """
    raw = _read(source, frozenset({id_column or _DEFAULT_ID, text or _DEFAULT_TEXT}))
    for name in (id_column, text):
        if name is not None and name not in raw.columns and not (raw.ids is not None and name == _DEFAULT_ID):
            raise DataError(
                f"no column {name!r}; there are {', '.join(raw.columns)}",
                location=raw.location(),
                hint=did_you_mean(name, raw.columns),
            )
    found, notes = _id_column(raw, id_column)
    numbers = _whole_ids(raw, found)
    ids = id_array(_ids(raw, found)) if numbers is None else numbers
    columns = dict(raw.columns)
    if found is not None and raw.file is not None:
        columns[found] = Column.from_values(ids.tolist())  # as texts, like the ids
    text_column = text or (_DEFAULT_TEXT if _DEFAULT_TEXT in columns else None)
    return Items(ids, columns, found, text_column, (*raw.notes, *notes))


def _read(source: Any, texts: frozenset[str]) -> RawTable:  # noqa: ANN401  # checked here
    if isinstance(source, str | os.PathLike):
        return read_table(source, texts=texts)
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        return _read_frame(source)
    raise DataError(
        f"items are a pandas DataFrame or the path of a file, got a {type(source).__name__}",
        hint="make a frame of them: pandas.DataFrame(rows)",
    )


def read_table(source: str | os.PathLike[str], *, texts: frozenset[str] = frozenset()) -> RawTable:
    """Read a Parquet, CSV or JSON-lines file as columns, without looking for ids.

    Parameters
    ----------
    source : path
    texts : frozenset of str
        Columns of a CSV file that are texts even if every cell looks like a number.

    Raises
    ------
    DataError
        The file is not there, is empty, or cannot be read; with file, line and cure.
    """
    name = os.fspath(source)
    path = Path(name)
    if path.is_dir():
        raise DataError(f"{name} is a folder, not a file", hint="name the file with the items in it")
    if not path.is_file():
        near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"there is no file {name}", hint=did_you_mean(path.name, near) or f"looked in {Path.cwd()}"
        )
    try:
        match path.suffix.lower():
            case ".csv":
                return read_csv(path, name, texts=texts)
            case ".jsonl" | ".ndjson":
                return read_jsonl(path, name)
            case ".parquet":
                return _read_parquet(path, name)
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", location=Location(name)) from error
    raise DataError(
        f"unknown kind of file {path.suffix or path.name!r}",
        location=Location(name),
        hint="items come as .parquet, .csv, .jsonl or .ndjson",
    )


def _read_parquet(path: Path, name: str) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.stat().st_size == 0:
        raise DataError("the file is empty", location=Location(name), hint="write the items into it")
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"this is no Parquet file that can be read: {error}",
            location=Location(name),
            hint="write it again",
        ) from error
    names = [column for column in table.column_names if not column.startswith(_PANDAS_INDEX)]
    _refuse_twins(names, Location(name))
    if not names or table.num_rows == 0:
        raise DataError("the file holds no items", location=Location(name), hint="write at least one row")
    return RawTable({column: Column.from_arrow(table[column]) for column in names}, table.num_rows, name)


def _read_frame(frame: pd.DataFrame) -> RawTable:
    names = [str(column) for column in frame.columns]
    _refuse_twins(names, None)
    if len(frame) == 0:
        raise DataError("the data frame holds no items", hint="give at least one row")
    ids = frame.index.tolist() if frame.index.name == _DEFAULT_ID and _DEFAULT_ID not in names else None
    if not names and ids is None:
        raise DataError("the data frame has no columns", hint="give at least one column, for example text")
    columns = {name: Column.from_series(frame.iloc[:, j]) for j, name in enumerate(names)}
    return RawTable(columns, len(frame), ids=ids)


def _refuse_twins(names: Sequence[str], location: Location | None) -> None:
    for j, name in enumerate(names):
        if name in names[:j]:
            raise DataError(
                f"column {name!r} stands twice: columns {names.index(name) + 1} and {j + 1}",
                location=location,
                hint="give every column its own name",
            )


def _id_column(raw: RawTable, given: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Return the column that ids come from, and what to note about it."""
    if given is not None and given in raw.columns:
        return given, ()
    if _DEFAULT_ID in raw.columns:
        return _DEFAULT_ID, ()
    if raw.ids is not None:
        return None, ()
    return None, (f"no id column: the row numbers 0 to {raw.n_rows - 1} are used as ids",)


def _whole_ids(raw: RawTable, column: str | None) -> NDArray[Any] | None:
    """Return a frame's ids that are whole numbers, none missing and none twice, as they are stored; None for others."""
    if raw.file is not None or column is None:
        return None
    cells = raw.columns[column].cells
    if isinstance(cells, tuple) or str(cells.type) != "int64" or cells.null_count:
        return None
    ids = numpy_numbers(cells)
    ids.flags.writeable = False
    ordered = np.sort(ids)
    return ids if (ordered[1:] != ordered[:-1]).all() else None


def _ids(raw: RawTable, column: str | None) -> list[ItemId]:
    """Return the ids, checked: none missing, none twice."""
    beside: Sequence[object] = raw.ids if raw.ids is not None else range(raw.n_rows)
    given = raw.columns[column].values if column is not None else beside
    plain = _plain_ids(given, as_texts=raw.file is not None)
    if plain is not None:
        return plain
    ids: list[ItemId] = []
    first: dict[ItemId, int] = {}
    for row, cell in enumerate(given):
        item = _id(cell, row, raw, column or _DEFAULT_ID)
        if item in first:
            raise DataError(
                f"id {item!r} stands twice: {raw.name_row(first[item])} and {raw.name_row(row)}",
                location=raw.location(row),
                hint="an id names one item: rename or remove one of them, or name another id column",
            )
        first[item] = row
        ids.append(item)
    return ids


def _plain_ids(given: Sequence[object], *, as_texts: bool) -> list[ItemId] | None:
    """Return ids that are right at a glance; None for those that have to be looked at one by one."""
    kinds = set(map(type, given))
    texts = cast("Sequence[str]", given)
    if kinds <= {str}:
        if not all(map(str.strip, texts)) or any(text.startswith(SYNTHETIC_PREFIX) for text in texts):
            return None
        if as_texts and _holds_half_a_character("".join(texts)):
            return None
    elif not kinds <= {int}:
        return None
    ids = list(map(str, given)) if as_texts else list(cast("Sequence[ItemId]", given))
    return cast("list[ItemId]", ids) if len(set(ids)) == len(ids) else None


def _holds_half_a_character(text: str) -> bool:
    """Whether UTF-8, and so any file of ids, cannot hold a text: JSON can write one half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _id(cell: object, row: int, raw: RawTable, column: str) -> ItemId:
    if is_missing(cell) or (isinstance(cell, str) and not cell.strip()):
        raise DataError(
            f"{raw.name_row(row)} has no id in column {column!r}",
            location=raw.location(row),
            hint="give every item an id, or name another id column",
        )
    item = as_item_id(cell)
    if raw.file is not None and isinstance(item, str) and _holds_half_a_character(item):
        raise DataError(
            f"{raw.name_row(row)} has half a character in its id {item!a}",
            location=raw.location(row),
            hint="write the id anew: it was cut in the middle of a character",
        )
    if item is not None:
        return item if raw.file is None else str(item)
    raise DataError(
        f"{raw.name_row(row)} has the id {cell!r} ({type(cell).__name__}) in column {column!r}",
        location=raw.location(row),
        hint="an id is a text or a whole number",
    )
