"""The words that pages have for purposes, outcomes and coefficients: each said the same way everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COEFFICIENTS", "LOGGED", "OUTCOMES", "PURPOSES", "counted"]

PURPOSES: Final[Mapping[str, str]] = {
    "audit": "audit",
    "uncertain": "model unsure",
    "mislead": "rules may mislead",
    "hunt": "rare label",
    "explore": "explore",
    "overlap": "second look",
    "": "imported or chosen",
}
"""Why an item is asked, by the purpose of its draw."""

OUTCOMES: Final[Mapping[str, str]] = {
    "label": "label",
    "skip": "skipped",
    "unsure": "don’t know",
    "not_applicable": "not applicable",
    "flag": "flagged",
}

COEFFICIENTS: Final[Mapping[str, str]] = {
    "alpha": "Krippendorff’s alpha",
    "AC1": "Gwet’s AC1",
    "AC2": "Gwet’s AC2",
}

LOGGED: Final[Mapping[str, str]] = {
    "failed": "gave a wrong name or password",
    "throttled": "was made to wait: too many attempts",
}
"""What the log of accounts says in one word."""


def counted(n: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "item"), counted(2_000, "item"), counted(0, "class", "classes")
    ('1 item', '2,000 items', '0 classes')
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
