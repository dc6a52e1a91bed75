"""Classifiers as strategies need them: trained on some answers, asked for probabilities of some items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.label_models import AnsweredRows
from wsal.training import FittedHumanClassifier, HumanClassifier
from wsal.training.inputs import take_inputs
from wsal.types import Floats

__all__ = ["Examples", "FittedLearner", "Learner", "examples_of", "require_classifier"]

_SUM_TOLERANCE = 1e-4  # some classifiers answer in single precision


@dataclass(frozen=True, eq=False)
class Examples:
    """Answered items with one label each.

    Parameters
    ----------
    rows : ndarray of int64, shape (B,)
        Ascending.
    labels : ndarray of int64, shape (B,)
        Class indices.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.int64]

    @property
    def teach(self) -> bool:
        """Whether a classifier can be trained: there are two classes at least."""
        return len(np.unique(self.labels)) > 1

    def with_one(self, row: int, label: int) -> Examples:
        """Return these and one more."""
        return Examples(np.append(self.rows, row), np.append(self.labels, label))

    def resampled(self, generator: np.random.Generator) -> Examples:
        """Draw as many with replacement, class by class, so that no class is lost."""
        drawn = [
            generator.choice(members, size=len(members))
            for members in (np.flatnonzero(self.labels == y) for y in np.unique(self.labels))
        ]
        chosen = np.sort(np.concatenate(drawn))
        return Examples(self.rows[chosen], self.labels[chosen])


def examples_of(answers: AnsweredRows) -> Examples:
    """Give each answered item the label of most answers; items whose answers tie are left out."""
    shares, order = answers.shares, np.argsort(answers.rows, kind="stable")
    if not len(answers):
        return Examples(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    clear = (shares == shares.max(axis=1, keepdims=True)).sum(axis=1) == 1
    kept = order[clear[order]]
    return Examples(answers.rows[kept], np.argmax(shares[kept], axis=1).astype(np.int64))


def require_classifier(classifier: object) -> None:
    """See that an object is a classifier.

    Raises
    ------
    InputError
        It has no ``fit`` or no ``predict_proba``.
    """
    for method in ("fit", "predict_proba"):
        if not callable(getattr(classifier, method, None)):
            raise InputError(
                f"classifier={classifier!r:.80} has no method {method}",
                hint="give any object with fit(X, y) and predict_proba(X), such as a scikit-learn pipeline",
            )


@dataclass(frozen=True, eq=False)
class Learner:
    """A classifier that can be trained again and again; the object given is never changed.

    Parameters
    ----------
    classifier : object or None
        Anything with ``fit(X, y)`` and ``predict_proba(X)``; a copy is trained each time. None stands for
        wsal's own human classifier, a logistic regression.
    inputs : FeatureMatrix, array, sparse matrix, data frame or list
        What the classifier reads, one entry an item. A FeatureMatrix where the classifier is None.
    n_classes : int
    seed : int
        Where a classifier leaves its ``random_state`` open, it is this.
    """

    classifier: Any
    inputs: Any
    n_classes: int
    seed: int = 0

    def fit(self, examples: Examples) -> FittedLearner:
        """Train on examples of two classes at least."""
        if self.classifier is None:
            return FittedLearner(self, self._own(examples))
        from sklearn.base import clone

        copy = clone(self.classifier, safe=False)
        if hasattr(copy, "get_params"):
            # Left open, it would be drawn from numpy's global generator.
            names = [name for name, value in copy.get_params().items() if value is None]
            unseeded = [name for name in names if name.split("__")[-1] == "random_state"]
            if unseeded:
                copy.set_params(**dict.fromkeys(unseeded, self.seed))
        trained = copy.fit(take_inputs(self.inputs, examples.rows), examples.labels)
        return FittedLearner(self, copy if trained is None else trained)

    def _own(self, examples: Examples) -> FittedHumanClassifier:
        b = len(examples.rows)
        shares = np.zeros((b, self.n_classes))
        shares[np.arange(b), examples.labels] = 1.0
        answers = AnsweredRows(np.arange(b), shares, np.ones(b))
        found = HumanClassifier(Cs=(10.0,), min_answers=2).fit(self.inputs.rows(examples.rows), answers)
        if found is None:
            raise DataError("a classifier learns from examples of two classes and from at least one feature")
        return found


@dataclass(frozen=True, eq=False)
class FittedLearner:
    """A trained classifier over the items of a task.

    Parameters
    ----------
    learner : Learner
    trained : object
    """

    learner: Learner
    trained: Any

    def predict_proba(self, rows: NDArray[np.int64] | None = None) -> Floats:
        """Return the probabilities of some items, or of all; shape (r, k). 0 for a class never seen.

        Raises
        ------
        DataError
            The classifier answers in another shape, or with numbers that are no probabilities.
        """
        inputs = self.learner.inputs
        given = self.trained.predict_proba(inputs if rows is None else take_inputs(inputs, rows))
        found = np.asarray(given, dtype=np.float64)
        k = self.learner.n_classes
        classes = np.asarray(getattr(self.trained, "classes_", np.arange(k)))
        if found.ndim != 2 or found.shape[1] != len(classes):
            raise DataError(
                f"predict_proba of {type(self.trained).__name__} answers in shape {found.shape}",
                hint=f"it answers in shape (items, {len(classes)})",
            )
        if not ((found >= 0).all() and np.allclose(found.sum(axis=1), 1.0, atol=_SUM_TOLERANCE)):
            raise DataError(
                f"predict_proba of {type(self.trained).__name__} answers with numbers that are no probabilities"
            )
        out = np.zeros((len(found), k))
        out[:, classes.astype(np.int64)] = found
        return out
