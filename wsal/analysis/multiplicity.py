"""Many tests at once: p-values adjusted so that one false alarm among all of them stays as rare as a single one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wsal.errors import DataError
from wsal.types import Floats

__all__ = ["holm"]


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """Adjust the p-values of a family of tests by Holm's method.

    Parameters
    ----------
    p_values : sequence of float, shape (t,)

    Returns
    -------
    ndarray of float64, shape (t,)
        Rejecting where it is at most α makes any false rejection among the t at most as likely as α, however the
        tests depend on each other.

    Raises
    ------
    DataError
        A p-value that is no probability.

    Notes
    -----
    The i-th smallest of t is multiplied by t − i + 1, and made no smaller than the ones before. O(t log t). Source:
    Holm, Scandinavian Journal of Statistics 6 (1979), 65–70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise DataError(f"p-values lie between 0 and 1, got {p.tolist()}")
    order = np.argsort(p, kind="stable")
    scaled = p[order] * (len(p) - np.arange(len(p)))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0) if len(p) else scaled
    return adjusted
