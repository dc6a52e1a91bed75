"""Leaders: things grouped around some of them; and rows of numbers grouped so by their cosine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.types import Floats

__all__ = ["Leaders", "group_rows"]

_BLOCK = 256  # rows at a time, so that memory is O(block·n)
_ROUNDING = 1e-6  # of float32 products


@dataclass(frozen=True, eq=False)
class Leaders:
    """Things grouped around leaders: every member is as similar to its leader as was asked for.

    Members of a group need not be so similar to each other; and no chain of small steps makes a group of
    things that have nothing in common, as linking every similar pair would.

    Parameters
    ----------
    leaders : ndarray of int64, shape (n,)
        The leader of each thing; a leader's is itself.
    similarity : ndarray of float64, shape (n,)
        To the leader, at most 1.
    """

    leaders: NDArray[np.int64]
    similarity: Floats


def group_rows(
    matrix: Floats, *, threshold: float, on_progress: Callable[[int], object] | None = None
) -> Leaders:
    """Group rows around leaders by the cosine between them.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n, d)
        All different. Rows are taken in this order: sort them, and the result does not depend on it.
    threshold : float
        Least cosine of a member and its leader, above 0 and at most 1.
    on_progress : callable, optional
        Called with the number of rows done since the last call.

    Returns
    -------
    Leaders
        Each row goes to the most similar earlier leader, or becomes one. A row of zeros has no direction and
        stays alone.

    Notes
    -----
    Exact, O(n·g·d) time for g groups, in matrix products; O(n·d) memory.
    """
    n = len(matrix)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit = np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0).astype(np.float32)
    leaders, similarity = np.arange(n, dtype=np.int64), np.ones(n)
    heads = np.empty_like(unit)
    head_rows = np.zeros(n, dtype=np.int64)
    n_heads = 0
    for start in range(0, n, _BLOCK):
        block = unit[start : start + _BLOCK]
        before = n_heads
        earlier, best_earlier = _largest(block @ heads[:before].T)
        within = block @ block.T
        for i in range(len(block)):
            # A leader of an earlier block, or one that this block has brought.
            cosine, leader = float(earlier[i]), int(head_rows[best_earlier[i]])
            own = head_rows[before:n_heads]
            if len(own) and within[i, own - start].max() > cosine:
                best = int(np.argmax(within[i, own - start]))
                cosine, leader = float(within[i, own[best] - start]), int(own[best])
            if cosine >= threshold - _ROUNDING:
                leaders[start + i], similarity[start + i] = leader, min(cosine, 1.0)
            else:
                heads[n_heads], head_rows[n_heads] = block[i], start + i
                n_heads += 1
        if on_progress is not None:
            on_progress(len(block))
    return Leaders(leaders, similarity)


def _largest(cosines: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the largest of each row and where it is; −1 and 0 where there are no columns."""
    if not cosines.shape[1]:
        return np.full(len(cosines), -1.0, dtype=np.float32), np.zeros(len(cosines), dtype=np.int64)
    return cosines.max(axis=1), cosines.argmax(axis=1)
