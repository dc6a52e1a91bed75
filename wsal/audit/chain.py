"""The hash chain: a row's hash covers its bytes and the hash before it, so that no row can change unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from wsal.audit.events import Event
from wsal.errors import DataError

__all__ = ["GENESIS", "Finding", "FindingKind", "Head", "LedgerRow", "VerificationReport", "link", "verify"]

GENESIS: Final = "0" * 64
"""``prev_hash`` of the first row."""

MAX_FINDINGS: Final = 100

FindingKind: TypeAlias = Literal[
    "edited", "gap", "order", "link", "head", "unreadable", "guard", "projection", "file", "store"
]
"""What kind of damage: a row that does not match its hash, a missing row, rows out of order, a row that does
not continue the one before it, another last row than expected, bytes that are no event, a missing trigger, a
table that differs from the ledger, a missing or changed file, a database that cannot be read."""


@dataclass(frozen=True)
class LedgerRow:
    """A row of the ledger as it is stored.

    Parameters
    ----------
    seq : int
        1, 2, 3, …
    prev_hash, hash : str
        64 hexadecimal digits.
    body : bytes
        Canonical JSON of an event.
    """

    seq: int
    prev_hash: str
    hash: str
    body: bytes


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
        kept, n_more = _first(findings)
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
        lines += [f"  {finding.message}" for finding in self.findings]
        if self.n_more:
            lines.append(f"  … and {self.n_more} more")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def link(prev_hash: str, body: bytes) -> str:
    """Return the hash of a row.

    SHA-256 over the 64 hexadecimal digits of ``prev_hash`` as ASCII, then the bytes of the body. Anyone can
    check it with two commands: ``(printf %s "$prev_hash"; cat body) | sha256sum``.

    Examples
    --------
    >>> link(GENESIS, b"{}")[:16]
    '5508d2b710e64bc4'
    """
    return hashlib.sha256(prev_hash.encode("utf-8", "surrogatepass") + body).hexdigest()


def verify(rows: Iterable[LedgerRow], *, head: Head | None = None) -> VerificationReport:
    """Check a chain.

    Parameters
    ----------
    rows : iterable of LedgerRow
        In the order of ``seq``; read once, as a stream.
    head : Head, optional
        What the last row must be; without it, rows cut off at the end are not noticed.

    Returns
    -------
    VerificationReport

    Notes
    -----
    O(total bytes), constant memory.

    Examples
    --------
    >>> print(verify([]))
    the ledger verifies: 0 rows, head 0000000000000000000000000000000000000000000000000000000000000000
    """
    walk = _Walk()
    kept, n_more = _first(walk.findings(rows, head))
    return VerificationReport(walk.n_rows, walk.last, kept, n_more)


def _first(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], int]:
    kept: list[Finding] = []
    n_more = 0
    for finding in findings:
        if len(kept) < MAX_FINDINGS:
            kept.append(finding)
        else:
            n_more += 1
    return tuple(kept), n_more


class _Walk:
    """One pass over the rows: how many there were, and the last."""

    def __init__(self) -> None:
        self.n_rows = 0
        self.last = Head()

    def findings(self, rows: Iterable[LedgerRow], head: Head | None) -> Iterator[Finding]:
        for row in rows:
            yield from self._check(row)
            self.n_rows += 1
            self.last = Head(row.seq, row.hash)
        if head is not None and head != self.last:
            yield Finding(
                "head",
                f"the last row is {self.last.seq} with hash {self.last.hash}, "
                f"but it should be {head.seq} with hash {head.hash}: rows were cut off or added",
                self.last.seq,
            )

    def _check(self, row: LedgerRow) -> Iterator[Finding]:
        expected = self.last.seq + 1
        if row.seq > expected:
            missing = (
                f"row {expected} is" if row.seq == expected + 1 else f"rows {expected} to {row.seq - 1} are"
            )
            yield Finding("gap", f"{missing} missing before row {row.seq}", row.seq)
        elif row.seq < expected:
            yield Finding("order", f"row {row.seq} stands after row {self.last.seq}", row.seq)
        if row.prev_hash != self.last.hash:
            yield Finding(
                "link",
                f"row {row.seq} continues hash {row.prev_hash}, "
                f"but the row before it has hash {self.last.hash}",
                row.seq,
            )
        if link(row.prev_hash, row.body) != row.hash:
            yield Finding(
                "edited", f"row {row.seq} was edited: its bytes do not match its hash {row.hash}", row.seq
            )
        try:
            Event.from_body(row.body)
        except DataError as error:
            yield Finding("unreadable", f"row {row.seq} holds no event: {error.message}", row.seq)
