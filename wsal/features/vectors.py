"""Vectors as features: embeddings and the like, as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wsal.errors import DataError
from wsal.features.matrix import FeatureMatrix
from wsal.types import is_missing

__all__ = ["vector_features"]


def vector_features(values: Sequence[object], *, name: str = "vector") -> FeatureMatrix:
    """Take a column of vectors.

    Parameters
    ----------
    values : sequence of n vectors
        All of one length d. They are not scaled. A missing vector becomes the mean of the others, and a
        column ``<name> is missing`` marks it.
    name : str
        Features are called ``name[0]``, ``name[1]``, …

    Returns
    -------
    FeatureMatrix
        Dense, shape (n, d), or (n, d + 1) where vectors are missing.

    Raises
    ------
    DataError
        No vector at all, vectors of different lengths, or one with something other than finite numbers.

    Examples
    --------
    >>> vector_features([[0.0, 1.0], [1.0, 0.0]]).names
    ('vector[0]', 'vector[1]')
    """
    missing = np.array([is_missing(value) for value in values], dtype=np.bool_)
    present = np.flatnonzero(~missing)
    if not len(present):
        raise DataError(f"column {name!r} holds no vector")
    rows = [_as_vector(values[row], name, row) for row in present.tolist()]
    width = len(rows[0])
    for row, vector in zip(present.tolist(), rows, strict=True):
        if len(vector) != width:
            raise DataError(
                f"column {name!r}, row {row + 1}: a vector of length {len(vector)}; "
                f"the first has length {width}"
            )
    matrix = np.empty((len(values), width))
    matrix[present] = rows
    names = tuple(f"{name}[{j}]" for j in range(width))
    if not missing.any():
        return FeatureMatrix(matrix, names)
    matrix[missing] = matrix[present].mean(axis=0)
    note = (
        f"{int(missing.sum())} vectors in column {name!r} are missing; the mean of the others stands there."
    )
    return FeatureMatrix(
        np.column_stack([matrix, missing.astype(np.float64)]), (*names, f"{name} is missing"), (note,)
    )


def _as_vector(value: object, name: str, row: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    try:
        vector = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.array(np.nan)
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise DataError(f"column {name!r}, row {row + 1}: not a vector of finite numbers: {str(value)[:60]}")
    return vector
