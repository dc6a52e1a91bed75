"""A change of mind about the classes of a project, as the ledger keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from wsal.errors import DataError

__all__ = ["ClassChange", "ClassesChanged", "given_id", "renamed_id"]

_RENAMED = re.compile(r"(@classes-\d+)+\Z")

ClassChange: TypeAlias = Literal["add", "rename", "merge", "split"]
"""What may happen to classes."""

_COUNTS = {"add": (0, 0, 1, 127), "rename": (1, 1, 1, 1), "merge": (2, 127, 1, 1), "split": (1, 1, 2, 127)}


@dataclass(frozen=True)
class ClassesChanged:
    """Classes were added, renamed, merged or split; from here on the project has others.

    Parameters
    ----------
    change : {"add", "rename", "merge", "split"}
    old : tuple of str
        The classes that went: none, one, several, one.
    new : tuple of str
        The classes that came in their place: some, one, one, several.
    labels : tuple of str
        All classes from here on, in order.
    reason : str
        Why; empty where nobody said.
    """

    kind: ClassVar[str] = "classes_changed"
    v: ClassVar[int] = 1
    change: ClassChange
    old: tuple[str, ...]
    new: tuple[str, ...]
    labels: tuple[str, ...]
    reason: str = ""

    def __post_init__(self) -> None:
        least_old, most_old, least_new, most_new = _COUNTS[self.change]
        counts = least_old <= len(self.old) <= most_old and least_new <= len(self.new) <= most_new
        if not counts or not set(self.new) <= set(self.labels) or set(self.gone) & set(self.labels):
            raise DataError(
                f"to {self.change} {list(self.old)} to {list(self.new)} does not give {list(self.labels)}"
            )

    @property
    def gone(self) -> tuple[str, ...]:
        """The classes that are no more; one that others were merged into stays."""
        return tuple(name for name in self.old if name not in self.new)

    def becomes(self, label: str) -> str | None:
        """Return what an answer with a label is from here on; None where somebody must look again.

        Examples
        --------
        >>> merged = ClassesChanged("merge", ("spam", "advert"), ("junk",), ("ham", "junk"))
        >>> merged.becomes("advert"), merged.becomes("ham")
        ('junk', 'ham')
        >>> ClassesChanged("split", ("junk",), ("spam", "advert"), ("ham", "spam", "advert")).becomes("junk") is None
        True
        """
        if label not in self.old:
            return label
        return None if self.change == "split" else self.new[0]

    def __str__(self) -> str:
        old, new = ", ".join(self.old), ", ".join(self.new)
        return f"added {new}" if self.change == "add" else f"{old} {_VERBS[self.change]} {new}"


def renamed_id(event_id: str, seq: int) -> str:
    """Name an answer that a change of the classes, in a row of the ledger, put in place of another.

    Examples
    --------
    >>> renamed_id("a1", 12), given_id(renamed_id(renamed_id("a1", 12), 20))
    ('a1@classes-12', 'a1')
    """
    return f"{event_id}@classes-{seq}"


def given_id(event_id: str) -> str:
    """Return the id that an answer was given under, whatever changes of the classes it went through."""
    return _RENAMED.sub("", event_id)


_VERBS = {"rename": "renamed to", "merge": "merged to", "split": "split into"}
