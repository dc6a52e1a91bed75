"""Measures of soft labels against a known truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wsal.errors import DataError
from wsal.types import ABSTAIN, Floats

__all__ = ["log_loss", "share_accuracy"]


def share_accuracy(
    probabilities: ArrayLike, gold: ArrayLike, *, rows: ArrayLike | None = None, tolerance: float = 1e-3
) -> float:
    """Accuracy of soft labels in which a tie counts by its share.

    A two-way tie that contains the gold class scores ½, a three-way tie ⅓: what breaking the tie at random
    would score on average. So two models can be compared without their habits in breaking ties.

    Parameters
    ----------
    probabilities : array-like of float, shape (n, k)
    gold : array-like of int, shape (n,)
        Class index, or -1 where unknown; such items are left out.
    rows : array-like, optional
        Row numbers or a mask: the items to look at.
    tolerance : float
        Classes within this distance of the best one tie with it.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    DataError
        The shapes do not fit, a gold label is no class, or no item is left.

    Examples
    --------
    >>> share_accuracy([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], [0, 1, 0])
    0.5
    """
    soft, y = _known(probabilities, gold, rows)
    best = soft >= soft.max(axis=1, keepdims=True) - tolerance
    return float(np.mean(best[np.arange(len(y)), y] / best.sum(axis=1)))


def log_loss(
    probabilities: ArrayLike, gold: ArrayLike, *, rows: ArrayLike | None = None, floor: float = 0.0
) -> float:
    """Mean negative log probability of the gold class, in nats.

    Parameters
    ----------
    probabilities : array-like of float, shape (n, k)
    gold : array-like of int, shape (n,)
        Class index, or -1 where unknown; such items are left out.
    rows : array-like, optional
        Row numbers or a mask: the items to look at.
    floor : float
        Probabilities below it count as this much. With 0, one gold class of probability 0 makes the loss
        infinite, which is what it is.

    Raises
    ------
    DataError
        The shapes do not fit, a gold label is no class, or no item is left.

    Examples
    --------
    >>> round(log_loss([[0.5, 0.5], [1.0, 0.0]], [0, 0]), 4), log_loss([[1.0, 0.0]], [1])
    (0.3466, inf)
    """
    P, y = _known(probabilities, gold, rows)
    given = np.maximum(P[np.arange(len(y)), y], floor)
    with np.errstate(divide="ignore"):  # log 0 is −inf, as documented
        return float(np.mean(-np.log(given)) + 0.0)  # + 0.0 turns −0 into 0


def _known(
    probabilities: ArrayLike, gold: ArrayLike, rows: ArrayLike | None
) -> tuple[Floats, NDArray[np.int64]]:
    P = np.asarray(probabilities, dtype=np.float64)
    y = np.asarray(gold)
    if P.ndim != 2 or y.shape != P.shape[:1]:
        raise DataError(f"probabilities of shape {P.shape} do not fit gold labels of shape {y.shape}")
    if rows is not None:
        P, y = P[np.asarray(rows)], y[np.asarray(rows)]
    known = y != ABSTAIN
    P, y = P[known], y[known].astype(np.int64)
    if len(y) == 0:
        raise DataError("no item with a known gold label is left to measure")
    if y.min() < 0 or y.max() >= P.shape[1]:
        wrong = y[(y < 0) | (y >= P.shape[1])][0]
        raise DataError(f"the gold label {wrong} is no class 0..{P.shape[1] - 1}")
    return P, y
