"""VoteMatrix: what every labelling function said of every item."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.patterns import VotePatterns
from wsal.types import (
    ABSTAIN,
    ItemId,
    LabelSpace,
    VoteArray,
    as_item_id,
    id_array,
    is_missing,
    refuse_synthetic,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LFFailure", "VoteMatrix"]


@dataclass(frozen=True)
class LFFailure:
    """How often a labelling function raised in a fault-tolerant run; it abstained there.

    Parameters
    ----------
    lf_name : str
    count : int
        Items on which it raised.
    first_item : str or int
    first_traceback : str
    """

    lf_name: str
    count: int
    first_item: ItemId
    first_traceback: str


@dataclass(frozen=True, eq=False)
class VoteMatrix:
    """The label matrix L: n items by m labelling functions.

    Make one with `wsal.apply`, `from_array` or `from_frame`; the constructor trusts its arguments.

    Parameters
    ----------
    values : ndarray of int8, shape (n, m)
        Class index 0..k-1, or -1 for abstain. Read-only.
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        m different names.
    item_ids : ndarray, shape (n,)
        Unique.
    lf_fingerprints : tuple of (str or None)
        What each column was computed by; None where unknown.
    failures : tuple of LFFailure
        What a fault-tolerant run passed over.
    """

    values: VoteArray
    labels: LabelSpace
    lf_names: tuple[str, ...]
    item_ids: NDArray[Any]
    lf_fingerprints: tuple[str | None, ...] = ()
    failures: tuple[LFFailure, ...] = field(default=())

    @classmethod
    def from_array(
        cls,
        L: Any,  # noqa: ANN401  # anything numpy can read
        labels: LabelSpace | Sequence[str],
        *,
        lf_names: Sequence[str] | None = None,
        item_ids: Iterable[ItemId] | None = None,
        lf_fingerprints: Sequence[str | None] | None = None,
    ) -> VoteMatrix:
        """Check an array of votes and wrap it.

        Parameters
        ----------
        L : array-like of integers, shape (n, m)
            Class index, or -1 for abstain. Copied.
        labels : LabelSpace or sequence of str
            The k classes.
        lf_names : sequence of str, optional
            ``lf_0 … lf_{m-1}`` where not given.
        item_ids : iterable of str or int, optional
            0..n-1 where not given.
        lf_fingerprints : sequence of (str or None), optional

        Raises
        ------
        DataError
            A vote that is no class, a wrong shape, or a name or id that stands twice.

        Examples
        --------
        >>> votes = VoteMatrix.from_array([[1, -1], [0, 0]], labels=["ham", "spam"])
        >>> votes.lf_names, votes.patterns().counts.tolist()
        (('lf_0', 'lf_1'), [1, 1])
        """
        space = LabelSpace.of(labels)
        values = _as_votes(L, space)
        n, m = values.shape
        names = tuple(lf_names) if lf_names is not None else tuple(f"lf_{j}" for j in range(m))
        prints = tuple(lf_fingerprints) if lf_fingerprints is not None else (None,) * m
        for what, given in (("lf_names", names), ("lf_fingerprints", prints)):
            if len(given) != m:
                raise DataError(f"{what} has {len(given)} entries for {m} columns of votes")
        _refuse_repeats("labelling function", names)
        return cls(values, space, names, as_item_ids(item_ids, n), prints)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        labels: LabelSpace | Sequence[str],
        *,
        lf_columns: Sequence[str] | None = None,
        id_column: str | None = None,
    ) -> VoteMatrix:
        """Read votes from the columns of a data frame.

        Parameters
        ----------
        frame : pandas.DataFrame, n rows
            Cells are class indices, class names, -1 or missing (both abstain).
        labels : LabelSpace or sequence of str
        lf_columns : sequence of str, optional
            All columns but ``id_column`` where not given.
        id_column : str, optional
            The frame's index where not given.

        Raises
        ------
        DataError
            A column that is not there, or a cell that is no vote.
        """
        space = LabelSpace.of(labels)
        columns = list(lf_columns) if lf_columns is not None else [c for c in frame.columns if c != id_column]
        for name in [*columns, *([id_column] if id_column else [])]:
            if name not in frame.columns:
                raise DataError(
                    f"no column {name!r}; there are {', '.join(map(str, frame.columns))}",
                    hint=did_you_mean(str(name), map(str, frame.columns)),
                )
        values = np.full((len(frame), len(columns)), ABSTAIN, dtype=np.int8)
        for j, name in enumerate(columns):
            cells = frame[name].astype(object).where(frame[name].notna(), None).tolist()
            values[:, j] = _column_votes(cells, str(name), space)
        ids = (frame[id_column] if id_column else frame.index).tolist()
        return cls.from_array(values, space, lf_names=[str(c) for c in columns], item_ids=ids)

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        return int(self.values.shape[0])

    @property
    def n_lfs(self) -> int:
        """Number of labelling functions, m."""
        return int(self.values.shape[1])

    @property
    def n_classes(self) -> int:
        """Number of classes, k."""
        return len(self.labels)

    def __len__(self) -> int:
        return self.n_items

    def to_numpy(self) -> VoteArray:
        """Return a copy of the votes: int8, shape (n, m), -1 where a function abstains."""
        return self.values.copy()

    def to_frame(self) -> pd.DataFrame:
        """Return the votes as a data frame: item ids as the index, one int8 column a function."""
        import pandas as pd

        return pd.DataFrame(
            self.values, index=pd.Index(self.item_ids, name="id"), columns=list(self.lf_names)
        )

    def patterns(self) -> VotePatterns:
        """Return the distinct rows of votes in lexicographic order (computed once)."""
        return self._patterns

    @cached_property
    def _patterns(self) -> VotePatterns:
        return VotePatterns.from_rows(self.values, self.labels, self.lf_names)

    @cached_property
    def _rows(self) -> dict[ItemId, int]:
        return {item: i for i, item in enumerate(self.item_ids.tolist())}

    def row_of(self, item_id: ItemId) -> int:
        """Return the row of an item.

        Raises
        ------
        DataError
            There is no such item.
        """
        row = self.find(item_id)
        if row is None:
            raise DataError(
                f"no item {item_id!r} among {self.n_items} items",
                hint=did_you_mean(str(item_id), map(str, self.item_ids[:10_000].tolist())),
            )
        return row

    def find(self, item_id: ItemId) -> int | None:
        """Return the row of an item, or None where there is no such item."""
        return self._rows.get(item_id)

    def select_items(self, rows: NDArray[Any]) -> VoteMatrix:
        """Return the votes of some items: ``rows`` are row numbers or a mask, as numpy takes them."""
        values = self.values[rows]
        values.flags.writeable = False
        return replace(self, values=values, item_ids=self.item_ids[rows], failures=())


def as_item_ids(item_ids: Iterable[ItemId] | None, n: int) -> NDArray[Any]:
    """Check item ids and return them as a read-only array of shape (n,).

    Raises
    ------
    DataError
        A wrong number of ids, a missing id, one that is neither a text nor a whole number, or one that stands
        twice.

    Notes
    -----
    int64 where all ids are whole numbers that fit, else Python's own texts and whole numbers, whatever types
    numpy and pandas gave them. No Python object an item for an array of whole numbers.
    """
    if item_ids is None:
        item_ids = np.arange(n)
    if isinstance(item_ids, np.ndarray) and item_ids.dtype.kind == "i" and item_ids.shape == (n,):
        ids = item_ids.astype(np.int64)
        ordered = np.sort(ids)  # numpy.unique takes sixty times as long
        if (ordered[1:] != ordered[:-1]).all():
            ids.flags.writeable = False
            return ids
    given = item_ids.tolist() if isinstance(item_ids, np.ndarray) else list(item_ids)
    if len(given) != n:
        raise DataError(f"there are {len(given)} item ids for {n} rows")
    if not set(map(type, given)) <= {str, int}:
        given = [_plain_id(item, row) for row, item in enumerate(given)]
    for item in given:
        refuse_synthetic(item)
    if len(set(given)) < n:
        _refuse_repeats("item id", given)
    return id_array(given)


def _plain_id(given: object, row: int) -> ItemId:
    item = as_item_id(given)
    if item is not None:
        return item
    if is_missing(given):
        raise DataError(f"item {row + 1} has no id", hint="give every item an id, or leave the ids out")
    raise DataError(
        f"item {row + 1} has the id {given!r} ({type(given).__name__})",
        hint="an id is a text or a whole number",
    )


def _refuse_repeats(what: str, names: Iterable[Hashable]) -> None:
    seen: dict[Hashable, int] = {}
    for position, name in enumerate(names):
        if name in seen:
            raise DataError(
                f"{what} {name!r} stands twice: at position {seen[name] + 1} and {position + 1}",
                hint=f"every {what} is unique; rename or remove one of them",
            )
        seen[name] = position


def _as_votes(L: Any, labels: LabelSpace) -> VoteArray:  # noqa: ANN401  # anything numpy can read
    given = np.asarray(L)
    if given.ndim != 2:
        raise DataError(f"votes are a matrix of shape (items, functions), got shape {given.shape}")
    if given.size and not np.issubdtype(given.dtype, np.integer):
        whole = np.issubdtype(given.dtype, np.floating) and bool(
            np.all(np.isfinite(given) & (given == np.floor(given)))
        )
        if not whole:
            raise DataError(
                f"votes are whole numbers, got dtype {given.dtype}",
                hint=f"write a class index 0..{len(labels) - 1}, or {ABSTAIN} for abstain",
            )
    wrong = (given < ABSTAIN) | (given >= len(labels))
    if given.size and wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise DataError(
            f"vote {given[row, column]} of item {row + 1}, function {column + 1} is no class",
            hint=f"write a class index 0..{len(labels) - 1}, or {ABSTAIN} for abstain",
        )
    values = np.array(given, dtype=np.int8, order="C")
    values.flags.writeable = False
    return values


def _is_whole(cell: Any) -> bool:  # noqa: ANN401  # a frame's cells are anything
    """Whether a cell is a number without a fraction; True and False are no numbers, here as in functions."""
    number = isinstance(cell, Real) and not isinstance(cell, bool)
    return number and math.isfinite(cell) and cell == int(cell)


def _column_votes(cells: list[Any], column: str, labels: LabelSpace) -> list[int]:
    votes = []
    for row, cell in enumerate(cells):
        if cell is None:
            votes.append(ABSTAIN)
        elif isinstance(cell, str):
            if cell not in labels:
                raise DataError(
                    f"column {column!r}, row {row + 1}: unknown label {cell!r}; "
                    f"the labels are {', '.join(labels)}",
                    hint=did_you_mean(cell, labels),
                )
            votes.append(labels.index(cell))
        elif _is_whole(cell) and ABSTAIN <= cell < len(labels):
            votes.append(int(cell))
        else:
            raise DataError(
                f"column {column!r}, row {row + 1}: {cell!r} is no vote",
                hint=f"write a class index 0..{len(labels) - 1}, a class name, or {ABSTAIN} for abstain",
            )
    return votes
