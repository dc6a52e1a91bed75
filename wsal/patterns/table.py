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
from wsal.patterns.columns import CastColumn, distinct_by_columns
from wsal.patterns.distinct import CHUNK, distinct_rows
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray

__all__ = ["VotePatterns"]


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
        return cls._of(*distinct_rows(rows), labels, lf_names)

    @classmethod
    def from_columns(
        cls, columns: Sequence[CastColumn], n_items: int, labels: LabelSpace, lf_names: Sequence[str]
    ) -> VotePatterns | None:
        """Find the distinct rows of a label matrix given by columns, of which no row is ever written out.

        Parameters
        ----------
        columns : sequence of m (rows, votes)
            Where each function votes, every row once, and what; ``slice(None)`` where ``votes`` holds all n.
        n_items : int
        labels : LabelSpace
        lf_names : sequence of str
            m names.

        Returns
        -------
        VotePatterns or None
            As `from_rows`; None where most rows differ, or two of them share a hash: then `from_rows` is to be asked.

        Notes
        -----
        O(n + votes cast), for p ≪ n.
        """
        found = distinct_by_columns(columns, n_items)
        return None if found is None else cls._of(*found, labels, lf_names)

    @classmethod
    def _of(
        cls,
        representatives: VoteArray,
        inverse: NDArray[np.int32],
        labels: LabelSpace,
        lf_names: Sequence[str],
    ) -> VotePatterns:
        """Put distinct rows into their order, and count them; ``inverse`` is changed."""
        order = _lexicographic(representatives)
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        counts = np.zeros(len(order), dtype=np.int64)
        block = max(CHUNK, len(order))
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
        for start in range(0, len(inverse), CHUNK):
            part = slice(start, start + CHUNK)
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
