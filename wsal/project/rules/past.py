"""The versions of a rule, from the ledger: who, when, why, and how two of them differ."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from wsal.audit import Event, RuleEdited
from wsal.errors import InputError
from wsal.project.history import History
from wsal.store import RuleRow

__all__ = [
    "DiffLine",
    "RuleEdit",
    "RulePast",
    "RuleVersionRow",
    "diff_lines",
    "first_loads",
    "number_versions",
    "rule_past",
]


@dataclass(frozen=True)
class RuleVersionRow:
    """A version of a rule, with who loaded it first, and when; ``number`` counts from 1."""

    number: int
    fingerprint: str
    author: str
    why: str
    source: str
    file: str | None
    first_time: str
    actor: str
    current: bool


@dataclass(frozen=True)
class RuleEdit:
    """Something that a person did to a rule in the workbench."""

    time: str
    actor: str
    action: str
    reason: str
    after: str | None


@dataclass(frozen=True)
class RulePast:
    """The versions of a rule, the oldest first, and what was done to it in the workbench."""

    versions: tuple[RuleVersionRow, ...]
    edits: tuple[RuleEdit, ...]

    @property
    def retired(self) -> RuleEdit | None:
        """What retired it; None where it is in force, or went without a word."""
        last = self.edits[-1] if self.edits else None
        return last if last is not None and last.action == "retired" else None

    def reason_of(self, version: RuleVersionRow) -> str:
        """Return why a version was made; empty where nobody said."""
        return next((edit.reason for edit in self.edits if edit.after == version.fingerprint), "")

    def version(self, number: int) -> RuleVersionRow:
        """Return a version by its number, from 1.

        Raises
        ------
        InputError
            There is none.
        """
        found = next((version for version in self.versions if version.number == number), None)
        if found is None:
            raise InputError(f"there is no version {number}", hint=f"there are {len(self.versions)}")
        return found


@dataclass(frozen=True)
class DiffLine:
    """A line of a comparison: ``kind`` is ``same``, ``gone`` or ``new``."""

    kind: str
    text: str


def first_loads(history: History) -> Mapping[int, Event]:
    """Return the loads of rules by their row of the ledger, which versions name as their first."""
    return {entry.seq: entry.event for entry in history.store.events("rules_loaded")}


def number_versions(rows: Iterable[RuleRow], loads: Mapping[int, Event]) -> tuple[RuleVersionRow, ...]:
    """Return the versions of a rule by number, the oldest first, with who loaded each first."""
    versions = []
    for number, row in enumerate(sorted(rows, key=lambda row: row.first_seq), 1):
        load = loads.get(row.first_seq)
        versions.append(
            RuleVersionRow(
                number,
                row.fingerprint,
                row.author,
                row.why,
                row.source,
                row.file,
                load.time if load else "",
                load.actor if load else "",
                row.current,
            )
        )
    return tuple(versions)


def rule_past(history: History, rule: str) -> RulePast:
    """Read the past of a rule."""
    mine = [
        row
        for row in history.store.rules(current=False)
        if row.name == rule or row.name.startswith(f"{rule}[")
    ]
    versions = number_versions(mine, first_loads(history))
    edits = []
    for entry in history.store.events("rule_edited"):
        edited = entry.event.payload()
        if isinstance(edited, RuleEdited) and edited.rule == rule:
            edits.append(
                RuleEdit(entry.event.time, entry.event.actor, edited.action, edited.reason, edited.after)
            )
    return RulePast(versions, tuple(edits))


def diff_lines(old: str, new: str) -> tuple[DiffLine, ...]:
    r"""Compare two texts line by line.

    Examples
    --------
    >>> [(line.kind, line.text) for line in diff_lines("a\nb", "a\nc")]
    [('same', 'a'), ('gone', 'b'), ('new', 'c')]
    """
    before, after = old.splitlines(), new.splitlines()

    def part(tag: str, i: slice, j: slice) -> list[DiffLine]:
        if tag == "equal":
            return [DiffLine("same", text) for text in before[i]]
        return [*(DiffLine("gone", t) for t in before[i]), *(DiffLine("new", t) for t in after[j])]

    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        chain.from_iterable(
            part(tag, slice(i1, i2), slice(j1, j2)) for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        )
    )
