"""Items that lie alone come later: what is learnt from them says little of any other item."""

from __future__ import annotations

import numpy as np

from wsal.selection.pool import Choice
from wsal.types import Floats

__all__ = ["outliers_later"]

_LOOKED_AT = 50  # times the items wanted: so many of the lowest margins are looked at


def outliers_later(choice: Choice, scores: Floats, count: int) -> Floats:
    """Raise the margins of outliers: ``1 − w·(1 − margin)`` with the weight w of `Density.weights`.

    Parameters
    ----------
    choice : Choice
    scores : ndarray of float64, shape (n,)
        Margins, 0 to 1.
    count : int
        Items to choose. Only the 50 times as many free items of lowest margin are looked at.

    Returns
    -------
    ndarray of float64, shape (n,)
        The same array where there are no features, or no outlier among those looked at.
    """
    density = choice.pool.density
    free = np.flatnonzero(choice.free)
    if density is None or not len(free) or not count:
        return scores
    n_looked = min(_LOOKED_AT * count, len(free))
    rows = free[np.argpartition(scores[free], n_looked - 1)[:n_looked]]
    weights = density.weights(rows)
    if (weights == 1).all():
        return scores
    out = scores.copy()
    out[rows] = 1.0 - weights * (1.0 - scores[rows])
    return out
