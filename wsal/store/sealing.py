"""Seals of a store: making one, and holding a ledger against one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from wsal.audit import Event, Finding, LedgerRow, Seal, Sealed, SealedFile, seal_problems, sign_seal, utc_now
from wsal.store.connect import reading
from wsal.store.failures import store_error
from wsal.store.ledger.reading import ledger_rows
from wsal.store.store import Store
from wsal.store.verification import require_chain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["SealCheck", "make_seal", "note_seal", "seal_findings"]


def make_seal(store: Store, *, project: str, by: str, key: Ed25519PrivateKey | None = None) -> SealedFile:
    """Seal a ledger as it stands.

    Parameters
    ----------
    store : Store
    project : str
        The task's name.
    by : str
        Who seals.
    key : Ed25519PrivateKey, optional
        Signs the seal.

    Raises
    ------
    StoreError
        The ledger is empty.
    LedgerError
        It does not verify: what is wrong already is not sealed.
    """
    with reading(store.engine) as connection:
        require_chain(connection)
        first = _row(connection, 1)
        if first is None:
            raise store_error("there is nothing to seal: the ledger is empty", "begin with `wsal apply`")
        head = store.head()
        last = _row(connection, head.seq) or first
    return sign_seal(Seal(project, first.hash, last.seq, last.hash, utc_now(), by), key)


def note_seal(store: Store, sealed: SealedFile) -> int:
    """Write into the ledger that a seal was made, once its file is on disk; return the row."""
    seal = sealed.seal
    return store.append(Event.of(Sealed(seal.seq, seal.hash, sealed.public_key), actor=seal.by))


@dataclass(frozen=True)
class SealCheck:
    """A seal to hold a ledger against.

    Parameters
    ----------
    sealed : SealedFile
    name : str
        Of its file, for messages.
    trusted : Ed25519PublicKey, optional
        Whose signature it must have.
    """

    sealed: SealedFile
    name: str
    trusted: Ed25519PublicKey | None = None


def seal_findings(connection: Connection, check: SealCheck) -> Iterator[Finding]:
    """Hold a ledger against a seal."""
    seal = check.sealed.seal
    for problem in seal_problems(check.sealed, check.trusted):
        yield Finding("seal", f"{check.name}: {problem}")
    first, there = _row(connection, 1), _row(connection, seal.seq)
    if first is None or first.hash != seal.project_id:
        found = "the ledger is empty" if first is None else f"its first row has hash {first.hash}"
        yield Finding(
            "seal",
            f"{check.name}: the seal is of the ledger of {seal.project!r} whose first row has hash "
            f"{seal.project_id}, but {found}",
            1,
        )
    if there is None:
        yield Finding(
            "seal",
            f"{check.name}: row {seal.seq}, which was the last on {seal.time}, is not there: "
            "rows were cut off after the seal was made",
            seal.seq,
        )
    elif there.hash != seal.hash:
        yield Finding(
            "seal",
            f"{check.name}: row {seal.seq} has hash {there.hash}, but on {seal.time} it had {seal.hash}: "
            "this row or one before it was rewritten",
            seal.seq,
        )


def _row(connection: Connection, seq: int) -> LedgerRow | None:
    found = list(ledger_rows(connection, after=seq - 1, limit=1))  # read to its end, which closes the stream
    return found[0] if found and found[0].seq == seq else None
