"""Pooling of opinions: products of probabilities, which add up in log odds.

Pure array functions on (n, k) probabilities; who made them does not matter here.
"""

from __future__ import annotations

import numpy as np

from wsal.label_models.log_space import softmax
from wsal.types import Floats

__all__ = ["geometric_pool", "with_human_classifier"]


def with_human_classifier(q: Floats, f_h: Floats, pi_h: Floats) -> Floats:
    """Let the human classifier vote: ``q_i ∝ q_u·F_h(i)/π_h`` (DESIGN §5, without its exponent: ADR 0016).

    Parameters
    ----------
    q : ndarray of float64, shape (n, k)
        Of the label model. What is exactly 0 (in plain vote shares) stays 0.
    f_h : ndarray of float64, shape (n, k)
        Of the classifier trained on answers; above 0.
    pi_h : ndarray of float64, shape (k,)
        Mean of ``f_h`` over unanswered covered items. Dividing by it takes out the balance of the answers,
        which were not drawn at random.

    Returns
    -------
    ndarray of float64, shape (n, k)
        Rows sum to 1.
    """
    return softmax(_log(q) + np.log(f_h) - np.log(pi_h))


def geometric_pool(q: Floats, f: Floats) -> Floats:
    """Return ``∝ √(q·f)``: half of each one's log odds.

    Parameters
    ----------
    q, f : ndarray of float64, shape (n, k)
        f is above 0; what is exactly 0 in q stays 0.

    Returns
    -------
    ndarray of float64, shape (n, k)
        Rows sum to 1.

    Examples
    --------
    >>> geometric_pool(np.array([[0.9, 0.1]]), np.array([[0.1, 0.9]])).round(12).tolist()
    [[0.5, 0.5]]
    """
    return softmax(0.5 * (_log(q) + np.log(f)))


def _log(q: Floats) -> Floats:
    with np.errstate(divide="ignore"):  # log 0 is −inf, and its exponential 0 again
        return np.asarray(np.log(q), dtype=np.float64)
