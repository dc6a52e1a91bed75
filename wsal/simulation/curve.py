"""LearningCurve: what many replays say together, as means with standard errors over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from wsal.errors import InputError, did_you_mean
from wsal.simulation.record import Record

__all__ = ["CurvePoint", "LearningCurve", "Measure", "learning_curves", "mean_and_error"]

Measure: TypeAlias = Literal[
    "test",
    "test_log_loss",
    "test_ece",
    "train",
    "train_covered",
    "rules_covered",
    "train_log_loss",
    "train_ece",
    "seconds",
]
"""What of a `Record` a curve shows."""


@dataclass(frozen=True)
class CurvePoint:
    """A budget.

    Parameters
    ----------
    budget : int
        Questions asked.
    mean : float
        Over seeds; NaN where nothing could be measured.
    error : float
        Standard error of the mean over seeds; NaN with one seed. It says how far another draw of batches moves
        the mean, not how far other data would.
    n_seeds : int
    """

    budget: int
    mean: float
    error: float
    n_seeds: int


@dataclass(frozen=True)
class LearningCurve:
    """One learner on one dataset.

    Parameters
    ----------
    dataset, learner : str
    measure : Measure
    points : tuple of CurvePoint
        By ascending budget.
    """

    dataset: str
    learner: str
    measure: Measure
    points: tuple[CurvePoint, ...]

    def at(self, budget: int) -> CurvePoint | None:
        """Return the point at a budget; None where there is none."""
        return next((point for point in self.points if point.budget == budget), None)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object; NaN becomes null."""
        return {
            "dataset": self.dataset,
            "learner": self.learner,
            "measure": self.measure,
            "points": [
                {
                    "budget": point.budget,
                    "mean": None if math.isnan(point.mean) else point.mean,
                    "error": None if math.isnan(point.error) else point.error,
                    "n_seeds": point.n_seeds,
                }
                for point in self.points
            ],
        }


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and its standard error; NaN for the error of one value, and of none both.

    Examples
    --------
    >>> mean_and_error([1.0, 3.0])
    (2.0, 1.0)
    """
    if not values:
        return math.nan, math.nan
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return float(np.mean(values)), error


def learning_curves(records: Iterable[Record], measure: Measure = "test") -> tuple[LearningCurve, ...]:
    """Sum records up over seeds.

    Parameters
    ----------
    records : iterable of Record
        Of any datasets, learners and seeds.
    measure : Measure

    Returns
    -------
    tuple of LearningCurve
        In the order in which dataset and learner were met first.

    Raises
    ------
    InputError
        There is no such measure.
    """
    if measure not in get_args(Measure):
        raise InputError(
            f"{measure!r} is no measure; there are {', '.join(get_args(Measure))}",
            hint=did_you_mean(str(measure), get_args(Measure)),
        )
    groups: dict[tuple[str, str], dict[int, list[float]]] = {}
    for record in records:
        by_budget = groups.setdefault((record.dataset, record.learner), {})
        by_budget.setdefault(record.budget, []).append(float(getattr(record, measure)))
    return tuple(
        LearningCurve(
            dataset,
            learner,
            measure,
            tuple(
                CurvePoint(budget, *mean_and_error(values), len(values))
                for budget, values in sorted(by_budget.items())
            ),
        )
        for (dataset, learner), by_budget in groups.items()
    )
