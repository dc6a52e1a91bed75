"""Parquet files as parts: a part is a row group, whose rows are read a batch at a time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from wsal.errors import DataError, Location, did_you_mean
from wsal.items.columns import Column
from wsal.items.items import Items
from wsal.items.parts.folder import parquet_files, passed_over
from wsal.items.parts.part import BATCH, Batch, column_kind, typed_column
from wsal.types import SYNTHETIC_PREFIX

__all__ = ["ParquetPart", "ParquetParts", "n_rows", "read_parts"]

_DEFAULT_ID, _DEFAULT_TEXT = "id", "text"
_PANDAS_INDEX = "__index_level_"
_HASHED_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True)
class ParquetPart:
    """One row group.

    Parameters
    ----------
    number : int
        Its place among all parts, from 0.
    file : str
        As the user wrote it, or found in the folder that the user wrote.
    row_group : int
        From 0.
    n_items : int
    first_row : int
        Of all files together; the first id where there is no id column.
    id_column : str, optional
    kinds : mapping of str to str
        See `wsal.items.parts.part.typed_column`.
    """

    number: int
    file: str
    row_group: int
    n_items: int
    first_row: int
    id_column: str | None
    kinds: Mapping[str, str]

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"{self.file}, row group {self.row_group}"

    @property
    def row_numbers(self) -> bool:
        """Whether the ids are row numbers."""
        return self.id_column is None

    def digest(self, columns: tuple[str, ...]) -> str:
        """SHA-256 of the bytes of these columns as they lie in the file; see `ItemPart`."""
        wanted = self._read(columns)
        content = hashlib.sha256()
        first = self.first_row if self.id_column is None else None
        about = [self.n_items, first, self.id_column, {c: self.kinds[c] for c in wanted}]
        content.update(json.dumps(about).encode("utf-8", "surrogatepass"))
        with _readable(self.file) as file, Path(self.file).open("rb") as raw:
            group = file.metadata.row_group(self.row_group)
            chunks = (group.column(j) for j in range(group.num_columns))
            for chunk in chunks:
                if chunk.path_in_schema in wanted or chunk.path_in_schema.split(".")[0] in wanted:
                    content.update(f"{chunk.path_in_schema}:{chunk.physical_type}".encode())
                    _hash_range(raw, _start(chunk), chunk.total_compressed_size, content)
        return content.hexdigest()

    def batches(self, columns: tuple[str, ...]) -> Iterator[Batch]:
        """Yield the items in their order; see `ItemPart`."""
        import pyarrow as pa

        wanted, row = self._read(columns), 0
        with _readable(self.file) as file:
            # A row group without a column to read has rows all the same.
            read = list(wanted) or list(self.kinds)[:1]
            try:
                for batch in file.iter_batches(BATCH, row_groups=[self.row_group], columns=read):
                    yield Batch(row, self._items(batch, wanted, row))
                    row += batch.num_rows
            except (pa.ArrowException, OSError) as error:
                raise DataError(
                    f"row group {self.row_group} cannot be read: {error}",
                    location=Location(self.file),
                    hint="write the file again",
                ) from error

    def _read(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns to read, the id column among them, in the order of the file."""
        wanted = {*columns, *([self.id_column] if self.id_column else [])}
        return tuple(name for name in self.kinds if name in wanted)

    def _items(self, batch: Any, columns: Sequence[str], row: int) -> Items:  # noqa: ANN401  # pyarrow has no types
        data = {
            name: typed_column(Column.from_arrow(batch.column(name)), name, self.kinds) for name in columns
        }
        if self.id_column is None:
            first = self.first_row + row
            return Items(np.arange(first, first + batch.num_rows), data)
        texts = self._id_texts(batch.column(self.id_column), row)
        data[self.id_column] = Column.from_arrow(texts)
        return Items(texts.to_numpy(zero_copy_only=False), data, self.id_column)

    def _id_texts(self, ids: Any, row: int) -> Any:  # noqa: ANN401  # pyarrow has no types
        """Return ids as texts, checked: none missing, none that marks a synthetic item."""
        import pyarrow as pa
        import pyarrow.compute as pc

        plain = ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids
        texts = plain.cast(pa.large_string())
        bad = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), fill_value=True)
        place = pc.index(bad, value=True).as_py()
        if place >= 0:
            raise DataError(
                f"row {row + place + 1} of row group {self.row_group} has no id in column {self.id_column!r}",
                location=Location(self.file),
                hint="give every item an id, or name another id column",
            )
        made = pc.index(pc.starts_with(texts, SYNTHETIC_PREFIX), value=True).as_py()
        if made >= 0:
            raise DataError(
                f"row {row + made + 1} of row group {self.row_group} is a synthetic item ({texts[made].as_py()!r}): "
                "it trains end models, and is never voted on",
                location=Location(self.file),
                hint="leave out what wsal.features.augment made, or choose ids that begin otherwise",
            )
        return texts


@dataclass(frozen=True)
class ParquetParts:
    """All parts of a Parquet file or of a folder of them.

    Parameters
    ----------
    source : str
        As the user wrote it.
    parts : tuple of ParquetPart
        In the order of the names of the files, then of row groups.
    kinds : mapping of str to str
        The columns, and what `column_kind` says of each.
    id_column, text_column : str, optional
    notes : tuple of str
    """

    source: str
    parts: tuple[ParquetPart, ...]
    kinds: Mapping[str, str]
    id_column: str | None
    text_column: str | None
    notes: tuple[str, ...] = ()

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        return sum(part.n_items for part in self.parts)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.kinds)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 that changes where any cell, id or the order of rows does; every byte is read.

        Other than that of `wsal.items.Items` it also changes where the same cells are compressed another way.
        """
        content = hashlib.sha256()
        for part in self.parts:
            content.update(part.digest(self.columns).encode())
        return content.hexdigest()

    def first_items(self) -> Items:
        """Return the first items, to see what they are like.

        Raises
        ------
        DataError
            They cannot be read.
        """
        return next(self.parts[0].batches(self.columns)).items


def n_rows(path: Path) -> int:
    """Return how many rows a Parquet file has; 0 where there is none that can be read, which is said elsewhere."""
    try:
        return int(_footer(str(path)).num_rows)
    except DataError:
        return 0


def read_parts(
    source: str | os.PathLike[str], *, id_column: str | None = None, text: str | None = None
) -> ParquetParts:
    """Find the parts of a Parquet file, or of a folder of them, from their footers; no row is read.

    Parameters
    ----------
    source : path
    id_column, text : str, optional
        As `wsal.items.read_items`. Ids are texts; row numbers of all files together where there is no id column.

    Raises
    ------
    DataError
        No Parquet file, one that cannot be read, files with different columns or types, no rows at all, a column
        that is not there.

    Notes
    -----
    O(footers).
    """
    files = parquet_files(source)
    metas = {file: _footer(file) for file in files}
    kinds = _shared_kinds(metas)
    for name in (id_column, text):
        if name is not None and name not in kinds:
            raise DataError(
                f"no column {name!r}; there are {', '.join(kinds)}",
                location=Location(files[0]),
                hint=did_you_mean(name, kinds),
            )
    found = id_column or (_DEFAULT_ID if _DEFAULT_ID in kinds else None)
    if found is not None and kinds[found] not in {"text", "int64"}:
        raise DataError(
            f"the ids in column {found!r} are of type {kinds[found]}",
            location=Location(files[0]),
            hint="an id is a text or a whole number; name another id column",
        )
    parts: list[ParquetPart] = []
    n_items = 0
    for file, meta in metas.items():
        for group in range(meta.num_row_groups):
            n_rows = meta.row_group(group).num_rows
            if n_rows:
                parts.append(ParquetPart(len(parts), file, group, n_rows, n_items, found, kinds))
                n_items += n_rows
    if not parts:
        raise DataError(f"{os.fspath(source)} holds no items", hint="write at least one row")
    rows = () if found else (f"no id column: the row numbers 0 to {n_items - 1} are used as ids",)
    notes = (*rows, *passed_over(source))
    text_column = text or (_DEFAULT_TEXT if _DEFAULT_TEXT in kinds else None)
    return ParquetParts(os.fspath(source), tuple(parts), kinds, found, text_column, notes)


def _readable(file: str) -> Any:  # noqa: ANN401  # pyarrow.parquet.ParquetFile
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(file, pre_buffer=False)
    except FileNotFoundError:
        raise DataError(f"there is no file {file}", hint="was it moved while wsal ran?") from None
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"this is no Parquet file that can be read: {error}",
            location=Location(file),
            hint="write it again",
        ) from error


def _footer(file: str) -> Any:  # noqa: ANN401  # pyarrow.parquet.FileMetaData
    with _readable(file) as opened:
        return opened.metadata


def _shared_kinds(metas: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns that all files have, and their kinds; a column without a value takes any kind.

    Raises
    ------
    DataError
        Two files differ: with both and the column.
    """
    shared: dict[str, str] = {}
    owner: dict[str, str] = {}
    first = next(iter(metas))
    for file, meta in metas.items():
        kinds = {
            field.name: column_kind(field.type)
            for field in meta.schema.to_arrow_schema()
            if not field.name.startswith(_PANDAS_INDEX)
        }
        if file == first:
            shared, owner = kinds, dict.fromkeys(kinds, file)
        for name in shared.keys() ^ kinds.keys():
            lacking, having = (file, first) if name in shared else (first, file)
            raise DataError(
                f"column {name!r} is in {having}, but not here",
                location=Location(lacking),
                hint="all files of a folder have the same columns; add it, or move the file elsewhere",
            )
        for name, kind in kinds.items():
            if shared[name] == "null":
                shared[name], owner[name] = kind, file
            elif kind not in {"null", shared[name]}:
                raise DataError(
                    f"column {name!r} is {kind} here, and {shared[name]} in {owner[name]}",
                    location=Location(file),
                    hint="all files of a folder have the same types; write one of them again",
                )
    if not shared:
        raise DataError("the file has no columns", location=Location(first), hint="write it again")
    return {name: "null" if _empty(name, metas.values()) else kind for name, kind in shared.items()}


def _empty(name: str, metas: Any) -> bool:  # noqa: ANN401  # footers
    """Whether the footers say that a column has no value at all."""
    for meta in metas:
        for g in range(meta.num_row_groups):
            group = meta.row_group(g)
            for j in range(group.num_columns):
                chunk = group.column(j)
                if chunk.path_in_schema == name:
                    known = chunk.statistics
                    if known is None or not known.has_null_count or known.null_count < chunk.num_values:
                        return False
                    break
            else:
                return False  # a list or a record, whose chunks have other names
    return True


def _start(chunk: Any) -> int:  # noqa: ANN401  # pyarrow.parquet.ColumnChunkMetaData
    first = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
    return int(min(first, chunk.data_page_offset) if first else chunk.data_page_offset)


def _hash_range(raw: Any, start: int, n_bytes: int, content: Any) -> None:  # noqa: ANN401  # a file, a hash
    raw.seek(start)
    left = n_bytes
    while left > 0:
        read = raw.read(min(left, _HASHED_AT_ONCE))
        if not read:
            break
        content.update(read)
        left -= len(read)
