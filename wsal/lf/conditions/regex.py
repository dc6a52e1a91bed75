"""``regex``: a regular expression is found in a text, as Python's ``re.search`` finds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from wsal.lf.conditions.text_search import TextSearchCondition

__all__ = ["RegexCondition"]


@dataclass(frozen=True, eq=False, kw_only=True)
class RegexCondition(TextSearchCondition):
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

    @property
    def patterns(self) -> tuple[tuple[str, int], ...]:
        """The pattern."""
        return ((self.pattern, re.IGNORECASE if self.any_case else 0),)

    @property
    def written(self) -> tuple[str, ...]:
        """The pattern."""
        return (self.pattern,)

    @property
    def n_wanted(self) -> int:
        """One."""
        return 1
