"""Row: one item, as a function in Python sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from wsal.errors import did_you_mean

__all__ = ["Row", "row_maker"]


class Row(Mapping[str, Any]):
    """An item: its cells are attributes (``x.text``) and keys (``x["text"]``, ``x.get("text")``).

    A missing cell is None, in a column of numbers NaN. What is written into a row stays in that row. A column
    called like a method of mappings (``get``, ``items``, ``keys``, ``values``) is read by key.

    Parameters
    ----------
    columns : mapping of str to sequence
        Shared by all rows; cells are looked up when they are asked for, so wide data costs nothing.
    index : int
        Row number, from 0.

    Examples
    --------
    >>> x = Row({"text": ["Hello", "Bye"]}, 1)
    >>> x.text, x["text"], x.get("author", "unknown")
    ('Bye', 'Bye', 'unknown')
    >>> hasattr(x, "author")
    False
    """

    # `__dict__` holds what is written into the row; Python looks there before it asks __getattr__.
    __slots__ = ("__dict__", "_columns", "_index")

    def __init__(self, columns: Mapping[str, Sequence[Any]], index: int) -> None:
        self._columns = columns
        self._index = index

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the cell holds
        if name in Row.__slots__:  # being made by copy or pickle: nothing is there yet
            raise AttributeError(name)
        try:
            return self._columns[name][self._index]
        except KeyError:
            raise NoColumnError(name, tuple(self)) from None

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # whatever the cell holds
        if name in self.__dict__:
            return self.__dict__[name]
        return self._columns[name][self._index]

    def __setitem__(self, name: str, value: object) -> None:
        self.__dict__[name] = value

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._columns, *self.__dict__)))

    def __len__(self) -> int:
        return len(self._columns.keys() | self.__dict__.keys())

    def __copy__(self) -> Row:
        copied = type(self)(self._columns, self._index)
        copied.__dict__.update(self.__dict__)
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Row:
        return _revive(deepcopy(dict(self), memo))

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], Row], tuple[dict[str, Any]]]:
        return _revive, (dict(self),)  # this row alone, not the columns

    def __repr__(self) -> str:
        return f"Row({dict(self)!r})"


class NoColumnError(AttributeError):
    """An item was asked for a column that it does not have; the hint is made only if somebody reads it."""

    def __init__(self, column: str, known: Sequence[str]) -> None:
        super().__init__(column, known)
        self.column = column
        self.known = known

    def __str__(self) -> str:
        hint = did_you_mean(self.column, self.known)
        there = f"the item has no column {self.column!r}; it has {', '.join(self.known)}"
        return f"{there}; {hint}" if hint else there


class _Cell:
    """Reads a column's cell as an attribute, many times faster than __getattr__, which Python asks last.

    It has no __set__, so what is written into a row goes to the row's ``__dict__`` and is found there first.
    """

    __slots__ = ("_column",)

    def __init__(self, column: Sequence[Any]) -> None:
        self._column = column

    def __get__(self, row: Any, kind: type) -> Any:  # noqa: ANN401  # a Row, which has the slot; the cell
        return self._column[row._index]  # noqa: SLF001  # they belong together


def row_maker(columns: Mapping[str, Sequence[Any]]) -> Callable[[int], Row]:
    """Return a function from row number to a new row, which reads its cells quickly.

    Examples
    --------
    >>> make = row_maker({"text": ["Hello", "Bye"]})
    >>> make(1).text
    'Bye'
    """
    # What Row has already goes first, so that a column named `keys` breaks nothing; so do Python's own names.
    quick = {
        name: _Cell(column)
        for name, column in columns.items()
        if not hasattr(Row, name) and not name.startswith("__")
    }
    return partial(type("Row", (Row,), {"__slots__": (), **quick}), columns)


def _revive(cells: dict[str, Any]) -> Row:
    return Row({name: (cell,) for name, cell in cells.items()}, 0)
