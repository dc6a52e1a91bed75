"""Columns of votes: whole, or only the votes that are cast; and how they become a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.types import ABSTAIN, VoteArray

__all__ = ["CastVotes", "VoteColumn", "by_column", "dense", "lightest", "side_by_side"]

_ROWS_AT_ONCE: Final = 4_096
_FEW: Final = 16  # a row number takes eight bytes, an abstention one


@dataclass(frozen=True, eq=False)
class CastVotes:
    """The votes of one labelling function, without those that abstain.

    Parameters
    ----------
    n_items : int
        n.
    rows : ndarray of int64, shape (c,)
        Items with a vote, ascending, from 0 to n - 1.
    votes : ndarray of int8, shape (c,)
        Their votes.

    Examples
    --------
    >>> CastVotes.of(np.array([-1, 0, -1, 1], dtype=np.int8)).rows.tolist()
    [1, 3]
    """

    n_items: int
    rows: NDArray[np.int64]
    votes: VoteArray

    @classmethod
    def of(cls, column: VoteArray) -> CastVotes:
        """Take the votes that are cast from a column: int8, shape (n,)."""
        rows = np.flatnonzero(column != ABSTAIN)
        return cls(len(column), rows, column[rows])

    @property
    def few(self) -> bool:
        """Whether they take less room, and less time to put side by side, than the whole column."""
        return _FEW * len(self.rows) < self.n_items

    def __len__(self) -> int:
        return self.n_items

    def column(self) -> VoteArray:
        """Return all n votes: int8, shape (n,)."""
        column = np.full(self.n_items, ABSTAIN, dtype=np.int8)
        column[self.rows] = self.votes
        return column


VoteColumn: TypeAlias = "VoteArray | CastVotes"
"""The n votes of one labelling function: int8, shape (n,), or those that are cast."""


def lightest(column: VoteArray) -> VoteColumn:
    """Return the votes that are cast, where these are few; else the column as it is."""
    cast = CastVotes.of(column)
    return cast if cast.few else column


def dense(column: VoteColumn) -> VoteArray:
    """Return all n votes of a column: int8, shape (n,)."""
    return column.column() if isinstance(column, CastVotes) else column


def by_column(votes: VoteArray) -> VoteArray:
    """Return a matrix of votes with its columns in one piece each: int8, shape (m, n) for (n, m).

    Notes
    -----
    O(n·m) bytes; so many rows at a time as fit into the processor's cache.
    """
    n, m = votes.shape
    columns = np.empty((m, n), dtype=np.int8)
    for start in range(0, n, _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        columns[:, rows] = votes[rows].T
    return columns


def side_by_side(columns: Sequence[VoteColumn]) -> VoteArray:
    """Put m columns of n votes side by side: int8, shape (n, m), by rows.

    Parameters
    ----------
    columns : sequence of m columns
        At least one, all of n votes.

    Notes
    -----
    Whole columns are written so many rows at a time as fit into the processor's cache; of the others only the votes
    that are cast are touched. O(n·m) bytes are written once, and O(votes cast) at random.

    Examples
    --------
    >>> votes = np.array([-1, 0, 1], dtype=np.int8)
    >>> side_by_side([votes, CastVotes.of(votes)]).tolist()
    [[-1, -1], [0, 0], [1, 1]]
    """
    n, m = len(columns[0]), len(columns)
    votes = np.full((n, m), ABSTAIN, dtype=np.int8)
    whole = [(j, column) for j, column in enumerate(columns) if not isinstance(column, CastVotes)]
    for start in range(0, n, _ROWS_AT_ONCE) if whole else ():
        rows = slice(start, start + _ROWS_AT_ONCE)
        block = votes[rows]
        for j, column in whole:
            block[:, j] = column[rows]
    flat = votes.reshape(-1)
    for j, cast in enumerate(columns):
        if isinstance(cast, CastVotes):
            flat[cast.rows * m + j] = cast.votes
    return votes
