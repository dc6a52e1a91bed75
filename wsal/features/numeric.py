"""Numbers as features: standardised, with missing ones marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features.matrix import FeatureMatrix
from wsal.types import Floats, is_missing

__all__ = ["as_numbers", "numeric_features", "scale_of"]

_CONSTANT = 1e-12  # a spread below this part of the largest value is rounding


def numeric_features(columns: Mapping[str, Sequence[object]]) -> FeatureMatrix:
    """Standardise columns of numbers to mean 0 and standard deviation 1.

    Parameters
    ----------
    columns : mapping of name to n values
        Numbers or booleans. A missing value becomes the mean, and a column ``<name> is missing`` marks it. A
        column whose numbers are all the same is left out, which a note says.

    Returns
    -------
    FeatureMatrix
        Dense, shape (n, d).

    Raises
    ------
    DataError
        No columns, columns of different lengths, or a value that is no finite number.

    Examples
    --------
    >>> features = numeric_features({"links": [0, 2, None], "year": [2020, 2020, 2020]})
    >>> features.names, features.notes
    (('links', 'links is missing'), ("The numbers in column 'year' are all the same, so it is no feature.",))
    >>> features.matrix.tolist()
    [[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) != 1:
        raise DataError(f"numeric features need columns of one length, got {lengths}")
    parts: list[Floats] = []
    names: list[str] = []
    notes: list[str] = []
    for name, values in columns.items():
        numbers = as_numbers(name, values)
        missing = np.isnan(numbers)
        standard = _standardise(numbers, missing)
        if standard is None:
            notes.append(f"The numbers in column {name!r} are all the same, so it is no feature.")
        else:
            parts.append(standard)
            names.append(name)
        if missing.any() and not missing.all():
            parts.append(missing.astype(np.float64))
            names.append(f"{name} is missing")
    n = next(iter(lengths.values()))
    matrix = np.stack(parts, axis=1) if parts else np.zeros((n, 0))
    return FeatureMatrix(matrix, tuple(names), tuple(notes))


def as_numbers(name: str, values: Sequence[object]) -> Floats:
    """Return a column as floats with NaN where a value is missing."""
    numbers = np.empty(len(values))
    for row, value in enumerate(values):
        if is_missing(value):
            numbers[row] = np.nan
            continue
        if not isinstance(value, bool | int | float | np.number | np.bool_):
            raise DataError(
                f"column {name!r}, row {row + 1}: {value!r} is no number",
                hint="name columns of words under text, not under numeric",
            )
        numbers[row] = value
    if np.isinf(numbers).any():
        row = int(np.flatnonzero(np.isinf(numbers))[0])
        raise DataError(
            f"column {name!r}, row {row + 1}: {numbers[row]} is not finite", hint="leave it empty"
        )
    return numbers


def _standardise(numbers: Floats, missing: NDArray[np.bool_]) -> Floats | None:
    """Return the standardised column, or None where its numbers are all the same or all missing."""
    found = scale_of(numbers[~missing])
    if found is None:
        return None
    scale, mean, spread = found
    return np.asarray(np.where(missing, 0.0, (numbers / scale - mean) / spread), dtype=np.float64)


def scale_of(present: Floats) -> tuple[float, float, float] | None:
    """Return a power of two, and mean and standard deviation of the numbers divided by it; None where all are one."""
    if not len(present):
        return None
    # Scaled by a power of two first: exact, and squares of very large numbers do not overflow.
    scale = float(2.0 ** np.floor(np.log2(np.abs(present).max() or 1.0)))
    scaled = present / scale
    mean, spread = float(scaled.mean()), float(scaled.std())
    return None if spread <= _CONSTANT else (scale, mean, spread)
