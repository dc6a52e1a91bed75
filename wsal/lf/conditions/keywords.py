"""``keywords``: words or phrases that stand in a text as whole words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth, texts_of

__all__ = ["KeywordsCondition", "keyword_pattern"]


@dataclass(frozen=True, eq=False, kw_only=True)
class KeywordsCondition(LeafCondition):
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

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        texts = texts_of(column, conditions[0])
        wanted = list(dict.fromkeys((word, c.any_case) for c in conditions for word in c.keywords))
        number = {keyword: i for i, keyword in enumerate(wanted)}
        found = np.zeros((len(wanted), len(texts)), dtype=bool)
        for i, (word, any_case) in enumerate(wanted):
            search = keyword_pattern(word, any_case=any_case).search
            found[i] = [text is not None and search(text) is not None for text in texts]
        truth = np.empty((len(conditions), len(texts)), dtype=np.int8)
        for i, condition in enumerate(conditions):
            rows = [number[word, condition.any_case] for word in condition.keywords]
            truth[i] = found[rows].sum(axis=0) >= condition.at_least
        truth[:, [text is None for text in texts]] = UNKNOWN
        return truth


def keyword_pattern(keyword: str, *, any_case: bool) -> re.Pattern[str]:
    """Return the pattern that finds a keyword as whole words; it takes time linear in the text.

    Examples
    --------
    >>> found = keyword_pattern("free", any_case=True).search
    >>> bool(found("It is FREE!")), bool(found("freedom"))
    (True, False)
    """
    return re.compile(rf"(?<!\w){re.escape(keyword)}(?!\w)", re.IGNORECASE if any_case else 0)
