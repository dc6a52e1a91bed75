"""F_h: what people's answers alone say about an item, by its features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.features import FeatureMatrix, Features
from wsal.label_models import AnsweredRows, Term
from wsal.label_models.log_space import softmax
from wsal.training.folds import grouped_folds
from wsal.training.linear import LinearClassifier, fit_linear, mean_squared_length
from wsal.types import Floats

__all__ = ["FittedHumanClassifier", "HumanClassifier"]

_SOURCE = "human classifier"
_FEWEST_IN_A_FOLD = 10  # answers; fewer cannot tell penalties apart
_JUDGED_BY = 500  # answers; so many are enough to tell a few penalties apart


@dataclass(frozen=True)
class HumanClassifier:
    """Multinomial logistic regression on human answers only (DESIGN §5).

    Parameters
    ----------
    Cs : tuple of float
        Inverse strengths of the L2 penalty to choose from, for features whose rows have length 1, as those of
        TF-IDF have: they are divided by the mean squared length of the rows, so the scale of features does not
        matter. The one is taken under which answers are predicted best by models that have not seen them
        (log loss in `n_folds` folds); where several are equal, and where folds would have fewer than ten
        answers, the strongest penalty. How much features say
        differs between data by more than a constant could serve (ADR 0017).
    n_folds : int
    smoothing : float
        ε: so much of the uniform distribution is mixed in, ``F_h = (1 − ε)·p + ε/k``. A class that nobody has
        answered yet has p = 0, so its ratio to its mean is exactly 1: people have said nothing about it, and
        the rules' opinion of it stands. (Smoothing the answers instead does as well on text, but with dense
        features it rules such a class out where the others are sure.)
    min_answers : int
        With fewer answered items there is no classifier.
    """

    Cs: tuple[float, ...] = (10.0, 30.0, 100.0)
    n_folds: int = 5
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

        Notes
        -----
        One training, and from 50 answers on one for each of `Cs` and each fold, until 500 answers have been
        predicted. Folds are dealt by class and row, always with the same seed, so one set of answers has one result.
        """
        n_classes = int((answers.shares.sum(axis=0) > 0).sum()) if len(answers) else 0
        if len(answers) < self.min_answers or n_classes < 2 or not features.n_features:
            return None
        # By row number: the fit is the same whatever the order in which the answers came.
        order = np.argsort(answers.rows, kind="stable")
        known, shares = features.rows(answers.rows[order]), answers.shares[order]
        scale = mean_squared_length(features)
        return self._learn(known, shares, C=self._chosen(known, shares, scale) / scale)

    def _chosen(self, known: FeatureMatrix, shares: Floats, scale: float) -> float:
        """Return the C, before it is scaled, of the lowest cross-validated log loss."""
        strongest_first = sorted(self.Cs)
        if len(strongest_first) == 1 or len(shares) < _FEWEST_IN_A_FOLD * self.n_folds:
            return strongest_first[0]
        folds = grouped_folds(shares.argmax(axis=1), n_folds=self.n_folds)
        losses, n_judged = np.zeros(len(strongest_first)), 0
        for fold in range(self.n_folds):
            held, seen = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
            if n_judged >= _JUDGED_BY:
                break
            n_judged += len(held)
            if (shares[seen].sum(axis=0) > 0).sum() < 2:  # the one answer of the other class is held out
                continue
            part, rest = known.rows(seen), known.rows(held)
            for i, C in enumerate(strongest_first):
                fitted = self._learn(part, shares[seen], C=C / scale)
                losses[i] -= (shares[held] * fitted.predict_log_proba(rest)).sum()
        return strongest_first[int(losses.argmin())]

    def _learn(self, known: FeatureMatrix, shares: Floats, *, C: float) -> FittedHumanClassifier:
        classifier = fit_linear(known, shares, C=C)
        return FittedHumanClassifier(classifier, len(shares), shares.sum(axis=0) > 0, self.smoothing)


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
