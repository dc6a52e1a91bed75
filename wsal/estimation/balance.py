"""The class balance from audit draws, in a form that a label model can use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.estimation.sample import AuditSample
from wsal.types import Floats

__all__ = ["estimated_balance"]


def estimated_balance(
    sample: AuditSample, *, within: NDArray[np.bool_] | None = None, strength: float = 1.0
) -> Floats:
    """Estimate the share of each class, drawn a little towards equal shares so that none is 0.

    Parameters
    ----------
    sample : AuditSample
    within : ndarray of bool, shape (n,), optional
        The items that the balance speaks of; a label model takes that of the covered ones. All where not given.
    strength : float
        Weight of the prior, in draws: a Dirichlet distribution with ``strength/k`` for each of k classes.

    Returns
    -------
    ndarray of float64, shape (k,)
        Posterior mean; above 0, sums to 1. **A model parameter, without an interval**: publish `class_share`.

    Raises
    ------
    DataError
        No draw within has an answer.
    InputError
        ``strength`` is not positive.

    Notes
    -----
    The shares are post-stratified by the sample's cells (Hájek's weighted means where these are not known), and
    count as Kish's effective number of draws, m = 1/Σ a²/d with a cell's share a of the items and its d different
    answered items: (m·share + strength/k)/(m + strength). Draws without an answer are left out. Prior: Perks 1947;
    for two classes it is Jeffreys'.

    Examples
    --------
    >>> from wsal.types import LabelSpace
    >>> seen = np.array([[0.0, 1.0]] * 3 + [[1.0, 0.0]] * 26)
    >>> sample = AuditSample(np.arange(29), np.full(29, 1e-4), ("",) * 29, seen, 10_000, LabelSpace(("a", "b")))
    >>> estimated_balance(sample).round(3).tolist()
    [0.883, 0.117]
    """
    if not 0 < strength < np.inf:
        raise InputError(f"strength={strength} is no positive number of draws")
    inside = ~sample.missing if within is None else ~sample.missing & within[sample.rows]
    if not inside.any():
        raise DataError(
            "no audit draw that the balance could be estimated from has an answer",
            hint="answer some audit items first",
        )
    k = len(sample.labels)
    share, m = (
        _by_cells(sample, inside, within) if sample.known_cells is not None else _by_weights(sample, inside)
    )
    return np.asarray((m * share + strength / k) / (m + strength), dtype=np.float64)


def _by_cells(
    sample: AuditSample, inside: NDArray[np.bool_], within: NDArray[np.bool_] | None
) -> tuple[Floats, float]:
    cells = sample.known_cells
    codes = np.zeros(sample.n_items, dtype=np.int64) if cells is None else cells
    sizes = np.bincount(codes if within is None else codes[within], minlength=int(codes.max()) + 1)
    rows, first = np.unique(sample.rows[inside], return_index=True)
    n = np.bincount(codes[rows], minlength=len(sizes)).astype(np.float64)
    hits = np.zeros((len(sizes), len(sample.labels)))
    np.add.at(hits, codes[rows], sample.observed[inside][first])
    seen = n > 0  # cells without an answer are taken to be like the others
    a = sizes[seen] / sizes[seen].sum()
    share = a @ (hits[seen] / n[seen, None])
    return share, float(1 / (a**2 / n[seen]).sum())


def _by_weights(sample: AuditSample, inside: NDArray[np.bool_]) -> tuple[Floats, float]:
    w = 1 / sample.propensities[inside]
    share = w @ sample.observed[inside] / w.sum()
    return share, float(w.sum() ** 2 / (w**2).sum())
