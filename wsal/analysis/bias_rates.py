"""Rates by group: whether rules vote, and labels fall, as often in one group of items as in the others.

Derivation, what was simulated, and what an association is not: docs/explanation/bias.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wsal.analysis.contingency import exact_p_value
from wsal.analysis.groups import Groups
from wsal.analysis.multiplicity import holm
from wsal.errors import DataError
from wsal.estimation import Interval, clopper_pearson, mover_ratio
from wsal.estimation.by_group import interval_of_difference
from wsal.types import ABSTAIN, LabelSpace

__all__ = ["FEW_ITEMS", "LABELS", "RULES", "RateGap", "Subject", "normalised_pmi", "rate_gaps"]

LABELS = "labels"
"""The subject of the rates of delivered labels."""

RULES = "all rules"
"""The subject of the rate at which no rule votes."""

FEW_ITEMS = 30
"""Below, a rate of a group says little, whatever its interval."""


@dataclass(frozen=True, eq=False)
class Subject:
    """Something that says one of several things of each item.

    Parameters
    ----------
    name : str
        A rule, `RULES` or `LABELS`.
    values : ndarray of int, shape (n,)
        What it says, 0..; ABSTAIN where nothing.
    outcomes : sequence of str
        Names of what can be said.
    silent : str
        What ABSTAIN is called.
    """

    name: str
    values: NDArray[np.integer]
    outcomes: Sequence[str]
    silent: str

    @classmethod
    def of_rule(cls, name: str, votes: NDArray[np.integer], labels: LabelSpace) -> Subject:
        """Take a column of votes."""
        return cls(name, votes, labels.names, "abstains")

    def indicators(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """Return each outcome with whether it holds for an item, but for one of two that are complements."""
        codes = [ABSTAIN, *range(len(self.outcomes))]
        names = (self.silent, *self.outcomes)
        found = [(name, self.values == code) for name, code in zip(names, codes, strict=True)]
        found = [(name, mask) for name, mask in found if mask.any()]
        if len(found) == 2 and found[0][0] == self.silent:
            return found[1:]
        # Of two classes the rarer one is shown: the other's gap is the same with the other sign.
        return [min(found, key=lambda one: int(one[1].sum()))] if len(found) == 2 else found


@dataclass(frozen=True)
class RateGap:
    """How often something is said in a group, and how much more than in all other groups together.

    Parameters
    ----------
    subject, outcome, group : str
    n, hits : int
        Items of the group; those of which it is said.
    n_others, hits_others : int
    rate, rate_others : Interval
        Were the items drawn at random from more like them.
    gap : Interval
        ``rate − rate_others``.
    npmi : Interval
        Normalised pointwise mutual information of outcome and group, −1 (never together) to 1 (always).
    p_value, adjusted : float
        Fisher's exact test, and the same adjusted by Holm's method over all subjects, outcomes and groups.
    flagged : bool
        Whether a gap is shown.
    """

    subject: str
    outcome: str
    group: str
    n: int
    hits: int
    n_others: int
    hits_others: int
    rate: Interval
    rate_others: Interval
    gap: Interval
    npmi: Interval
    p_value: float
    adjusted: float = 1.0
    flagged: bool = False

    @property
    def is_small(self) -> bool:
        """Whether the group, or all others, are too few items to go by."""
        return min(self.n, self.n_others) < FEW_ITEMS


def rate_gaps(
    subjects: Sequence[Subject], groups: Groups, *, alpha: float = 0.05, level: float = 0.95
) -> tuple[RateGap, ...]:
    """Compare every group with the others, in everything that every subject says.

    Parameters
    ----------
    subjects : sequence of Subject
        Of the same n items.
    groups : Groups
    alpha : float
        Chance that any gap is flagged where there is none.
    level : float
        Of each interval by itself.

    Returns
    -------
    tuple of RateGap
        The surest first; of two groups the smaller one alone is compared, since the other has the same gap.

    Raises
    ------
    DataError
        A subject says something of other items.

    Notes
    -----
    O(subjects · outcomes · (n + groups · longest sum of an exact test)).

    Examples
    --------
    >>> sex = Groups("sex", ("m", "f"), np.array([0] * 60 + [1] * 40))
    >>> hired = Subject(LABELS, np.array([1] * 30 + [0] * 65 + [1] * 5), ("no", "yes"), "none")
    >>> (found,) = rate_gaps([hired], sex)
    >>> found.outcome, found.group, round(found.gap.value, 3), found.flagged
    ('yes', 'f', -0.375, True)
    """
    sizes = groups.sizes
    compared = range(len(sizes)) if len(sizes) > 2 else [int(sizes[1] <= sizes[0])]
    found = []
    for subject in subjects:
        if subject.values.shape != groups.codes.shape:
            raise DataError(
                f"{subject.name!r} speaks of {len(subject.values)} items, not {len(groups.codes)}"
            )
        for outcome, mask in subject.indicators():
            hits = np.bincount(groups.codes, mask, minlength=len(sizes)).astype(np.int64)
            found += [_gap(subject.name, outcome, groups, g, hits, level) for g in compared]
    adjusted = holm([one.p_value for one in found]).tolist()
    flagged = [replace(one, adjusted=p, flagged=p <= alpha) for one, p in zip(found, adjusted, strict=True)]
    return tuple(sorted(flagged, key=lambda one: (one.p_value, -abs(one.gap.value))))


def normalised_pmi(n_items: int, inside: Interval, others: Interval, n: int) -> Interval:
    """Normalised pointwise mutual information of an outcome and a group, with an interval.

    Parameters
    ----------
    n_items, n : int
        All items; those of the group.
    inside, others : Interval
        Rate of the outcome in the group, and among all others.

    Notes
    -----
    With w = n/n_items, PMI = log p₁/(w·p₁ + (1−w)·p₀) = −log(w + (1−w)·p₀/p₁) falls as the ratio p₀/p₁ rises, whose
    interval is MOVER's; it is divided by −log(w·p₁). An end of the interval is the farthest that p₁ anywhere in its own
    interval makes it: below 0 a greater p₁ leads away from 0, above 0 towards it. Source: Bouma, Normalized (pointwise)
    mutual information in
    collocation extraction (2009); as a measure of bias without ground truth: Aka et al., Measuring model biases
    in the absence of ground truth (2021).

    Examples
    --------
    >>> round(normalised_pmi(200, Interval(0.5, 0.4, 0.6), Interval(0.5, 0.4, 0.6), 100).value, 6)
    0.0
    >>> normalised_pmi(200, Interval(0.0, 0.0, 0.1), Interval(0.5, 0.4, 0.6), 100).value
    -1.0
    """
    share = n / n_items
    ratio = mover_ratio(others, inside)

    def at(p: float, r: float) -> float:
        if p <= 0 or math.isinf(r):
            return -1.0
        return max(-1.0, min(1.0, math.log(share + (1 - share) * r) / math.log(share * p))) + 0.0

    value = math.nan if math.isnan(ratio.value) else at(inside.value, ratio.value)
    low = min(at(inside.low, ratio.high), at(inside.high, ratio.high))
    high = max(at(inside.low, ratio.low), at(inside.high, ratio.low))
    return Interval(value, low, high)


def _gap(
    subject: str, outcome: str, groups: Groups, g: int, hits: NDArray[np.int64], level: float
) -> RateGap:
    sizes = groups.sizes
    n, x = int(sizes[g]), int(hits[g])
    n_others, x_others = int(sizes.sum()) - n, int(hits.sum()) - x
    rate = clopper_pearson(x, n, level=level)
    others = clopper_pearson(x_others, n_others, level=level)
    return RateGap(
        subject,
        outcome,
        groups.names[g],
        n,
        x,
        n_others,
        x_others,
        rate,
        others,
        interval_of_difference(rate, others),
        normalised_pmi(n + n_others, rate, others, n),
        exact_p_value(x, n, x_others, n_others),
    )
