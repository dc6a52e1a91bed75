"""How good an end model is on a hold-out: shares with exact intervals, and a confusion table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.analysis import ProbabilityScore, score_probabilities
from wsal.estimation import Estimate, clopper_pearson
from wsal.types import ABSTAIN, Floats, LabelSpace

__all__ = ["Evaluation", "TrainRun", "Truth", "TruthKind", "evaluate"]

TruthKind: TypeAlias = Literal["audit", "gold"]
"""What a hold-out is judged by: answers to items drawn at random, or labels given as true."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Items whose class is known, or was asked for, without anyone having chosen them.

    Parameters
    ----------
    kind : {"audit", "gold"}
    rows : ndarray of int64, shape (T,)
        Row of each draw; an item that was drawn twice stands twice.
    classes : ndarray of int64, shape (T,)
        Its class; ABSTAIN where an audit item was drawn and has no answer.
    notes : tuple of str
    """

    kind: TruthKind
    rows: NDArray[np.int64]
    classes: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    def among(self, mask: NDArray[np.bool_]) -> Truth:
        """Return what is known of the items of a mask, shape (n,)."""
        here = mask[self.rows]
        return Truth(self.kind, self.rows[here], self.classes[here], self.notes)


@dataclass(frozen=True)
class Evaluation:
    """What a hold-out says of a model.

    Parameters
    ----------
    truth : {"audit", "gold"}
    n_draws, n_unanswered : int
        Draws (with gold: items) of the hold-out, and those among them without an answer.
    accuracy : Estimate
        Of the end model.
    labels_accuracy : Estimate
        Of the labels of `wsal fit` on the same items, made without their answers. An item without a label counts
        as wrong.
    precision, recall : tuple of Estimate
        By class.
    confusion : tuple of tuple of int
        Rows: true class; columns: predicted class.
    scores : tuple of ProbabilityScore
        Of the probabilities as they are delivered; empty where nothing is answered.
    uncalibrated : tuple of ProbabilityScore
        The same before calibration; empty without one.
    """

    truth: TruthKind
    n_draws: int
    n_unanswered: int
    accuracy: Estimate
    labels_accuracy: Estimate
    precision: tuple[Estimate, ...]
    recall: tuple[Estimate, ...]
    confusion: tuple[tuple[int, ...], ...]
    scores: tuple[ProbabilityScore, ...] = ()
    uncalibrated: tuple[ProbabilityScore, ...] = ()


@dataclass(frozen=True)
class TrainRun:
    """A run of `wsal train`; counts are of items.

    Parameters
    ----------
    run_id, labels_run : str
        Of this run, and of the run of `fit` whose labels were learned.
    model : str
    labels : tuple of str
    n_items, n_trained, n_synthetic, n_held_out : int
        All items; those that trained; those made from them; those held out with their copies.
    calibration : str
        In words; empty where there is none.
    evaluation : Evaluation or None
        None where nothing can be said honestly; a note says why.
    files : mapping of str to str
        What was written, by name.
    notes : tuple of str
    """

    run_id: str
    labels_run: str
    model: str
    labels: tuple[str, ...]
    n_items: int
    n_trained: int
    n_synthetic: int
    n_held_out: int
    calibration: str
    evaluation: Evaluation | None
    files: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the run for JSON, which knows no NaN: an estimate without observations has the value null."""
        found: dict[str, Any] = _without_nan(asdict(self))
        return found


def evaluate(
    truth: Truth,
    labels: LabelSpace,
    *,
    probabilities: Floats,
    plain: Floats | None,
    label_codes: NDArray[np.int64],
    rng: np.random.Generator,
    level: float = 0.95,
) -> Evaluation:
    """Judge a model by the truth of a hold-out.

    Parameters
    ----------
    truth : Truth
        Of T draws.
    labels : LabelSpace
    probabilities : ndarray of float64, shape (n, k)
        The model's, as delivered.
    plain : ndarray of float64, shape (n, k), optional
        The same before calibration.
    label_codes : ndarray of int64, shape (n,)
        The labels of `wsal fit`, made without the answers of the hold-out; ABSTAIN where there is none.
    rng : Generator
    level : float

    Notes
    -----
    Shares have Clopper–Pearson intervals: of all draws, of those predicted to be of a class, of those that are of
    it. A draw without an answer widens each interval by what it would be if the answer were right, or wrong.
    """
    predicted, true = probabilities.argmax(axis=1)[truth.rows], truth.classes
    known = true != ABSTAIN
    k = len(labels)
    confusion = np.zeros((k, k), dtype=np.int64)
    np.add.at(confusion, (true[known], predicted[known]), 1)
    gone = np.bincount(predicted[~known], minlength=k)  # without an answer, by prediction
    n_gone = int(gone.sum())
    right, by_prediction, by_class = np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)
    n_known = int(known.sum())
    labels_right = int((label_codes[truth.rows] == true)[known].sum())

    def share(name: str, hits: int, n: int, *, maybe_right: int, maybe_wrong: int) -> Estimate:
        low = clopper_pearson(hits, n + maybe_wrong, level=level).low
        high = clopper_pearson(hits + maybe_right, n + maybe_right, level=level).high
        value = hits / n if n else float("nan")
        missing = maybe_right or maybe_wrong
        note = f"{missing} draws without an answer widen it" if missing else ""
        return Estimate(
            name, "share", value, low, high, level, n, hits, "Clopper–Pearson", bool(missing), note
        )

    answered = (probabilities[truth.rows[known]], true[known])
    return Evaluation(
        truth=truth.kind,
        n_draws=len(true),
        n_unanswered=n_gone,
        accuracy=share("accuracy", int(right.sum()), n_known, maybe_right=n_gone, maybe_wrong=n_gone),
        labels_accuracy=share(
            "accuracy of the labels of fit", labels_right, n_known, maybe_right=n_gone, maybe_wrong=n_gone
        ),
        precision=tuple(
            share(
                f"precision of {name}", int(right[y]), int(by_prediction[y]),
                maybe_right=int(gone[y]), maybe_wrong=int(gone[y]),
            )
            for y, name in enumerate(labels)
        ),
        recall=tuple(
            share(
                f"recall of {name}", int(right[y]), int(by_class[y]),
                maybe_right=int(gone[y]), maybe_wrong=n_gone - int(gone[y]),
            )
            for y, name in enumerate(labels)
        ),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        scores=score_probabilities(*answered, rng=rng) if n_known else (),
        uncalibrated=score_probabilities(plain[truth.rows[known]], true[known], rng=rng)
        if plain is not None and n_known
        else (),
    )  # fmt: skip


def _without_nan(value: Any) -> Any:  # noqa: ANN401  # a tree
    if isinstance(value, dict):
        return {key: _without_nan(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
