"""Distinct rows of votes given by columns: what is cast is touched, and what abstains is not.

A rule votes on a few items in a hundred. The votes of a row are known by the sum of 64-bit numbers, one for each
function and class, so that a column adds to the rows where it votes, and the sums are numbered like hashes. Then every
vote that is cast is compared with that of the representative of its row, and so is their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.patterns.distinct import HashNumbers, chunks, splitmix
from wsal.types import ABSTAIN, VoteArray

__all__ = ["CastColumn", "distinct_by_columns"]

CastColumn: TypeAlias = tuple[NDArray[np.int64] | slice, VoteArray]
"""Rows in which a function votes and its votes there; or ``slice(None)`` and the votes of all rows."""

_CODES: Final = 128  # of one function: its votes, and the last one for none


def distinct_by_columns(
    columns: Sequence[CastColumn], n_items: int
) -> tuple[VoteArray, NDArray[np.int32]] | None:
    """Return the distinct rows in any order, and which of them each row is.

    None where most rows differ, so that numbering them does not pay, or where two share a hash.
    """
    numbered = _numbered(_sums(columns, n_items))
    if numbered is None:
        return None
    codes, first = numbered
    place = np.full(n_items, -1, dtype=np.int32)
    place[first] = np.arange(len(first), dtype=np.int32)
    votes_by_column = np.full((len(columns), len(first)), ABSTAIN, dtype=np.int8)
    for own, (rows, votes) in zip(votes_by_column, columns, strict=True):
        is_first = place[rows] >= 0
        own[place[rows][is_first]] = votes[is_first]
    if not _agree(columns, votes_by_column, codes):
        return None
    return np.ascontiguousarray(votes_by_column.T), codes


def _sums(columns: Sequence[CastColumn], n_items: int) -> NDArray[np.uint64]:
    sums = np.zeros(n_items, dtype=np.uint64)
    for j, (rows, votes) in enumerate(columns):
        numbers = splitmix(np.arange(_CODES * j, _CODES * (j + 1), dtype=np.uint64))
        numbers[ABSTAIN] = 0
        sums[rows] += numbers[votes]
    return sums


def _numbered(sums: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]] | None:
    """Return the number of each row's sum, and the row in which each number comes first."""
    table, codes = HashNumbers(), np.empty(len(sums), dtype=np.int32)
    first: list[NDArray[np.int64]] = []
    for chunk in chunks(len(sums)):
        codes[chunk], new = table.codes(sums[chunk])
        first.append(new + chunk.start)
        if 2 * len(new) > chunk.stop - chunk.start and chunk.stop < len(sums):
            return None
    return codes, np.concatenate(first)


def _agree(columns: Sequence[CastColumn], votes_by_column: VoteArray, codes: NDArray[np.int32]) -> bool:
    """Whether the rows that share a number have the same votes: all that are cast, and no more."""
    counts = np.bincount(codes, minlength=votes_by_column.shape[1])
    for own, (rows, votes) in zip(votes_by_column, columns, strict=True):
        n_cast = np.count_nonzero(votes != ABSTAIN)
        if counts[own != ABSTAIN].sum() != n_cast or not np.array_equal(own[codes[rows]], votes):
            return False
    return True
