"""Annotators: how often each person is right, from items that several of them answered.

Derivation, how the intervals were tested, and when they fail: docs/explanation/annotators.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from wsal.errors import DataError
from wsal.label_models import DawidSkene, FittedDawidSkene
from wsal.labels import HumanLabels
from wsal.types import ABSTAIN, Floats, LabelSpace
from wsal.votes import VoteMatrix

__all__ = [
    "MIN_OVERLAPS",
    "AnnotatorReliability",
    "annotator_reliability",
    "annotator_votes",
    "annotator_weights",
]

MIN_OVERLAPS = 10
"""So many overlapping answers a person needs before the weight of an answer follows the person's reliability."""

# By simulation (docs/explanation/annotators.md): what is known of others is itself estimated.
_PRIOR_SHARE, _KNOWN_SHARE = 0.5, 0.8
_LEAST_WEIGHT = 0.05  # nobody's answer counts for nothing, or against itself


@dataclass(frozen=True)
class AnnotatorReliability:
    """How often a person is right.

    Parameters
    ----------
    annotator : str
        Empty text where unknown.
    n_answers : int
    n_overlaps : int
        Those on items that somebody else answered, too. The others say nothing about the person.
    agreement : float or None
        Share of the other answers on the same items that are equal; None without overlaps.
    accuracy : float
        Estimated share of right answers on items with the class balance of the overlapping ones. That of a
        person with few overlaps is drawn towards that of everybody.
    low, high : float
        Ends of the interval.
    n_audit_overlaps : int
        Overlaps on items drawn at random.
    audit_accuracy, audit_low, audit_high : float or None
        The same from those alone: people are asked targeted items because these are difficult. None below
        `MIN_OVERLAPS` of them.
    """

    annotator: str
    n_answers: int
    n_overlaps: int
    agreement: float | None
    accuracy: float
    low: float
    high: float
    n_audit_overlaps: int = 0
    audit_accuracy: float | None = None
    audit_low: float | None = None
    audit_high: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self)


def annotator_reliability(
    human: HumanLabels, labels: LabelSpace | Sequence[str], *, confidence: float = 0.95
) -> tuple[AnnotatorReliability, ...]:
    """Estimate how often each person is right.

    Parameters
    ----------
    human : HumanLabels
        At least two people; the more items they share, the more can be said. Second opinions are left out, see
        `HumanLabels.without_second_opinions`.
    labels : LabelSpace or sequence of str
    confidence : float

    Returns
    -------
    tuple of AnnotatorReliability
        In the order of their first answers.

    Raises
    ------
    DataError
        Fewer than two people answered, an answer is no class, or a confidence that is none.

    Notes
    -----
    `DawidSkene` on people as columns: everybody's table of errors is drawn towards that of all, so somebody with
    few answers is taken for a typical person. The interval is that of a beta distribution with this accuracy and as
    many answers as the overlaps are worth: one where the other answers leave no doubt, none where they say nothing.
    O(steps · answers · k).

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(i, who, int(i % 2 == 0 or (who == "cas" and i % 3 == 0)))
    ...         for i in range(30) for who in ("ana", "ben", "cas")]
    >>> human = HumanLabels.from_frame(pd.DataFrame(rows, columns=["item", "annotator", "label"]))
    >>> people = annotator_reliability(human, ["no", "yes"])
    >>> [(one.annotator, one.n_overlaps, round(one.accuracy, 2)) for one in people]
    [('ana', 30, 0.96), ('ben', 30, 0.96), ('cas', 30, 0.85)]
    """
    if not 0 < confidence < 1:
        raise DataError(f"confidence={confidence!r} is out of range", hint="the default is 0.95")
    space, human = LabelSpace.of(labels), human.without_second_opinions()
    people = tuple(dict.fromkeys(human.annotators))
    if len(people) < 2:
        raise DataError(
            "reliability needs answers of at least two people; "
            f"{'one' if people else 'nobody'} has answered so far",
            hint="have some items answered by a second person, and say who answers (--annotator)",
        )
    everything = _estimate(human, space, people, confidence)
    random = human.only_rows(np.flatnonzero(~np.isnan(human.propensities)))
    on_audit = {one.annotator: one for one in _estimate(random, space, people, confidence)}
    return tuple(_with_audit(one, on_audit[one.annotator]) for one in everything)


def annotator_votes(
    human: HumanLabels, labels: LabelSpace, people: Sequence[str] | None = None
) -> VoteMatrix:
    """Write answers as votes: one row an answered item, one column a person.

    Raises
    ------
    DataError
        An answer is no class.
    """
    human.shares(len(labels))  # refuses an answer that is no class
    names = tuple(people) if people is not None else tuple(dict.fromkeys(human.annotators))
    row = {item: i for i, item in enumerate(human.items())}
    column = {name: j for j, name in enumerate(names)}
    L = np.full((len(row), len(names)), ABSTAIN, dtype=np.int8)
    for item, who, value in zip(human.item_ids, human.annotators, human.values.tolist(), strict=True):
        L[row[item], column[who]] = value
    return VoteMatrix.from_array(L, labels, lf_names=names, item_ids=list(row))


def annotator_weights(human: HumanLabels, labels: LabelSpace | Sequence[str]) -> Mapping[str, float]:
    """Return what an answer of each person counts beside another one on the same item.

    Parameters
    ----------
    human : HumanLabels
    labels : LabelSpace or sequence of str

    Returns
    -------
    mapping of str to float
        ``log((k − 1)·accuracy/(1 − accuracy))``, at least .05, relative to its mean, for people with at least
        `MIN_OVERLAPS` overlaps; 1 for others, and for answers whose annotator is not known. Empty where fewer than
        two people have as many: plain shares then.

    Raises
    ------
    DataError
        An answer is no class.
    """
    space, human = LabelSpace.of(labels), human.without_second_opinions()
    if not _enough_overlaps(human):
        return {}
    people = annotator_reliability(human, space)
    known = [one for one in people if one.annotator and one.n_overlaps >= MIN_OVERLAPS]
    k = len(space)
    odds = [np.log((k - 1) * one.accuracy / (1 - one.accuracy)) for one in known]
    logits = np.maximum(np.array(odds), _LEAST_WEIGHT)
    weights = dict.fromkeys([one.annotator for one in people], 1.0)
    return weights | dict(
        zip([one.annotator for one in known], (logits / logits.mean()).tolist(), strict=True)
    )


def _enough_overlaps(human: HumanLabels) -> bool:
    """Whether at least two people have enough overlaps, found without fitting anything."""
    times: dict[object, int] = {}
    for item in human.item_ids:
        times[item] = times.get(item, 0) + 1
    overlaps: dict[str, int] = {}
    for item, who in zip(human.item_ids, human.annotators, strict=True):
        overlaps[who] = overlaps.get(who, 0) + (bool(who) and times[item] > 1)
    return sum(count >= MIN_OVERLAPS for count in overlaps.values()) >= 2


def _estimate(
    human: HumanLabels, labels: LabelSpace, people: Sequence[str], confidence: float
) -> list[AnnotatorReliability]:
    from scipy.special import betaincinv

    votes = annotator_votes(human, labels, people)
    L = votes.values
    answered = L != ABSTAIN
    shared = answered & (answered.sum(axis=1) > 1)[:, None]
    model = DawidSkene().fit(votes.select_items(shared.any(axis=1)))
    worth, tally = _worth(model, L, shared), votes.patterns().expand(votes.patterns().tally())
    prior = _PRIOR_SHARE * model.settings.person_strength
    found = []
    for j, name in enumerate(people):
        accuracy, rows = float(model.accuracies[j]), np.flatnonzero(shared[:, j])
        strength = prior + _KNOWN_SHARE * worth[j]
        ends = betaincinv(
            accuracy * strength,
            (1 - accuracy) * strength,
            [(1 - confidence) / 2, (1 + confidence) / 2],
        )
        others = answered[rows].sum() - len(rows)
        equal = tally[rows, L[rows, j]].sum() - len(rows)
        found.append(
            AnnotatorReliability(
                name,
                int(answered[:, j].sum()),
                len(rows),
                float(equal / others) if others else None,
                accuracy,
                float(ends[0]),
                float(ends[1]),
            )
        )
    return found


def _worth(model: FittedDawidSkene, L: Any, shared: Any) -> Floats:  # noqa: ANN401  # arrays (items, people)
    """How many answers of known truth each person's overlaps are worth; shape (people,)."""
    k = len(model.labels)
    log_tables = np.log(model.confusions)  # person, class, vote
    item, person = np.nonzero(shared)
    said = log_tables[person, :, L[item, person]]
    total = np.zeros((len(L), k))
    np.add.at(total, item, said)
    others = total[item] - said + np.log(model.class_balance)
    p = np.exp(others - others.max(axis=1, keepdims=True))
    surest = (p / p.sum(axis=1, keepdims=True)).max(axis=1)
    worth = ((k * surest - 1) / (k - 1)) ** 2
    return np.asarray(np.bincount(person, weights=worth, minlength=L.shape[1]), dtype=np.float64)


def _with_audit(one: AnnotatorReliability, audit: AnnotatorReliability) -> AnnotatorReliability:
    if audit.n_overlaps < MIN_OVERLAPS:
        return replace(one, n_audit_overlaps=audit.n_overlaps)
    return replace(
        one,
        n_audit_overlaps=audit.n_overlaps,
        audit_accuracy=audit.accuracy,
        audit_low=audit.low,
        audit_high=audit.high,
    )
