"""Expected model change: ask where an answer would move the model most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from wsal.errors import DataError
from wsal.features import as_feature_matrix
from wsal.selection.strategies.base import ScoredStrategy
from wsal.selection.strategies.situation import Situation
from wsal.types import Floats

__all__ = ["ExpectedModelChange", "expected_gradient_length"]


def expected_gradient_length(probabilities: Floats, lengths: Floats) -> Floats:
    """Return the expected length of the gradient that an answer adds to a logistic regression.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
        p: what the regression says now.
    lengths : ndarray of float64, shape (n,)
        ‖x̃‖: Euclidean length of each item's features with the 1 of the intercept.

    Returns
    -------
    ndarray of float64, shape (n,)
        ``‖x̃‖ · Σ_y p_y ‖p − e_y‖``, with e_y the unit vector of class y.

    Notes
    -----
    The loss of an item with answer y is −log p_y; its gradient by the weights of class j is (p_j − [j = y])·x̃,
    so the whole gradient is the outer product (p − e_y) x̃ᵀ, of length ‖p − e_y‖·‖x̃‖. At its optimum the
    regression has no other gradient but that of the penalty. Settles, Craven and Ray (2008); Settles (2010),
    section 3.3. O(n·k).

    Examples
    --------
    >>> expected_gradient_length(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([2.0, 2.0])).round(4).tolist()
    [1.4142, 0.0]
    """
    squares = (probabilities**2).sum(axis=1, keepdims=True) - 2.0 * probabilities + 1.0
    steps = np.sqrt(np.maximum(squares, 0.0))  # rounding may leave −1e-17
    return np.asarray((probabilities * steps).sum(axis=1) * lengths, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class ExpectedModelChange(ScoredStrategy):
    """Largest expected gradient of a logistic regression: `expected_gradient_length`.

    The features are those that the last step of a trained scikit-learn pipeline reads, else those of the items.
    For a classifier that is no logistic regression it is a stand-in: its uncertainty times the length of x̃.
    """

    name: ClassVar[str] = "expected-model-change"

    def utilities(self, situation: Situation) -> Floats:
        """Return the expected length of the gradient."""
        return expected_gradient_length(situation.voice[1], _lengths(_what_the_model_reads(situation)))

    def lead(self, situation: Situation, row: int, utility: float) -> str:  # noqa: ARG002  # of every strategy
        """Say how far an answer is expected to move the model."""
        return f"an answer is expected to move {situation.voice[0]} most (gradient of length {utility:.2f})"


def _what_the_model_reads(situation: Situation) -> Any:  # noqa: ANN401  # array or sparse matrix
    fitted = situation.fitted if situation.given is None else None
    if fitted is None:
        return situation.geometry.matrix
    from sklearn.pipeline import Pipeline

    if isinstance(fitted.trained, Pipeline) and len(fitted.trained) > 1:
        return fitted.trained[:-1].transform(situation.inputs)
    if situation.pool.features is None:
        raise DataError(
            "expected-model-change needs the numbers that the classifier reads",
            hint="give features as a matrix, or the classifier as a scikit-learn pipeline",
        )
    return situation.geometry.matrix


def _lengths(given: Any) -> Floats:  # noqa: ANN401  # array or sparse matrix
    matrix = as_feature_matrix(given, given.shape[0]).matrix
    squares = matrix**2 if isinstance(matrix, np.ndarray) else matrix.multiply(matrix)
    return np.asarray(np.sqrt(1.0 + np.asarray(squares.sum(axis=1)).reshape(-1)), dtype=np.float64)
