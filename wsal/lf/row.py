"""Row: one item, as a function in Python sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from sys import getrefcount
from typing import Any

from wsal.errors import did_you_mean

__all__ = ["Row", "row_maker", "rows_between"]

_OWN_REFERENCES = (
    3  # to a row that nobody else holds: the generator's, its caller's, and that of the count itself
)


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

    def content(self) -> tuple[object, ...] | None:
        """Return what tells this row from others, quickly: names, types and cells; None once it was written into."""
        if self.__dict__:
            return None
        cells = [column[self._index] for column in self._columns.values()]
        return (*self._columns, *map(type, cells), *cells)

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
    return partial(_quick_row(columns), columns)


def rows_between(columns: Mapping[str, Sequence[Any]], start: int, stop: int) -> Iterator[Row]:
    """Yield the rows from ``start`` up to, not including, ``stop``, for a ``for`` loop and nothing else.

    One object serves as every row, as long as nobody keeps it or writes into it. Where somebody does (a memoizing
    preprocessor, a function that collects items), that row stays as it is, and a new one goes on. Whether somebody
    keeps it is read off its count of references, to which the variable of the loop belongs; so
    ``list(rows_between(…))``, which has no such variable, would be wrong.

    Parameters
    ----------
    columns : mapping of str to sequence
    start, stop : int

    Yields
    ------
    Row

    Examples
    --------
    >>> [x.text for x in rows_between({"text": ["a", "b", "c"]}, 1, 3)]
    ['b', 'c']
    """
    kind = _quick_row(columns)
    move = vars(Row)["_index"].__set__  # the slot itself: by attribute it would be slower
    x = kind(columns, start)
    for i in range(start, stop):
        if getrefcount(x) > _OWN_REFERENCES or x.__dict__:
            x = kind(columns, i)
        else:
            move(x, i)
        yield x


def _quick_row(columns: Mapping[str, Sequence[Any]]) -> type[Row]:
    # What Row has already goes first, so that a column named `keys` breaks nothing; so do Python's own names.
    quick = {
        name: _Cell(column)
        for name, column in columns.items()
        if not hasattr(Row, name) and not name.startswith("__")
    }
    return type("Row", (Row,), {"__slots__": (), **quick})


def _revive(cells: dict[str, Any]) -> Row:
    return Row({name: (cell,) for name, cell in cells.items()}, 0)
