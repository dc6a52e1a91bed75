"""Inputs of classifiers: rows of features, texts or a data frame, taken apart and put together by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features import FeatureMatrix, Features

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Inputs", "n_inputs", "stack_inputs", "take_inputs"]

Inputs: TypeAlias = "Features | Sequence[Any] | pd.DataFrame"
"""What a classifier reads, one row an item: features in any form, a list of texts, or a data frame."""


def n_inputs(inputs: Inputs) -> int:
    """Return the number of rows.

    Raises
    ------
    DataError
        One text stands where a list of texts is needed, or the object has no rows.
    """
    if isinstance(inputs, FeatureMatrix):
        return inputs.n_items
    if isinstance(inputs, str | bytes):
        raise DataError("inputs are one row for each item, got a single text", hint="give a list of texts")
    shape = getattr(inputs, "shape", None)
    if shape is not None:
        return int(shape[0])
    try:
        return len(inputs)  # type: ignore[arg-type]  # what has no length raises, which is said below
    except TypeError:
        raise DataError(
            f"inputs are rows of features, texts or a data frame, got a {type(inputs).__name__}"
        ) from None


def take_inputs(inputs: Any, rows: NDArray[np.int64]) -> Any:  # noqa: ANN401  # any `Inputs`, and of its kind
    """Return some rows, in the order asked for."""
    if isinstance(inputs, FeatureMatrix):
        return inputs.rows(rows)
    if hasattr(inputs, "iloc"):
        return inputs.iloc[rows]
    if hasattr(inputs, "shape"):
        return inputs[rows]
    return [inputs[row] for row in rows.tolist()]


def stack_inputs(one: Any, other: Any) -> Any:  # noqa: ANN401  # any `Inputs`, and of their kind
    """Put the rows of two inputs of one kind below each other.

    Raises
    ------
    DataError
        They are not of one kind, or do not have the same columns.
    """
    if isinstance(one, FeatureMatrix) and isinstance(other, FeatureMatrix):
        if one.names != other.names:
            raise DataError(
                f"features with {one.n_features} and {other.n_features} columns cannot stand below each other",
                hint="encode both with the same FeatureEncoder",
            )
        return FeatureMatrix(_below(one.matrix, other.matrix), one.names, one.notes)
    if hasattr(one, "iloc") and hasattr(other, "iloc"):
        import pandas as pd

        return pd.concat([one, other], ignore_index=True)
    if hasattr(one, "shape") and hasattr(other, "shape"):
        if one.shape[1:] != other.shape[1:]:
            raise DataError(f"inputs of shape {one.shape} and {other.shape} cannot stand below each other")
        return _below(one, other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return [*one, *other]
    raise DataError(
        f"a {type(one).__name__} and a {type(other).__name__} cannot stand below each other",
        hint="give the inputs of synthetic items in the form of those of their parents",
    )


def _below(one: Any, other: Any) -> Any:  # noqa: ANN401  # ndarray or any scipy sparse array
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.concatenate([one, other])
    from scipy.sparse import csr_array, vstack

    return csr_array(vstack([csr_array(one), csr_array(other)]))
