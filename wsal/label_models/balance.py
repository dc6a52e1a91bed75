"""A class balance that is known, or estimated from an audit: weights by raking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.label_models.human_counts import DrawnAnswers
from wsal.patterns import VotePatterns
from wsal.types import Floats, LabelSpace

__all__ = ["ClassBalance", "as_class_balance", "audited_balance", "raking_weights"]

ClassBalance: TypeAlias = Sequence[float] | Literal["audit"]
"""A share of each class, or the word: take it from the answers that were drawn at random."""

_SUM_TOLERANCE = 1e-6
_RAKING_TOLERANCE = 1e-10
_RAKING_STEPS = 1000
_HALF_TRUST_AT = 30.0  # audit answers
_LEAST_SHARE = 0.01  # of 1/k, below which no class is estimated


def as_class_balance(class_balance: Sequence[float] | Floats, labels: LabelSpace) -> Floats:
    """Check a class balance and return it with a sum of exactly 1 (to rounding); shape (k,).

    Raises
    ------
    DataError
        Not k numbers; one that is zero, negative or not finite; a sum that is off by more than 1e-6.
    """
    balance = np.asarray(class_balance, dtype=np.float64)
    if balance.shape != (len(labels),):
        raise DataError(
            f"the class balance has shape {balance.shape}; "
            f"there are {len(labels)} classes: {', '.join(labels)}"
        )
    for name, share in zip(labels, balance.tolist(), strict=True):
        if not (np.isfinite(share) and share > 0):
            raise DataError(
                f"the class balance of {name!r} is {share!r}; every share is above 0",
                hint="give a class that hardly occurs a small share, or leave it out of the labels",
            )
    if abs(balance.sum() - 1.0) > _SUM_TOLERANCE:
        raise DataError(f"the class balance sums to {balance.sum():.6g}, not 1", hint="divide it by its sum")
    return np.asarray(balance / balance.sum(), dtype=np.float64)


def audited_balance(patterns: VotePatterns, q: Floats, drawn: DrawnAnswers) -> tuple[Floats, int]:
    """Estimate the class balance of covered items from answers to items that were drawn at random.

    ``b = s + N/(N + 30)·Σ w_i·(answer_i − q_i) / Σ w_i``, s the mean of q: the model's own share of each class,
    moved by what the model gets wrong on the N drawn items that are covered; w is 1/propensity. The difference
    varies far less than the answers' own shares do, since it is 0 wherever the model is sure and right; the
    factor holds it back while there are few.

    Parameters
    ----------
    patterns : VotePatterns
    q : ndarray of float64, shape (p, k)
    drawn : DrawnAnswers

    Returns
    -------
    balance : ndarray of float64, shape (k,)
        Above 0, sums to 1; s itself where nothing was drawn.
    n : int
        N.

    Notes
    -----
    The difference estimator of survey sampling (Särndal, Swensson and Wretman 1992, eq. 6.3.3), shrunk.
    An item counts once however often it was drawn.
    """
    covered, k = patterns.covered, q.shape[1]
    counts = patterns.counts * covered
    share = (q * counts[:, None]).sum(axis=0) / max(counts.sum(), 1)
    here = covered[drawn.codes]
    n = int(here.sum())
    if n:
        moved = drawn.weights[here, None] * (drawn.shares[here] - q[drawn.codes[here]])
        share = share + n / (n + _HALF_TRUST_AT) * moved.sum(axis=0) / drawn.weights[here].sum()
    share = np.maximum(share, _LEAST_SHARE / k)
    return np.asarray(share / share.sum(), dtype=np.float64), n


def raking_weights(probabilities: Floats, counts: NDArray[np.int64] | Floats, balance: Floats) -> Floats:
    """Find weights w with ``Σ_u c_u·normalise(q_u·w)_y / n = b_y``.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (p, k)
        q, above 0; rows sum to 1.
    counts : ndarray, shape (p,)
        c, the items of each row; n is their sum.
    balance : ndarray of float64, shape (k,)
        b, above 0, sums to 1.

    Returns
    -------
    ndarray of float64, shape (k,)
        w, with a geometric mean of 1.

    Raises
    ------
    DataError
        1,000 steps do not bring every class within 1e-6 of its share.

    Notes
    -----
    Raking, also called iterative proportional fitting (Deming and Stephan 1940): ``w_y ← w_y·b_y / share_y``
    until no share is off by 1e-10. O(steps·p·k).

    Examples
    --------
    >>> w = raking_weights(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([1, 1]), np.array([0.9, 0.1]))
    >>> w.round(6).tolist()
    [3.0, 0.333333]
    """
    n = counts.sum()
    weights = np.ones(len(balance))
    if n == 0:
        return weights
    off = np.inf
    with np.errstate(all="ignore"):  # weights that run away end in the error below
        for _ in range(_RAKING_STEPS):
            weighted = probabilities * weights
            share = (weighted * (counts / weighted.sum(axis=1))[:, None]).sum(axis=0) / n
            off = float(np.abs(share - balance).max())
            if off < _RAKING_TOLERANCE or not np.isfinite(off):
                break
            weights = weights * balance / share
            weights = weights / np.exp(np.log(weights).mean())
    if not off <= _SUM_TOLERANCE:
        raise DataError(
            f"the votes cannot be brought to the class balance {balance.tolist()}: "
            f"after {_RAKING_STEPS} steps a share is still off by {off:.2g}",
            hint="check the balance; one that is far from every vote needs more answers first",
        )
    return weights
