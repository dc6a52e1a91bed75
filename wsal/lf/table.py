"""What rules read: a table of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from wsal.errors import DataError, Location, did_you_mean

__all__ = ["ColumnTable", "Table", "as_number", "as_table", "cells", "read_column", "row_content"]


class Table(Protocol):
    """Items as rules see them; `wsal.items.Items` is one.

    A table may also have ``item_ids`` (n of them), which errors then name in place of row numbers, and
    ``arrow_texts(name)``, which returns a column of texts as a pyarrow.LargeStringArray, or None.
    """

    @property
    def n_items(self) -> int:
        """Number of rows."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        ...

    def column(self, name: str, /) -> Any:  # noqa: ANN401  # list, ndarray or pyarrow array
        """Return one column, n values."""
        ...


class ColumnTable:
    """A small table held as lists, for the tests of rules and for single items.

    Examples
    --------
    >>> table = ColumnTable({"text": ["a", "b"]})
    >>> table.n_items, table.column("text")
    (2, ['a', 'b'])
    """

    def __init__(self, columns: Mapping[str, Sequence[object]], *, n_items: int | None = None) -> None:
        self._columns = {name: list(values) for name, values in columns.items()}
        self.n_items = n_items if n_items is not None else max(map(len, self._columns.values()), default=0)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._columns)

    def column(self, name: str, /) -> list[object]:
        """Return one column.

        Raises
        ------
        DataError
            There is no such column.
        """
        try:
            return self._columns[name]
        except KeyError:
            raise DataError(f"there is no column {name!r} among {', '.join(self._columns)}") from None


def as_table(x: object) -> ColumnTable:
    """Make a table of one row from an item: a mapping, a Series, a named tuple, an object with attributes.

    Raises
    ------
    DataError
        The object shows no columns.
    """
    content = row_content(x)
    if content is None:
        raise DataError(
            f"a {type(x).__name__} is no item",
            hint="give a mapping of column to value, or an object with attributes",
        )
    return ColumnTable({name: [value] for name, value in content.items()}, n_items=1)


def row_content(x: object) -> dict[str, object] | None:
    """Return the columns of an item and their values; None for an object that shows none."""
    if isinstance(x, Mapping):
        return {str(name): value for name, value in x.items()}
    for method in ("_asdict", "to_dict"):
        convert = getattr(x, method, None)
        if callable(convert):
            return {str(name): value for name, value in cast("Mapping[object, object]", convert()).items()}
    content = getattr(x, "__dict__", None)
    return dict(content) if isinstance(content, dict) and not isinstance(x, type) else None


def cells(column: object) -> list[object]:
    """Return a column as a list of plain Python values, whatever array it comes in."""
    if isinstance(column, list):
        return column
    for method in ("tolist", "to_pylist"):
        convert = getattr(column, method, None)
        if convert is not None:
            return cast("list[object]", convert())
    return list(cast("Sequence[object]", column))


def read_column(table: Table, name: str, *, rule: str, location: Location | None = None) -> list[object]:
    """Return a column that a rule reads, as a list.

    Raises
    ------
    DataError
        The table has no such column.
    """
    if name not in table.columns:
        raise DataError(
            f"rule '{rule}' reads column {name!r}, which the items do not have",
            location=location,
            hint=did_you_mean(name, table.columns) or f"the columns are {', '.join(table.columns)}",
        )
    return cells(table.column(name))


_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def as_number(value: object) -> float | None:
    """Read a cell as a number: a number, or a text that writes one; None for anything else.

    Examples
    --------
    >>> as_number("3.5"), as_number(2), as_number("many")
    (3.5, 2.0, None)
    """
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    try:
        return float(cast("float", value)) if hasattr(value, "__float__") else None
    except (TypeError, ValueError, OverflowError):
        return None
