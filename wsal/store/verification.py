"""Is everything as it was written? The guards, the chain, the tables, and the files that the ledger names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Engine, Table, create_engine, func, select
from sqlalchemy.exc import DBAPIError

from wsal.audit import Finding, Head, VerificationReport, verify
from wsal.errors import LedgerError, WsalError
from wsal.store.connect import reading
from wsal.store.ddl.guards import guard_findings
from wsal.store.ddl.shape import shape_findings
from wsal.store.ddl.tables import PROJECTIONS, ledger, ledger_head, metadata
from wsal.store.failures import ledger_error
from wsal.store.files.named import file_findings
from wsal.store.ledger.erasing import people_findings
from wsal.store.ledger.projections import Projector, clear
from wsal.store.ledger.reading import ledger_entry, ledger_rows, noted_head

__all__ = ["Check", "chain_report", "projection_findings", "require_chain", "require_whole", "verify_engine"]


Check: TypeAlias = Callable[[Connection], Iterable[Finding]]
"""Looks at one moment of a store."""


def verify_engine(engine: Engine, root: Path, *, more: Iterable[Check] = ()) -> VerificationReport:
    """Check a store.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    root : Path
        The project's folder, where the files are.
    more : iterable of callable
        Other checks, as that of a seal.

    Returns
    -------
    VerificationReport

    Raises
    ------
    StoreError
        The database cannot be reached; damage is a finding, not an error.

    Notes
    -----
    O(ledger + files). Each check sees one moment of the store, so that others may write meanwhile. Without a
    seal kept elsewhere, someone who rewrites the whole database consistently is not found out.
    """
    try:
        with _reading(engine) as connection:
            report = chain_report(connection)
    except LedgerError as error:
        report = VerificationReport(0, Head(), (_damage(error),))
    for check in (*_CHECKS, *more):
        report = report.extended(_run(engine, check))
    notes: list[str] = []
    files = _run(engine, lambda connection: file_findings(connection, root, notes))
    return report.extended(files, notes=notes)


def chain_report(connection: Connection) -> VerificationReport:
    """Check the hash chain, up to the head that the last writer noted."""
    noted = noted_head(connection)
    report = verify(ledger_rows(connection), head=noted)
    if connection.execute(select(func.count()).select_from(ledger_head)).scalar_one() > 1:
        report = report.extended(
            [Finding("head", "the note of the last row (table ledger_head) stands twice")]
        )
    # Readers begin at row 1, so whoever drops the guards could hide rows before it.
    n_before = connection.execute(
        select(func.count()).select_from(ledger).where(ledger.c.seq < 1)
    ).scalar_one()
    if n_before:
        report = report.extended([Finding("order", f"before row 1 of the ledger stand {n_before} more")])
    if noted is None:
        return report.extended([Finding("head", "the note of the last row (table ledger_head) is gone")])
    return report


def require_chain(connection: Connection) -> None:
    """See that the hash chain verifies.

    Raises
    ------
    LedgerError
        It does not; the message says where.
    """
    report = chain_report(connection)
    if not report.ok:
        raise ledger_error(str(report), "restore the store from a backup")


def require_whole(connection: Connection, root: Path) -> VerificationReport:
    """See, inside a transaction, that what it is about to leave behind verifies: chain, guards, tables and files.

    Raises
    ------
    LedgerError
        It does not; where this ends the transaction, nothing of it stays.
    """
    report = chain_report(connection)
    for check in _CHECKS:
        report = report.extended(check(connection))
    notes: list[str] = []
    report = report.extended(file_findings(connection, root, notes), notes=notes)
    if not report.ok:
        raise LedgerError(str(report))
    return report


def projection_findings(connection: Connection) -> Iterator[Finding]:
    """Compare the tables of people's work with a rebuild from the ledger."""
    scratch = create_engine("sqlite://")
    try:
        with scratch.connect() as rebuilt:
            metadata.create_all(rebuilt, tables=PROJECTIONS)
            finding = _replay(connection, rebuilt)
            if finding is not None:
                yield finding
                return
            for table in PROJECTIONS:
                yield from _differences(table, _raw_rows(rebuilt, table), _raw_rows(connection, table))
    finally:
        scratch.dispose()


def _replay(connection: Connection, rebuilt: Connection) -> Finding | None:
    """Make the tables anew from the ledger; return the row that cannot be replayed, if there is one."""
    for one_by_one in (False, True):  # together is quicker, one by one tells which row it was
        clear(rebuilt)
        projector = Projector(rebuilt)
        seq = 0
        try:
            for row in ledger_rows(connection):
                seq = row.seq
                projector.add(seq, ledger_entry(row).event)
                if one_by_one:
                    projector.flush()
            projector.flush()
        except (WsalError, DBAPIError) as error:
            if one_by_one:
                first_line = str(error).splitlines()[0]
                return Finding("projection", f"row {seq} of the ledger cannot be replayed: {first_line}", seq)
        else:
            return None
    return None


def _run(engine: Engine, check: Callable[[Connection], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        with _reading(engine) as connection:
            yield from check(connection)
    except LedgerError as error:
        yield _damage(error)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """Read also texts that are no texts any more, so that the row is named in which they stand."""
    with reading(engine) as connection:
        driver: Any = connection.connection.dbapi_connection
        if connection.dialect.name != "sqlite":
            yield connection
            return
        driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            yield connection
        finally:
            driver.text_factory = str


def _damage(error: LedgerError) -> Finding:
    return Finding("store", str(error).splitlines()[0])


def _storage_findings(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        for message in connection.exec_driver_sql("PRAGMA integrity_check").scalars():
            if message != "ok":
                yield Finding("store", f"the database is damaged: {message}")


def _guard_findings(connection: Connection) -> Iterator[Finding]:
    for message in guard_findings(connection):
        yield Finding("guard", message)


def _raw_rows(connection: Connection, table: Table) -> list[dict[str, object]]:
    """Read a table as it is stored; a value that its column's type could not read is still compared."""
    names = [column.name for column in table.columns]
    found = connection.exec_driver_sql(f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608  # our own names
    return [dict(zip(names, row, strict=True)) for row in found]


def _by_key(table: Table, rows: Iterable[dict[str, object]]) -> dict[tuple[object, ...], dict[str, object]]:
    keys = [column.name for column in table.primary_key]
    return {tuple(row[key] for key in keys): row for row in rows}


def _differences(
    table: Table, rebuilt: list[dict[str, object]], there_are: list[dict[str, object]]
) -> Iterator[Finding]:
    expected, found = _by_key(table, rebuilt), _by_key(table, there_are)
    if len(found) != len(there_are):  # a table without its primary key takes them
        yield Finding("projection", f"table {table.name}: a row stands twice")
    for key, row in expected.items():
        name = f"table {table.name}, row {', '.join(map(repr, key))}"
        there = found.get(key)
        if there is None:
            yield Finding("projection", f"{name}: missing, though the ledger has it")
            continue
        for column, value in row.items():
            if there[column] != value:
                yield Finding(
                    "projection",
                    f"{name}: {column} is {there[column]!r}, but the ledger says {value!r}",
                )
    for key in found.keys() - expected.keys():
        name = f"table {table.name}, row {', '.join(map(repr, key))}"
        yield Finding("projection", f"{name}: there, though the ledger does not have it")


_CHECKS: Final[tuple[Check, ...]] = (
    _storage_findings,
    _guard_findings,
    shape_findings,
    projection_findings,
    people_findings,
)
"""What is looked at besides the chain and the files."""
