"""Precision, recall, F1, class balance and missed positives, each with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.estimation.estimate import Estimate
from wsal.estimation.intervals import Interval, check_level, mover_ratio
from wsal.estimation.labelling import Labelling
from wsal.estimation.regions import Region, RegionShare, share_in
from wsal.estimation.sample import AuditSample
from wsal.types import ABSTAIN, Floats

__all__ = ["MissedPositives", "accuracy", "class_share", "f1", "missed_positives", "precision", "recall"]

_SELF_GRADED = "answers graded a model that they trained: no estimate; cross-fit it, or draw afresh"
_CROSS_FITTED = "cross-fitted: speaks of models that learnt from fewer answers, which as a rule are no better"


@dataclass(frozen=True)
class MissedPositives:
    """What a pre-filter loses.

    Parameters
    ----------
    count : Estimate
        Items of the class among those it rejects.
    rate : Estimate
        Their share of the rejected items.
    share : Estimate
        Their share of all items of the class: 1 − recall of the filter.
    """

    count: Estimate
    rate: Estimate
    share: Estimate


def class_share(sample: AuditSample, label: int, *, level: float = 0.95) -> Estimate:
    """Share of all items that are of a class; the class balance is one of these for each class.

    Parameters
    ----------
    sample : AuditSample
    label : int
        Class index.
    level : float

    Raises
    ------
    DataError
        No such class.

    Examples
    --------
    >>> from wsal.types import LabelSpace
    >>> seen = np.array([[0.0, 1.0]] * 3 + [[1.0, 0.0]] * 27)
    >>> uniform = np.full(30, 1 / 10_000)
    >>> sample = AuditSample(np.arange(30), uniform, ("",) * 30, seen, 10_000, LabelSpace(("ham", "spam")))
    >>> print(class_share(sample, 1))
    share of spam: 0.021 to 0.265 (point 0.100, 95 % interval from 30 draws; Clopper–Pearson)
    """
    name = f"share of {_name(sample, label)}"
    everything = Labelling.fixed(np.zeros(sample.n_items, dtype=np.int64))
    part = share_in(sample, everything.region(sample, None), sample.observed[:, label], level=_ok(level))
    return _of_region(name, part, level, everything, sample)


def accuracy(sample: AuditSample, labelling: Labelling, *, level: float = 0.95) -> Estimate:
    """Share of the labelled items whose label is right; for a rule, its precision over all its votes.

    Parameters
    ----------
    sample : AuditSample
    labelling : Labelling
        Items with ABSTAIN are not graded.
    level : float
    """
    given = labelling.at_draws(sample)
    values = np.take_along_axis(sample.observed, np.where(given == ABSTAIN, 0, given)[:, None], axis=1)[:, 0]
    part = share_in(sample, labelling.region(sample, None), values, level=_ok(level))
    return _of_region("accuracy", part, level, labelling, sample)


def precision(sample: AuditSample, labelling: Labelling, label: int, *, level: float = 0.95) -> Estimate:
    """Share of the items labelled with a class that are of it; of a rule's votes for a class as well.

    Parameters
    ----------
    sample : AuditSample
    labelling : Labelling
    label : int
        Class index.
    level : float

    Raises
    ------
    DataError
        No such class, or labels of other items.
    """
    name = f"precision of {_name(sample, label)}"
    part = share_in(sample, labelling.region(sample, label), sample.observed[:, label], level=_ok(level))
    return _of_region(name, part, level, labelling, sample)


def recall(sample: AuditSample, labelling: Labelling, label: int, *, level: float = 0.95) -> Estimate:
    """Share of the items of a class that are labelled with it.

    Parameters
    ----------
    sample : AuditSample
    labelling : Labelling
    label : int
        Class index.
    level : float

    Notes
    -----
    Recall is 1/(1 + FN/TP) with TP = N₁·precision and FN = N₀·miss rate, from draws in two regions that do not
    overlap; the ratio's interval is MOVER's. O(T log T).
    """
    name = f"recall of {_name(sample, label)}"
    found, missed = _two_regions(sample, labelling, label, level)
    ratio = _worst_and_best(missed, found)
    return _combined(name, _inverse_of_one_plus(ratio), found, missed, level, labelling, sample)


def f1(sample: AuditSample, labelling: Labelling, label: int, *, level: float = 0.95) -> Estimate:
    """F1 of a class: the harmonic mean of precision and recall.

    Parameters
    ----------
    sample : AuditSample
    labelling : Labelling
    label : int
        Class index.
    level : float

    Notes
    -----
    F1 = 2·TP/(N₁ + TP + FN) = 1/(½ + ½·(N₁ + FN)/TP), and N₁ is known, so it too needs one ratio only.
    """
    name = f"F1 of {_name(sample, label)}"
    found, missed = _two_regions(sample, labelling, label, level)
    ratio = _worst_and_best(missed, found, shift=found.n_items)
    halved = ratio.scaled(0.5, -0.5)
    return _combined(name, _inverse_of_one_plus(halved), found, missed, level, labelling, sample)


def missed_positives(
    sample: AuditSample, kept: NDArray[np.bool_], label: int, *, level: float = 0.95
) -> MissedPositives:
    """Items of a class that a pre-filter rejects.

    Parameters
    ----------
    sample : AuditSample
        Draws from **all** items: nothing was removed before drawing.
    kept : ndarray of bool, shape (n,)
        Whether the filter keeps an item; written without looking at the audit answers.
    label : int
        Class index.
    level : float
    """
    name = _name(sample, label)
    labelling = Labelling.fixed(np.where(kept, label, ABSTAIN))
    found, missed = _two_regions(sample, labelling, label, level)
    rate = _of_region(f"rate of {name} among the rejected", missed, level, labelling, sample)
    n = missed.n_items
    zero = n == 0
    count = Estimate(
        f"missed items of {name}",
        "items",
        0.0 if zero else n * rate.value,
        n * rate.low,
        n * rate.high,
        level,
        rate.n_draws,
        rate.n_hits,
        rate.method,
        rate.conservative,
        rate.note,
    )
    lost = _inverse_of_one_plus(_worst_and_best(missed, found)).complement()
    share = _combined(f"share of {name} that is missed", lost, found, missed, level, labelling, sample)
    return MissedPositives(count, rate, share)


def _ok(level: float) -> float:
    return check_level(level)


def _name(sample: AuditSample, label: int) -> str:
    if not 0 <= label < len(sample.labels):
        raise DataError(f"label {label} is no class index 0..{len(sample.labels) - 1}")
    return sample.labels.names[label]


def _two_regions(
    sample: AuditSample, labelling: Labelling, label: int, level: float
) -> tuple[RegionShare, RegionShare]:
    values: Floats = sample.observed[:, label]
    inside: Region = labelling.region(sample, label)
    outside = labelling.region(sample, label, outside=True)
    return (
        share_in(sample, inside, values, level=_ok(level)),
        share_in(sample, outside, values, level=level),
    )


def _worst_and_best(missed: RegionShare, found: RegionShare, *, shift: float = 0.0) -> Interval:
    """Interval of (shift + FN)/TP; for a missing answer each limit takes the worse for it."""

    def ratio(numerator: Interval, denominator: Interval) -> Interval:
        top = numerator.scaled(missed.n_items, shift)
        bottom = denominator.scaled(found.n_items)
        if math.isnan(top.value) or math.isnan(bottom.value):  # nothing drawn there: no point to start from
            low = top.low / bottom.high if bottom.high > 0 else math.inf
            return Interval(math.nan, low, top.high / bottom.low if bottom.low > 0 else math.inf)
        return mover_ratio(top, bottom)

    missed_worst, missed_best = _empty_is_zero(missed)
    found_worst, found_best = _empty_is_zero(found)
    low = ratio(missed_worst, found_best).low
    high = ratio(missed_best, found_worst).high
    top = shift + (0.0 if missed.n_items == 0 else missed.n_items * missed.value)
    bottom = 0.0 if found.n_items == 0 else found.n_items * found.value
    value = top / bottom if bottom > 0 else (math.inf if top > 0 else math.nan)
    return Interval(value, low, high)


def _empty_is_zero(part: RegionShare) -> tuple[Interval, Interval]:
    nothing = Interval(0.0, 0.0, 0.0)
    return (nothing, nothing) if part.n_items == 0 else (part.worst, part.best)


def _inverse_of_one_plus(ratio: Interval) -> Interval:
    """Return 1/(1 + r); 0 where r is infinite."""
    value, low, high = (1 / (1 + r) for r in (ratio.value, ratio.high, ratio.low))
    return Interval(value, low, high)


def _marks(
    notes_of_parts: str, labelling: Labelling, sample: AuditSample, *, conservative: bool
) -> tuple[str, bool, bool]:
    own = labelling.is_graded_by_its_own_answers(sample)
    notes = [_SELF_GRADED if own else "", _CROSS_FITTED if labelling.is_cross_fitted else "", notes_of_parts]
    conservative = (conservative or labelling.is_cross_fitted) and not own
    return "; ".join(part for part in notes if part), conservative, own


def _of_region(
    name: str, part: RegionShare, level: float, labelling: Labelling, sample: AuditSample
) -> Estimate:
    note, conservative, own = _marks(part.note, labelling, sample, conservative=part.conservative)
    low, high = part.worst.low, part.best.high
    return Estimate(
        name,
        "share",
        part.value,
        low,
        high,
        level,
        part.n_draws,
        part.n_hits,
        part.method,
        conservative,
        note,
        own,
    )


def _combined(
    name: str,
    found: Interval,
    inside: RegionShare,
    outside: RegionShare,
    level: float,
    labelling: Labelling,
    sample: AuditSample,
) -> Estimate:
    texts = [
        f"{where}: {part.note}"
        for where, part in (("labelled", inside), ("not labelled", outside))
        if part.note
    ]
    note, conservative, own = _marks(
        inside.note if inside.note == outside.note else "; ".join(texts),
        labelling,
        sample,
        conservative=inside.conservative or outside.conservative,
    )
    return Estimate(
        name,
        "share",
        found.value,
        found.low,
        found.high,
        level,
        inside.n_draws + outside.n_draws,
        inside.n_hits + outside.n_hits,
        f"MOVER ratio of {outside.method} and {inside.method}",
        conservative,
        note,
        own,
    )
