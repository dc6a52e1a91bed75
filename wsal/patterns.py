"""VotePatterns: the distinct rows of a label matrix, with their counts.

The narrow waist of wsal. A label matrix of a million items has a few hundred distinct rows; everything after
the votes works on those rows. Patterns stand in lexicographic order, never first-seen, so what is computed
from them does not depend on the order of items, on shards or on workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray

__all__ = ["VotePatterns"]

_CHUNK = 1 << 18  # rows numbered at a time, which bounds the working memory
_HASHED = 1 << 14  # rows hashed at a time, which fit into the processor's cache
_PROBE = 1 << 16  # rows that tell whether most rows differ
_SLOTS = 1 << 20


@dataclass(frozen=True, eq=False)
class VotePatterns:
    """Distinct rows of votes, how often each occurs, and which item has which.

    Parameters
    ----------
    votes : ndarray of int8, shape (p, m)
        Distinct rows in lexicographic order.
    counts : ndarray of int64, shape (p,)
        Items with each row.
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        The m labelling functions.
    inverse : ndarray of int32, shape (n,), optional
        The pattern of each item; None where only counts are known.
    """

    votes: VoteArray
    counts: NDArray[np.int64]
    labels: LabelSpace
    lf_names: tuple[str, ...]
    inverse: NDArray[np.int32] | None = None

    def _repr_html_(self) -> str:
        from wsal.markup import MOST_ROWS, votes_block

        first = np.argsort(-self.counts, kind="stable")[:MOST_ROWS]
        title = (
            f"{len(self.counts)} patterns of votes of {int(self.counts.sum())} items, the most frequent first"
        )
        counts, shown = self.counts[first].tolist(), self.votes[first].tolist()
        return votes_block(title, ("items", counts), shown, self, n_rows=len(self.counts))

    @classmethod
    def from_rows(cls, rows: VoteArray, labels: LabelSpace, lf_names: Sequence[str]) -> VotePatterns:
        """Find the distinct rows of a label matrix.

        Parameters
        ----------
        rows : ndarray of int8, shape (n, m)
        labels : LabelSpace
        lf_names : sequence of str
            m names.

        Notes
        -----
        Rows are hashed to 64 bits, the hashes are numbered through a table, and every row is compared with the
        representative of its hash; should two different rows share a hash, the rows themselves are sorted
        instead, and likewise where nearly all differ. O(n·m) for p ≪ n, else O(n·m·log n).
        """
        representatives, inverse = _distinct(rows)
        order = _lexicographic(representatives)
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        counts = np.zeros(len(order), dtype=np.int64)
        block = max(_CHUNK, len(order))
        for start in range(0, len(inverse), block):  # in place and by blocks: numpy counts in int64
            part = slice(start, start + block)
            inverse[part] = rank[inverse[part]]
            counts += np.bincount(inverse[part], minlength=len(order))
        return cls(
            _frozen(representatives[order]), _frozen(counts), labels, tuple(lf_names), _frozen(inverse)
        )

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        return int(self.counts.sum())

    @property
    def n_patterns(self) -> int:
        """Number of distinct rows, p."""
        return len(self.counts)

    @property
    def n_lfs(self) -> int:
        """Number of labelling functions, m."""
        return int(self.votes.shape[1])

    @property
    def n_classes(self) -> int:
        """Number of classes, k."""
        return len(self.labels)

    @cached_property
    def n_votes(self) -> NDArray[np.int64]:
        """Votes that are not ABSTAIN, by pattern; shape (p,)."""
        counts: NDArray[np.int64] = np.count_nonzero(self.votes != ABSTAIN, axis=1).astype(np.int64)
        return counts

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Whether any labelling function votes, by pattern; shape (p,)."""
        return self.n_votes > 0

    def tally(self) -> NDArray[np.int64]:
        """Count the votes for each class, by pattern; shape (p, k)."""
        return np.stack([(self.votes == y).sum(axis=1) for y in range(self.n_classes)], axis=1).astype(
            np.int64
        )

    def expand(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Gather one value a pattern to one value an item.

        Parameters
        ----------
        values : ndarray, shape (p, …)

        Returns
        -------
        ndarray, shape (n, …)

        Raises
        ------
        DataError
            These patterns know counts only.
        """
        inverse = self.require_inverse()
        out = np.empty((len(inverse), *values.shape[1:]), dtype=values.dtype)
        # By blocks: numpy copies indices that are not int64, or that cannot be written, before it takes.
        for start in range(0, len(inverse), _CHUNK):
            part = slice(start, start + _CHUNK)
            out[part] = np.take(values, inverse[part], axis=0)
        return out

    def require_inverse(self) -> NDArray[np.int32]:
        """Return the pattern of each item, shape (n,).

        Raises
        ------
        DataError
            These patterns know counts only.
        """
        if self.inverse is None:
            raise DataError("these patterns hold counts only and cannot be expanded to items")
        return self.inverse

    def merge(self, other: VotePatterns) -> VotePatterns:
        """Add the counts of another table of patterns: the patterns of both sets of items together.

        The items of ``other`` come after those of this one. Associative; commutative in votes and counts.

        Raises
        ------
        DataError
            The two tables have different labelling functions or labels.
        """
        if (self.lf_names, self.labels) != (other.lf_names, other.labels):
            raise DataError(
                "patterns of different labelling functions or labels cannot be merged: "
                f"{list(self.lf_names)} with {list(self.labels)}, and "
                f"{list(other.lf_names)} with {list(other.labels)}"
            )
        both = VotePatterns.from_rows(np.concatenate([self.votes, other.votes]), self.labels, self.lf_names)
        code = both.require_inverse()
        counts = np.zeros(both.n_patterns, dtype=np.int64)
        np.add.at(counts, code, np.concatenate([self.counts, other.counts]))
        inverse = None
        if self.inverse is not None and other.inverse is not None:
            first, second = code[: self.n_patterns], code[self.n_patterns :]
            inverse = _frozen(np.concatenate([first[self.inverse], second[other.inverse]]))
        return VotePatterns(both.votes, _frozen(counts), self.labels, self.lf_names, inverse)

    def find(self, rows: VoteArray) -> NDArray[np.int64]:
        """Find rows of votes among these patterns.

        Parameters
        ----------
        rows : ndarray of int8, shape (q, m)

        Returns
        -------
        ndarray of int64, shape (q,)
            The index of each row's pattern, -1 where it is not among them.
        """
        row_bytes = np.ascontiguousarray(rows)
        return np.array([self._position.get(row.tobytes(), -1) for row in row_bytes], dtype=np.int64)

    def occurrences(self, rows: VoteArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where different rows of votes occur among these patterns, also where patterns repeat each other.

        Patterns repeat where votes were taken out of them, as in what-if questions.

        Parameters
        ----------
        rows : ndarray of int8, shape (q, m)
            All different.

        Returns
        -------
        codes, which : ndarray of int64, shape (r,)
            Pattern ``codes[i]`` is row ``which[i]``; each pattern at most once.
        """
        if len(self._position) == self.n_patterns:
            found = self.find(rows)
            which = np.flatnonzero(found >= 0)
            return found[which], which
        wanted = {row.tobytes(): i for i, row in enumerate(np.ascontiguousarray(rows))}
        found = np.array([wanted.get(row.tobytes(), -1) for row in self.votes], dtype=np.int64)
        codes = np.flatnonzero(found >= 0)
        return codes, found[codes]

    @cached_property
    def _position(self) -> dict[bytes, int]:
        return {row.tobytes(): i for i, row in enumerate(self.votes)}

    def weighted(self, weights: Floats) -> Floats:
        """Sum the items of patterns, weighted: ``counts @ weights``; weights of shape (p, …)."""
        return np.asarray(self.counts @ weights, dtype=np.float64)


def _frozen(array: NDArray[np.generic]) -> NDArray:  # type: ignore[type-arg]  # any dtype, unchanged
    array.flags.writeable = False
    return array


def _lexicographic(rows: VoteArray) -> NDArray[np.int64]:
    if rows.shape[1] == 0:
        return np.arange(len(rows))
    return np.lexsort(rows.T[::-1])


def _distinct(rows: VoteArray) -> tuple[VoteArray, NDArray[np.int32]]:
    """Return the distinct rows in any order, and which of them each row is."""
    if rows.shape[1] == 0 or len(rows) == 0:
        return rows[:1].copy(), np.zeros(len(rows), dtype=np.int32)
    table, codes = _HashTable(), np.empty(len(rows), dtype=np.int32)
    representatives = rows[:0]
    starts = [0, *range(min(_PROBE, _CHUNK), len(rows), _CHUNK)]
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        chunk = slice(start, stop)
        part = rows[chunk]
        codes[chunk], new = table.codes(_hash_rows(part))
        representatives = np.concatenate([representatives, part[new]])
        if not np.array_equal(part, representatives[codes[chunk]]):  # two rows share a hash
            representatives, inverse = np.unique(rows, axis=0, return_inverse=True)
            return representatives, inverse.reshape(-1).astype(np.int32)
        if 2 * len(new) > len(part) and stop < len(rows):
            return _distinct_by_sorting(rows)
    return representatives, codes


def _distinct_by_sorting(rows: VoteArray) -> tuple[VoteArray, NDArray[np.int32]]:
    """As `_distinct`, where so many rows differ that a table would mostly grow."""
    _, first, inverse = np.unique(_hash_rows(rows), return_index=True, return_inverse=True)
    representatives, codes = rows[first], inverse.reshape(-1).astype(np.int32)
    for start in range(0, len(rows), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        if not np.array_equal(rows[chunk], representatives[codes[chunk]]):
            representatives, inverse = np.unique(rows, axis=0, return_inverse=True)
            return representatives, inverse.reshape(-1).astype(np.int32)
    return representatives, codes


class _HashTable:
    """Numbers 64-bit hashes in the order of their coming; most of them are found by one look at a table."""

    def __init__(self) -> None:
        self._slots = np.full(_SLOTS, -1, dtype=np.int32)
        self._hashes = np.zeros(1, dtype=np.uint64)  # by number; the last is of none
        # Hashes whose slot is another's, ascending, and their numbers.
        self._beside, self._numbers = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int32)

    def codes(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the number of each hash, and where each new one stands first, in the order of their numbers."""
        codes = self._slots[hashes & np.uint64(_SLOTS - 1)]
        unknown = np.flatnonzero((codes < 0) | (self._hashes[codes] != hashes))
        if not len(unknown):
            return codes, unknown
        asked, first, inverse = np.unique(hashes[unknown], return_index=True, return_inverse=True)
        place = np.searchsorted(self._beside, asked)
        numbers = np.append(self._numbers, np.int32(-1))[place]
        numbers[self._hashes[numbers] != asked] = -1
        new = np.flatnonzero(numbers < 0)
        numbers[new] = np.arange(len(new)) + len(self._hashes) - 1
        self._add(asked[new], numbers[new])
        codes[unknown] = numbers[inverse.reshape(-1)]
        return codes, unknown[first[new]]

    def _add(self, hashes: NDArray[np.uint64], numbers: NDArray[np.int32]) -> None:
        self._hashes = np.concatenate([self._hashes[:-1], hashes, self._hashes[-1:]])
        slots, first = np.unique(hashes & np.uint64(_SLOTS - 1), return_index=True)
        empty = self._slots[slots] < 0
        self._slots[slots[empty]] = numbers[first[empty]]
        beside = np.setdiff1d(np.arange(len(hashes)), first[empty])
        all_beside = np.concatenate([self._beside, hashes[beside]])
        order = np.argsort(all_beside, kind="stable")
        self._beside = all_beside[order]
        self._numbers = np.concatenate([self._numbers, numbers[beside]])[order]


def _hash_rows(rows: VoteArray) -> NDArray[np.uint64]:
    """Hash rows of int8 to 64 bits, eight columns at a time; shape (n,).

    The mixing step is the finalizer of splitmix64 (Steele, Lea and Flood 2014, figure 16).
    """
    n, m = rows.shape
    words = -(-m // 8)
    hashes = np.empty(n, dtype=np.uint64)
    for start in range(0, n, _HASHED):
        part = rows[start : start + _HASHED]
        padded = np.zeros((len(part), words * 8), dtype=np.int8)
        padded[:, :m] = part
        columns = padded.view(np.uint64)
        mixed = np.zeros(len(part), dtype=np.uint64)
        for j in range(words):
            mixed = _splitmix(mixed ^ columns[:, j])
        hashes[start : start + len(part)] = mixed
    return hashes


def _splitmix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
