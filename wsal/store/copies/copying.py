"""Copies of a store: the rows of the ledger byte for byte, everything else made anew from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from wsal.audit import Event, Head, LedgerRow, PeopleLeftOut, VerificationReport, link
from wsal.errors import StoreError
from wsal.store.connect import writing
from wsal.store.ddl.tables import ledger, people
from wsal.store.failures import ledger_error, shown, store_error
from wsal.store.ledger.appending import append_events, move_head
from wsal.store.ledger.people import Person, pseudonyms_in, read_people
from wsal.store.ledger.projections import Projector
from wsal.store.ledger.reading import ledger_entry, ledger_rows, read_head
from wsal.store.ledger.statements import insert_rows
from wsal.store.verification import require_whole

__all__ = ["copy_store", "fill_store", "leave_people_out", "not_empty", "snapshot"]

_AT_ONCE = 500


def fill_store(connection: Connection, rows: Iterable[LedgerRow], known: Iterable[Person]) -> Head:
    """Write the rows of another ledger into an empty one, and make its tables from them.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Of `writing`, to an empty store.
    rows : iterable of LedgerRow
        In order, from the first; their bytes and hashes are written as they are.
    known : iterable of Person

    Returns
    -------
    Head

    Raises
    ------
    StoreError
        The store is not empty.
    LedgerError
        A row does not continue the one before it.
    """
    if read_head(connection).seq:
        raise not_empty(connection.engine.url)
    insert_rows(connection, people, [(p.pseudonym, p.name, p.key) for p in known])
    head = Head()
    projector = Projector(connection)
    rest = iter(rows)
    while chunk := list(islice(rest, _AT_ONCE)):
        for row in chunk:
            head = _continued(head, row)
        insert_rows(connection, ledger, [(row.seq, row.prev_hash, row.hash, row.body) for row in chunk])
        for row in chunk:
            projector.add(row.seq, ledger_entry(row).event)
    projector.flush()
    move_head(connection, Head(), head)
    return head


def leave_people_out(connection: Connection, *, actor: str) -> tuple[str, ...]:
    """Record that the names and keys of the people in a ledger did not come with it; return the pseudonyms."""
    known = {person.pseudonym for person in read_people(connection)}
    met: dict[str, None] = {}
    for row in ledger_rows(connection):
        met |= dict.fromkeys(sorted(pseudonyms_in(row.body) - known))
    if met:
        old = read_head(connection)
        event = Event.of(PeopleLeftOut(tuple(met)), actor=actor)
        _, new = append_events(connection, old, (event,))
        move_head(connection, old, new)
    return tuple(met)


def copy_store(source: Engine, target: Engine, *, root: Path) -> VerificationReport:
    """Copy a store into an empty one of any kind, and verify it; all or nothing, and nobody writes to the source.

    Raises
    ------
    StoreError
        The target is not empty.
    LedgerError
        The source, or the copy, does not verify.
    """
    with writing(source) as old, writing(target) as new:
        fill_store(new, ledger_rows(old), list(read_people(old)))
        return require_whole(new, root)


def not_empty(url: URL) -> StoreError:
    """Make the error of a store that holds a ledger already."""
    return store_error(f"the store {shown(url)} is not empty", "name a database (or schema) without a ledger")


def snapshot(connection: Connection) -> tuple[Iterator[LedgerRow], list[Person], Head]:
    """Return the rows, the people and the head of one moment."""
    return ledger_rows(connection), list(read_people(connection)), read_head(connection)


def _continued(head: Head, row: LedgerRow) -> Head:
    if (row.seq, row.prev_hash, row.hash) != (head.seq + 1, head.hash, link(head.hash, row.body)):
        raise ledger_error(
            f"row {row.seq} does not continue row {head.seq}, or was changed",
            "take another backup, or verify",
        )
    return Head(row.seq, row.hash)
