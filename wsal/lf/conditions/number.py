"""``number``: a numeric column lies on the right side of thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from wsal.errors import DataError
from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth
from wsal.lf.table import as_number
from wsal.types import Floats, is_missing

__all__ = ["NumberCondition", "numbers_of"]


@dataclass(frozen=True, eq=False, kw_only=True)
class NumberCondition(LeafCondition):
    """Every threshold given holds. Numbers are compared in double precision.

    A text that writes a number ("3.5") is that number; an empty text is missing.

    Parameters
    ----------
    above, below : float, optional
        The value is greater, or less, than this.
    at_least, at_most : float, optional
        The value is this, or greater; or less. (``between: [lo, hi]`` is both.)
    equals : float, optional
    """

    kind = "number"
    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    equals: float | None = None

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        names = ("above", "below", "at_least", "at_most", "equals")
        thresholds = {name: float(value) for name in names if (value := getattr(self, name)) is not None}
        return {"number": self.field, **thresholds}

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        values = numbers_of(column, conditions[0], conditions[0].field)
        missing = np.isnan(values)
        truth = np.empty((len(conditions), len(values)), dtype=np.int8)
        for i, condition in enumerate(conditions):
            truth[i] = condition._holds(values)  # noqa: SLF001  # its own class
        truth[:, missing] = UNKNOWN
        return truth

    def _holds(self, values: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        holds = np.ones(len(values), dtype=bool)
        if self.above is not None:
            holds &= values > self.above
        if self.below is not None:
            holds &= values < self.below
        if self.at_least is not None:
            holds &= values >= self.at_least
        if self.at_most is not None:
            holds &= values <= self.at_most
        if self.equals is not None:
            holds &= values == self.equals
        return holds


def numbers_of(column: Sequence[object], condition: LeafCondition, name: str | None) -> Floats:
    """Return a column as doubles, NaN where missing.

    Raises
    ------
    DataError
        A cell that writes no number.
    """
    numbers = np.empty(len(column))
    for row, value in enumerate(column):
        if is_missing(value) or (isinstance(value, str) and not value.strip()):
            numbers[row] = np.nan
            continue
        number = as_number(value)
        if number is None:
            raise DataError(
                f"rule '{condition.rule}' reads numbers in column {name!r}, "
                f"but row {row + 1} holds {value!r} ({type(value).__name__})",
                location=condition.location,
                hint=_cure(value),
            )
        numbers[row] = number
    return numbers


def _cure(value: object) -> str:
    if isinstance(value, str) and as_number(pointed := value.replace(",", ".")) is not None:
        return f"write a point where the decimal comma stands: {pointed}"
    return "name a numeric column, or leave the cell empty where the number is not known"
