"""One item, as a labelling function in Python sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from wsal.engines.voted import AnyLF
from wsal.errors import did_you_mean
from wsal.items import Items

if TYPE_CHECKING:
    import pandas as pd

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
        copied = Row(self._columns, self._index)
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


def row_maker(lf: AnyLF, items: Items) -> Callable[[int], Any]:
    """Return a function from row number to the item that a labelling function is given.

    Every call makes a new object, so that what one function writes into it no other one sees.
    """
    columns = {name: items.column(name) for name in items.columns}
    if not _is_snorkels(lf):
        return lambda i: Row(columns, i)
    import pandas as pd

    index = pd.Index(columns, dtype=object)
    cells = list(columns.values())
    item_ids = items.item_ids.tolist()

    def series(i: int) -> pd.Series[Any]:
        return pd.Series([column[i] for column in cells], index=index, name=item_ids[i], dtype=object)

    return series


def _is_snorkels(lf: AnyLF) -> bool:
    """Say whether a function is Snorkel's.

    Snorkel's preprocessors pickle items, set attributes on the copies and memoize by their content, which
    they can for a few types alone; its functions are written for the rows of a data frame. So they get
    such rows.
    """
    return any(kind.__module__.partition(".")[0] == "snorkel" for kind in type(lf).__mro__)


def _revive(cells: dict[str, Any]) -> Row:
    return Row({name: (cell,) for name, cell in cells.items()}, 0)
