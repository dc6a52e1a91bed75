"""Probabilities in log space: what keeps a product of a hundred small numbers from becoming zero."""

from __future__ import annotations

import numpy as np

from wsal.types import Floats

__all__ = ["log_normalize", "softmax"]


def log_normalize(scores: Floats) -> Floats:
    """Subtract from each row its log-sum-exp, so that its exponentials sum to 1.

    Parameters
    ----------
    scores : ndarray of float64, shape (…, k)
        Nats, up to a constant by row. Finite.

    Returns
    -------
    ndarray of float64, shape (…, k)

    Examples
    --------
    >>> np.exp(log_normalize(np.array([[-1000.0, -1000.0]]))).tolist()
    [[0.5, 0.5]]
    """
    # The largest score is taken out first: exp of the rest cannot overflow, and one of them is exp(0).
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float64)


def softmax(scores: Floats) -> Floats:
    """Turn log scores into probabilities by row; shape (…, k) to shape (…, k)."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float64)
