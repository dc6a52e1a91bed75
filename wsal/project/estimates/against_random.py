"""Against random: what answers as they were chosen taught, beside as many answers to items drawn at random.

Both are played again on the answers that are there. Audit items were drawn at random, so what the first n of them
teach is what n random answers teach; and both arms are graded on audit items that neither has learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.estimation import assign_folds
from wsal.estimation.intervals import Interval, clopper_pearson
from wsal.labels import HumanLabels
from wsal.project.estimates.grading import Grading
from wsal.project.runs.cross_fitting import N_FOLDS, OnFold, delivered_without
from wsal.project.runs.duplicates import read_duplicates
from wsal.project.runs.material import Material
from wsal.types import ABSTAIN, Floats, ItemId

__all__ = ["AgainstRandom", "ChoicePoint", "against_random"]

_LEAST = 20  # items drawn at random and answered; fewer grade nothing that they also teach
_POINTS = 4


@dataclass(frozen=True)
class ChoicePoint:
    """What so many answers teach, chosen and drawn at random.

    Parameters
    ----------
    n_answers : int
        That each arm learnt from, in every fold.
    chosen, random : Interval
        Accuracy over all items; an item without a label is wrong.
    gain : Interval
        Accuracy as chosen less that at random.
    """

    n_answers: int
    chosen: Interval
    random: Interval
    gain: Interval


@dataclass(frozen=True)
class AgainstRandom:
    """A learning curve against random choice.

    Parameters
    ----------
    run_id : str
        The run of `fit` whose procedure was played.
    n_draws, n_answered : int
        Audit draws from all items alike; those whose item is answered.
    level : float
    points : tuple of ChoicePoint
        By number of answers; none where there is a refusal.
    refusal : str
    notes : tuple of str
    """

    run_id: str
    n_draws: int
    n_answered: int
    level: float
    points: tuple[ChoicePoint, ...]
    refusal: str
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(self)


def against_random(
    material: Material, *, level: float = 0.95, on_fold: OnFold | None = None
) -> AgainstRandom:
    """Play the answers of a project again: as they were chosen, and as many drawn at random.

    Parameters
    ----------
    material : Material
    level : float
    on_fold : callable, optional
        Is told how far the fits are.

    Raises
    ------
    InputError
        There is no run of `fit` yet, or the data changed since.

    Notes
    -----
    At most 4 sizes × 5 folds × 2 arms fits. Clopper–Pearson intervals from draws with replacement; a draw without an
    answer is right for one limit and wrong for the other. The gain is the share of draws that the chosen answers
    alone put right, less that of the random ones alone, each at half the error: never covers less than ``level``.
    What was chosen also shaped which rules were written meanwhile; these are the same in both arms.
    """
    history = material.history
    run = history.run("run_fitted")
    history.require_same_classes(run)
    material.require_same_data(history.run("run_applied", run.payload.votes_run).payload)
    arms = _Arms(material, Grading(history, run, level))
    sizes = arms.sizes()
    if not sizes:
        why = (
            f"{arms.n_random} items were drawn at random and answered; at least {_LEAST} are needed, to teach and to "
            "grade"
        )
        return AgainstRandom(run.run, len(arms.draws), arms.n_known, level, (), why, ())
    points, done, total = [], 0, len(sizes) * N_FOLDS
    for size in sizes:
        values = np.zeros((2, len(arms.draws)))
        for fold in range(N_FOLDS):
            arms.grade(size, fold, values)
            done += 1
            if on_fold is not None:
                on_fold(done, total)
        points.append(_point(size, values, arms.open, level))
    note = (
        "both arms learn from the answers that are there, and are graded on audit items that neither has seen; "
        "the rules are those of now"
    )
    return AgainstRandom(run.run, len(arms.draws), arms.n_known, level, tuple(points), "", (note,))


class _Arms:
    """The draws that grade, and the items that teach in either arm, in the order in which they came."""

    def __init__(self, material: Material, grading: Grading) -> None:
        self._material, self._grading = material, grading
        votes, audits = grading.votes, grading.audits
        kept = read_duplicates(grading.run.payload, votes.item_ids, history=material.history)
        self._duplicates = None if kept is None else kept.groups
        self._human: HumanLabels = audits.human
        shares = audits.known.shares(votes.n_classes)
        uniform = [batch for batch in audits.batches if batch.kind == ("audit",)]
        items = [draw.item for batch in uniform for draw in batch.draws]
        self.draws = np.array([votes.row_of(item) for item in items], dtype=np.int64)
        self.open = np.array([item not in shares for item in items], dtype=np.bool_)
        self._shares: Floats = np.array(
            [shares.get(item, np.zeros(votes.n_classes)) for item in items], dtype=np.float64
        ).reshape(len(items), votes.n_classes)
        answered = set(self._human.items())
        self._random = [item for item in dict.fromkeys(items) if item in answered]
        came = [answer.item for answer in material.history.store.answers() if answer.outcome == "label"]
        self._chosen = [item for item in dict.fromkeys(came) if item in answered]
        self._folds: NDArray[np.int64] = np.full(votes.n_items, -1, dtype=np.int64)
        known = self.draws[~self.open]
        if self.n_random >= _LEAST:
            self._folds = assign_folds(known, votes.n_items, n_folds=N_FOLDS)

    @property
    def n_random(self) -> int:
        """Items drawn at random and answered."""
        return len(self._random)

    @property
    def n_known(self) -> int:
        """Draws whose item is answered."""
        return int((~self.open).sum())

    def sizes(self) -> list[int]:
        """Return the numbers of answers to play, the largest that every fold leaves to both arms last."""
        if self.n_random < _LEAST:
            return []
        most = min(
            len(self._left(items, fold)) for fold in range(N_FOLDS) for items in (self._random, self._chosen)
        )
        return sorted({most * part // _POINTS for part in range(1, _POINTS + 1)} - {0})

    def grade(self, size: int, fold: int, values: Floats) -> None:
        """Fit both arms without a fold, and write how right they are on its draws; shape (2, draws)."""
        graded = (self._folds[self.draws] == fold) & ~self.open
        for arm, items in enumerate((self._chosen, self._random)):
            made = delivered_without(
                self._grading.votes,
                self._grading.run.payload,
                self._folds == fold,
                trained=self._human.only(set(self._left(items, fold)[:size])),
                features=self._material.features,
                duplicates=self._duplicates,
            )
            labels = made.soft.hard()[self.draws]
            right = np.take_along_axis(self._shares, np.where(labels == ABSTAIN, 0, labels)[:, None], axis=1)[
                :, 0
            ]
            values[arm, graded] = np.where(labels == ABSTAIN, 0.0, right)[graded]

    def _left(self, items: Sequence[ItemId], fold: int) -> list[ItemId]:
        """Return the items that may teach where a fold grades: none of it, and no duplicate of any."""
        away = self._folds == fold
        if self._duplicates is not None:
            away = self._duplicates.spread(away)
        return [item for item in items if not away[self._grading.votes.row_of(item)]]


def _point(size: int, values: Floats, unknown: NDArray[np.bool_], level: float) -> ChoicePoint:
    n, missing = values.shape[1], int(unknown.sum())
    half = (1 + level) / 2

    def share(hits: float, at: float) -> Interval:
        low, high = clopper_pearson(hits, n, level=at), clopper_pearson(hits + missing, n, level=at)
        return Interval(hits / (n - missing), low.low, high.high)

    chosen, random = values
    better = share(float(np.maximum(chosen - random, 0).sum()), half)
    worse = share(float(np.maximum(random - chosen, 0).sum()), half)
    gain = Interval(better.value - worse.value, better.low - worse.high, better.high - worse.low)
    return ChoicePoint(size, share(float(chosen.sum()), level), share(float(random.sum()), level), gain)
