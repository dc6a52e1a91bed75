"""Which items stand for their pattern: those closest to the middle of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wsal.selection.pool import Pool
from wsal.types import Floats

__all__ = ["by_typicality", "typicality"]


def by_typicality(
    pool: Pool, rows: NDArray[np.int64], *, code: int, generator: np.random.Generator
) -> list[int]:
    """Order items of one pattern, the most typical first; at random without features.

    Parameters
    ----------
    pool : Pool
    rows : ndarray of int64, shape (c,)
        Items of the pattern.
    code : int
        The pattern.
    generator : Generator
        Orders items that are equally typical.
    """
    shuffled = generator.permutation(rows)
    if pool.features is None or not pool.patterns.covered[code]:
        # What no rule covers has nothing in common, so nothing stands for it.
        return [int(row) for row in shuffled]
    scores = typicality(pool, shuffled, np.flatnonzero(pool.inverse == code))
    return [int(row) for row in shuffled[np.argsort(-scores, kind="stable")]]


def typicality(pool: Pool, rows: NDArray[np.int64], members: NDArray[np.int64]) -> Floats:
    """Cosine of the features of items to the mean features of their pattern.

    Parameters
    ----------
    pool : Pool
        With features.
    rows : ndarray of int64, shape (c,)
    members : ndarray of int64
        All items of the pattern, answered ones included.

    Returns
    -------
    ndarray of float64, shape (c,)
        Between −1 and 1, rounded to 1e-12 so that duplicates tie; 0 where there is no direction.
    """
    if pool.features is None:
        return np.zeros(len(rows))
    matrix = pool.features.matrix
    middle = np.asarray(matrix[members].mean(axis=0), dtype=np.float64).reshape(-1)
    own = matrix[rows]
    squares = own**2 if isinstance(own, np.ndarray) else own.multiply(own)
    lengths = np.sqrt(np.asarray(squares.sum(axis=1), dtype=np.float64).reshape(-1)) * np.linalg.norm(middle)
    dots = np.asarray(own @ middle, dtype=np.float64).reshape(-1)
    cosine = np.divide(dots, lengths, out=np.zeros(len(rows)), where=lengths > 0)
    return np.asarray(np.round(cosine, 12), dtype=np.float64)
