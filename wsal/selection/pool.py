"""The pool that a batch is chosen from, and what has been taken of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.features import FeatureMatrix
from wsal.features.density import Density
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.training import Delivered
from wsal.types import ItemId
from wsal.votes import VoteMatrix

__all__ = ["Choice", "Pool", "item_mask"]


@dataclass(frozen=True, eq=False)
class Pool:
    """Items, what is known of them, and which of them may be chosen.

    Parameters
    ----------
    votes : VoteMatrix
        n items.
    delivered : Delivered
        The labels of the frozen run that the batch is chosen by.
    features : FeatureMatrix or None
    answered : ndarray of bool, shape (n,)
    free : ndarray of bool, shape (n,)
        May be chosen on purpose: neither answered nor set aside, no duplicate of such an item, and inside the
        sub-pool, where there is one.
    open : ndarray of bool, shape (n,)
        May be asked where an audit draw falls on it: neither answered nor set aside, and no exact duplicate
        of such an item. A near duplicate may have another label, so its draw is asked.
    """

    votes: VoteMatrix
    delivered: Delivered
    features: FeatureMatrix | None
    answered: NDArray[np.bool_]
    free: NDArray[np.bool_]
    open: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        votes: VoteMatrix,
        delivered: Delivered,
        *,
        human: HumanLabels | None,
        features: FeatureMatrix | None,
        exclude: Iterable[ItemId],
        within: NDArray[np.bool_] | None = None,
    ) -> Pool:
        """Find out which items are answered and which are free; ids not among the votes are passed over.

        Duplicates are those of the run. ``within``, of shape (n,), is the sub-pool that items are chosen from
        on purpose; audit draws fall on all items.
        """
        answered = delivered.answers.mask(votes.n_items)
        if human is not None:
            answered = answered | item_mask(votes, human.items())
        closed = answered | item_mask(votes, exclude)
        shut, duplicates = closed, delivered.duplicates
        if duplicates is not None:
            closed, shut = duplicates.spread(closed), duplicates.spread(closed, exact=True)
        free = ~closed if within is None else ~closed & within
        return cls(votes, delivered, features, answered, free, ~shut)

    @property
    def patterns(self) -> VotePatterns:
        """Distinct rows of votes."""
        return self.votes.patterns()

    @cached_property
    def inverse(self) -> NDArray[np.int32]:
        """The pattern of each item, shape (n,)."""
        return self.patterns.require_inverse()

    @cached_property
    def conflicts(self) -> NDArray[np.bool_]:
        """Whether functions vote for different classes, by pattern; shape (p,)."""
        return np.asarray((self.patterns.tally() > 0).sum(axis=1) > 1, dtype=np.bool_)

    @cached_property
    def density(self) -> Density | None:
        """How densely the items lie; None without features."""
        return None if self.features is None else self.features.density

    def item_id(self, row: int) -> ItemId:
        """Return the id of a row as a plain Python value."""
        item: ItemId = self.votes.item_ids[row : row + 1].tolist()[0]
        return item

    def group_size(self, row: int) -> int:
        """Count the items with the same votes, itself included; 1 where no rule votes."""
        code = int(self.inverse[row])
        return int(self.patterns.counts[code]) if self.patterns.covered[code] else 1

    def gain(self, row: int) -> float:
        """Return the expected number of wrong labels among the unanswered items alike; see `Batch`."""
        code = int(self.inverse[row])
        alike = np.array([row])
        if self.patterns.covered[code]:
            alike = np.flatnonzero((self.inverse == code) & ~self.answered)
        return float((1.0 - self.delivered.unanswered[alike].max(axis=1)).sum())

    def duplicate_key(self, row: int) -> Hashable:
        """Return what exact duplicates share: their votes and their features.

        Without features, and where a sparse row is empty (a text without any known word), an item is like no
        other.
        """
        if self.features is None:
            return row
        code = int(self.inverse[row])
        matrix = self.features.matrix
        if isinstance(matrix, np.ndarray):
            return (code, (matrix[row] + 0.0).tobytes())  # + 0.0 turns −0 into 0
        start, stop = matrix.indptr[row : row + 2]
        if start == stop:
            return row
        columns, values = matrix.indices[start:stop], matrix.data[start:stop]
        order = np.argsort(columns, kind="stable")
        return (code, columns[order].tobytes(), values[order].tobytes())


class Choice:
    """What a batch has taken so far; changes as it grows.

    A pattern is *diverse* while no other pattern with free items has had fewer items taken; items that no
    rule covers are each a group of their own. An item is *new* while no other with the same votes and features
    is answered or taken. What the run found to be duplicates of a taken item is no longer free.

    Parameters
    ----------
    pool : Pool
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.free = pool.free.copy()
        self.open = pool.open.copy()
        self._free_counts = np.bincount(pool.inverse[pool.free], minlength=pool.patterns.n_patterns)
        self._used = np.zeros(pool.patterns.n_patterns, dtype=np.int64)
        self._keys: set[Hashable] = set()
        if pool.features is not None:
            self._keys = {pool.duplicate_key(row) for row in np.flatnonzero(pool.answered).tolist()}

    @property
    def free_patterns(self) -> NDArray[np.bool_]:
        """Patterns with free items, shape (p,)."""
        return self._free_counts > 0

    @property
    def n_left(self) -> int:
        """Number of items that can still be taken of the free ones: one of each group of duplicates."""
        return len(self.one_of_each(np.flatnonzero(self.free)))

    def one_of_each(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first row of each group of duplicates among ascending rows."""
        duplicates = self.pool.delivered.duplicates
        if duplicates is None:
            return rows
        return rows[np.unique(duplicates.codes[rows], return_index=True)[1]]

    def diverse_patterns(self, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Patterns with free items of which fewest were taken, shape (p,); among those allowed, if given."""
        free = self.free_patterns if allowed is None else self.free_patterns & allowed
        fewest = self._used[free].min(initial=np.iinfo(np.int64).max)
        return np.asarray(free & (self._used == fewest), dtype=np.bool_)

    def is_new(self, row: int) -> bool:
        """Whether no item with the same votes and features is answered or taken."""
        return self.pool.duplicate_key(row) not in self._keys

    def take(self, row: int) -> None:
        """Take a free item, or an open one."""
        code = self.pool.inverse[row]
        duplicates = self.pool.delivered.duplicates
        group = twins = np.array([row])
        if duplicates is not None:
            group = duplicates.members(row)
            twins = group[duplicates.exact[group] == duplicates.exact[row]]
        self.open[twins] = False
        gone = group[self.free[group]]
        self.free[gone] = False
        np.subtract.at(self._free_counts, self.pool.inverse[gone], 1)
        self._used[code] += bool(self.pool.patterns.covered[code])
        self._keys.add(self.pool.duplicate_key(row))


def item_mask(votes: VoteMatrix, items: Iterable[ItemId]) -> NDArray[np.bool_]:
    """Return which of the n items are named; ids not among the votes are passed over."""
    mask = np.zeros(votes.n_items, dtype=np.bool_)
    rows: list[Any] = [votes.find(item) for item in items]
    mask[[row for row in rows if row is not None]] = True
    return mask
