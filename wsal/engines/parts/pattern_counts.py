"""Patterns of a part, counted batch by batch: what a part gives back, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from wsal.patterns import VotePatterns
from wsal.types import LabelSpace, VoteArray

__all__ = ["PatternCounts", "PatternSum"]


class PatternCounts:
    """Numbers the distinct rows of votes as they come, and counts them.

    Parameters
    ----------
    n_lfs : int
        m.

    Notes
    -----
    Memory O(p·m) for the p rows seen so far; time O(n·m + n log n) in batches, plus a look-up for each distinct row of
    each batch.

    Examples
    --------
    >>> counts = PatternCounts(2)
    >>> counts.add(np.array([[1, -1], [0, 0], [1, -1]], dtype=np.int8)).tolist()
    [1, 0, 1]
    >>> counts.votes.tolist(), counts.counts.tolist()
    ([[0, 0], [1, -1]], [1, 2])
    """

    def __init__(self, n_lfs: int) -> None:
        self._n_lfs = n_lfs
        self._number: dict[bytes, int] = {}
        self._counts: list[int] = []

    def add(self, rows: VoteArray) -> NDArray[np.int32]:
        """Count rows of votes, shape (n, m), and return the number of each row's pattern, shape (n,)."""
        names = tuple(map(str, range(self._n_lfs)))
        found = VotePatterns.from_rows(rows, LabelSpace(("0", "1")), names)
        codes = np.empty(found.n_patterns, dtype=np.int32)
        for i, (row, count) in enumerate(zip(found.votes, found.counts.tolist(), strict=True)):
            code = self._number.setdefault(row.tobytes(), len(self._counts))
            if code == len(self._counts):
                self._counts.append(0)
            self._counts[code] += count
            codes[i] = code
        return codes[found.require_inverse()]

    @property
    def votes(self) -> VoteArray:
        """The distinct rows, in the order of their numbers; shape (p, m)."""
        joined = np.frombuffer(b"".join(self._number), dtype=np.int8)
        return joined.reshape(len(self._counts), self._n_lfs).copy()

    @property
    def counts(self) -> NDArray[np.int64]:
        """Items with each; shape (p,)."""
        return np.array(self._counts, dtype=np.int64)


class PatternSum:
    """Adds up the patterns of parts, in whatever order they come; holds about twice the rows of their union.

    Parameters
    ----------
    labels : LabelSpace
    lf_names : sequence of str
    """

    def __init__(self, labels: LabelSpace, lf_names: Sequence[str]) -> None:
        self._labels, self._names = labels, tuple(lf_names)
        nothing = np.zeros((0, len(self._names)), dtype=np.int8)
        self._total = VotePatterns(nothing, np.zeros(0, dtype=np.int64), labels, self._names)
        self._waiting: list[VotePatterns] = []

    def add(self, votes: VoteArray, counts: NDArray[np.int64]) -> None:
        """Add the patterns of a part: rows of shape (q, m), all different, and their counts."""
        self._waiting.append(VotePatterns(votes, counts, self._labels, self._names))
        if sum(p.n_patterns for p in self._waiting) > max(self._total.n_patterns, 1000):
            self._settle()

    def result(self) -> VotePatterns:
        """Return the patterns of all parts: lexicographic, counts alone."""
        self._settle()
        return self._total

    def _settle(self) -> None:
        # One merge for many parts: the rows are sorted once.
        if self._waiting:
            self._total = self._total.merge(_joined(self._waiting))
            self._waiting = []


def _joined(tables: Iterable[VotePatterns]) -> VotePatterns:
    listed = list(tables)
    return VotePatterns(
        np.concatenate([table.votes for table in listed]),
        np.concatenate([table.counts for table in listed]),
        listed[0].labels,
        listed[0].lf_names,
    )
