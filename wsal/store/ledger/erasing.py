"""Erasing a person: the name and the key are destroyed, the chain stays whole, and it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete

from wsal.audit import Event, Finding, PeopleLeftOut, PersonErased
from wsal.errors import DataError, InputError, did_you_mean
from wsal.store.connect import reading, writing
from wsal.store.ddl.workbench_tables import accounts, api_tokens, invitations, leases, sessions
from wsal.store.failures import translated
from wsal.store.ledger.appending import append_events, move_head
from wsal.store.ledger.people import Person, forget, pseudonyms_in, read_people
from wsal.store.ledger.reading import ledger_rows, read_head

__all__ = ["Erasure", "PersonRow", "erase_person", "list_people", "people_findings"]


_GOING = (b'"kind":"person_erased"', b'"kind":"people_left_out"')


@dataclass(frozen=True)
class PersonRow:
    """A person whose name is known.

    Parameters
    ----------
    name, pseudonym : str
    n_events : int
        Rows of the ledger that name the pseudonym.
    n_in_plain : int
        Rows that hold the name itself, as older versions of wsal wrote it; these cannot be erased.
    """

    name: str
    pseudonym: str
    n_events: int
    n_in_plain: int


@dataclass(frozen=True)
class Erasure:
    """What erasing a person did.

    Parameters
    ----------
    person : PersonRow
        As it was before.
    seq : int
        The row of the ledger that says so.
    notes : tuple of str
        What could not be done.
    """

    person: PersonRow
    seq: int
    notes: tuple[str, ...] = ()


def list_people(engine: Engine) -> tuple[PersonRow, ...]:
    """Return the people whose names are known, by name. O(ledger)."""
    with reading(engine) as connection:
        return _rows(connection)


def erase_person(engine: Engine, name: str, *, actor: str) -> Erasure:
    """Destroy the name and the key of a person, with the account at the workbench.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    name : str
        Or the pseudonym.
    actor : str
        Who erases.

    Raises
    ------
    InputError
        There is no such person.
    """
    with writing(engine) as connection:
        known = read_people(connection)
        person = known.find(name)
        if person is None:
            raise InputError(
                f"there is nobody by the name of {name!r} whose data could be erased",
                hint=did_you_mean(name, (p.name for p in known)) or "`wsal people` lists them",
            )
        about = next(row for row in _rows(connection) if row.pseudonym == person.pseudonym)
        old = read_head(connection)
        erased = Event.of(PersonErased(person.pseudonym), actor=actor)
        (seq,), new = append_events(connection, old, (erased,))
        move_head(connection, old, new)
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # zeros, not merely a free page
        forget(connection, person)
        _close_account(connection, person.name)
    return Erasure(about, seq, tuple(_clean(engine)))


def people_findings(connection: Connection) -> Iterator[Finding]:
    """Hold names and keys against the pseudonyms of the ledger."""
    known = {person.pseudonym: person for person in read_people(connection)}
    for person in known.values():
        if not person.is_whole:
            yield Finding(
                "person",
                f"{person.pseudonym}: the name {person.name!r} or the key is not the one it was made with",
            )
    met, gone = _met_and_gone(connection)
    for pseudonym, seq in met.items():
        if pseudonym not in known and pseudonym not in gone:
            yield Finding(
                "person", f"{pseudonym}: the name and the key are gone, though nobody erased them", seq
            )
    for pseudonym, seq in gone.items():
        if pseudonym in known:
            yield Finding(
                "person",
                f"{pseudonym}: the name and the key are there, though row {seq} says they are not",
                seq,
            )


def _met_and_gone(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    """Return the rows of the ledger that name each pseudonym first, and those that say that its key is gone."""
    met: dict[str, int] = {}
    gone: dict[str, int] = {}
    for row in ledger_rows(connection):
        for pseudonym in pseudonyms_in(row.body):
            met.setdefault(pseudonym, row.seq)
        if not any(kind in row.body for kind in _GOING):
            continue
        try:
            payload = Event.from_body(row.body).payload()
        except DataError:  # the chain's own check says so
            continue
        if isinstance(payload, PersonErased):
            gone[payload.person] = row.seq
        elif isinstance(payload, PeopleLeftOut):
            gone |= dict.fromkeys(payload.people, row.seq)
    return met, gone


def _rows(connection: Connection) -> tuple[PersonRow, ...]:
    counts: dict[str, int] = {}
    known = sorted(read_people(connection), key=lambda person: person.name)
    plain = dict.fromkeys((person.name for person in known), 0)
    needles = {person.name: _in_plain(person) for person in known}
    for row in ledger_rows(connection):
        for pseudonym in pseudonyms_in(row.body):
            counts[pseudonym] = counts.get(pseudonym, 0) + 1
        for name, needle in needles.items():
            plain[name] += any(words in row.body for words in needle)
    return tuple(PersonRow(p.name, p.pseudonym, counts.get(p.pseudonym, 0), plain[p.name]) for p in known)


def _in_plain(person: Person) -> tuple[bytes, ...]:
    from wsal.audit import canonical

    name = canonical(person.name)
    return (b'"actor":' + name, b'"annotator":' + name)


def _close_account(connection: Connection, name: str) -> None:
    """Remove what the workbench keeps of a person, but for the log of who signed in."""
    connection.execute(delete(leases).where(leases.c.annotator == name))
    for table in (sessions, api_tokens, invitations):
        connection.execute(delete(table).where(table.c.account == name))
    connection.execute(delete(accounts).where(accounts.c.name == name))


def _clean(engine: Engine) -> Iterator[str]:
    """Take the deleted bytes out of the database's own files."""
    with (
        translated(engine.url),
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")
            ((busy, *_),) = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
            if busy:
                yield (
                    "another process reads the store, so the write-ahead log still holds the key; "
                    "it goes when that process ends or at the next checkpoint"
                )
        else:
            connection.exec_driver_sql("VACUUM people")
