"""Costs: what answers took so far, and what a target will take."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from wsal.analysis.costs import TimedAnswer, Work, work_of
from wsal.audit import Estimated, FigureRecord
from wsal.errors import InputError
from wsal.estimation.remaining import Remaining, draws_to_show
from wsal.project.history import History
from wsal.store import AnswerRow

__all__ = ["CostReport", "cost_report"]


@dataclass(frozen=True)
class CostReport:
    """What people's work took and will take.

    Parameters
    ----------
    work : tuple of Work
        By person and purpose.
    idle : float
        Seconds after which somebody is taken to have paused.
    rate : float or None
        Money an hour.
    currency : str
    mean_seconds : float
        Of a timed answer of anybody, pauses cut; NaN where no time is known. Many answers take their number times the
        mean; a few long ones make the median too short for that.
    remaining : Remaining or None
        More audit draws until the accuracy of the labels is shown to be at the target; None where there is no target.
    basis : str
        What the prediction rests on, or why there is none.
    notes : tuple of str
    """

    work: tuple[Work, ...]
    idle: float
    rate: float | None
    currency: str
    mean_seconds: float
    remaining: Remaining | None
    basis: str
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds of everybody, pauses cut."""
        return sum(one.seconds for one in self.work)

    def money(self, seconds: float) -> float | None:
        """Return what so many seconds cost; None where no rate is known, or no time."""
        return None if self.rate is None or math.isnan(seconds) else seconds / 3600 * self.rate

    def predicted_seconds(self) -> tuple[float, float, float] | None:
        """Return the low end, middle and high end of the seconds still needed; None where nobody can say."""
        left = self.remaining
        if left is None or math.isnan(self.mean_seconds):
            return None
        if left.low is None or left.middle is None or left.high is None:
            return None
        return tuple(n * self.mean_seconds for n in (left.low, left.middle, left.high))  # type: ignore[return-value]

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON; a figure that is not there is null."""
        ahead = self.predicted_seconds()
        work = [
            asdict(one)
            | {
                "median_seconds": None if math.isnan(one.median_seconds) else one.median_seconds,
                "money": self.money(one.seconds),
            }
            for one in self.work
        ]
        return asdict(self) | {
            "work": work,
            "mean_seconds": None if math.isnan(self.mean_seconds) else self.mean_seconds,
            "seconds": self.seconds,
            "money": self.money(self.seconds),
            "predicted_seconds": None if ahead is None else list(ahead),
            "predicted_money": None if ahead is None else [self.money(seconds) for seconds in ahead],
        }


def cost_report(
    history: History,
    *,
    rate: float | None = None,
    currency: str = "",
    idle: float = 120.0,
    target_accuracy: float | None = None,
) -> CostReport:
    """Sum up what answers took, and predict what a target accuracy will take.

    Parameters
    ----------
    history : History
        Its last `wsal estimate` of the last run is what the prediction rests on.
    rate : float, optional
        Money an hour.
    currency : str
    idle : float
        Seconds after which somebody is taken to have paused.
    target_accuracy : float, optional
        Taken from the settings where not given.

    Raises
    ------
    InputError
        A rate or a limit that is none, or a target that is no share.
    """
    if rate is not None and not (math.isfinite(rate) and rate >= 0):
        raise InputError(f"rate={rate} is no sum of money an hour", hint="write --rate 30")
    answers = history.store.answers(current=False)
    timed = [TimedAnswer(a.annotator, a.purpose, _given_at(a), a.seconds) for a in answers]
    work = work_of(timed, idle=idle)
    n_timed = sum(one.n_timed for one in work)
    target = history.config.target_accuracy if target_accuracy is None else target_accuracy
    remaining, basis = (
        (None, "no target accuracy was named") if target is None else _remaining(history, target)
    )
    untimed = sum(one.n_answers - one.n_timed for one in work)
    notes = (
        (f"answers without a known time, as imported ones are: {untimed}; they count nothing",)
        if untimed
        else ()
    )
    return CostReport(
        work,
        idle,
        rate,
        currency,
        sum(one.seconds for one in work) / n_timed if n_timed else math.nan,
        remaining,
        basis,
        notes,
    )


def _given_at(answer: AnswerRow) -> datetime | None:
    if answer.imported:
        return None
    try:
        return datetime.fromisoformat(answer.time)
    except ValueError:
        return None


def _remaining(history: History, target: float) -> tuple[Remaining | None, str]:
    figure = _last_accuracy(history)
    if figure is None or figure.value is None or not figure.n_draws:
        return None, "the accuracy of the last run was not estimated yet: run `wsal estimate`"
    found = draws_to_show(target, figure.value * figure.n_draws, figure.n_draws)
    return found, (
        f"{figure.n_draws} audit draws of run {figure.graded_run}, {100 * figure.value:.1f} % right "
        f"({100 * figure.low:.1f}–{100 * figure.high:.1f}); it predicts what shows the target if the labels stay as "
        "good as they are, each draw an answer of mean length"
    )


def _last_accuracy(history: History) -> FigureRecord | None:
    fitted = history.store.latest_run("run_fitted")
    if fitted is None:
        return None
    for entry in reversed(list(history.store.events("estimated"))):
        made = entry.event.payload()
        if not isinstance(made, Estimated) or made.run != fitted.run:
            continue
        for group in ("certificate", "labels"):
            for figure in made.figures:
                if (figure.group, figure.name, figure.graded_run) == (group, "accuracy", fitted.run):
                    return figure
    return None
