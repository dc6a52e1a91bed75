"""Tests on tables of counts: whether a share is the same in two groups, or in several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError

__all__ = ["Homogeneity", "exact_p_value", "homogeneity"]

_LONGEST_SUM = 20_000
"""Beyond so many terms every expected count is in the thousands, and the normal limit is as good as exact."""

_LEAST_EXPECTED = 5.0
_ROUNDING = 1 + 1e-9  # tables as likely as the one seen count, whatever the last digit says


@dataclass(frozen=True)
class Homogeneity:
    """Pearson's test of equal shares in several bins.

    Parameters
    ----------
    statistic : float
    dof : int
    p_value : float
    n_bins : int
        After neighbouring bins were merged until every expected count was at least 5.
    """

    statistic: float
    dof: int
    p_value: float
    n_bins: int


def exact_p_value(hits: int, n: int, other_hits: int, other_n: int) -> float:
    """Two-sided p-value of Fisher's exact test that two groups have the same share of hits.

    Parameters
    ----------
    hits, n : int
        Of the first group.
    other_hits, other_n : int
        Of the second.

    Returns
    -------
    float
        1 where a group is empty. Never too small, however few the counts are.

    Raises
    ------
    DataError
        More hits than items, or negative numbers.

    Notes
    -----
    Sums the hypergeometric probabilities of all tables with these margins that are no likelier than the one seen;
    where these are more than 20,000 tables, Pearson's statistic is looked up instead. Source: Fisher, Statistical
    Methods for Research Workers (5th ed., 1934), section 21.02.

    Examples
    --------
    >>> round(exact_p_value(3, 4, 1, 4), 4)
    0.4857
    """
    from scipy.special import chdtrc, gammaln

    if not (0 <= hits <= n and 0 <= other_hits <= other_n):
        raise DataError(f"{hits} of {n} and {other_hits} of {other_n} are no hits among items")
    total, all_hits = n + other_n, hits + other_hits
    if n == 0 or other_n == 0 or all_hits in (0, total):
        return 1.0
    first, last = max(0, all_hits - other_n), min(all_hits, n)
    if last - first > _LONGEST_SUM:
        apart = hits * (other_n - other_hits) - other_hits * (n - hits)
        statistic = float(apart) ** 2 * total / (float(n) * other_n * all_hits * (total - all_hits))
        return float(chdtrc(1, statistic))
    x = np.arange(first, last + 1)
    log_p = -(
        gammaln(x + 1) + gammaln(n - x + 1) + gammaln(all_hits - x + 1) + gammaln(other_n - all_hits + x + 1)
    )
    p = np.exp(log_p - log_p.max())
    return min(1.0, float(p[p <= p[hits - first] * _ROUNDING].sum() / p.sum()))


def homogeneity(table: NDArray[np.int64]) -> Homogeneity | None:
    """Test whether outcomes are as frequent in every bin; None where the counts are too few for a test.

    Parameters
    ----------
    table : ndarray of int64, shape (B, outcomes)
        Counts by bin, the bins in their order.

    Notes
    -----
    Pearson's chi-squared. The two rarest outcomes are merged, and then neighbouring bins in pairs, until every
    expected count is at least 5; merging looks at margins alone, so the p-value stays what it says.

    Examples
    --------
    >>> found = homogeneity(np.array([[90, 10], [80, 20], [70, 30], [60, 40]]))
    >>> found.n_bins, found.dof, f"{found.p_value:.1e}"
    (4, 3, '6.9e-06')
    """
    from scipy.special import chdtrc

    counts = np.asarray(table, dtype=np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    while min(counts.shape) >= 2:
        expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
        if expected.min() >= _LEAST_EXPECTED:
            statistic = float(((counts - expected) ** 2 / expected).sum())
            dof = (counts.shape[0] - 1) * (counts.shape[1] - 1)
            return Homogeneity(statistic, dof, float(chdtrc(dof, statistic)), len(counts))
        if counts.shape[1] > 2:
            order = np.argsort(counts.sum(axis=0), kind="stable")
            merged = counts[:, order]
            counts = np.column_stack([merged[:, 0] + merged[:, 1], merged[:, 2:]])
        elif len(counts) > 2:
            counts = np.add.reduceat(counts, np.arange(0, len(counts), 2), axis=0)
        else:
            return None
    return None
