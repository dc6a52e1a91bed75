"""Folds and hold-outs: items dealt by groups, so that copies stay together, and by class, so that none is lost.

scikit-learn's StratifiedGroupKFold does the first half, one group at a time in Python: .1 ms each, minutes for
a million items; and it knows no hold-out of a given size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.types import Rng, as_generator

__all__ = ["grouped_folds", "grouped_holdout"]


def grouped_folds(
    strata: NDArray[np.int64], *, groups: NDArray[np.int64] | None = None, n_folds: int = 5, rng: Rng = 0
) -> NDArray[np.int64]:
    """Deal items into folds; a group is in one fold, and every stratum is spread evenly.

    Parameters
    ----------
    strata : ndarray of int64, shape (n,)
        Of each item, such as its most probable class. A group counts with that of its first item.
    groups : ndarray of int64, shape (n,), optional
        Items with one number are copies of each other, or parent and child. Every item by itself if not given.
    n_folds : int
    rng : Generator, int or None

    Returns
    -------
    ndarray of int64, shape (n,)
        0..n_folds−1. In every stratum, folds differ by at most one group. O(n log n).

    Raises
    ------
    InputError
        Fewer than two folds, or fewer groups than folds.

    Examples
    --------
    >>> folds = grouped_folds(np.array([0, 0, 0, 0, 1, 1]), groups=np.array([7, 7, 8, 9, 5, 6]), n_folds=2)
    >>> bool(folds[0] == folds[1]), bool(folds[4] != folds[5])
    (True, True)
    """
    codes, n_groups = _codes(strata, groups)
    if not 2 <= n_folds <= n_groups:
        raise InputError(
            f"{n_groups} groups of items cannot be dealt into {n_folds} folds",
            hint="take at least two folds, and at most one for each group",
        )
    order = _by_stratum(codes, strata, as_generator(rng))
    fold_of_group = np.empty(n_groups, dtype=np.int64)
    fold_of_group[order] = np.arange(n_groups) % n_folds
    return fold_of_group[codes]


def grouped_holdout(
    strata: NDArray[np.int64],
    *,
    share: float,
    groups: NDArray[np.int64] | None = None,
    among: NDArray[np.bool_] | None = None,
    rng: Rng = 0,
) -> NDArray[np.bool_]:
    """Choose items to hold out: whole groups, in proportion from every stratum.

    Parameters
    ----------
    strata, groups, rng
        As for `grouped_folds`.
    share : float
        Probability of each group among the candidates to be held out, the same for all; above 0, below 1.
    among : ndarray of bool, shape (n,), optional
        The candidates: a group with at least one of them can be held out, as a whole. All, if not given.

    Returns
    -------
    ndarray of bool, shape (n,)
        Systematic sampling along the strata: a stratum of c groups gives share·c of them, up or down by less
        than one. O(n log n).

    Raises
    ------
    InputError
        A share that is none, or so small that nothing is held out.

    Examples
    --------
    >>> int(grouped_holdout(np.array([0] * 8 + [1] * 4), share=0.25, rng=1).sum())
    3
    """
    if not 0 < share < 1:
        raise InputError(f"a hold-out of {share!r} is no share between 0 and 1", hint="0.2 is usual")
    codes, n_groups = _codes(strata, groups)
    rows = np.arange(len(codes)) if among is None else np.flatnonzero(among)
    generator = as_generator(rng)
    candidates = np.unique(codes[rows])
    local = np.searchsorted(candidates, codes[rows])
    order = _by_stratum(local, strata[rows], generator)
    steps = np.floor(np.arange(len(order) + 1) * share + generator.random())
    chosen = candidates[order[np.diff(steps) > 0]]
    if not len(chosen):
        raise InputError(
            f"a hold-out of {share:g} of {len(candidates)} groups of items holds none",
            hint="answer or name more items whose truth is known, or hold out a larger share",
        )
    held = np.zeros(n_groups, dtype=np.bool_)
    held[chosen] = True
    return held[codes]


def _codes(strata: NDArray[np.int64], groups: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], int]:
    if groups is None:
        return np.arange(len(strata)), len(strata)
    if groups.shape != strata.shape:
        raise DataError(f"groups of shape {groups.shape} do not fit {len(strata)} items")
    found, codes = np.unique(groups, return_inverse=True)
    return codes.astype(np.int64), len(found)


def _by_stratum(
    codes: NDArray[np.int64], strata: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return groups 0.. in the order of their strata, at random within each."""
    _, first = np.unique(codes, return_index=True)
    return np.lexsort((generator.permutation(len(first)), strata[first]))
