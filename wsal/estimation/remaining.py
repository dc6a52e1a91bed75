"""How many more audit draws will show a target, with an interval; or why nobody can say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.estimation.intervals import check_level
from wsal.types import Rng, as_generator

__all__ = ["Remaining", "draws_to_show"]

_MOST = 20_000  # draws; whoever needs more had better raise the accuracy
_STEPS = 240
_FUTURES = 10_000


@dataclass(frozen=True)
class Remaining:
    """Audit draws that are still needed until a share's lower limit reaches a target.

    Parameters
    ----------
    target : float
    low, middle, high : int or None
        More draws: the middle, and the ends of a prediction interval. All None where nobody can say.
    level : float
        Of the prediction interval.
    never : float
        Probability that 20,000 more draws do not show the target, because the share is below it or too close.
    refusal : str
        Why nobody can say; empty where somebody can.
    """

    target: float
    low: int | None
    middle: int | None
    high: int | None
    level: float
    never: float
    refusal: str = ""


def draws_to_show(
    target: float,
    hits: float,
    n: int,
    *,
    level: float = 0.8,
    limit_level: float = 0.95,
    rng: Rng = 0,
) -> Remaining:
    """Predict how many more draws show that a share is at least a target, if nothing but the sample changes.

    Parameters
    ----------
    target : float
        The share that is enough.
    hits, n : float, int
        Draws so far: right ones, and all.
    level : float
        Of the prediction interval.
    limit_level : float
        Of the two-sided interval whose lower limit is to reach the target.
    rng : Generator, int or None
        Of the simulated futures.

    Raises
    ------
    InputError
        A target that is no share, more hits than draws, or no draw.

    Notes
    -----
    The share is drawn from Beta(hits + ½, misses + ½), futures from it, and each goes on until Clopper and Pearson's
    lower limit is at the target, looked at about 240 times up to 20,000 draws. Where more than (1 − level)/2 of the
    futures never get there, the upper end does not exist, and it is refused rather than cut off. O(futures · steps).

    Examples
    --------
    >>> found = draws_to_show(0.8, 44, 50)
    >>> 0 < found.low <= found.middle <= found.high
    True
    >>> draws_to_show(0.9, 91, 100).refusal != ""
    True
    """
    from scipy.special import betainc

    if not 0 < target < 1:
        raise InputError(f"target={target:g} is no share between 0 and 1", hint="write 0.95")
    if not 0 <= hits <= n or n < 1:
        raise InputError(f"{hits} hits in {n} draws predict nothing")
    tail = (1 - check_level(limit_level)) / 2
    more = np.unique(np.concatenate([[0], np.geomspace(1, _MOST, _STEPS)]).astype(np.int64))
    needed = _hits_needed(target, more + n, tail)
    if hits > 0 and betainc(hits, n - hits + 1, target) <= tail:
        return Remaining(target, 0, 0, 0, level, 0.0)
    generator = as_generator(rng)
    share = generator.beta(hits + 0.5, n - hits + 0.5, size=_FUTURES)
    seen = np.full(_FUTURES, float(hits))
    arrived = np.full(_FUTURES, -1, dtype=np.int64)
    for step in range(1, len(more)):
        seen = seen + generator.binomial(int(more[step] - more[step - 1]), share)
        arrived[(arrived < 0) & (seen >= needed[step])] = more[step]
    never = float((arrived < 0).mean())
    outside = (1 - check_level(level)) / 2
    if never > outside:
        return Remaining(
            target,
            None,
            None,
            None,
            level,
            never,
            f"with a probability of {100 * never:.0f} % the share is below {100 * target:g} %, or so close to it that "
            f"{_MOST} more draws would not show it",
        )
    ends = np.where(arrived < 0, _MOST, arrived)
    low, middle, high = np.quantile(ends, [outside, 0.5, 1 - outside], method="higher").astype(int).tolist()
    return Remaining(target, low, middle, high, level, never)


def _hits_needed(target: float, n: NDArray[np.int64], tail: float) -> NDArray[np.int64]:
    """Return the fewest hits in n draws whose lower limit is at the target, shape of n; n + 1 where none are enough."""
    from scipy.special import betainc

    low, high = np.zeros(len(n), dtype=np.int64), n + 1
    while (low < high).any():
        middle = (low + high) // 2
        inside = np.clip(middle, 1, n)
        # P(X ≥ x) under the target; x hits are enough where they would be so rare.
        enough = (middle >= 1) & ((middle > n) | (betainc(inside, n - inside + 1, target) <= tail))
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle + 1)
    return high
