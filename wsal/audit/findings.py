"""What verification finds, in words for people who never saw a hash chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

__all__ = ["GENESIS", "Finding", "FindingKind", "Head", "VerificationReport", "first_findings"]

GENESIS: Final = "0" * 64
"""``prev_hash`` of the first row."""

MAX_FINDINGS: Final = 100

FindingKind: TypeAlias = Literal[
    "edited",
    "gap",
    "order",
    "link",
    "head",
    "unreadable",
    "guard",
    "table",
    "projection",
    "file",
    "store",
    "seal",
    "person",
]
"""What kind of damage: a row that does not match its hash, a missing row, rows out of order, a row that does
not continue the one before it, another last row than expected, bytes that are no event, a missing trigger, a table
of another shape, a table that differs from the ledger, a missing or changed file, a database that cannot be
read, a ledger that is not the one that was sealed, a name or a key that does not fit."""

_MEANING: Final[Mapping[FindingKind, str]] = {
    "edited": "what this row says is not what was written; trust neither it nor what was made from it",
    "gap": "something that happened was taken out of the record",
    "order": "the record says that things happened in another order than they did",
    "link": "this row was written after another one than now stands before it: "
    "that one was changed, taken out, or put in later",
    "head": "what happened last was taken out of the record, or something was put in without wsal",
    "unreadable": "this row is damaged, or was not written by wsal",
    "guard": "the database would not refuse a change of the past; compare with a seal, "
    "since a careful change would leave no other trace",
    "table": "the table was replaced by another one; what is in it may not be what was recorded",
    "projection": "what wsal shows and computes with is not what was recorded; the ledger is right and the "
    "table is wrong, and `wsal audit rebuild` makes it anew",
    "file": "votes, labels or a model are not those that were recorded; restore the file from a backup, "
    "or make it anew with `wsal apply` and `wsal fit`",
    "store": "the database is damaged, or was changed without the database's own means",
    "person": "nobody can be sure any more who did what this pseudonym did, or a person who was to be erased is not",
    "seal": "the record is not the one that was sealed: it was rewritten or cut off since, or is another one",
}


@dataclass(frozen=True)
class Head:
    """The last row: its number (0 in an empty ledger) and its hash."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written.

    Parameters
    ----------
    kind : str
        See `FindingKind`.
    message : str
        In words, with the value and where it stands.
    seq : int, optional
        Row of the ledger.
    """

    kind: FindingKind
    message: str
    seq: int | None = None

    @property
    def meaning(self) -> str:
        """What it means, for people who do not know how the ledger is made."""
        return _MEANING[self.kind]


@dataclass(frozen=True)
class VerificationReport:
    """What verification found.

    Parameters
    ----------
    n_rows : int
        Rows of the ledger that were read.
    head : Head
        The last of them.
    findings : tuple of Finding
        At most 100 of a check, in order.
    n_more : int
        Findings beyond those.
    notes : tuple of str
        What was seen and is no finding.
    """

    n_rows: int
    head: Head
    findings: tuple[Finding, ...] = ()
    n_more: int = 0
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def extended(self, findings: Iterable[Finding], *, notes: Iterable[str] = ()) -> VerificationReport:
        """Return this report with more findings and notes; the first 100 of these findings are kept."""
        kept, n_more = first_findings(findings)
        return replace(
            self,
            findings=self.findings + kept,
            n_more=self.n_more + n_more,
            notes=self.notes + tuple(notes),
        )

    def __str__(self) -> str:
        rows = f"{self.n_rows} {'row' if self.n_rows == 1 else 'rows'}, head {self.head.hash}"
        if self.ok:
            return "\n".join([f"the ledger verifies: {rows}", *(f"  note: {note}" for note in self.notes)])
        count = len(self.findings) + self.n_more
        lines = [f"the ledger does not verify ({rows}): {count} {'finding' if count == 1 else 'findings'}"]
        explained: set[str] = set()
        for finding in self.findings:
            lines.append(f"  {finding.message}")
            if finding.kind not in explained:  # once is enough: findings of a kind mean the same
                lines.append(f"    meaning: {finding.meaning}")
                explained.add(finding.kind)
        if self.n_more:
            lines.append(f"  … and {self.n_more} more")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def first_findings(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], int]:
    """Return the first 100 findings, and how many there are beyond them."""
    kept: list[Finding] = []
    n_more = 0
    for finding in findings:
        if len(kept) < MAX_FINDINGS:
            kept.append(finding)
        else:
            n_more += 1
    return tuple(kept), n_more
