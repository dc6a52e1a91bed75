"""F: the end model, a classifier that learns from soft labels and answers together.

The first answers are few and were mostly chosen for being hard, so a classifier refitted with them can be worse
than the one before. `held_back` is the guard against that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features import FeatureMatrix, Features
from wsal.label_models import AnsweredRows, Term
from wsal.label_models.log_space import log_normalize
from wsal.training.linear import LinearClassifier, fit_linear
from wsal.types import Floats

__all__ = ["ANSWER_WEIGHT", "EndModel", "FittedEndModel", "class_weights", "held_back"]

ANSWER_WEIGHT: Final = 2.0
"""Weight of an answered item in training, against 1 of an item that only rules label: an answer is surer (ADR 0016)."""

_HALF_WAY_AT = 40.0  # answers


@dataclass(frozen=True)
class EndModel:
    """Multinomial logistic regression on soft labels (DESIGN §5).

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty.
    share_floor : float
        No class is taken to be rarer than this part of 1/k when it is weighted.
    class_weight_power : float
        Of the inverse share of a class, by which its mass is multiplied: 0 weighs all alike, 1 balances.
    smoothing : float
        Where a class has no mass at all, every training label is mixed with so much of the uniform
        distribution, so that the class keeps a small probability.
    answer_weight : float
        Of an answered item, against 1 of an item that only rules label.
    """

    C: float = 3.0
    share_floor: float = 0.2
    class_weight_power: float = 0.65
    smoothing: float = 0.01
    answer_weight: float = ANSWER_WEIGHT

    def fit(
        self,
        features: FeatureMatrix,
        soft: Floats,
        *,
        covered: NDArray[np.bool_],
        answers: AnsweredRows,
        weights: Floats | None = None,
    ) -> FittedEndModel | None:
        """Learn from soft labels of covered items and from answers.

        Parameters
        ----------
        features : FeatureMatrix, shape (n, d)
        soft : ndarray of float64, shape (n, k)
            Soft labels; those of items that are neither covered nor answered are not looked at.
        covered : ndarray of bool, shape (n,)
        answers : AnsweredRows
            An answered item counts with its answer only.
        weights : ndarray of float64, shape (n,), optional
            Of items that are not answered; 1 where not given. An item of weight 0 is left out.

        Returns
        -------
        FittedEndModel or None
            None where fewer than two classes have any mass, or there are no features.

        Raises
        ------
        DataError
            Shapes that do not fit.
        """
        n, k = soft.shape
        if features.n_items != n or covered.shape != (n,):
            raise DataError(
                f"soft labels of {n} items do not fit {features.n_items} rows of features "
                f"and {len(covered)} of coverage"
            )
        answered = answers.mask(n)
        own = np.ones(n) if weights is None else weights
        rows = np.flatnonzero((covered & (own > 0)) | answered)
        labels = answers.carried(soft)[rows]
        item_weights = np.where(answered[rows], self.answer_weight, own[rows])
        mass = (labels * item_weights[:, None]).sum(axis=0)
        if (mass > 0).sum() < 2 or not features.n_features:
            return None
        if (mass == 0).any():
            labels = (1.0 - self.smoothing) * labels + self.smoothing / k
            mass = (labels * item_weights[:, None]).sum(axis=0)
        by_class = class_weights(
            mass / mass.sum(), power=self.class_weight_power, share_floor=self.share_floor
        )
        classifier = fit_linear(features.rows(rows), labels * item_weights[:, None] * by_class, C=self.C)
        return FittedEndModel(classifier, len(rows), by_class)


def class_weights(shares: Floats, *, power: float = 0.65, share_floor: float = 0.2) -> Floats:
    """Return ``[1/(k·max(share_y, floor/k))]^power``: rare classes weigh more.

    Parameters
    ----------
    shares : ndarray of float64, shape (k,)
        Share of each class in the training labels; sums to 1.
    power, share_floor : float
        As `EndModel` has them.

    Returns
    -------
    ndarray of float64, shape (k,)

    Examples
    --------
    >>> class_weights(np.array([0.5, 0.5])).tolist()
    [1.0, 1.0]
    >>> class_weights(np.array([0.98, 0.02])).round(3).tolist()
    [0.646, 2.847]
    """
    k = len(shares)
    return np.asarray((1.0 / (k * np.maximum(shares, share_floor / k))) ** power, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class FittedEndModel:
    """What `EndModel` returns from ``fit``.

    Parameters
    ----------
    classifier : LinearClassifier
    n_items : int
        Items that it was trained on.
    class_weights : ndarray of float64, shape (k,)
    """

    classifier: LinearClassifier
    n_items: int
    class_weights: Floats

    def predict_log_proba(self, features: Features) -> Floats:
        """Return log F of n items; shape (n, k), nats."""
        return log_normalize(self.classifier.log_scores(features))

    def predict_proba(self, features: Features) -> Floats:
        """Return F of n items; shape (n, k), rows sum to 1."""
        return np.asarray(np.exp(self.predict_log_proba(features)), dtype=np.float64)

    def word_terms(self, x_row: Features) -> tuple[Term, ...]:
        """Open log F of one item into intercept and features; they sum to it up to a constant."""
        return self.classifier.terms(x_row, source="end model")


def held_back(
    refitted: FittedEndModel | None, start: FittedEndModel | None, n_answers: int
) -> FittedEndModel | None:
    """Hold a refit back while answers are few: ``log F = t·log F_B + (1 − t)·log F_0``, t = B²/(B² + 40²).

    Parameters
    ----------
    refitted : FittedEndModel or None
        F_B, trained with B answers.
    start : FittedEndModel or None
        F_0, trained on the same features as if nobody had answered.
    n_answers : int
        B.

    Returns
    -------
    FittedEndModel or None
        Linear like both, up to a constant by item; the other one where one is None.

    Notes
    -----
    Why, and what it does: docs/explanation/label-model.md; measured by ``benchmarks/label_quality.py``.
    """
    if start is None or refitted is None:
        return refitted or start
    t = n_answers**2 / (n_answers**2 + _HALF_WAY_AT**2)
    late, early = refitted.classifier, start.classifier
    mixed = replace(
        late,
        coefficients=t * late.coefficients + (1.0 - t) * early.coefficients,
        intercepts=t * late.intercepts + (1.0 - t) * early.intercepts,
    )
    return replace(refitted, classifier=mixed)
