"""Record: how good the labels are at a point of a replay, and what was asked up to there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from wsal.analysis import calibration_error, log_loss
from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.simulation.dataset import LabelledDataset
from wsal.training import Delivered
from wsal.types import ABSTAIN, Floats, ItemId

__all__ = ["Asked", "Record", "human_labels", "measure"]

_FLOOR = 1e-6  # of a probability in log loss: vote shares are 0 or 1, which would make every mean infinite


@dataclass(frozen=True)
class Asked:
    """One question.

    Parameters
    ----------
    item_id : str or int
    answer : int
        Class index; -1 where the expert was unsure.
    purpose : str
    propensity : float or None
        Of the draw; None where the item was chosen on purpose.
    """

    item_id: ItemId
    answer: int
    purpose: str
    propensity: float | None


@dataclass(frozen=True)
class Record:
    """The state of one replay after some questions. NaN where something cannot be measured.

    Parameters
    ----------
    dataset, learner : str
    seed : int
    budget : int
        Questions asked so far.
    test : float
        Quality of the end model on the test items, by the dataset's metric; of the label model where there are
        no features.
    test_log_loss : float
        Nats; probabilities below 1e-6 count as that.
    test_ece : float
        Expected calibration error.
    train : float
        Quality of the delivered labels of all training items; answered items carry their answers.
    train_covered : float
        The same on the items that rules cover.
    rules_covered : float
        Quality of the label model alone on the items that rules cover; answered items carry their answers.
    train_log_loss, train_ece : float
        Of the delivered labels of training items that nobody answered.
    found : tuple of int
        Questions so far by gold class of their item; k entries.
    seconds : float
        CPU time of the learner since the record before, measuring not counted.
    asked : tuple of Asked
        The questions since the record before.
    """

    dataset: str
    learner: str
    seed: int
    budget: int
    test: float
    test_log_loss: float
    test_ece: float
    train: float
    train_covered: float
    rules_covered: float
    train_log_loss: float
    train_ece: float
    found: tuple[int, ...]
    seconds: float
    asked: tuple[Asked, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object; NaN becomes null."""
        cells = {field.name: getattr(self, field.name) for field in fields(self)}
        cells = {name: None if cell != cell else cell for name, cell in cells.items()}  # noqa: PLR0124  # NaN
        asked = [[a.item_id, a.answer, a.purpose, a.propensity] for a in self.asked]
        return cells | {"found": list(self.found), "asked": asked}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Record:
        """Read what `to_dict` wrote.

        Raises
        ------
        DataError
            Something is missing, or unknown.
        """
        cells: dict[str, Any] = {name: math.nan if cell is None else cell for name, cell in given.items()}
        try:
            cells["found"] = tuple(cells["found"])
            cells["asked"] = tuple(Asked(*question) for question in cells["asked"])
            return cls(**cells)
        except (KeyError, TypeError) as error:
            raise DataError(
                f"not a record of a simulation: {error}", hint="another version of wsal may have written it"
            ) from None


def human_labels(asked: Iterable[Asked]) -> HumanLabels:
    """Return the questions that got an answer, as models take them."""
    answered = [question for question in asked if question.answer != ABSTAIN]
    return HumanLabels(
        tuple(question.item_id for question in answered),
        np.array([question.answer for question in answered], dtype=np.int64),
        ("",) * len(answered),
        tuple(question.purpose for question in answered),
        np.array(
            [math.nan if question.propensity is None else question.propensity for question in answered],
            dtype=np.float64,
        ),
    )


def measure(data: LabelledDataset, delivered: Delivered) -> dict[str, float]:
    """Measure delivered labels; the names are those of `Record`."""
    votes, gold = data.votes, data.gold
    patterns = votes.patterns()
    covered = patterns.covered[patterns.require_inverse()]
    own = delivered.votes.patterns()  # active learning without rules brings votes of its own
    rules = np.asarray(own.expand(delivered.pattern_probabilities), dtype=np.float64)
    soft = delivered.soft.probabilities
    open_ = ~delivered.answers.mask(votes.n_items)
    found = {
        "train": data.quality(soft, gold),
        "train_covered": _quality(data, soft, covered),
        "rules_covered": _quality(data, delivered.answers.carried(rules), covered),
        "train_log_loss": math.nan,
        "train_ece": math.nan,
        "test": math.nan,
        "test_log_loss": math.nan,
        "test_ece": math.nan,
    }
    if (gold[open_] != ABSTAIN).any():
        found["train_log_loss"] = log_loss(soft, gold, rows=open_, floor=_FLOOR)
        found["train_ece"] = calibration_error(soft, gold, rows=open_)
    if data.test is not None:
        said = _on_test_items(data, delivered)
        found["test"] = data.quality(said, data.test.gold)
        found["test_log_loss"] = log_loss(said, data.test.gold, floor=_FLOOR)
        found["test_ece"] = calibration_error(said, data.test.gold)
    return found


def _quality(data: LabelledDataset, soft: Floats, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    return data.quality(soft, data.gold, rows=rows) if (data.gold[rows] != ABSTAIN).any() else math.nan


def _on_test_items(data: LabelledDataset, delivered: Delivered) -> Floats:
    """Return what the end model says of the test items; where nothing was learned, the share of the answers."""
    test = data.test
    if test is None:
        raise DataError(f"{data.name} has no test items")
    if data.features is None or test.features is None:
        return delivered.model.predict_proba(test.votes, answers=False)
    if delivered.end_model is not None:
        return delivered.end_model.predict_proba(test.features)
    k = data.votes.n_classes
    shares = delivered.answers.shares
    prior = shares.mean(axis=0) if len(shares) else np.full(k, 1.0 / k)
    return np.tile(prior, (test.votes.n_items, 1))
