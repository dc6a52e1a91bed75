"""Agreement between people beyond chance: Krippendorff's alpha and Gwet's AC1 and AC2, with intervals.

Derivation, assumptions and limits: docs/explanation/agreement.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.labels import HumanLabels
from wsal.types import ABSTAIN, Floats, LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["Agreement", "AgreementWeights", "gwet_ac2", "krippendorff_alpha"]

AgreementWeights: TypeAlias = Literal["identity", "linear", "ordinal", "quadratic"]
"""How much two different answers agree: not at all, or more the closer they stand in the order of the labels."""


@dataclass(frozen=True)
class Agreement:
    """How far people agree beyond chance.

    Parameters
    ----------
    coefficient : {"alpha", "AC1", "AC2"}
    estimate : float
        1 where all agree, 0 where they agree as often as chance would have it.
    low, high : float
        Ends of the confidence interval, for these people on other items of the same kind.
    n_items : int
        Items with at least two answers.
    n_people : int
        People whose answers enter.
    n_answers : int
        Answers that enter: for alpha those on items with at least two, for AC1 and AC2 all.
    """

    coefficient: Literal["alpha", "AC1", "AC2"]
    estimate: float
    low: float
    high: float
    n_items: int
    n_people: int
    n_answers: int


def krippendorff_alpha(answers: HumanLabels | VoteMatrix, *, confidence: float = 0.95) -> Agreement:
    """Return Krippendorff's alpha for unordered classes, any number of people, and missing answers.

    Parameters
    ----------
    answers : HumanLabels or VoteMatrix
        Answers by item and annotator, or votes with one column a person.
    confidence : float

    Returns
    -------
    Agreement
        The interval is analytic: linearised over items, Student's t on the scale of log(1 − alpha).

    Raises
    ------
    DataError
        Fewer than two items with two answers; or all of those answers are one class, where alpha is 0/0.

    Notes
    -----
    O(answers + items·k).

    Source: Krippendorff, *Computing Krippendorff's Alpha-Reliability* (2011), section C; Krippendorff,
    *Content Analysis* (4th ed., 2019), chapter 12.

    Examples
    --------
    >>> votes = VoteMatrix.from_array([[0, 0], [1, 1], [0, 1], [1, 1], [0, 0]], labels=["no", "yes"])
    >>> alpha = krippendorff_alpha(votes)
    >>> round(alpha.estimate, 2), round(alpha.low, 2), round(alpha.high, 2)
    (0.64, -0.8, 0.98)
    """
    _check_confidence(confidence)
    table = _AnswerTable.of(answers, None)
    table.require_two_items()
    paired = table.only(table.answered >= 2)
    r = paired.answered
    apart = (r**2 - (paired.counts**2).sum(axis=1)) / (r * (r - 1))
    parts = np.column_stack([r * apart, paired.counts])
    observed, by_class = (paired.times @ parts)[0], (paired.times @ parts)[1:]
    total = by_class.sum()
    unlike = total**2 - (by_class**2).sum()
    if unlike == 0:
        raise DataError(
            f"all {int(total)} answers on items with two or more are one class, so chance alone would agree "
            "as well and alpha is 0/0",
            hint="gwet_ac2 is defined there",
        )
    ratio = observed * (total - 1) / unlike
    slope = np.concatenate(
        [
            [(total - 1) / unlike],
            observed / unlike - 2 * observed * (total - 1) * (total - by_class) / unlike**2,
        ]
    )
    chance = unlike / (total * (total - 1))
    low, high = _interval(paired, ratio, parts @ slope, chance=chance, confidence=confidence)
    return Agreement("alpha", float(1 - ratio), low, high, paired.n_items, table.n_people_paired, int(total))


def gwet_ac2(
    answers: HumanLabels | VoteMatrix,
    labels: LabelSpace | Sequence[str] | None = None,
    *,
    weights: AgreementWeights | Floats = "identity",
    confidence: float = 0.95,
) -> Agreement:
    """Return Gwet's AC2, which with identity weights is AC1.

    Parameters
    ----------
    answers : HumanLabels or VoteMatrix
        Answers by item and annotator, or votes with one column a person.
    labels : LabelSpace or sequence of str
        The k classes, also those that nobody chose: chance agreement depends on k. Needed with HumanLabels,
        which do not hold them.
    weights : {"identity", "linear", "ordinal", "quadratic"} or ndarray of float64, shape (k, k)
        How much an answer of one class agrees with one of another. All but identity take the labels for
        ordered. An array is symmetric, between 0 and 1, and 1 on its diagonal.
    confidence : float

    Returns
    -------
    Agreement
        The interval is analytic: linearised over items, Student's t on the scale of log(1 − AC2).

    Raises
    ------
    DataError
        Fewer than two items with two answers, labels that are missing or others, or weights that are none.

    Notes
    -----
    O(answers + items·k²).

    Source: Gwet, *Computing inter-rater reliability and its variance in the presence of high agreement*,
    British Journal of Mathematical and Statistical Psychology 61 (2008); Gwet, *Handbook of Inter-Rater
    Reliability* (4th ed., 2014).

    Examples
    --------
    >>> votes = VoteMatrix.from_array([[0, 0], [1, 1], [0, 1], [1, 1], [0, 0]], labels=["no", "yes"])
    >>> ac1 = gwet_ac2(votes)
    >>> ac1.coefficient, round(ac1.estimate, 2)
    ('AC1', 0.6)
    """
    _check_confidence(confidence)
    if labels is None and isinstance(answers, HumanLabels):
        raise DataError(
            "answers do not say which classes there are, and AC1 and AC2 depend on their number",
            hint="pass labels=[…], with every class that could have been chosen",
        )
    table = _AnswerTable.of(answers, None if labels is None else LabelSpace.of(labels))
    table.require_two_items()
    k = table.counts.shape[1]
    agreeing = _weights(weights, k)
    r, paired = table.answered, (table.answered >= 2).astype(np.float64)
    alike = (table.counts * (table.counts @ agreeing - 1)).sum(axis=1) / np.maximum(r * (r - 1), 1)
    parts = np.column_stack([paired, paired * alike, np.ones(len(r)), table.counts / r[:, None]])
    sums = table.times @ parts
    observed, shares = sums[1] / sums[0], sums[3:] / sums[2]
    scale = agreeing.sum() / (k * (k - 1))
    apart_by_chance = 1 - scale * (shares * (1 - shares)).sum()
    ratio = (1 - observed) / apart_by_chance
    # ∂ratio/∂(each sum); the chance part enters through the shares.
    by_share = ratio / apart_by_chance * scale * (1 - 2 * shares) / sums[2]
    slope = np.concatenate(
        [
            [observed / sums[0] / apart_by_chance, -1 / sums[0] / apart_by_chance],
            [-(by_share * shares).sum()],
            by_share,
        ]
    )
    low, high = _interval(table, ratio, parts @ slope, chance=apart_by_chance, confidence=confidence)
    name: Literal["AC1", "AC2"] = "AC1" if np.array_equal(agreeing, np.eye(k)) else "AC2"
    return Agreement(
        name, float(1 - ratio), low, high, table.n_paired, table.n_people, int(table.times @ table.answered)
    )


@dataclass(frozen=True, eq=False)
class _AnswerTable:
    """Answers by item and class; items alike stand once.

    ``counts`` float64 (q, k); ``times`` float64 (q,), items of each row; every row holds an answer.
    """

    counts: Floats
    times: Floats
    n_people: int
    n_people_paired: int

    @classmethod
    def of(cls, answers: HumanLabels | VoteMatrix, labels: LabelSpace | None) -> _AnswerTable:
        if isinstance(answers, VoteMatrix):
            return cls._of_votes(answers, labels)
        if not len(answers):
            return cls(np.zeros((0, 2)), np.zeros(0), 0, 0)
        k = len(labels) if labels is not None else int(answers.values.max()) + 1
        answers.shares(k)  # refuses an answer that is no class
        place = {item: i for i, item in enumerate(answers.items())}
        rows = np.array([place[item] for item in answers.item_ids], dtype=np.int64)
        counts = np.zeros((len(place), k))
        np.add.at(counts, (rows, answers.values), 1.0)
        paired = (counts.sum(axis=1) >= 2)[rows].tolist()
        people = [who for who, both in zip(answers.annotators, paired, strict=True) if both]
        return cls(counts, np.ones(len(place)), len(set(answers.annotators)), len(set(people)))

    @classmethod
    def _of_votes(cls, votes: VoteMatrix, labels: LabelSpace | None) -> _AnswerTable:
        if labels is not None and labels != votes.labels:
            raise DataError(
                f"the votes have the labels {list(votes.labels)}, not {list(labels)}",
                hint="leave labels out: the votes hold them",
            )
        patterns = votes.patterns()
        voted = patterns.votes != ABSTAIN
        covered = patterns.covered
        return cls(
            patterns.tally()[covered].astype(np.float64),
            patterns.counts[covered].astype(np.float64),
            int(voted.any(axis=0).sum()),
            int(voted[patterns.n_votes >= 2].any(axis=0).sum()),
        )

    @property
    def answered(self) -> Floats:
        """Answers of each row's items, shape (q,)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64)

    @property
    def n_items(self) -> int:
        return int(self.times.sum())

    @property
    def n_paired(self) -> int:
        return int(self.times[self.answered >= 2].sum())

    def only(self, rows: NDArray[np.bool_]) -> _AnswerTable:
        return _AnswerTable(self.counts[rows], self.times[rows], self.n_people, self.n_people_paired)

    def require_two_items(self) -> None:
        if self.n_paired < 2:
            raise DataError(
                f"agreement needs at least two items with two answers; there are {self.n_paired}",
                hint="have some items answered by a second person",
            )


def _interval(
    table: _AnswerTable, ratio: float, influence: Floats, *, chance: float, confidence: float
) -> tuple[float, float]:
    """Return the interval of 1 − ratio, where ratio is observed over expected disagreement.

    ``influence`` of shape (q,) is what each item adds to the ratio, to first order. The scale of log ratio
    keeps the interval below 1, and in simulation covers where the plain one does not. The interval ends where
    every two answers disagree: no coefficient can be lower.
    """
    from scipy.special import stdtrit

    n = table.n_items
    tail = (1 - confidence) / 2
    least = 1 - 1 / chance  # where every two answers disagree
    if ratio == 0:
        # Nothing varies. Of items in which nobody disagrees, Clopper and Pearson's bound still says how many do.
        most = 1 - tail ** (1 / table.n_paired)
        return float(1 - most / chance), 1.0
    centred = influence - table.times @ influence / n
    error = math.sqrt(n / (n - 1) * float(table.times @ centred**2))
    stretch = math.exp(min(-float(stdtrit(n - 1, tail)) * error / ratio, 700.0))  # beyond lies overflow
    return float(max(least, 1 - ratio * stretch)), float(1 - ratio / stretch)


def _weights(weights: AgreementWeights | Floats, k: int) -> Floats:
    if isinstance(weights, np.ndarray):
        return _checked_weights(weights, k)
    place = np.arange(k)
    distance = np.abs(place[:, None] - place)
    tables: dict[str, Floats] = {
        "identity": np.eye(k),
        "linear": 1 - distance / (k - 1),
        "ordinal": 1 - (distance * (distance + 1)) / (k * (k - 1)),
        "quadratic": 1 - distance**2 / (k - 1) ** 2,
    }
    if weights not in tables:
        raise DataError(
            f"weights={weights!r} are none; use one of {', '.join(tables)}, or an array",
            hint=did_you_mean(str(weights), tables),
        )
    return tables[weights]


def _checked_weights(weights: NDArray[Any], k: int) -> Floats:
    table = np.asarray(weights, dtype=np.float64)
    if table.shape != (k, k):
        raise DataError(f"weights have shape {table.shape}; {k} classes need ({k}, {k})")
    if not ((table >= 0) & (table <= 1)).all() or not np.array_equal(table, table.T):
        raise DataError("weights are symmetric and between 0 and 1")
    if not (np.diagonal(table) == 1).all():
        raise DataError("an answer agrees with itself: the diagonal of the weights is 1")
    if (table == 1).all():
        raise DataError("with these weights every answer agrees with every other")
    return table


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise DataError(f"confidence={confidence!r} is out of range", hint="the default is 0.95")
