"""What people's answers took: minutes by person and purpose, with pauses cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from wsal.errors import InputError

__all__ = ["TimedAnswer", "Work", "work_of"]


@dataclass(frozen=True)
class TimedAnswer:
    """An answer, as far as its time goes.

    Parameters
    ----------
    annotator, purpose : str
        The latter empty where the person chose the item.
    time : datetime, optional
        When it was kept; None where it was imported.
    seconds : float, optional
        From showing the item to the answer, as the program that asked measured it.
    """

    annotator: str
    purpose: str
    time: datetime | None
    seconds: float | None


@dataclass(frozen=True)
class Work:
    """What some answers took.

    Parameters
    ----------
    annotator, purpose : str
    n_answers : int
        Of every outcome, those taken back included: their time was spent.
    n_timed : int
        Those whose time is known.
    seconds : float
        Sum over these, pauses cut.
    median_seconds : float
        Of an answer; NaN where no time is known.
    n_cut : int
        Answers that took longer than the limit, and count as the limit.
    """

    annotator: str
    purpose: str
    n_answers: int
    n_timed: int
    seconds: float
    median_seconds: float
    n_cut: int


def work_of(answers: Sequence[TimedAnswer], *, idle: float = 120.0) -> tuple[Work, ...]:
    """Sum up the time of answers by person and purpose.

    Parameters
    ----------
    answers : sequence of TimedAnswer
        In any order.
    idle : float
        Seconds; whoever takes longer is taken to have paused.

    Returns
    -------
    tuple of Work
        By person, then purpose.

    Raises
    ------
    InputError
        ``idle`` is no positive number.

    Notes
    -----
    An answer took the seconds that were measured, at most ``idle``. Where none were, it took the time since the same
    person's answer before, if that is at most ``idle``; else its time is not known. O(n log n).

    Examples
    --------
    >>> at = datetime(2024, 1, 1, 9, 0)
    >>> given = [TimedAnswer("ana", "audit", at, 6.0), TimedAnswer("ana", "audit", at, 900.0)]
    >>> work_of(given, idle=60)[0].seconds
    66.0
    """
    if not (math.isfinite(idle) and idle > 0):
        raise InputError(f"idle={idle} is no number of seconds above 0", hint="120 is the default")
    times: dict[tuple[str, str], list[tuple[float | None, bool]]] = {}
    before: dict[str, datetime] = {}
    known = sorted((a for a in answers if a.time is not None), key=lambda a: (a.annotator, a.time))
    for answer in [*known, *(a for a in answers if a.time is None)]:
        seconds = answer.seconds
        if seconds is None and answer.time is not None and answer.annotator in before:
            gap = (answer.time - before[answer.annotator]).total_seconds()
            seconds = gap if gap <= idle else None
        if answer.time is not None:
            before[answer.annotator] = answer.time
        cut = seconds is not None and seconds > idle
        took = None if seconds is None else min(seconds, idle)
        times.setdefault((answer.annotator, answer.purpose), []).append((took, cut))
    return tuple(_summed(who, why, times[who, why]) for who, why in sorted(times))


def _summed(annotator: str, purpose: str, times: Sequence[tuple[float | None, bool]]) -> Work:
    known = [took for took, _ in times if took is not None]
    return Work(
        annotator,
        purpose,
        len(times),
        len(known),
        float(sum(known)),
        float(median(known)) if known else math.nan,
        sum(cut for _, cut in times),
    )
