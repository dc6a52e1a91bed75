"""Copies and near-copies among labelling functions, which share one vote.

A rule that is copied six times must not count seven times.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats

__all__ = ["CopyGroups", "find_copies"]


@dataclass(frozen=True, eq=False)
class CopyGroups:
    """Which labelling functions say the same.

    Parameters
    ----------
    group : ndarray of int64, shape (m,)
        Functions with identical votes have the same number; numbers run from 0 in order of first function.
    cluster : ndarray of int64, shape (m,)
        Near-copies have the same number. Functions of one group are in one cluster.
    """

    group: NDArray[np.int64]
    cluster: NDArray[np.int64]

    @property
    def shared(self) -> NDArray[np.bool_]:
        """Whether each function shares its cluster with another; shape (m,)."""
        return np.asarray(np.bincount(self.cluster)[self.cluster] > 1)


def find_copies(patterns: VotePatterns, *, similarity: float, min_equal: int) -> CopyGroups:
    """Find functions with identical votes, and clusters of near-copies.

    Parameters
    ----------
    patterns : VotePatterns
    similarity : float
        Average linkage merges groups down to this weighted Jaccard index J of their votes.
    min_equal : int
        J is 0 for two groups with fewer equal votes than this, and for groups that vote more than one class.

    Notes
    -----
    J of groups a and b is the number of items on which both vote the same over the number on which either
    votes (DESIGN §5). Functions that never vote are copies of nothing. O(Σ_u n_u² + g² log g) for g groups.
    Remembered as long as the patterns are: answers change nothing here, and after each of them a model is fitted.
    """
    known = _known.setdefault(patterns, {})
    if (similarity, min_equal) not in known:
        known[similarity, min_equal] = _find_copies(patterns, similarity, min_equal)
    return known[similarity, min_equal]


_known: WeakKeyDictionary[VotePatterns, dict[tuple[float, int], CopyGroups]] = WeakKeyDictionary()


def _find_copies(patterns: VotePatterns, similarity: float, min_equal: int) -> CopyGroups:
    group, first = _identical_columns(patterns)
    cluster = np.arange(len(first), dtype=np.int64)
    columns = patterns.votes[:, first]
    votes_for = np.stack([(columns == y).any(axis=0) for y in range(patterns.n_classes)])
    for y in range(patterns.n_classes):
        members = np.flatnonzero(votes_for[y] & (votes_for.sum(axis=0) == 1))
        if len(members) < 2:
            continue
        J = _jaccard(patterns, first[members], min_equal)
        if J.max() >= similarity:
            parts = _average_linkage(1.0 - J, 1.0 - similarity)
            _, leader = np.unique(parts, return_index=True)
            cluster[members] = members[leader][np.searchsorted(np.unique(parts), parts)]
    return CopyGroups(group, cluster[group])


def _identical_columns(patterns: VotePatterns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the group of each function, shape (m,), and the first function of each group."""
    columns = np.ascontiguousarray(patterns.votes.T)
    numbers: dict[bytes | int, int] = {}
    group = np.zeros(len(columns), dtype=np.int64)
    first: list[int] = []
    for j, column in enumerate(columns):
        # The number of the function itself as a key: a function that never votes is equal to no other.
        key = column.tobytes() if (column != ABSTAIN).any() else j
        if key not in numbers:
            numbers[key] = len(numbers)
            first.append(j)
        group[j] = numbers[key]
    return group, np.array(first, dtype=np.int64)


def _jaccard(patterns: VotePatterns, lfs: NDArray[np.int64], min_equal: int) -> Floats:
    """Return J between functions that all vote one class; shape (g, g)."""
    from scipy.sparse import csr_array

    # Whole numbers: the sums are exact, whatever their order.
    speaks = csr_array((patterns.votes[:, lfs] != ABSTAIN).astype(np.int64))
    equal = (speaks.T @ (speaks * patterns.counts[:, None])).toarray()
    votes = np.diagonal(equal)
    either = votes[:, None] + votes[None, :] - equal
    return np.asarray(np.where(equal >= min_equal, equal / np.maximum(either, 1), 0.0), dtype=np.float64)


def _average_linkage(distance: Floats, cut: float) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    tree = linkage(squareform(distance, checks=False), method="average")
    return np.asarray(fcluster(tree, t=cut, criterion="distance"), dtype=np.int64)
