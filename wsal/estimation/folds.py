"""Folds over answered items, so that an answer never grades a model that it trained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.types import Rng, as_generator

__all__ = ["NO_FOLD", "assign_folds"]

NO_FOLD = -1
"""The fold of an item that nobody has answered."""


def assign_folds(
    answered: NDArray[np.int64], n_items: int, *, n_folds: int = 5, rng: Rng = 0
) -> NDArray[np.int64]:
    """Deal the answered items into folds of equal size.

    Parameters
    ----------
    answered : ndarray of int64, shape (B,)
        Rows of the items whose answers train; repeats count once. All of them, targeted ones too: they
        train as well. Order does not matter.
    n_items : int
    n_folds : int
    rng : Generator, int or None
        The same seed gives the same folds.

    Returns
    -------
    ndarray of int64, shape (n,)
        0..n_folds−1; −1 where nothing was answered. An item is in one fold, with all its answers.

    Raises
    ------
    InputError
        Fewer than two folds, or fewer items than folds.

    Examples
    --------
    >>> assign_folds(np.array([4, 0, 2, 4]), 6, n_folds=3).tolist()
    [1, -1, 2, -1, 0, -1]
    """
    rows = np.unique(answered)
    if not 2 <= n_folds <= len(rows):
        raise InputError(
            f"{len(rows)} answered items cannot be dealt into {n_folds} folds",
            hint="take at least two folds, and at most one for each answered item",
        )
    folds = np.full(n_items, NO_FOLD, dtype=np.int64)
    folds[as_generator(rng).permutation(rows)] = np.arange(len(rows)) % n_folds
    return folds
