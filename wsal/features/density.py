"""Local density: how much of the pool lies near an item, and which items lie alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.features.matrix import FeatureMatrix
from wsal.types import Floats

__all__ = ["Density", "unit_rows"]

_NEIGHBOURS = 10
_REFERENCE = 2_000  # items that density is measured against; all where there are fewer
_BLOCK = 2_000  # rows at a time, so that memory is O(block·reference)
_FENCE = 0.25
"""Of the median. On the shared sets that makes 30 of 1,686 items outliers (youtube: "LIKKEE", rows of hearts), 11 of
4,571 (sms), 4 of 5,033 (trec), 37 of 10,083 (census), and none of imdb_cosine and cuad_clauses."""


@dataclass(frozen=True, eq=False)
class Density:
    """Densities of the items of a feature matrix, measured against some of them.

    Parameters
    ----------
    unit : ndarray or scipy.sparse.csr_array, shape (n, d)
        Rows of length 1, of 0 where an item has no features.
    reference : ndarray of int64, shape (r,)
        Ascending rows that neighbours are sought among.
    """

    unit: Any
    reference: NDArray[np.int64]

    @classmethod
    def of(cls, features: FeatureMatrix) -> Density:
        """Take all items as reference, or 2,000 drawn once with a fixed seed where there are more."""
        n = features.n_items
        reference = np.arange(n)
        if n > _REFERENCE:
            reference = np.sort(np.random.default_rng(0).choice(n, _REFERENCE, replace=False))
        return cls(unit_rows(features), reference)

    def at(self, rows: NDArray[np.int64]) -> Floats:
        """Return the mean cosine of items to their 10 nearest neighbours, shape (c,).

        Between −1 and 1; 0 for an item without features, such as a text without a known word. An item is no
        neighbour of itself. O(c·r) time; memory does not grow with c.
        """
        n_neighbours = min(_NEIGHBOURS, len(self.reference) - 1)
        density = np.zeros(len(rows))
        if n_neighbours < 1:
            return density
        reference = self.unit[self.reference].T
        for start in range(0, len(rows), _BLOCK):
            here = rows[start : start + _BLOCK]
            block = self.unit[here] @ reference
            cosines = block if isinstance(block, np.ndarray) else block.toarray()
            cosines[here[:, None] == self.reference] = -1.0
            nearest = np.partition(cosines, -n_neighbours, axis=1)[:, -n_neighbours:]
            density[start : start + len(here)] = nearest.mean(axis=1)
        return density

    @cached_property
    def fence(self) -> float:
        """The density below which an item is an outlier: a quarter of the median of the reference."""
        return _FENCE * max(float(np.median(self.at(self.reference))), 0.0) if len(self.reference) else 0.0

    def weights(self, rows: NDArray[np.int64]) -> Floats:
        """Return the density over the fence, cut to 0..1: 1 for all items but outliers; shape (c,)."""
        if self.fence == 0:
            return np.ones(len(rows))
        return np.asarray(np.clip(self.at(rows) / self.fence, 0.0, 1.0), dtype=np.float64)


def unit_rows(features: FeatureMatrix) -> Any:  # noqa: ANN401  # ndarray or csr_array
    """Return the features with rows of length 1, of 0 where there is nothing; as sparse as they were."""
    from scipy.sparse import diags_array

    matrix = features.matrix
    squares = matrix**2 if isinstance(matrix, np.ndarray) else matrix.multiply(matrix)
    lengths = np.sqrt(np.asarray(squares.sum(axis=1), dtype=np.float64).reshape(-1))
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    if isinstance(matrix, np.ndarray):
        return np.asarray(matrix * scale[:, None], dtype=np.float64)
    return (diags_array(scale) @ matrix).tocsr()
