"""F_h: what people's answers alone say about an item, by its features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.features import FeatureMatrix, Features
from wsal.label_models import AnsweredRows, Term
from wsal.label_models.log_space import softmax
from wsal.training.linear import LinearClassifier, fit_linear, mean_squared_length
from wsal.types import Floats

__all__ = ["FittedHumanClassifier", "HumanClassifier"]

_SOURCE = "human classifier"


@dataclass(frozen=True)
class HumanClassifier:
    """Multinomial logistic regression on human answers only (DESIGN §5).

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty, for features whose rows have length 1, as those of TF-IDF have.
        It is divided by the mean squared length of the rows, so the scale of features does not matter.
        As a voter beside the rules 10 does better than 1 on the shared sets of text (160 random answers: 2.7
        points on trec, 1.2 on imdb_cosine, .6 on youtube, .2 on sms). On census, with 104 standardised
        columns, an unscaled 10 overfits: 100 answers took .830 to .801; scaled, 160 take .823 to .842.
    smoothing : float
        ε: so much of the uniform distribution is mixed in, ``F_h = (1 − ε)·p + ε/k``. A class that nobody has
        answered yet has p = 0, so its ratio to its mean is exactly 1: people have said nothing about it, and
        the rules' opinion of it stands. (Smoothing the answers instead does as well on text, but with dense
        features it rules such a class out where the others are sure.)
    min_answers : int
        With fewer answered items there is no classifier.
    """

    C: float = 10.0
    smoothing: float = 0.01
    min_answers: int = 20

    def fit(self, features: FeatureMatrix, answers: AnsweredRows) -> FittedHumanClassifier | None:
        """Learn from answers.

        Parameters
        ----------
        features : FeatureMatrix, shape (n, d)
            Of all items.
        answers : AnsweredRows
            Several answers to one item count by their shares.

        Returns
        -------
        FittedHumanClassifier or None
            None with fewer than `min_answers` answered items, answers of one class only, or no features.
        """
        n_classes = int((answers.shares.sum(axis=0) > 0).sum()) if len(answers) else 0
        if len(answers) < self.min_answers or n_classes < 2 or not features.n_features:
            return None
        # By row number: the fit is the same whatever the order in which the answers came.
        order = np.argsort(answers.rows, kind="stable")
        shares = answers.shares[order]
        C = self.C / mean_squared_length(features)
        classifier = fit_linear(features.rows(answers.rows[order]), shares, C=C)
        return FittedHumanClassifier(classifier, len(order), shares.sum(axis=0) > 0, self.smoothing)


@dataclass(frozen=True, eq=False)
class FittedHumanClassifier:
    """What `HumanClassifier` returns from ``fit``.

    Parameters
    ----------
    classifier : LinearClassifier
    n_answers : int
        B, the answered items that it was trained on.
    answered_classes : ndarray of bool, shape (k,)
        Classes that somebody has answered.
    smoothing : float
    """

    classifier: LinearClassifier
    n_answers: int
    answered_classes: NDArray[np.bool_]
    smoothing: float

    def predict_proba(self, features: Features) -> Floats:
        """Return F_h of n items; shape (n, k), rows sum to 1, nothing is 0."""
        scores = self.classifier.log_scores(features)
        p = np.zeros(scores.shape)
        p[:, self.answered_classes] = softmax(scores[:, self.answered_classes])
        return np.asarray((1.0 - self.smoothing) * p + self.smoothing / scores.shape[1], dtype=np.float64)

    def predict_log_proba(self, features: Features) -> Floats:
        """Return log F_h of n items; shape (n, k), nats."""
        return np.asarray(np.log(self.predict_proba(features)), dtype=np.float64)

    def word_terms(self, x_row: Features) -> tuple[Term, ...]:
        """Open log F_h of one item into intercept, features, and what smoothing adds; they sum to it."""
        linear = self.classifier.terms(x_row, source=_SOURCE)
        rest = self.predict_log_proba(x_row)[0] - np.sum([term.log_scores for term in linear], axis=0)
        return (*linear, Term(f"{_SOURCE}: smoothing", None, rest))
