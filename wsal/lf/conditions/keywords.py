"""``keywords``: words or phrases that stand in a text as whole words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from wsal.lf.conditions.text_search import TextSearchCondition

__all__ = ["KeywordsCondition", "keyword_pattern"]


@dataclass(frozen=True, eq=False, kw_only=True)
class KeywordsCondition(TextSearchCondition):
    """At least so many different keywords stand in the text.

    A keyword is taken literally, also its spaces: ``act now`` is not found in "act  now" with two spaces. It
    is found where no word character (letter, digit or underscore) touches it on either side.

    Parameters
    ----------
    keywords : tuple of str
    at_least : int
        Different keywords wanted; a keyword that stands twice counts once.
    any_case : bool
        As Python's ``re.IGNORECASE``.
    """

    kind = "keywords"
    keywords: tuple[str, ...]
    at_least: int = 1
    any_case: bool = True

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {
            "keywords": sorted(self.keywords),
            "at_least": self.at_least,
            "case": "any" if self.any_case else "exact",
            "field": self.field,
        }

    @property
    def patterns(self) -> tuple[tuple[str, int], ...]:
        """A pattern for each keyword."""
        flags = re.IGNORECASE if self.any_case else 0
        return tuple((_as_regex(keyword), flags) for keyword in self.written)

    @property
    def written(self) -> tuple[str, ...]:
        """The keywords."""
        return tuple(dict.fromkeys(self.keywords))

    @property
    def n_wanted(self) -> int:
        """As ``at_least``."""
        return self.at_least


def keyword_pattern(keyword: str, *, any_case: bool) -> re.Pattern[str]:
    """Return the pattern that finds a keyword as whole words; it takes time linear in the text.

    Examples
    --------
    >>> found = keyword_pattern("free", any_case=True).search
    >>> bool(found("It is FREE!")), bool(found("freedom"))
    (True, False)
    """
    return re.compile(_as_regex(keyword), re.IGNORECASE if any_case else 0)


def _as_regex(keyword: str) -> str:
    return rf"(?<!\w){re.escape(keyword)}(?!\w)"
