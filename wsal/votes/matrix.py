"""VoteMatrix: what every labelling function said of every item."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, Never, TypeAlias, cast, overload

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, ItemId, LabelSpace, VoteArray
from wsal.votes.columns import CastVotes, VoteColumn, by_column, dense, side_by_side
from wsal.votes.item_ids import as_item_ids, refuse_repeats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LFCost", "LFFailure", "VoteMatrix", "patterns_of", "unwritten"]

_COLUMNS_AT_ONCE: Final = 8

_Source: TypeAlias = "VoteArray | tuple[VoteColumn, ...] | VotePatterns"
"""What a matrix is made of: itself, its m columns, or its patterns and which item has which."""


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


@dataclass(frozen=True)
class LFCost:
    """What it took to compute a column of votes.

    Parameters
    ----------
    cpu_seconds : float
        The function's share: functions that share one pass over a column are finished together, and each is taken to
        have cost the same.
    n_items : int
        Items that were voted on; those whose votes were known cost nothing.
    n_sharing : int
        Functions that the time was shared among.
    """

    cpu_seconds: float
    n_items: int
    n_sharing: int = 1


def unwritten(source: tuple[VoteColumn, ...] | VotePatterns) -> VoteArray:
    """Return columns, or patterns that know which item has which, as ``values`` to make a `VoteMatrix` with.

    The matrix is written out when somebody first asks for it; many do with its patterns alone.

    Examples
    --------
    >>> column = CastVotes.of(np.array([-1, 1], dtype=np.int8))
    >>> votes = VoteMatrix(unwritten((column,)), LabelSpace(("ham", "spam")), ("free",), None)
    >>> votes.patterns().counts.tolist(), votes.values.tolist()
    ([1, 1], [[-1], [1]])
    """
    return cast("VoteArray", source)


class _Values:
    """The field ``values``: an array, or what is `unwritten`."""

    def __get__(self, votes: VoteMatrix | None, owner: type) -> VoteArray:
        if votes is None:  # a dataclass asks whether there is a default
            raise AttributeError("values")
        source: _Source = votes.__dict__["values"]
        if isinstance(source, np.ndarray):
            return source
        if isinstance(source, VotePatterns):
            values: VoteArray = source.expand(source.votes).astype(np.int8, copy=False)
        else:
            values = side_by_side(source)
        values.flags.writeable = False
        votes.__dict__["values"] = values
        return values

    def __set__(self, votes: VoteMatrix, source: _Source) -> None:
        votes.__dict__["values"] = source
        if isinstance(source, VotePatterns):
            votes.__dict__["_patterns"] = source


class _ItemIds:
    """The field ``item_ids``: None stands for 0..n-1, which are written out when somebody first asks for them."""

    @overload
    def __get__(self, votes: None, owner: type) -> Never: ...
    @overload
    def __get__(self, votes: VoteMatrix, owner: type) -> NDArray[Any]: ...
    def __get__(self, votes: VoteMatrix | None, owner: type) -> NDArray[Any]:
        if votes is None:  # a dataclass asks whether there is a default
            raise AttributeError("item_ids")
        ids: NDArray[Any] | None = votes.__dict__["item_ids"]
        if ids is None:
            ids = votes.__dict__["item_ids"] = as_item_ids(None, votes.n_items)
        return ids

    def __set__(self, votes: VoteMatrix, ids: NDArray[Any] | None) -> None:
        votes.__dict__["item_ids"] = ids


@dataclass(frozen=True, eq=False)
class VoteMatrix:
    """The label matrix L: n items by m labelling functions.

    Make one with `wsal.apply`, `from_array` or `from_frame`; the constructor trusts its arguments.

    Parameters
    ----------
    values : ndarray of int8, shape (n, m)
        Class index 0..k-1, or -1 for abstain. Read-only. What is `unwritten` may stand for it where it is made.
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        m different names.
    item_ids : ndarray, shape (n,)
        Unique. None, where it is made, stands for 0..n-1.
    lf_fingerprints : tuple of (str or None)
        What each column was computed by; None where unknown.
    failures : tuple of LFFailure
        What a fault-tolerant run passed over.
    costs : tuple of (LFCost or None)
        Of the m columns; None where the votes were known before. Empty where nothing was computed here.
    """

    values: VoteArray  # a descriptor, set below: here it would look like a default
    labels: LabelSpace
    lf_names: tuple[str, ...]
    item_ids: _ItemIds = _ItemIds()  # a descriptor; it holds nothing itself
    lf_fingerprints: tuple[str | None, ...] = ()
    failures: tuple[LFFailure, ...] = field(default=())
    costs: tuple[LFCost | None, ...] = ()

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
        refuse_repeats("labelling function", names)
        ids = None if item_ids is None else as_item_ids(item_ids, n)
        return cls(values, space, names, ids, prints)

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
        source: _Source = self.__dict__["values"]
        if isinstance(source, VotePatterns):
            return len(source.require_inverse())
        return len(source[0]) if isinstance(source, tuple) else len(source)

    @property
    def n_lfs(self) -> int:
        """Number of labelling functions, m."""
        return len(self.lf_names)

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

    def columns(self) -> Iterator[VoteArray]:
        """Yield the n votes of each function in turn: int8, shape (n,), each in one piece.

        Notes
        -----
        O(n·m); where the matrix was not written out yet, it is not for this.
        """
        source: _Source = self.__dict__["values"]
        if isinstance(source, VotePatterns):
            for votes in source.votes.T:
                yield source.expand(np.ascontiguousarray(votes)).astype(np.int8, copy=False)
        elif isinstance(source, tuple):
            yield from map(dense, source)
        else:
            for start in range(0, self.n_lfs, _COLUMNS_AT_ONCE):
                yield from by_column(source[:, start : start + _COLUMNS_AT_ONCE])

    def _repr_html_(self) -> str:
        from wsal.markup import MOST_ROWS, votes_block

        title = f"Votes: {self.n_items} items, {self.n_lfs} functions, classes {', '.join(self.labels)}"
        ids, shown = self.item_ids[:MOST_ROWS].tolist(), self.values[:MOST_ROWS].tolist()
        return votes_block(title, ("item", ids), shown, self, n_rows=self.n_items)

    def patterns(self) -> VotePatterns:
        """Return the distinct rows of votes in lexicographic order (computed once)."""
        return self._patterns

    @cached_property
    def _patterns(self) -> VotePatterns:
        source: _Source = self.__dict__["values"]
        if isinstance(source, tuple) and _mostly_cast(source):
            columns = [(v.rows, v.votes) if isinstance(v, CastVotes) else (slice(None), v) for v in source]
            found = VotePatterns.from_columns(columns, self.n_items, self.labels, self.lf_names)
            if found is not None:
                return found
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

    def narrowed(self, labels: LabelSpace | Sequence[str]) -> VoteMatrix:
        """Return the votes for some of the classes, as votes of a task that has these alone.

        Functions that say nothing of these classes are left out; a vote for another class abstains. So one matrix
        over the `statements` about several labels holds the votes of a task of its own for each of them.

        Parameters
        ----------
        labels : LabelSpace or sequence of str
            Names of classes of this matrix; their order is that of the new classes.

        Returns
        -------
        VoteMatrix, n items
            Failures and costs are those of the functions that stay.

        Raises
        ------
        InputError
            No class has such a name.

        Notes
        -----
        O(n·m).

        Examples
        --------
        >>> says = ["not sports", "sports", "not money", "money"]
        >>> votes = VoteMatrix.from_array([[1, -1], [-1, 3]], says, lf_names=["goal", "bank"])
        >>> votes.narrowed(["not money", "money"]).to_numpy().tolist()
        [[-1], [1]]
        """
        space = LabelSpace.of(labels)
        index = np.full(len(self.labels) + 1, ABSTAIN, dtype=np.int8)  # the last is ABSTAIN's
        for new, name in enumerate(space):
            index[self.labels.index(name)] = new
        values = index[self.values]
        kept = np.flatnonzero((values != ABSTAIN).any(axis=0))
        names = [self.lf_names[j] for j in kept]
        values = np.ascontiguousarray(values[:, kept])
        values.flags.writeable = False
        return replace(
            self,
            values=values,
            labels=space,
            lf_names=tuple(names),
            lf_fingerprints=tuple(self.lf_fingerprints[j] for j in kept),
            failures=tuple(failure for failure in self.failures if failure.lf_name in names),
            costs=tuple(self.costs[j] for j in kept) if self.costs else (),
        )

    def select_items(self, rows: NDArray[Any]) -> VoteMatrix:
        """Return the votes of some items: ``rows`` are row numbers or a mask, as numpy takes them."""
        values = self.values[rows]
        values.flags.writeable = False
        return replace(self, values=values, item_ids=self.item_ids[rows], failures=(), costs=())


VoteMatrix.values = _Values()  # type: ignore[assignment]  # gives and takes what the field says


def _mostly_cast(columns: Sequence[VoteColumn]) -> bool:
    """Whether patterns are found sooner from the columns than from rows: a whole column takes twice as long there."""
    return 2 * sum(isinstance(votes, CastVotes) for votes in columns) >= len(columns)


def patterns_of(votes: VoteMatrix | VotePatterns) -> VotePatterns:
    """Return the patterns of votes, which may be patterns already.

    Raises
    ------
    DataError
        They are neither, as an array is.
    """
    if isinstance(votes, VoteMatrix):
        return votes.patterns()
    if isinstance(votes, VotePatterns):
        return votes
    raise DataError(
        f"votes are a VoteMatrix, got a {type(votes).__name__}",
        hint="name their labels: wsal.VoteMatrix.from_array(votes, labels=[…])",
    )


def _as_votes(L: Any, labels: LabelSpace) -> VoteArray:  # noqa: ANN401  # anything numpy can read
    try:
        given = np.asarray(L)
    except ValueError as error:  # rows of different lengths
        raise DataError(f"votes are a matrix of shape (items, functions): {error}") from None
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
    # Two looks without an array of n·m truth values; it is made only to say which vote is wrong.
    if given.size and (given.min() < ABSTAIN or given.max() >= len(labels)):
        wrong = (given < ABSTAIN) | (given >= len(labels))
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
