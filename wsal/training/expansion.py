"""Soft labels for classifiers that take hard ones: every item stands once for each class, weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.types import Floats

__all__ = ["Expansion", "expand_soft_labels"]


@dataclass(frozen=True, eq=False)
class Expansion:
    """Weighted examples with hard labels.

    Parameters
    ----------
    rows : ndarray of int64, shape (e,)
        Row of each example in what was expanded.
    classes : ndarray of int64, shape (e,)
    weights : ndarray of float64, shape (e,)
        Above 0.
    """

    rows: NDArray[np.int64]
    classes: NDArray[np.int64]
    weights: Floats


def expand_soft_labels(probabilities: Floats, weights: Floats) -> Expansion:
    """Write every item once for each class, with the class's probability as its weight.

    Any scikit-learn classifier that takes weights then minimises the expected loss under the soft labels.
    (`EndModel` does not need it: `wsal.training.soft_logistic` takes soft labels as they are.)

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
    weights : ndarray of float64, shape (n,) or (n, k)
        Weight of each item, or of each item and class.

    Returns
    -------
    Expansion
        Item by item and class by class; only weights of exactly 0 are left out, so a small probability is not
        rounded away.

    Examples
    --------
    >>> expanded = expand_soft_labels(np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([1.0, 2.0]))
    >>> expanded.rows.tolist(), expanded.classes.tolist(), expanded.weights.tolist()
    ([0, 0, 1], [0, 1, 0], [0.25, 0.75, 2.0])
    """
    mass = probabilities * (weights[:, None] if weights.ndim == 1 else weights)
    rows, classes = np.nonzero(mass)
    return Expansion(rows.astype(np.int64), classes.astype(np.int64), mass[rows, classes])
