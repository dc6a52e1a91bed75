"""Multinomial logistic regression on soft labels, and its log scores opened into features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wsal.errors import DataError
from wsal.features import FeatureMatrix, Features, as_feature_matrix
from wsal.label_models import Term
from wsal.training.soft_logistic import StopReason, minimise
from wsal.types import Floats

__all__ = ["INTERCEPT", "LinearClassifier", "fit_linear", "mean_squared_length"]

INTERCEPT = "intercept"
"""Source of the term that every item has alike."""


@dataclass(frozen=True, eq=False)
class LinearClassifier:
    """A fitted multinomial logistic regression: log p(y | x) = x·w_y + c_y, up to a constant by item.

    Parameters
    ----------
    coefficients : ndarray of float64, shape (k, d)
        w; zeros for a class that was not among the examples.
    intercepts : ndarray of float64, shape (k,)
        c.
    feature_names : tuple of str
    n_iter : int
        Steps of the optimiser.
    stop_reason : {"converged", "precision", "max_iter"}
    """

    coefficients: Floats
    intercepts: Floats
    feature_names: tuple[str, ...]
    n_iter: int
    stop_reason: StopReason

    def log_scores(self, features: Features) -> Floats:
        """Return x·w_y + c_y for n items; shape (n, k), nats.

        Raises
        ------
        DataError
            Another number of features than in training.
        """
        found = self._checked(features)
        return np.asarray(found.matrix @ self.coefficients.T + self.intercepts, dtype=np.float64)

    def terms(self, features: Features, *, source: str) -> tuple[Term, ...]:
        """Open the log scores of one item into its features, which add up.

        Parameters
        ----------
        features : FeatureMatrix, ndarray or scipy sparse matrix, shape (1, d)
        source : str
            Put before each name, as in ``end model: free prize``.

        Returns
        -------
        tuple of Term
            The intercept, then each feature that is not 0, in the order of columns.
        """
        found = self._checked(features)
        if found.n_items != 1:
            raise DataError(f"terms are those of one item; there are {found.n_items} rows")
        row = np.asarray(found.matrix if not found.is_sparse else _dense(found.matrix)).reshape(-1)
        present = np.flatnonzero(row)
        parts = [
            Term(f"{source}: {self.feature_names[j]}", None, row[j] * self.coefficients[:, j])
            for j in present.tolist()
        ]
        return (Term(f"{source}: {INTERCEPT}", None, self.intercepts), *parts)

    def _checked(self, features: Features) -> FeatureMatrix:
        n = features.n_items if isinstance(features, FeatureMatrix) else int(np.shape(features)[0])
        found = as_feature_matrix(features, n)
        if found.n_features != len(self.feature_names):
            raise DataError(
                f"there are {found.n_features} features; the classifier was trained on "
                f"{len(self.feature_names)}",
                hint="build the features of all items together",
            )
        return found


def fit_linear(features: FeatureMatrix, mass: Floats, *, C: float) -> LinearClassifier:
    """Fit on soft labels.

    Parameters
    ----------
    features : FeatureMatrix, shape (r, d)
    mass : ndarray of float64, shape (r, k)
        Soft label of each item, times its weight. Two classes at least have any.
    C : float
        Inverse strength of the L2 penalty: weight of one item against ``½‖w‖²``.

    Returns
    -------
    LinearClassifier
        The objective and how it is minimised: `wsal.training.soft_logistic.minimise`.
    """
    classes = np.flatnonzero(mass.any(axis=0))
    matrix = features.matrix
    columns = np.arange(features.n_features)
    if not isinstance(matrix, np.ndarray):
        # The weight of a column without entries is 0; a few answers use a few of the words.
        columns = np.flatnonzero(np.bincount(matrix.indices, minlength=features.n_features))
        matrix = matrix[:, columns]
    found = minimise(matrix, mass[:, classes], C=C)
    k = mass.shape[1]
    coefficients, intercepts = np.zeros((k, features.n_features)), np.zeros(k)
    coefficients[np.ix_(classes, columns)] = found.coefficients
    intercepts[classes] = found.intercepts
    return LinearClassifier(coefficients, intercepts, features.names, found.n_iter, found.stop_reason)


def mean_squared_length(features: FeatureMatrix) -> float:
    """Return the mean squared length of the rows, by which a penalty is scaled; 1 where all are 0."""
    values = features.matrix if isinstance(features.matrix, np.ndarray) else features.matrix.data
    mean = float(np.square(values).sum()) / features.n_items
    return mean if mean > 0 else 1.0


def _dense(matrix: Any) -> Floats:  # noqa: ANN401  # any scipy sparse array
    return np.asarray(matrix.toarray(), dtype=np.float64)
