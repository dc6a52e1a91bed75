"""Scores of probabilities with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.analysis.measures import calibration_error, log_loss
from wsal.errors import DataError
from wsal.types import Floats, Rng, as_generator

__all__ = ["PROBABILITY_FLOOR", "ProbabilityScore", "score_probabilities"]

PROBABILITY_FLOOR = 1e-6
"""In the log loss smaller probabilities count as this much: a forest is sometimes sure, and one item of which it
is wrongly sure would be all that there is to see."""


@dataclass(frozen=True)
class ProbabilityScore:
    """A measure with its interval.

    Parameters
    ----------
    name : str
    unit : str
        ``nats`` or ``share``.
    value, low, high : float
        The measure and its percentile bootstrap interval.
    level : float
    n_items : int
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    level: float
    n_items: int


_MEASURES: tuple[tuple[str, str, Callable[[Floats, NDArray[np.int64]], float]], ...] = (
    ("log loss", "nats", lambda p, gold: log_loss(p, gold, floor=PROBABILITY_FLOOR)),
    ("calibration error", "share", calibration_error),
)


def score_probabilities(
    probabilities: Floats,
    gold: NDArray[np.int64],
    *,
    level: float = 0.95,
    n_resamples: int = 1000,
    rng: Rng = 0,
) -> tuple[ProbabilityScore, ...]:
    """Measure probabilities on items that trained nothing.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
    gold : ndarray of int64, shape (n,)
        Class index of each item.
    level : float
    n_resamples : int
        Items are drawn again so often, with replacement.
    rng : Generator, int or None

    Returns
    -------
    tuple of ProbabilityScore
        Log loss and calibration error. The bootstrap adds chance to the calibration error, which is too large on
        few items as it is: its interval leans towards larger errors. O(n·k·resamples).

    Raises
    ------
    DataError
        No items, shapes that do not fit, or a gold label that is no class.
    """
    if not len(gold) or probabilities.shape[:1] != gold.shape:
        raise DataError(f"probabilities of shape {probabilities.shape} do not fit {len(gold)} gold labels")
    generator = as_generator(rng)
    draws = [generator.integers(len(gold), size=len(gold)) for _ in range(n_resamples)]
    tail = 100 * (1 - level) / 2
    found = []
    for name, unit, measure in _MEASURES:
        spread = [measure(probabilities[rows], gold[rows]) for rows in draws]
        low, high = np.percentile(spread, [tail, 100 - tail]).tolist()
        found.append(ProbabilityScore(name, unit, measure(probabilities, gold), low, high, level, len(gold)))
    return tuple(found)
