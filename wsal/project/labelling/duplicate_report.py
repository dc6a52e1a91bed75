"""Duplicates of a project as they are reported: groups, with what people answered in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wsal.items import Items
from wsal.project.history import History
from wsal.project.labelling.tasks import first_field
from wsal.project.runs.duplicates import FoundDuplicates
from wsal.types import ItemId

__all__ = ["DuplicateGroup", "DuplicateReport", "duplicate_report"]


@dataclass(frozen=True)
class DuplicateGroup:
    """Items that are copies of each other.

    Parameters
    ----------
    items : tuple of str or int
    kind : {"exact", "near"}
        ``exact`` where all are exact duplicates.
    similarity : float
        The least one, to the item around which the group was found.
    text : str
        What the first of them shows.
    answers : mapping of item to labels
        What people said of those that they answered.
    """

    items: tuple[ItemId, ...]
    kind: str
    similarity: float
    text: str
    answers: Mapping[ItemId, tuple[str, ...]]

    @property
    def agree(self) -> bool:
        """Whether no two answers in the group differ."""
        return len({label for labels in self.answers.values() for label in labels}) < 2

    def to_dict(self) -> dict[str, Any]:
        """Return the group for JSON."""
        return {
            "items": list(self.items),
            "kind": self.kind,
            "similarity": self.similarity,
            "text": self.text,
            "answers": [{"item": item, "labels": list(said)} for item, said in self.answers.items()],
            "agree": self.agree,
        }


@dataclass(frozen=True)
class DuplicateReport:
    """The duplicates of a project.

    Parameters
    ----------
    looked : bool
        False where the settings say not to look, or name nothing to look at.
    n_items : int
    compared_by : str
        ``texts``, ``vectors``, ``images`` or ``numbers``.
    threshold : float
        Least similarity of near duplicates.
    groups : tuple of DuplicateGroup
        Of two items or more, the largest first.
    n_spare, n_spare_exact : int
        Items that need no answer of their own; those of them whose group has an exact duplicate.
    apart : tuple of str or int
        Items that people set apart.
    """

    looked: bool
    n_items: int
    compared_by: str = ""
    threshold: float = 1.0
    groups: tuple[DuplicateGroup, ...] = ()
    n_spare: int = 0
    n_spare_exact: int = 0
    apart: tuple[ItemId, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "looked": self.looked,
            "n_items": self.n_items,
            "compared_by": self.compared_by,
            "threshold": self.threshold,
            "n_spare": self.n_spare,
            "n_spare_exact": self.n_spare_exact,
            "apart": list(self.apart),
            "groups": [group.to_dict() for group in self.groups],
        }


def duplicate_report(found: FoundDuplicates | None, history: History, *, items: Items) -> DuplicateReport:
    """Report groups with what people answered in them.

    Parameters
    ----------
    found : FoundDuplicates or None
    history : History
    items : Items
    """
    if found is None:
        return DuplicateReport(looked=False, n_items=items.n_items)
    groups = found.groups
    said: dict[ItemId, list[str]] = {}
    for answer in history.store.answers():
        if answer.label is not None:
            said.setdefault(answer.item, []).append(answer.label)
    listed = []
    for members in groups:
        ids: Sequence[ItemId] = groups.item_ids[members].tolist()
        answers = {item: tuple(said[item]) for item in ids if item in said}
        exact = bool((groups.exact[members] == groups.exact[members[0]]).all())
        least = float(groups.similarity[members].min())
        listed.append(
            DuplicateGroup(
                tuple(ids), "exact" if exact else "near", least, first_field(items, int(members[0])), answers
            )
        )
    return DuplicateReport(
        looked=True,
        n_items=items.n_items,
        compared_by=found.about["by"],
        threshold=found.about["threshold"],
        groups=tuple(listed),
        n_spare=groups.n_spare,
        n_spare_exact=groups.n_spare_exact,
        apart=found.apart,
    )
