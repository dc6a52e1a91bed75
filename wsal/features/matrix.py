"""FeatureMatrix: one row of numbers an item, with the names of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.types import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array, spmatrix

    from wsal.features.density import Density

__all__ = ["FeatureMatrix", "Features", "as_feature_matrix", "stack_features"]


@dataclass(frozen=True, eq=False)
class FeatureMatrix:
    """Features of n items.

    Parameters
    ----------
    matrix : ndarray of float64 or scipy.sparse.csr_array, shape (n, d)
        Finite numbers.
    names : tuple of str
        d names: a word or phrase, a column, or a column and position.
    notes : tuple of str
        What was done that the user should know of, as sentences.

    Raises
    ------
    DataError
        Not a matrix, or a number of names other than d.
    """

    matrix: Floats | csr_array
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2:
            raise DataError(
                f"features are a matrix of shape (items, features), got shape {self.matrix.shape}"
            )
        if len(self.names) != self.matrix.shape[1]:
            raise DataError(f"there are {len(self.names)} names for {self.matrix.shape[1]} features")

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        return int(self.matrix.shape[0])

    @property
    def n_features(self) -> int:
        """Number of features, d."""
        return int(self.matrix.shape[1])

    @cached_property
    def is_sparse(self) -> bool:
        """Whether the matrix is a scipy sparse array."""
        return not isinstance(self.matrix, np.ndarray)

    @cached_property
    def density(self) -> Density:
        """How densely the items lie, and which lie alone."""
        from wsal.features.density import Density

        return Density.of(self)

    def rows(self, rows: NDArray[Any]) -> FeatureMatrix:
        """Return the features of some items: row numbers or a mask, as numpy takes them."""
        return FeatureMatrix(self.matrix[rows], self.names, self.notes)


Features: TypeAlias = "FeatureMatrix | NDArray[np.floating[Any]] | csr_array | spmatrix"
"""What is taken wherever features are asked for."""


def as_feature_matrix(features: Features, n_items: int) -> FeatureMatrix:
    """Take features in any form, and check that there is a finite row for every item.

    Parameters
    ----------
    features : FeatureMatrix, ndarray or scipy sparse matrix, shape (n, d)
        Columns without names are called ``feature 0``, ``feature 1``, …
    n_items : int
        n.

    Raises
    ------
    DataError
        Another number of rows, not a matrix, not numbers, or a number that is not finite.

    Examples
    --------
    >>> as_feature_matrix(np.eye(2), 2).names
    ('feature 0', 'feature 1')
    """
    from scipy.sparse import csr_array, issparse

    if isinstance(features, FeatureMatrix):
        found = features
    else:
        try:
            given: Any = features if issparse(features) else np.asarray(features)
            matrix: Any = given.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(f"features are numbers: {error}") from error
        if not isinstance(matrix, np.ndarray):
            matrix = csr_array(matrix)
        width = matrix.shape[1] if matrix.ndim == 2 else 0
        found = FeatureMatrix(matrix, tuple(f"feature {j}" for j in range(width)))
    if found.n_items != n_items:
        raise DataError(
            f"there are {found.n_items} rows of features for {n_items} items",
            hint="give one row for each item of the votes, in their order",
        )
    values = found.matrix if isinstance(found.matrix, np.ndarray) else found.matrix.data
    if not np.isfinite(values).all():
        raise DataError("a feature is missing or infinite", hint="numeric_features fills missing numbers")
    return found


def stack_features(parts: list[FeatureMatrix]) -> FeatureMatrix:
    """Put features side by side; sparse where any part is. At least one part, all of the same items."""
    if len(parts) == 1:
        return parts[0]
    names = tuple(name for part in parts for name in part.names)
    notes = tuple(note for part in parts for note in part.notes)
    if any(part.is_sparse for part in parts):
        from scipy.sparse import csr_array, hstack

        blocks = [csr_array(part.matrix) for part in parts]
        return FeatureMatrix(csr_array(hstack(blocks)), names, notes)
    return FeatureMatrix(np.hstack([np.asarray(part.matrix) for part in parts]), names, notes)
