"""How often labels are wrong in a group of items and in all others, and the gap between the two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.estimation.estimate import Estimate
from wsal.estimation.estimators import accuracy
from wsal.estimation.intervals import Interval, mover_sum
from wsal.estimation.labelling import Labelling
from wsal.estimation.sample import AuditSample
from wsal.types import ABSTAIN

__all__ = ["ErrorCase", "ErrorGap", "GroupErrors", "error_gap", "error_gaps", "interval_of_difference"]

_FEW_ANSWERS = 10
"""With fewer answered draws on either side, a gap of errors is not shown."""


@dataclass(frozen=True)
class ErrorGap:
    """Share of wrong labels in a group, and how much more than among all other labelled items that is.

    Parameters
    ----------
    error, error_others : Estimate
        From audit draws of known propensity alone.
    n_answers, n_answers_others : int
        Different answered items among the draws that each rests on.
    gap : Interval
        ``error − error_others``, at the level of the two; NaN where one of them has no point.
    """

    error: Estimate
    error_others: Estimate
    n_answers: int
    n_answers_others: int
    gap: Interval

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval of the gap holds no zero."""
        return self.gap.low > 0 or self.gap.high < 0


@dataclass(frozen=True, eq=False)
class ErrorCase:
    """Something whose errors are compared between groups.

    Parameters
    ----------
    subject : str
    sample : AuditSample
        Draws that it may be graded on.
    labelling : Labelling
    label : int, optional
        Grade the items with this label alone.
    """

    subject: str
    sample: AuditSample
    labelling: Labelling
    label: int | None = None


@dataclass(frozen=True)
class GroupErrors:
    """Errors of a rule, or of labels, in a group and outside it.

    Parameters
    ----------
    subject : str
        A rule, ``labels``, or ``labels: CLASS`` for the items with that label.
    group : str
    errors : ErrorGap
        The interval of its gap is wide enough for all gaps together.
    flagged : bool
        Whether that holds no zero.
    """

    subject: str
    group: str
    errors: ErrorGap
    flagged: bool


def error_gaps(
    cases: Sequence[ErrorCase],
    codes: NDArray[np.int64],
    names: Sequence[str],
    *,
    alpha: float = 0.05,
    level: float = 0.95,
) -> tuple[tuple[GroupErrors, ...], tuple[tuple[str, str, int], ...]]:
    """Compare the errors in every group with those outside it, for several subjects.

    Parameters
    ----------
    cases : sequence of ErrorCase
    codes : ndarray of int64, shape (n,)
        The group of each item, 0..G−1; of two groups the smaller one alone is compared.
    names : sequence of str, G groups
    alpha : float
        Chance that any gap is flagged where there is none: intervals of gaps are made at 1 − alpha/gaps (Bonferroni).
    level : float
        Of the errors in a group and outside it.

    Returns
    -------
    found : tuple of GroupErrors
        Flagged ones first, then the largest.
    too_few : tuple of (subject, group, answers)
        Where fewer than ten answered draws lie in the group, or outside it.
    """
    sizes = np.bincount(codes, minlength=len(names))
    compared = range(len(sizes)) if len(sizes) > 2 else [int(sizes[1] <= sizes[0])]
    asked, too_few = [], []
    for case in cases:
        for g in compared:
            first = error_gap(case.sample, case.labelling, codes == g, label=case.label, level=level)
            n = min(first.n_answers, first.n_answers_others)
            if n < _FEW_ANSWERS or math.isnan(first.gap.value):
                too_few.append((case.subject, names[g], n))
            else:
                asked.append((case, g, first))
    together = 1 - alpha / max(len(asked), 1)
    found = []
    for case, g, first in asked:
        wide = error_gap(case.sample, case.labelling, codes == g, label=case.label, level=together)
        one = replace(first, gap=wide.gap)
        found.append(GroupErrors(case.subject, names[g], one, one.excludes_zero))
    found.sort(key=lambda one: (not one.flagged, -abs(one.errors.gap.value)))
    return tuple(found), tuple(too_few)


def error_gap(
    sample: AuditSample,
    labelling: Labelling,
    inside: NDArray[np.bool_],
    *,
    label: int | None = None,
    level: float = 0.95,
) -> ErrorGap:
    """Estimate the errors of labels in a group and outside it.

    Parameters
    ----------
    sample : AuditSample
    labelling : Labelling
        Items with ABSTAIN are not graded.
    inside : ndarray of bool, shape (n,)
        The group; fixed without a look at answers.
    label : int, optional
        Grade the items with this label alone: 1 − precision.
    level : float
        Of each of the three intervals.

    Raises
    ------
    DataError
        A group of other items.

    Notes
    -----
    Draws in the two sets are independent given how many fell into each, so their intervals are joined by MOVER.
    """
    if inside.shape != labelling.labels.shape[1:]:
        raise DataError(f"a group over {len(inside)} items for labels of {labelling.labels.shape[1]}")
    parts, counts = [], []
    for where in (inside, ~inside):
        keep = where if label is None else where & (labelling.labels == label)
        part = replace(labelling, labels=np.where(keep, labelling.labels, ABSTAIN))
        found = accuracy(sample, part, level=level)
        graded = (part.at_draws(sample) != ABSTAIN) & ~sample.missing
        counts.append(len(np.unique(sample.rows[graded])))
        value = 1 - found.value
        parts.append(replace(found, name="error", value=value, low=1 - found.high, high=1 - found.low))
    return ErrorGap(
        parts[0],
        parts[1],
        counts[0],
        counts[1],
        interval_of_difference(*(Interval(one.value, one.low, one.high) for one in parts)),
    )


def interval_of_difference(first: Interval, second: Interval) -> Interval:
    """Interval of ``first − second`` of independent quantities; −1 to 1, for shares, where a point is missing.

    Examples
    --------
    >>> interval_of_difference(Interval(0.75, 0.5, 1.0), Interval(0.25, 0.25, 0.25))
    Interval(value=0.5, low=0.25, high=0.75)
    """
    if math.isnan(first.value) or math.isnan(second.value):
        return Interval(math.nan, first.low - second.high, first.high - second.low)
    return mover_sum([first, Interval(-second.value, -second.high, -second.low)])
