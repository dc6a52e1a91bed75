"""Confidence intervals: exact ones for equal weights, gamma limits for weighted counts, and MOVER to join them.

Array-free mathematics; nothing here knows about draws. Derivations: docs/explanation/estimates.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wsal.errors import InputError
from wsal.types import Floats

__all__ = [
    "Interval",
    "check_level",
    "clopper_pearson",
    "fay_feuer",
    "finite_clopper_pearson",
    "mover_ratio",
    "mover_sum",
]


@dataclass(frozen=True)
class Interval:
    """A point between two limits; the point may be NaN where nothing was observed."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float, shift: float = 0.0) -> Interval:
        """Return ``factor·x + shift`` of the point and the limits; ``factor`` is not negative."""
        return Interval(factor * self.value + shift, factor * self.low + shift, factor * self.high + shift)

    def complement(self) -> Interval:
        """Return the interval of 1 − x."""
        return Interval(1 - self.value, 1 - self.high, 1 - self.low)


def check_level(level: float) -> float:
    """Return the level if it can be one.

    Raises
    ------
    InputError
        Not between 0 and 1.
    """
    if not 0 < level < 1:
        hint = f"write level={level / 100:g}" if 1 < level < 100 else "use 0.95"
        raise InputError(f"level={level} is no confidence level between 0 and 1", hint=hint)
    return level


def clopper_pearson(hits: float, n: float, *, level: float = 0.95) -> Interval:
    """Exact interval of a share from independent draws with equal weights.

    Parameters
    ----------
    hits : float
        Fractions, from items whose annotators differ, are taken through the beta quantiles as they are.
    n : float
        Number of draws; none at all says nothing: 0 to 1.
    level : float

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        ``hits`` is not between 0 and n.

    Notes
    -----
    Each limit is the share at which so many hits, or so few, have a probability of (1 − level)/2; never covers
    less than ``level``. Source: Clopper and Pearson, Biometrika 26 (1934), 404–413.

    Examples
    --------
    >>> found = clopper_pearson(0, 100)
    >>> round(found.low, 4), round(found.high, 4)
    (0.0, 0.0362)
    """
    from scipy.special import betaincinv  # scipy.stats takes a second to import

    _check_hits(hits, n)
    if n == 0:
        return Interval(math.nan, 0.0, 1.0)
    tail = (1 - check_level(level)) / 2
    low = float(betaincinv(hits, n - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return Interval(hits / n, low, high)


def finite_clopper_pearson(hits: float, n: int, size: int, *, level: float = 0.95) -> Interval:
    """Exact interval of the share of hits in a finite population, from n different items of it.

    Parameters
    ----------
    hits : float
        A fraction is rounded down for the lower limit and up for the upper one.
    n : int
        Different items seen: a simple random sample without replacement.
    size : int
        Items in the population.
    level : float

    Returns
    -------
    Interval
        Limits are multiples of 1/size. Never wider than what the seen items leave open.

    Raises
    ------
    InputError
        ``hits`` is not between 0 and n, or n is above ``size``.

    Notes
    -----
    Clopper and Pearson's argument with the hypergeometric distribution in place of the binomial one. Bisection:
    O(n·log size).

    Examples
    --------
    >>> finite_clopper_pearson(3, 10, 10)
    Interval(value=0.3, low=0.3, high=0.3)
    >>> few = finite_clopper_pearson(0, 100, 120)
    >>> round(few.high, 4), round(finite_clopper_pearson(0, 100, 1_000_000).high, 4)
    (0.0167, 0.0362)
    """
    _check_hits(hits, n)
    if n > size:
        raise InputError(f"{n} different items cannot be seen among {size}")
    if n == 0:
        return Interval(math.nan, 0.0, 1.0)
    tail = (1 - check_level(level)) / 2
    up, down = math.ceil(hits), math.floor(hits)
    high = _last_true(up, size - n + up, lambda K: _at_most(up, K, n, size) > tail)
    misses = n - down
    most = _last_true(misses, size - down, lambda K: _at_most(misses, K, n, size) > tail) if down else size
    low = size - most
    return Interval(hits / n, low / size, high / size)


def fay_feuer(counts: Floats, weights: Floats, *, largest_weight: float, level: float = 0.95) -> Interval:
    """Gamma limits of a weighted sum of Poisson counts, Σ w·x.

    Parameters
    ----------
    counts, weights : ndarray of float64, shape (S,)
        Hits and what each of them stands for.
    largest_weight : float
        The largest weight that a hit could have had, seen or not.
    level : float

    Returns
    -------
    Interval
        In the unit of the weights; the upper limit is not capped.

    Notes
    -----
    With y = Σ w·x and v = Σ w²·x, the lower limit is the quantile of a gamma variable with mean y and variance v,
    the upper one of mean y + w* and variance v + w*², w* the largest weight: one more hit where it counts
    most. With equal weights these are the exact Poisson limits; binomial counts vary less than Poisson ones,
    which errs on the safe side. Source: Fay and Feuer, Statistics in Medicine 16 (1997), 791–801.

    Examples
    --------
    >>> none = fay_feuer(np.zeros(2), np.array([1.0, 2.0]), largest_weight=2.0)
    >>> none.low, round(none.high / 2, 3)
    (0.0, 3.689)
    """
    from scipy.special import gammaincinv

    tail = (1 - check_level(level)) / 2
    y, v = float(weights @ counts), float(weights**2 @ counts)
    low = float(gammaincinv(y * y / v, tail) * v / y) if y > 0 else 0.0
    above, spread = y + largest_weight, v + largest_weight**2
    high = float(gammaincinv(above * above / spread, 1 - tail) * spread / above) if above > 0 else 0.0
    return Interval(y, low, high)


def mover_sum(parts: Sequence[Interval]) -> Interval:
    """Interval of a sum of independent quantities from the interval of each.

    Notes
    -----
    The distance from the point to each limit is the root of the summed squares of the parts' distances: the
    variance is recovered where the limit lies, so skew is kept. Source: Zou and Donner, Statistics in Medicine
    27 (2008), 1693–1702.

    Examples
    --------
    >>> mover_sum([Interval(10.0, 7.0, 14.0), Interval(20.0, 16.0, 23.0)])
    Interval(value=30.0, low=25.0, high=35.0)
    """
    value = sum(part.value for part in parts)
    below = math.sqrt(sum((part.value - part.low) ** 2 for part in parts))
    above = math.sqrt(sum((part.high - part.value) ** 2 for part in parts))
    return Interval(value, value - below, value + above)


def mover_ratio(numerator: Interval, denominator: Interval) -> Interval:
    """Interval of a ratio of independent quantities, neither negative, from the interval of each.

    Returns
    -------
    Interval
        The point is NaN at 0/0; the upper limit is infinite where the denominator may be 0.

    Notes
    -----
    The ratios r for which the MOVER interval of numerator − r·denominator holds 0, which is Fieller's
    argument with asymmetric limits. Source: Donner and Zou, Statistical Methods in Medical Research 21
    (2012), 347–359, eq. 9.

    Examples
    --------
    >>> mover_ratio(Interval(0.0, 0.0, 3.0), Interval(5.0, 5.0, 5.0))
    Interval(value=0.0, low=0.0, high=0.6)
    """
    a, l1, u1 = numerator.value, numerator.low, numerator.high
    b, l2, u2 = denominator.value, denominator.low, denominator.high
    product = a * b
    # Smaller root of B·r² − 2ab·r + C = 0, in the form that does not cancel.
    C = l1 * (2 * a - l1)
    root = product + math.sqrt(max(0.0, product**2 - u2 * (2 * b - u2) * C))
    low = C / root if root > 0 else (math.inf if C > 0 else 0.0)
    # Larger root of A·r² − 2ab·r + D = 0.
    A, D = l2 * (2 * b - l2), u1 * (2 * a - u1)
    high = (product + math.sqrt(max(0.0, product**2 - A * D))) / A if A > 0 else math.inf
    value = a / b if b > 0 else (math.inf if a > 0 else math.nan)
    return Interval(value, low, high)


def _check_hits(hits: float, n: float) -> None:
    if not 0 <= hits <= n:
        raise InputError(f"{hits} hits in {n} draws: hits lie between 0 and the number of draws")


def _at_most(x: int, K: int, n: int, size: int) -> float:
    """Probability of at most x hits among n different items, K of all ``size`` being hits."""
    from scipy.special import gammaln

    first, last = max(0, n - (size - K)), min(K, n)
    upper_tail = 2 * x > first + last  # the shorter of the two sums
    j = np.arange(x + 1, last + 1) if upper_tail else np.arange(first, min(x, last) + 1)

    def log_choose(top: int, bottom: np.ndarray[tuple[int], np.dtype[np.int_]] | int) -> Floats:
        terms = gammaln(top + 1) - gammaln(np.asarray(bottom) + 1) - gammaln(top - np.asarray(bottom) + 1)
        return np.asarray(terms, dtype=np.float64)

    summed = float(np.exp(log_choose(K, j) + log_choose(size - K, n - j) - log_choose(size, n)).sum())
    return 1 - summed if upper_tail else summed


def _last_true(first: int, last: int, holds: Callable[[int], bool]) -> int:
    """Return the largest integer of first..last for which a falling condition holds; it holds at ``first``."""
    while first < last:
        middle = (first + last + 1) // 2
        if holds(middle):
            first = middle
        else:
            last = middle - 1
    return first
