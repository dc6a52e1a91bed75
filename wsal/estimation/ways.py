"""Ways: how draws were made, where it was in several ways, as of batches at different runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.types import Floats

__all__ = ["Ways"]


@dataclass(frozen=True, eq=False)
class Ways:
    """Several ways of drawing, each with strata of its own, fixed before its draws.

    Parameters
    ----------
    codes : ndarray of int64, shape (n,)
        The combination of strata that each item lies in, 0..C−1, none of them empty.
    propensities : ndarray of float64, shape (W, C)
        Single-draw probability of an item of each combination, by way.
    of_draw : ndarray of int64, shape (T,)
        The way of each draw.

    Examples
    --------
    >>> uniform, hunt = np.zeros(4, dtype=np.int64), np.array([0, 0, 0, 1])
    >>> ways = Ways.combine([(uniform, np.array([0.25])), (hunt, np.array([0.2, 0.4]))], np.array([0, 0, 1]))
    >>> ways.codes.tolist(), ways.propensities.tolist()
    ([0, 0, 0, 1], [[0.25, 0.25], [0.2, 0.4]])
    """

    codes: NDArray[np.int64]
    propensities: Floats
    of_draw: NDArray[np.int64]

    @classmethod
    def combine(cls, designs: Sequence[tuple[NDArray[np.int64], Floats]], of_draw: NDArray[np.int64]) -> Ways:
        """Combine ways of drawing.

        Parameters
        ----------
        designs : sequence of (codes, propensities)
            For each way the stratum of each item, shape (n,), and the single-draw probability of an item of each
            stratum, shape (S,).
        of_draw : ndarray of int64, shape (T,)

        Raises
        ------
        DataError
            No ways, or probabilities of all items that do not sum to 1.
        """
        if not designs:
            raise DataError("draws were made in some way, and none is given")
        codes = np.zeros(len(designs[0][0]), dtype=np.int64)
        for strata, p in designs:
            total = float(p[strata].sum())
            if abs(total - 1) > 1e-6:
                raise DataError(f"the propensities of all items sum to {total:.6g} instead of 1")
            codes = codes * len(p) + strata
            used = np.bincount(codes) > 0
            codes = (np.cumsum(used) - 1)[codes].astype(np.int64)
        _, first = np.unique(codes, return_index=True)
        return cls(codes, np.stack([p[strata[first]] for strata, p in designs]), of_draw)

    def require_made(self, rows: NDArray[np.int64], p: Floats, n_items: int) -> None:
        """See that draws were made in these ways.

        Raises
        ------
        DataError
            They were not.
        """
        if self.codes.shape != (n_items,) or self.of_draw.shape != rows.shape:
            raise DataError(
                f"the ways of {len(self.of_draw)} draws from {len(self.codes)} items do not fit the draws"
            )
        if not np.allclose(self.propensities[self.of_draw, self.codes[rows]], p, rtol=1e-9, atol=0):
            raise DataError("a draw has another propensity than its way of drawing gives its item")
