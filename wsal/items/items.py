"""Items: n things to label, as named columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.items.columns import Column
from wsal.items.digests import item_digests
from wsal.items.fingerprints import joint_fingerprint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ItemSlice", "Items"]


@dataclass(frozen=True, eq=False)
class Items:
    """The items of a task.

    Make one with `read_items`; the constructor trusts its arguments.

    Parameters
    ----------
    item_ids : ndarray, shape (n,)
        Unique; int64 where all are whole numbers, else objects. Read-only. Ids from files are texts; ids from
        data frames are as given.
    data : mapping of str to Column
        The columns, the id column among them where there is one.
    id_column : str, optional
        The column that the ids come from; None where row numbers are used.
    text_column : str, optional
        The column to read.
    notes : tuple of str
        What a person should know about how the items were read.

    Examples
    --------
    >>> import pandas as pd
    >>> from wsal.items import read_items
    >>> items = read_items(pd.DataFrame({"id": ["a", "b"], "text": ["Hello", None]}))
    >>> items.n_items, items.columns, items.column("text"), items.row(0)
    (2, ('id', 'text'), ('Hello', None), {'id': 'a', 'text': 'Hello'})
    """

    item_ids: NDArray[Any]
    data: Mapping[str, Column] = field(repr=False)
    id_column: str | None = None
    text_column: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        return len(self.item_ids)

    def __len__(self) -> int:
        return self.n_items

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(self.data)

    def column(self, name: str) -> tuple[object, ...]:
        """Return the n cells of a column; a missing cell is None, in a column of numbers NaN.

        Raises
        ------
        DataError
            There is no such column.
        """
        return self._column(name).values

    def _column(self, name: str) -> Column:
        try:
            return self.data[name]
        except KeyError:
            raise DataError(
                f"no column {name!r}; there are {', '.join(self.columns)}",
                hint=did_you_mean(name, self.columns),
            ) from None

    def row(self, i: int) -> dict[str, object]:
        """Return the cells of item number ``i`` (from 0) by column."""
        return {name: column.values[i] for name, column in self.data.items()}

    def slice(self, start: int, stop: int) -> ItemSlice:
        """Return the items from ``start`` up to, not including, ``stop``."""
        return ItemSlice(self, start, min(stop, self.n_items))

    def part(self, start: int, stop: int) -> Items:
        """Return the items from ``start`` up to, not including, ``stop`` as items of their own.

        A column keeps the type that it has among all items, so that a labelling function meets the same cells.
        """
        columns = {name: Column(column.cells[start:stop]) for name, column in self.data.items()}
        return replace(self, item_ids=self.item_ids[start:stop], data=columns)

    def take(self, rows: Sequence[int]) -> Items:
        """Return the items of some rows, in their order, as items of their own; types as `part`."""
        columns = {name: column.take(rows) for name, column in self.data.items()}
        return replace(self, item_ids=self.item_ids[list(rows)], data=columns)

    def to_frame(self) -> pd.DataFrame:
        """Return the columns as a new data frame; the index is the row number."""
        import pandas as pd

        return pd.DataFrame(
            {
                name: pd.Series(_for_pandas(column), index=range(self.n_items))
                for name, column in self.data.items()
            },
            index=range(self.n_items),
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all cells, ids and the order of the rows; the order of the columns is irrelevant.

        Equal in every process and for every file format that holds the same values. Whole numbers differ from
        numbers (``1`` from ``1.0``) and texts, since a labelling function can tell them apart.

        Raises
        ------
        DataError
            A cell is an object whose content cannot be hashed.
        """
        own = self.data.get(self.id_column) if self.id_column is not None else None
        ids = own if own is not None else Column.from_values(self.item_ids.tolist())
        return joint_fingerprint(
            [("ids", ids.fingerprint), ("columns", self.fingerprint_of(self.columns))], self.n_items
        )

    @cached_property
    def digests(self) -> NDArray[np.uint64]:
        """64 bits for the content of each item, its id aside, shape (n,): see `wsal.items.digests`.

        Raises
        ------
        DataError
            A cell is an object whose content cannot be hashed.
        """
        named = {name: self._column(name) for name in self.columns if name != self.id_column}
        return item_digests(named, self.n_items)

    def fingerprint_of(self, columns: Iterable[str], *, first: int | None = None) -> str:
        """SHA-256 of some columns alone: what the votes of a rule that reads only those depend on.

        Parameters
        ----------
        columns : iterable of str
            In any order; a name may stand twice.
        first : int, optional
            Of the first so many items alone: what the fingerprint was before others were appended.

        Raises
        ------
        DataError
            There is no such column, or a cell cannot be hashed.

        Notes
        -----
        A column is hashed once. Row order counts, ids do not unless their column is named.
        """
        n = self.n_items if first is None else first
        return joint_fingerprint([(name, self._column(name).fingerprint_of(n)) for name in set(columns)], n)


@dataclass(frozen=True, eq=False)
class ItemSlice:
    """Some consecutive items: a table of its own for whoever evaluates conditions.

    Parameters
    ----------
    items : Items
    start, stop : int
        Row numbers from 0; ``stop`` is not included.
    """

    items: Items
    start: int
    stop: int

    @property
    def n_items(self) -> int:
        """Number of items in the slice."""
        return self.stop - self.start

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return self.items.columns

    def column(self, name: str) -> tuple[object, ...]:
        """Return the cells of a column for these items, as `Items.column` does."""
        return self.items.column(name)[self.start : self.stop]

    def arrow_texts(self, name: str) -> Any | None:  # noqa: ANN401  # pyarrow publishes no types
        """Return a column as it is stored, a pyarrow.LargeStringArray; None for one that holds anything else."""
        stored = self.items.data[name].cells
        if isinstance(stored, tuple) or str(stored.type) != "large_string":
            return None
        return stored[self.start : self.stop]


def _for_pandas(column: Column) -> Any:  # noqa: ANN401  # what pandas.Series takes
    import numpy as np

    kind = "objects" if isinstance(column.cells, tuple) else str(column.cells.type)
    if kind in {"int64", "double", "bool"} and not column.cells.null_count:
        return np.array(column.values)
    if kind in {"int64", "double"}:
        return np.array(column.values, dtype=np.float64)
    if kind == "large_string":
        return list(column.values)
    cells = np.empty(len(column), dtype=object)
    for i, value in enumerate(column.values):  # one at a time: numpy would make a matrix of vectors
        cells[i] = value
    return cells
