"""Navigation: which pages there are, and who sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wsal.web.access import Person, Scope

__all__ = ["ENTRIES", "NavEntry", "home_of", "nav_for"]


@dataclass(frozen=True)
class NavEntry:
    """A page in the bar at the top, for whoever has the scope; for everybody signed in where it is None."""

    path: str
    title: str
    scope: Scope | None


ENTRIES: Final = (
    NavEntry("/label", "Label", "label"),
    NavEntry("/rules", "Rules", "read"),
    NavEntry("/audit", "Audit", "audit"),
    NavEntry("/dashboard", "Dashboard", None),
    NavEntry("/people", "People", "admin"),
)
"""In the order in which they stand; the first that a person may see is the person's home."""


def nav_for(person: Person | None) -> tuple[NavEntry, ...]:
    """Return the pages that a person may see."""
    return (
        ()
        if person is None
        else tuple(entry for entry in ENTRIES if entry.scope is None or entry.scope in person.scopes)
    )


def home_of(person: Person) -> str:
    """Return where a person lands after signing in."""
    return next((entry.path for entry in nav_for(person)), "/account")
