"""``regex``: a regular expression is found in a text, as Python's ``re.search`` finds it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth, texts_of
from wsal.lf.search import SEARCH_FAILURES, PatientSearch, SafePattern

__all__ = ["RegexCondition"]


@dataclass(frozen=True, eq=False, kw_only=True)
class RegexCondition(LeafCondition):
    """A pattern is found anywhere in the text.

    Parameters
    ----------
    pattern : str
        In the syntax and with the meaning of Python's ``re``.
    any_case : bool
        Adds ``re.IGNORECASE``.
    """

    kind = "regex"
    pattern: str
    any_case: bool = False

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {"regex": self.pattern, "case": "any" if self.any_case else "exact", "field": self.field}

    @cached_property
    def search(self) -> SafePattern:
        """The compiled pattern."""
        return SafePattern(self.pattern, re.IGNORECASE if self.any_case else 0)

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        texts = texts_of(column, conditions[0])
        truth = np.full((len(conditions), len(texts)), UNKNOWN, dtype=np.int8)
        for i, condition in enumerate(conditions):
            truth[i] = condition._answers(texts, faults)  # noqa: SLF001  # its own class
        return truth

    def _answers(self, texts: Sequence[str | None], faults: Faults) -> list[int]:
        found_in = PatientSearch(self.search).found_in
        answers = []
        for row, text in enumerate(texts):
            answer = UNKNOWN
            if text is not None:
                try:
                    answer = int(found_in(text))
                except SEARCH_FAILURES as cause:
                    faults.report(self.rule, row, cause)
            answers.append(answer)
        return answers
