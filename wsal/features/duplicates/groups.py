"""DuplicateGroups: which items are copies of each other, and how an answer to one serves the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.types import Floats, ItemId

__all__ = ["NEAR_WEIGHT", "CopiedAnswers", "DuplicateGroups"]

NEAR_WEIGHT = 0.5
"""Weight of an answer for a near duplicate of its item; the models have the rest. Near duplicates of the same
class were 100 % of those found in youtube, sms and trec at the default threshold, but 67 % in cuad_clauses,
and fewer the closer they were: how similar two texts are does not say how far an answer may be trusted."""


@dataclass(frozen=True, eq=False)
class CopiedAnswers:
    """What answers to duplicates say of items that have no answer of their own.

    Parameters
    ----------
    rows : ndarray of int64, shape (c,)
        Ascending.
    shares : ndarray of float64, shape (c, k)
        Mean of the answers to its duplicates: of the exact ones, where any is answered, else of all.
    weights : ndarray of float64, shape (c,)
        1 for exact duplicates, `NEAR_WEIGHT` for near ones.
    """

    rows: NDArray[np.int64]
    shares: Floats
    weights: Floats

    def carried(self, probabilities: Floats) -> Floats:
        """Mix the copies into probabilities of shape (n, k)."""
        if not len(self.rows):
            return probabilities
        out = probabilities.copy()
        w = self.weights[:, None]
        out[self.rows] = w * self.shares + (1.0 - w) * out[self.rows]
        return out


@dataclass(frozen=True, eq=False)
class DuplicateGroups:
    """A partition of n items into groups of duplicates; an item without any is a group of its own.

    Parameters
    ----------
    item_ids : ndarray, shape (n,)
    codes : ndarray of int64, shape (n,)
        The group of each item: the smallest row number in it.
    exact : ndarray of int64, shape (n,)
        The same for groups of exact duplicates, which lie within the others.
    similarity : ndarray of float64, shape (n,)
        To the item around which the group was found, at most 1.

    Raises
    ------
    DataError
        Arrays of different lengths.
    """

    item_ids: NDArray[Any]
    codes: NDArray[np.int64]
    exact: NDArray[np.int64]
    similarity: Floats

    def __post_init__(self) -> None:
        n = len(self.item_ids)
        if not (len(self.codes) == len(self.exact) == len(self.similarity) == n):
            raise DataError(
                f"{n} items, {len(self.codes)} groups and {len(self.exact)} exact ones do not fit"
            )

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        return len(self.item_ids)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Items in the group of each item, itself included; shape (n,)."""
        return np.bincount(self.codes, minlength=self.n_items)[self.codes]

    @cached_property
    def has_exact(self) -> NDArray[np.bool_]:
        """Whether an item has an exact duplicate; shape (n,)."""
        return np.asarray(np.bincount(self.exact, minlength=self.n_items)[self.exact] > 1)

    @property
    def n_spare(self) -> int:
        """Items that need no answer of their own: items less groups."""
        return int((self.codes != np.arange(self.n_items)).sum())

    @property
    def n_spare_exact(self) -> int:
        """Items that need no answer because an exact duplicate has one."""
        return int((self.exact != np.arange(self.n_items)).sum())

    def members(self, row: int) -> NDArray[np.int64]:
        """Return the rows of the group of an item, itself included. O(n) the first time, then O(size)."""
        at = int(self._starts[self.codes[row]])
        return self._order[at : at + int(self.sizes[row])]

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        """Yield the rows of each group of two or more, the largest groups first."""
        first = np.flatnonzero((self.sizes > 1) & (self.codes == np.arange(self.n_items)))
        for row in first[np.argsort(-self.sizes[first], kind="stable")].tolist():
            yield self.members(row)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self.codes, kind="stable")

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        counts = np.bincount(self.codes, minlength=self.n_items)
        return np.cumsum(counts) - counts

    def spread(self, mask: NDArray[np.bool_], *, exact: bool = False) -> NDArray[np.bool_]:
        """Return the items with a duplicate in ``mask``, those in it included; shape (n,)."""
        codes = self.exact if exact else self.codes
        hit = np.zeros(self.n_items, dtype=np.bool_)
        hit[codes[mask]] = True
        return np.asarray(hit[codes])

    def without(self, items: Collection[ItemId]) -> DuplicateGroups:
        """Return the partition in which some items stand alone; ids that are not there are passed over."""
        wanted = set(items)
        alone = np.fromiter((item in wanted for item in self.item_ids.tolist()), np.bool_, self.n_items)
        if not alone.any():
            return self
        rows = np.arange(self.n_items)
        similarity = np.where(alone, 1.0, self.similarity)
        return replace(
            self,
            codes=_relabelled(self.codes, alone, rows),
            exact=_relabelled(self.exact, alone, rows),
            similarity=similarity,
        )

    # How answers count

    def counted_once(self, human: HumanLabels) -> HumanLabels:
        """Return answers in which a group counts as one item: all stand at its first answered item.

        The weight is then the largest of the group's, and its share that of all its answers. Answers to items
        that have no duplicates are as they were, and their order too.
        """
        first: dict[int, tuple[int, ItemId]] = {}
        rows = [self._row_of.get(item) for item in human.item_ids]
        for item, row in zip(human.item_ids, rows, strict=True):
            if row is not None and self.sizes[row] > 1:
                code = int(self.codes[row])
                first[code] = min(first.get(code, (row, item)), (row, item), key=lambda pair: pair[0])
        moved = tuple(
            item if row is None or self.sizes[row] == 1 else first[int(self.codes[row])][1]
            for item, row in zip(human.item_ids, rows, strict=True)
        )
        return human if moved == human.item_ids else replace(human, item_ids=moved)

    def with_exact_copies(self, human: HumanLabels) -> HumanLabels:
        """Return answers with a copy of each for the unanswered exact duplicates of its item.

        A copy has no annotator and no propensity. This is what an estimate joins with its draws: a draw of
        an exact duplicate of an answered item is not asked again.
        """
        answered = np.array(
            sorted({row for item in human.items() if (row := self._row_of.get(item)) is not None}),
            dtype=np.int64,
        )
        mask = np.zeros(self.n_items, dtype=np.bool_)
        mask[answered] = True
        ids = self.item_ids.tolist()
        copies: list[tuple[ItemId, int]] = []
        twins: dict[int, list[ItemId]] = {}
        for row in np.flatnonzero(self.spread(mask, exact=True) & ~mask).tolist():
            twins.setdefault(int(self.exact[row]), []).append(ids[row])
        for item, value in zip(human.item_ids, human.values.tolist(), strict=True):
            row = self._row_of.get(item)
            if row is not None:
                copies += [(twin, value) for twin in twins.get(int(self.exact[row]), ())]
        if not copies:
            return human
        return HumanLabels(
            (*human.item_ids, *(item for item, _ in copies)),
            np.concatenate([human.values, np.array([value for _, value in copies], dtype=np.int64)]),
            (*human.annotators, *("" for _ in copies)),
            (*human.purposes, *("" for _ in copies)),
            np.concatenate([human.propensities, np.full(len(copies), np.nan)]),
        )

    def copied(self, rows: NDArray[np.int64], shares: Floats) -> CopiedAnswers:
        """Carry answers to the unanswered duplicates of their items.

        Parameters
        ----------
        rows : ndarray of int64, shape (B,)
            Answered items, all different.
        shares : ndarray of float64, shape (B, k)
        """
        answered = np.zeros(self.n_items, dtype=np.bool_)
        answered[rows] = True
        twins = self.spread(answered, exact=True) & ~answered
        near = self.spread(answered) & ~answered & ~twins
        out = np.zeros((self.n_items, shares.shape[1]))
        for codes, mask in ((self.exact, twins), (self.codes, near)):
            sums, counts = np.zeros_like(out), np.bincount(codes[rows], minlength=self.n_items)
            np.add.at(sums, codes[rows], shares)
            out[mask] = sums[codes[mask]] / counts[codes[mask], None]
        found = np.flatnonzero(twins | near)
        return CopiedAnswers(found, out[found], np.where(twins[found], 1.0, NEAR_WEIGHT))

    def answered_duplicates(self, row: int, answered: NDArray[np.bool_]) -> tuple[ItemId, ...]:
        """Return the answered items whose answers `copied` carries to a row: exact duplicates, else near ones."""
        members = self.members(row)
        members = members[answered[members]]
        twins = members[self.exact[members] == self.exact[row]]
        return tuple(self.item_ids[twins if len(twins) else members].tolist())

    def training_weights(self, candidates: NDArray[np.bool_], answered: NDArray[np.bool_]) -> Floats:
        """Return the weight of each item in training, shape (n,): a group has 1, like a single item.

        Parameters
        ----------
        candidates : ndarray of bool, shape (n,)
            Items to train on. Those of a group share its weight.
        answered : ndarray of bool, shape (n,)
            Where one of a group is answered, its other members have weight 0.
        """
        here = np.where(self.spread(answered), answered, candidates)
        counts = np.bincount(self.codes[here], minlength=self.n_items)[self.codes]
        return np.where(here, 1.0 / np.maximum(counts, 1), 0.0)

    @cached_property
    def _row_of(self) -> dict[ItemId, int]:
        return {item: row for row, item in enumerate(self.item_ids.tolist())}


def _relabelled(
    codes: NDArray[np.int64], alone: NDArray[np.bool_], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Name groups by their smallest row again, after some items have left them."""
    smallest = np.full(len(codes), len(codes))
    np.minimum.at(smallest, codes[~alone], rows[~alone])
    return np.where(alone, rows, smallest[codes])
