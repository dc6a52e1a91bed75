"""Runs of before and after a change of the classes: one under the names of the other, or their labels crossed.

A class that was only renamed is the same class: the earlier run is read under the names of the later one, and compared
as ever. Where classes were added, merged or split, the models spoke of other things, and no change of a probability
can be put down to a cause; what can be said is which label became which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wsal.audit import ClassesChanged, RunFitted
from wsal.evidence import RunState
from wsal.project.history import History
from wsal.store import RunRow
from wsal.types import ItemId, LabelSpace

__all__ = ["ClassCrossing", "changes_between", "cross_runs", "only_renamed", "under_later_names"]


@dataclass(frozen=True)
class ClassCrossing:
    """The labels of two runs between which classes were added, merged or split.

    Parameters
    ----------
    run_a, run_b : str
        The earlier, the later.
    changes : tuple of ClassesChanged
    counts : mapping of (str or None, str or None) to int
        Items of both runs by label before and after; None where there is none.
    n_new, n_gone : int
        Items of one run alone.
    items : tuple of (str or int, str or None, str or None)
        Items whose label is not what the changes make of the one before, with both labels.
    """

    run_a: str
    run_b: str
    changes: tuple[ClassesChanged, ...]
    counts: Mapping[tuple[str | None, str | None], int]
    n_new: int
    n_gone: int
    items: tuple[tuple[ItemId, str | None, str | None], ...]

    def follows(self, before: str | None, after: str | None) -> bool:
        """Say whether a label after is what the changes make of the one before; any part of a split class is."""
        return _follows(self.changes, before, after)

    def to_dict(self, start: int = 0, most: int | None = None) -> dict[str, Any]:
        """Return it for JSON, with some of the items."""
        end = None if most is None else start + most
        return {
            "run_a": self.run_a,
            "run_b": self.run_b,
            "class_changes": [str(change) for change in self.changes],
            "n_new": self.n_new,
            "n_gone": self.n_gone,
            "counts": [
                {"before": old, "after": new, "items": n, "follows": self.follows(old, new)}
                for (old, new), n in self.counts.items()
            ],
            "n_items": len(self.items),
            "items": [
                {"item": item, "before": old, "after": new} for item, old, new in self.items[start:end]
            ],
        }


def changes_between(
    history: History, a: RunRow[RunFitted], b: RunRow[RunFitted]
) -> tuple[ClassesChanged, ...]:
    """Return the changes of the classes between two runs, whichever is the earlier."""
    first, last = sorted((a.seq, b.seq))
    return tuple(row.change for row in history.store.class_changes() if first < row.seq < last)


def only_renamed(changes: Sequence[ClassesChanged]) -> bool:
    """Whether every class is still the same class."""
    return all(change.change == "rename" for change in changes)


def under_later_names(state: RunState, changes: Sequence[ClassesChanged]) -> RunState:
    """Return an earlier run under the names that its classes have after changes that only renamed them."""
    names = [_becomes(name, changes) for name in state.votes.labels.names]
    return state.renamed(LabelSpace(tuple(name for name in names if name is not None)))


def cross_runs(history: History, a: RunRow[RunFitted], b: RunRow[RunFitted]) -> ClassCrossing:
    """Count which label became which; O(n)."""
    earlier, later = sorted((a, b), key=lambda run: run.seq)
    changes = changes_between(history, a, b)
    then, now = (
        dict(zip(soft.item_ids.tolist(), map(soft.labels.name, soft.hard().tolist()), strict=True))
        for soft in (history.soft_labels(earlier.run), history.soft_labels(later.run))
    )
    both = [(item, then[item], label) for item, label in now.items() if item in then]
    counts = Counter((old, new) for _, old, new in both)
    return ClassCrossing(
        earlier.run,
        later.run,
        changes,
        dict(sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))),
        len(now) - len(both),
        len(then) - len(both),
        tuple(one for one in both if not _follows(changes, one[1], one[2])),
    )


def _becomes(label: str, changes: Sequence[ClassesChanged]) -> str | None:
    now: str | None = label
    for change in changes:
        now = None if now is None else change.becomes(now)
    return now


def _follows(changes: Sequence[ClassesChanged], before: str | None, after: str | None) -> bool:
    if before is None or after is None:
        return before is after
    meant = {before}
    for change in changes:
        parts = set(change.new) if meant & set(change.old) else set()
        meant = (meant - set(change.old)) | parts
    return after in meant
