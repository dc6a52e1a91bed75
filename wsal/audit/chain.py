"""The hash chain: a row's hash covers its bytes and the hash before it, so that no row can change unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wsal.audit.events import Event
from wsal.audit.findings import Finding, Head, VerificationReport, first_findings
from wsal.errors import DataError

__all__ = ["LedgerRow", "link", "verify"]


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


def link(prev_hash: str, body: bytes) -> str:
    """Return the hash of a row.

    SHA-256 over the 64 hexadecimal digits of ``prev_hash`` as ASCII, then the bytes of the body. Anyone can
    check it with two commands: ``(printf %s "$prev_hash"; cat body) | sha256sum``.

    Examples
    --------
    >>> link("0" * 64, b"{}")[:16]
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
    kept, n_more = first_findings(walk.findings(rows, head))
    return VerificationReport(walk.n_rows, walk.last, kept, n_more)


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
