"""How many answers would be enough, before anyone is asked."""

from __future__ import annotations

import math
from collections.abc import Callable

from wsal.errors import InputError
from wsal.estimation.intervals import check_level, clopper_pearson

__all__ = ["sample_size_for_bound", "sample_size_for_recall", "sample_size_for_share", "sample_size_to_show"]


def sample_size_for_share(expected: float, *, half_width: float, level: float = 0.95) -> int:
    """Draws after which the interval of a share is narrow enough, if the share is as expected.

    Parameters
    ----------
    expected : float
        The share that is expected; 0.5 where nothing is known, which asks for most.
    half_width : float
        Half the width that the exact interval may have.
    level : float

    Returns
    -------
    int
        Smallest number of draws **in the region that the share speaks of** whose Clopper–Pearson interval, at
        ``expected·n`` hits, is at most ``2·half_width`` wide.

    Raises
    ------
    InputError
        A share outside 0..1, or a half-width outside (0, 0.5).

    Examples
    --------
    >>> sample_size_for_share(0.5, half_width=0.05), sample_size_for_share(0.95, half_width=0.05)
    (402, 94)
    """
    if not 0 <= expected <= 1:
        raise InputError(f"expected={expected} is no share between 0 and 1")
    if not 0 < half_width < 0.5:
        raise InputError(f"half_width={half_width} is not between 0 and 0.5")

    def enough(n: int) -> bool:
        found = clopper_pearson(expected * n, n, level=level)
        return found.high - found.low <= 2 * half_width

    return _smallest(enough)


def sample_size_to_show(target: float, *, expected: float, level: float = 0.95) -> int:
    """Draws after which the lower limit of a share reaches a target, if the share is as expected.

    Parameters
    ----------
    target, expected : float
        Shares, the target below the expected one.
    level : float
        Of the two-sided interval.

    Returns
    -------
    int
        Smallest number at which Clopper–Pearson's lower limit, with ``expected·n`` hits, is the target.

    Raises
    ------
    InputError
        The target is not between 0 and the expected share.

    Examples
    --------
    >>> sample_size_to_show(0.9, expected=0.95)
    142
    """
    if not 0 < target < expected <= 1:
        raise InputError(f"a share of {expected:g} cannot show a target of {target:g}")
    return _smallest(lambda n: clopper_pearson(expected * n, n, level=level).low >= target)


def sample_size_for_bound(at_most: float, *, level: float = 0.95) -> int:
    """Draws without a single hit after which a share is known to be at most so large.

    Parameters
    ----------
    at_most : float
        The share to be ruled out, between 0 and 1.
    level : float
        Confidence of the one-sided statement.

    Returns
    -------
    int
        Smallest n with (1 − at_most)ⁿ ≤ 1 − level: about 3/at_most at 95 %, the rule of three.

    Raises
    ------
    InputError
        ``at_most`` is not between 0 and 1.

    Examples
    --------
    >>> sample_size_for_bound(0.01), sample_size_for_bound(0.001)
    (299, 2995)
    """
    if not 0 < at_most < 1:
        raise InputError(f"at_most={at_most} is not between 0 and 1")
    return math.ceil(math.log(1 - check_level(level)) / math.log1p(-at_most))


def sample_size_for_recall(
    target: float, *, n_uncovered: int, true_positives: float, level: float = 0.95
) -> int:
    """Draws in the uncovered region, none of them a miss, that certify a recall.

    Parameters
    ----------
    target : float
        The recall to certify, between 0 and 1.
    n_uncovered : int
        Items that are not labelled with the class, N_u.
    true_positives : float
        Items that rightly are, TP; the lower limit of an estimate is the safe choice.
    level : float
        Confidence of the one-sided statement.

    Returns
    -------
    int
        About 3·N_u·R/((1 − R)·TP) at 95 %, at most N_u: who has seen all has certified. Where misses are
        found, more are needed. Shrinking the region, by search and rules, is cheaper than drawing from it.

    Raises
    ------
    InputError
        A recall outside (0, 1), or no true positives.

    Examples
    --------
    >>> sample_size_for_recall(0.8, n_uncovered=20_000, true_positives=40)
    5992
    """
    if not 0 < target < 1:
        raise InputError(f"target={target} is no recall between 0 and 1")
    if n_uncovered < 0 or not true_positives > 0:
        raise InputError(
            f"n_uncovered={n_uncovered}, true_positives={true_positives}: recall needs positives to compare with",
            hint="find some items of the class first, by a search or a rule",
        )
    events = -math.log(1 - check_level(level))
    needed = events * n_uncovered * target / ((1 - target) * true_positives)
    return min(n_uncovered, math.ceil(needed))


def _smallest(enough: Callable[[int], bool]) -> int:
    """Return the smallest number of draws that is enough, where more are enough too."""
    upper = 1
    while not enough(upper):
        upper *= 2
    lower = upper // 2
    while upper - lower > 1:
        middle = (lower + upper) // 2
        lower, upper = (lower, middle) if enough(middle) else (middle, upper)
    return upper
