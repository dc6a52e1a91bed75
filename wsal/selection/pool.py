"""The pool that a batch is chosen from, and what has been taken of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.features import FeatureMatrix
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.training import Delivered
from wsal.types import ItemId
from wsal.votes import VoteMatrix

__all__ = ["Choice", "Pool"]


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
        Neither answered nor set aside.
    """

    votes: VoteMatrix
    delivered: Delivered
    features: FeatureMatrix | None
    answered: NDArray[np.bool_]
    free: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        votes: VoteMatrix,
        delivered: Delivered,
        *,
        human: HumanLabels | None,
        features: FeatureMatrix | None,
        exclude: Iterable[ItemId],
    ) -> Pool:
        """Find out which items are answered and which are free; ids not among the votes are passed over."""
        answered = delivered.answers.mask(votes.n_items)
        if human is not None:
            answered = answered | _mask(votes, human.items())
        return cls(votes, delivered, features, answered, ~(answered | _mask(votes, exclude)))

    @property
    def patterns(self) -> VotePatterns:
        """Distinct rows of votes."""
        return self.votes.patterns()

    @cached_property
    def inverse(self) -> NDArray[np.int64]:
        """The pattern of each item, shape (n,)."""
        return self.patterns.require_inverse()

    @cached_property
    def conflicts(self) -> NDArray[np.bool_]:
        """Whether functions vote for different classes, by pattern; shape (p,)."""
        return np.asarray((self.patterns.tally() > 0).sum(axis=1) > 1, dtype=np.bool_)

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
    rule covers are each a group of their own. An item is *new* while no duplicate of it is answered or taken.

    Parameters
    ----------
    pool : Pool
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.free = pool.free.copy()
        self._free_counts = np.bincount(pool.inverse[pool.free], minlength=pool.patterns.n_patterns)
        self._used = np.zeros(pool.patterns.n_patterns, dtype=np.int64)
        self._keys: set[Hashable] = set()
        if pool.features is not None:
            self._keys = {pool.duplicate_key(row) for row in np.flatnonzero(pool.answered).tolist()}

    @property
    def free_patterns(self) -> NDArray[np.bool_]:
        """Patterns with free items, shape (p,)."""
        return self._free_counts > 0

    def diverse_patterns(self, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Patterns with free items of which fewest were taken, shape (p,); among those allowed, if given."""
        free = self.free_patterns if allowed is None else self.free_patterns & allowed
        fewest = self._used[free].min(initial=np.iinfo(np.int64).max)
        return np.asarray(free & (self._used == fewest), dtype=np.bool_)

    def is_new(self, row: int) -> bool:
        """Whether no duplicate of the item is answered or taken."""
        return self.pool.duplicate_key(row) not in self._keys

    def take(self, row: int) -> None:
        """Take a free item."""
        code = self.pool.inverse[row]
        self.free[row] = False
        self._free_counts[code] -= 1
        self._used[code] += bool(self.pool.patterns.covered[code])
        self._keys.add(self.pool.duplicate_key(row))


def _mask(votes: VoteMatrix, items: Iterable[ItemId]) -> NDArray[np.bool_]:
    mask = np.zeros(votes.n_items, dtype=np.bool_)
    rows: list[Any] = [votes.find(item) for item in items]
    mask[[row for row in rows if row is not None]] = True
    return mask
