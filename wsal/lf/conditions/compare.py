"""``compare``: two columns of an item against each other."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

import numpy as np

from wsal.errors import DataError
from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth
from wsal.lf.conditions.dates import dates_of
from wsal.lf.conditions.in_list import as_written
from wsal.lf.conditions.number import numbers_of
from wsal.lf.table import read_column
from wsal.types import is_missing

__all__ = ["COMPARISONS", "CompareCondition", "Comparison", "ReadAs"]

Comparison = Literal["above", "below", "at_least", "at_most", "equals", "differs_from"]
ReadAs = Literal["number", "date", "text"]

COMPARISONS: Final[Mapping[Comparison, Callable[[Any, Any], bool]]] = {
    "above": operator.gt,
    "below": operator.lt,
    "at_least": operator.ge,
    "at_most": operator.le,
    "equals": operator.eq,
    "differs_from": operator.ne,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class CompareCondition(LeafCondition):
    """One column of an item is above, below, equal to … another; UNKNOWN where either is missing.

    Parameters
    ----------
    left, right : str
        Columns.
    comparison : str
        One of `COMPARISONS`.
    read_as : {"number", "date", "text"}
        Numbers in double precision; dates as `DateCondition`; texts without white space around them.
    any_case : bool
        For texts: compares ``str.casefold`` of both.
    """

    kind = "compare"
    left: str
    right: str
    comparison: Comparison
    read_as: ReadAs = "number"
    any_case: bool = True

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        case = ("any" if self.any_case else "exact") if self.read_as == "text" else None
        return {"compare": self.left, self.comparison: self.right, "as": self.read_as, "case": case}

    @property
    def group_key(self) -> Hashable:
        """What conditions that share a pass have in common: each is by itself."""
        return (self.kind, self.key)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.left, self.right)

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        return np.stack([condition._answer(column) for condition in conditions])  # noqa: SLF001  # its own class

    def _answer(self, table: Any) -> Truth:  # noqa: ANN401  # a Table
        holds = COMPARISONS[self.comparison]
        pairs = zip(self._values(table, self.left), self._values(table, self.right), strict=True)
        answers = [UNKNOWN if None in (left, right) else holds(left, right) for left, right in pairs]
        return np.array(answers, dtype=np.int8)

    def _values(self, table: Any, name: str) -> Sequence[object]:  # noqa: ANN401  # a Table
        column = read_column(table, name, rule=self.rule, location=self.location)
        if self.read_as == "date":
            return dates_of(column, self, name, None)
        if self.read_as == "text":
            texts = [None if is_missing(value) else as_written(value) for value in column]
            return [text.casefold() if text is not None and self.any_case else text for text in texts]
        try:
            return [None if np.isnan(number) else number for number in numbers_of(column, self, name)]
        except DataError as error:
            error.hint = "say what the columns hold: as: text, or as: date"
            raise
