"""What a rule as it is now written would change, seen before anything is saved: on a sample, then on all items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wsal.audit import RunApplied
from wsal.engines import VoteCache, apply
from wsal.errors import InputError, did_you_mean
from wsal.estimation.intervals import Interval, finite_clopper_pearson
from wsal.items import Items
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.lf import LabelingFunction, Rule
from wsal.lf.conditions import Condition, RuleCondition
from wsal.types import ABSTAIN, ItemId, VoteArray, as_generator
from wsal.votes import VoteMatrix

__all__ = ["SAMPLE", "ChangedItem", "ClassEffect", "DryRun", "RuleEdit"]

SAMPLE: Final = 2_000
_EXAMPLES: Final = 5
_LONGEST: Final = 160


@dataclass(frozen=True)
class ChangedItem:
    """An item on which the rule would vote otherwise; None where it abstains."""

    item: ItemId
    before: str | None
    after: str | None
    text: str


@dataclass(frozen=True)
class ClassEffect:
    """What changes for a class: counts of the items seen.

    Parameters
    ----------
    label : str
    votes_before, votes_after : int
        Items on which this rule votes for the class.
    covered_before, covered_after : int
        Items on which any rule does.
    labels_before, labels_after : int, optional
        Items with this most probable label, by the label model with all answers, without an end model; None on a
        sample, from which it is not fitted.
    """

    label: str
    votes_before: int
    votes_after: int
    covered_before: int
    covered_after: int
    labels_before: int | None = None
    labels_after: int | None = None


@dataclass(frozen=True)
class DryRun:
    """What a rule would change among the items seen; nothing of it is saved.

    Parameters
    ----------
    rule : str
    run : str
        The run of `apply` that it is compared with.
    n_items, n_seen : int
        All items, and how many of them were looked at: a simple random sample, or all.
    gained, lost, flipped, kept : int
        Items seen where the rule votes and did not, did and does not, votes for another class, votes as before.
    estimates : mapping of str to Interval, optional
        From a sample: gained, lost and flipped among all items, with 95 % limits (exact, hypergeometric).
    classes : tuple of ClassEffect
    examples : tuple of ChangedItem
        The first few of each kind, in the order of the items.
    also : tuple of str
        Rules that refer to it; their votes are counted as they would then be.
    notes : tuple of str
    """

    rule: str
    run: str
    n_items: int
    n_seen: int
    gained: int
    lost: int
    flipped: int
    kept: int
    estimates: Mapping[str, Interval] | None
    classes: tuple[ClassEffect, ...]
    examples: tuple[ChangedItem, ...]
    also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RuleEdit:
    """A rule as it is now written, beside the votes of the last run.

    Parameters
    ----------
    rule : str
        Its id.
    before : VoteMatrix
    applied : RunApplied
    lfs : sequence of LabelingFunction
        All rules as they are now written.
    """

    rule: str
    before: VoteMatrix
    applied: RunApplied
    lfs: Sequence[LabelingFunction]

    def __post_init__(self) -> None:
        if not self.own and not self._own_before():
            known = dict.fromkeys([*(_id(lf) for lf in self.lfs), *self.before.lf_names])
            raise InputError(
                f"there is no rule {self.rule!r}, neither now nor in run {self.applied.run}",
                hint=did_you_mean(self.rule, known) or "`wsal rules` lists the rules",
            )

    @property
    def own(self) -> list[LabelingFunction]:
        """The rule as it is now: one function, or one a bin; none where it was deleted."""
        return [lf for lf in self.lfs if self.rule in {lf.name, _id(lf)}]

    def _own_before(self) -> list[int]:
        names = {lf.name for lf in self.own}
        return [
            j
            for j, name in enumerate(self.before.lf_names)
            if name in names or name == self.rule or name.startswith(f"{self.rule}[")
        ]

    @property
    def referring(self) -> list[LabelingFunction]:
        """Rules of its pack whose condition refers to it, directly or through others."""
        files = {lf.location.file for lf in self.own if isinstance(lf, Rule)}
        return [
            lf
            for lf in self.lfs
            if isinstance(lf, Rule)
            and lf.location.file in files
            and lf.condition is not None
            and self.rule in _targets(lf.condition)
        ]

    @property
    def notes(self) -> tuple[str, ...]:
        """What else a person should know."""
        then = {ref.name: ref.fingerprint for ref in self.applied.rules}
        now = {lf.name: lf.fingerprint for lf in self.lfs}
        touched = {lf.name for lf in (*self.own, *self.referring)}
        touched |= {self.before.lf_names[j] for j in self._own_before()}
        others = sorted(
            name
            for name in now.keys() | then.keys()
            if name not in touched and now.get(name) != then.get(name)
        )
        notes = []
        if not self.own:
            notes.append(f"rule {self.rule!r} is in no pack any more: its votes would be gone")
        elif all(then.get(lf.name) == lf.fingerprint for lf in self.own):
            notes.append(f"rule {self.rule!r} is as it was in run {self.applied.run}")
        if others:
            notes.append(f"other rules changed too, and are left out of this: {', '.join(others)}")
        return tuple(notes)

    def runs(
        self, items: Items, human: HumanLabels, *, cache: VoteCache, progress: bool, sample: int = SAMPLE
    ) -> Iterator[DryRun]:
        """Yield what would change in a sample, where there are more items than that, and then in all.

        Raises
        ------
        InputError
            The rule cannot be applied.
        """
        if items.n_items > sample:
            rows = np.sort(as_generator(0).choice(items.n_items, size=sample, replace=False))
            yield self._on(rows, items, human=None, cache=None, progress=False)
        every = np.arange(items.n_items)
        yield self._on(every, items, human=human, cache=cache, progress=progress)

    def _on(
        self,
        rows: NDArray[np.int64],
        items: Items,
        *,
        human: HumanLabels | None,
        cache: VoteCache | None,
        progress: bool,
    ) -> DryRun:
        """Compare on some rows; labels are fitted where answers are given."""
        all_seen = len(rows) == items.n_items
        seen = items if all_seen else items.take(rows.tolist())
        before = self.before if all_seen else self.before.select_items(rows)
        after = self._after(before, seen, cache=cache, progress=progress)
        was = _joined(before.values[:, self._own_before()], len(rows))
        names = {lf.name for lf in self.own}
        now = _joined(
            after.values[:, [j for j, name in enumerate(after.lf_names) if name in names]], len(rows)
        )
        kinds = {
            "gained": (was == ABSTAIN) & (now != ABSTAIN),
            "lost": (was != ABSTAIN) & (now == ABSTAIN),
            "flipped": (was != ABSTAIN) & (now != ABSTAIN) & (was != now),
        }
        counts = {kind: int(mask.sum()) for kind, mask in kinds.items()}
        estimates = None
        if not all_seen:
            estimates = {
                kind: finite_clopper_pearson(hits, len(rows), items.n_items).scaled(items.n_items)
                for kind, hits in counts.items()
            }
        return DryRun(
            self.rule,
            self.applied.run,
            items.n_items,
            len(rows),
            **counts,
            kept=int(((was == now) & (now != ABSTAIN)).sum()),
            estimates=estimates,
            classes=_effects(before, after, was, now, human=human),
            examples=tuple(
                _example(seen, row, int(was[row]), int(now[row]), before.labels.names)
                for mask in kinds.values()
                for row in np.flatnonzero(mask)[:_EXAMPLES].tolist()
            ),
            also=tuple(lf.name for lf in self.referring),
            notes=self.notes,
        )

    def _after(
        self, before: VoteMatrix, items: Items, *, cache: VoteCache | None, progress: bool
    ) -> VoteMatrix:
        """Return the votes with the columns of this rule, and of those that refer to it, as they would be."""
        gone = set(self._own_before())
        columns = {name: before.values[:, j] for j, name in enumerate(before.lf_names) if j not in gone}
        voting = [*self.own, *self.referring]
        if voting:
            fresh = apply(voting, items, labels=before.labels, cache=cache, progress=progress)
            columns |= {name: fresh.values[:, j] for j, name in enumerate(fresh.lf_names)}
        values = np.stack(list(columns.values()), axis=1) if columns else np.empty((len(before), 0), np.int8)
        return VoteMatrix(
            np.ascontiguousarray(values),
            before.labels,
            tuple(columns),
            before.item_ids,
            (None,) * len(columns),
        )


def _id(lf: LabelingFunction) -> str:
    return lf.source_id if isinstance(lf, Rule) else lf.name


def _targets(condition: Condition) -> set[str]:
    """Return the ids of the rules that a condition refers to, directly or through others."""
    found: set[str] = set()
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, RuleCondition):
            if part.target in found:
                continue
            found.add(part.target)
        waiting.extend(part.parts)
    return found


def _joined(columns: VoteArray, n: int) -> VoteArray:
    """Return the vote of a rule from those of its bins, of which at most one votes on an item."""
    return columns.max(axis=1) if columns.shape[1] else np.full(n, ABSTAIN, dtype=np.int8)


def _effects(
    before: VoteMatrix, after: VoteMatrix, was: VoteArray, now: VoteArray, *, human: HumanLabels | None
) -> tuple[ClassEffect, ...]:
    labels: tuple[list[int] | None, list[int] | None] = (None, None)
    if human is not None:
        labels = (_label_counts(before, human), _label_counts(after, human))
    return tuple(
        ClassEffect(
            name,
            int((was == y).sum()),
            int((now == y).sum()),
            int((before.values == y).any(axis=1).sum()),
            int((after.values == y).any(axis=1).sum()),
            None if labels[0] is None else labels[0][y],
            None if labels[1] is None else labels[1][y],
        )
        for y, name in enumerate(before.labels)
    )


def _label_counts(votes: VoteMatrix, human: HumanLabels) -> list[int]:
    """Count the items by their most probable label; ties and items without any vote count nowhere."""
    if votes.n_lfs == 0:
        return [0] * votes.n_classes
    hard = LabelModel().fit(votes, human=human).predict(votes)
    return [int((hard == y).sum()) for y in range(votes.n_classes)]


def _example(items: Items, row: int, was: int, now: int, names: Sequence[str]) -> ChangedItem:
    cells = items.row(row)
    column = items.text_column
    shown = str(cells[column]) if column in cells else ", ".join(f"{k}={v}" for k, v in cells.items())
    text = " ".join(shown.split())
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    item = items.item_ids[row]
    item = item.item() if isinstance(item, np.generic) else item
    return ChangedItem(
        item, None if was == ABSTAIN else names[was], None if now == ABSTAIN else names[now], text
    )
