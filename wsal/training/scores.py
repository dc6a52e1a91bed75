"""How well probabilities fit the truth: log loss, Brier score and calibration error, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wsal.errors import DataError
from wsal.types import Floats, Rng, as_generator

__all__ = ["Score", "brier_score", "calibration_error", "log_loss", "score_probabilities"]

_FLOOR = 1e-12


@dataclass(frozen=True)
class Score:
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


def log_loss(probabilities: Floats, truth: Floats) -> float:
    """Return the mean of −log of the probability given to the true class; nats. ``truth``: shares of shape (n, k)."""
    return float(-(truth * np.log(np.maximum(probabilities, _FLOOR))).sum(axis=1).mean())


def brier_score(probabilities: Floats, truth: Floats) -> float:
    """Return the mean squared distance between probabilities and truth: 0 at best, 2 at worst."""
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def calibration_error(probabilities: Floats, truth: Floats, *, n_bins: int = 10) -> float:
    """Return the expected calibration error of the most probable class.

    Parameters
    ----------
    probabilities, truth : ndarray of float64, shape (n, k)
    n_bins : int
        Bins of equally many items (fewer than n of them), by the probability of the most probable class.

    Returns
    -------
    float
        Mean over items of |how sure − how often right| in their bin; between 0 and 1. With few items it is too
        large even for a perfect model: chance alone parts the two by about √(p(1−p)/items in the bin).

    Notes
    -----
    Source: Guo et al. (ICML 2017), eq. 3, with bins of equal size.
    """
    best = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(best)), best]
    right = truth[np.arange(len(best)), best]
    order = np.argsort(sure, kind="stable")
    bins = np.array_split(order, min(n_bins, len(order)))
    return float(sum(abs(float((sure[rows] - right[rows]).sum())) for rows in bins) / len(order))


_MEASURES: tuple[tuple[str, str, Callable[[Floats, Floats], float]], ...] = (
    ("log loss", "nats", log_loss),
    ("Brier score", "squared distance", brier_score),
    ("calibration error", "share", calibration_error),
)


def score_probabilities(
    probabilities: Floats, truth: Floats, *, level: float = 0.95, n_resamples: int = 1000, rng: Rng = 0
) -> tuple[Score, ...]:
    """Measure probabilities on items that trained nothing.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
    truth : ndarray of float64, shape (n, k)
        Shares of the classes; one 1 in a row where the truth is certain.
    level : float
    n_resamples : int
        Items are drawn again so often, with replacement.
    rng : Generator, int or None

    Returns
    -------
    tuple of Score
        Log loss, Brier score, calibration error. The bootstrap adds chance to the calibration error, so its
        interval leans towards larger errors. O(n·k·resamples).

    Raises
    ------
    DataError
        No items, or shapes that do not fit.
    """
    if probabilities.shape != truth.shape or not len(truth):
        raise DataError(f"probabilities of shape {probabilities.shape} do not fit a truth of {truth.shape}")
    generator = as_generator(rng)
    draws = [generator.integers(len(truth), size=len(truth)) for _ in range(n_resamples)]
    tail = 100 * (1 - level) / 2
    found = []
    for name, unit, measure in _MEASURES:
        spread = [measure(probabilities[rows], truth[rows]) for rows in draws]
        low, high = np.percentile(spread, [tail, 100 - tail]).tolist()
        found.append(Score(name, unit, measure(probabilities, truth), low, high, level, len(truth)))
    return tuple(found)
