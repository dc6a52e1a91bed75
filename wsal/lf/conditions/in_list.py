"""``in_list``: a field stands in a list (a gazetteer)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth
from wsal.lf.conditions.gazetteer import Gazetteer
from wsal.types import is_missing

__all__ = ["InListCondition", "as_written"]


@dataclass(frozen=True, eq=False, kw_only=True)
class InListCondition(LeafCondition):
    """The field equals an entry of the list, or contains one as whole words.

    White space around entries and values does not count. A number is compared as it is written: 7 is "7".

    Parameters
    ----------
    entries : frozenset of str
        Without white space around them.
    any_case : bool
        Compares ``str.casefold`` of both.
    contains : bool
        The field contains an entry as whole words, instead of being one.
    """

    kind = "in_list"
    entries: frozenset[str]
    any_case: bool = True
    contains: bool = False

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        content = "\n".join(sorted(map(repr, self._folded)))
        return {
            "in_list": hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest(),
            "case": "any" if self.any_case else "exact",
            "contains": self.contains,
            "field": self.field,
        }

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(str.casefold, self.entries)) if self.any_case else self.entries

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer(self._folded)

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        texts = [None if is_missing(value) else as_written(value) for value in column]
        folded = [None if text is None else text.casefold() for text in texts]
        truth = np.full((len(conditions), len(texts)), UNKNOWN, dtype=np.int8)
        for i, condition in enumerate(conditions):
            values = folded if condition.any_case else texts
            holds = condition._gazetteer.stands_in if condition.contains else condition._folded.__contains__  # noqa: SLF001  # its own class
            truth[i] = [UNKNOWN if value is None else holds(value) for value in values]
        return truth


def as_written(value: object) -> str:
    """Write a cell as a text; a whole number that became 7.0 because its column has gaps is "7" again."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
