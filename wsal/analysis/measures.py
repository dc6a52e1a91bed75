"""Measures of soft labels against a known truth.

A tie counts by its share: it scores what breaking it at random would score on average. So two models can be
compared without their habits in breaking ties.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wsal.errors import DataError
from wsal.types import ABSTAIN, Floats

__all__ = ["calibration_error", "log_loss", "share_accuracy", "share_f1"]

_TIE = 1e-3


def share_accuracy(
    probabilities: ArrayLike, gold: ArrayLike, *, rows: ArrayLike | None = None, tolerance: float = _TIE
) -> float:
    """Accuracy of soft labels in which a tie counts by its share.

    A two-way tie that contains the gold class scores ½, a three-way tie ⅓.

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
    return float(np.mean(_chances(soft, tolerance)[np.arange(len(y)), y]))


def share_f1(
    probabilities: ArrayLike,
    gold: ArrayLike,
    *,
    positive: int = 1,
    rows: ArrayLike | None = None,
    tolerance: float = _TIE,
) -> float:
    """F1 of one class: harmonic mean of its precision and recall, where a tie counts by its share.

    Parameters
    ----------
    probabilities, gold, rows, tolerance
        As for `share_accuracy`.
    positive : int
        The class.

    Returns
    -------
    float
        Between 0 and 1; 0 where nothing is predicted to be of the class, or nothing is.

    Raises
    ------
    DataError
        As for `share_accuracy`; or ``positive`` is no class.

    Examples
    --------
    >>> share_f1([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], [0, 1, 1])
    0.8571428571428571
    """
    soft, y = _known(probabilities, gold, rows)
    if not 0 <= positive < soft.shape[1]:
        raise DataError(f"the class {positive} is none of 0..{soft.shape[1] - 1}")
    said, true = _chances(soft, tolerance)[:, positive], y == positive
    either = float(said.sum() + true.sum())
    return 2.0 * float(said[true].sum()) / either if either else 0.0


def calibration_error(
    probabilities: ArrayLike, gold: ArrayLike, *, rows: ArrayLike | None = None, n_bins: int = 15
) -> float:
    """Return the expected calibration error of the most probable class.

    It says how far a label's probability is from how often such labels are right.

    Parameters
    ----------
    probabilities, gold, rows
        As for `share_accuracy`.
    n_bins : int
        Bins of equal width over the largest probability.

    Returns
    -------
    float
        Between 0 and 1: the mean over bins, weighted by their items, of the absolute difference between mean
        largest probability and accuracy.

    Raises
    ------
    DataError
        As for `share_accuracy`; or fewer than one bin.

    Notes
    -----
    Guo et al., On calibration of modern neural networks, ICML 2017, equation 3. The estimate is biased upwards
    on few items: some hundreds at least.

    Examples
    --------
    >>> round(calibration_error([[0.9, 0.1], [0.9, 0.1]], [0, 1]), 12)
    0.4
    """
    if n_bins < 1:
        raise DataError(f"n_bins={n_bins}: there is at least one bin")
    soft, y = _known(probabilities, gold, rows)
    confidence = soft.max(axis=1)
    right = _chances(soft, _TIE)[np.arange(len(y)), y]
    bins = np.minimum((confidence * n_bins).astype(np.int64), n_bins - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(y))


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


def _chances(soft: Floats, tolerance: float) -> Floats:
    """Return the chance that each class is the one picked, ties being broken at random; shape (n, k)."""
    best = soft >= soft.max(axis=1, keepdims=True) - tolerance
    return np.asarray(best / best.sum(axis=1, keepdims=True), dtype=np.float64)


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
