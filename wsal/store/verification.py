"""Is everything as it was written? The guards, the chain, the tables, and the files that the ledger names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, create_engine
from sqlalchemy.exc import DBAPIError

from wsal.audit import (
    EndModelTrained,
    Exported,
    FileRef,
    Finding,
    Head,
    RunApplied,
    RunFitted,
    VerificationReport,
    verify,
)
from wsal.errors import LedgerError, WsalError
from wsal.store.connect import reading
from wsal.store.failures import ledger_error
from wsal.store.files import sha256_of
from wsal.store.guards import guard_findings
from wsal.store.projections import project
from wsal.store.reading import ledger_entry, ledger_rows, noted_head
from wsal.store.tables import PROJECTIONS, metadata

__all__ = ["chain_report", "projection_findings", "require_chain", "verify_engine"]

_FILE_KINDS = (
    b'"kind":"run_applied"',
    b'"kind":"run_fitted"',
    b'"kind":"end_model_trained"',
    b'"kind":"exported"',
)


def verify_engine(engine: Engine, root: Path) -> VerificationReport:
    """Check a store.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    root : Path
        The project's folder, where the files are.

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
        with reading(engine) as connection:
            report = chain_report(connection)
    except LedgerError as error:
        report = VerificationReport(0, Head(), (_damage(error),))
    checks: tuple[Callable[[Connection], Iterable[Finding]], ...] = (
        _storage_findings,
        lambda connection: (Finding("guard", message) for message in guard_findings(connection)),
        projection_findings,
    )
    for check in checks:
        report = report.extended(_run(engine, check))
    notes: list[str] = []
    files = _run(engine, lambda connection: _file_findings(connection, root, notes))
    return report.extended(files, notes=notes)


def chain_report(connection: Connection) -> VerificationReport:
    """Check the hash chain, up to the head that the last writer noted."""
    noted = noted_head(connection)
    report = verify(ledger_rows(connection), head=noted)
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


def projection_findings(connection: Connection) -> Iterator[Finding]:
    """Compare the tables of people's work with a rebuild from the ledger."""
    scratch = create_engine("sqlite://")
    try:
        with scratch.begin() as rebuilt:
            metadata.create_all(rebuilt, tables=PROJECTIONS)
            for row in ledger_rows(connection):
                try:
                    project(rebuilt, row.seq, ledger_entry(row).event)
                except (WsalError, DBAPIError) as error:
                    first_line = str(error).splitlines()[0]
                    yield Finding(
                        "projection", f"row {row.seq} of the ledger cannot be replayed: {first_line}", row.seq
                    )
                    return
            for table in PROJECTIONS:
                yield from _differences(table, _raw_rows(rebuilt, table), _raw_rows(connection, table))
    finally:
        scratch.dispose()


def _run(engine: Engine, check: Callable[[Connection], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        with reading(engine) as connection:
            yield from check(connection)
    except LedgerError as error:
        yield _damage(error)


def _damage(error: LedgerError) -> Finding:
    return Finding("store", str(error).splitlines()[0])


def _storage_findings(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        for message in connection.exec_driver_sql("PRAGMA integrity_check").scalars():
            if message != "ok":
                yield Finding("store", f"the database is damaged: {message}")


def _raw_rows(connection: Connection, table: Table) -> dict[tuple[object, ...], dict[str, object]]:
    """Read a table as it is stored; a value that its column's type could not read is still compared."""
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    found = connection.exec_driver_sql(f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608  # our own names
    rows = (dict(zip(names, row, strict=True)) for row in found)
    return {tuple(row[key] for key in keys): row for row in rows}


def _differences(
    table: Table,
    expected: dict[tuple[object, ...], dict[str, object]],
    found: dict[tuple[object, ...], dict[str, object]],
) -> Iterator[Finding]:
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


def _file_findings(connection: Connection, root: Path, notes: list[str]) -> Iterator[Finding]:
    """Check each file against the last event that names its path."""
    named: dict[str, tuple[int, FileRef, bool]] = {}
    for row in ledger_rows(connection):
        if any(kind in row.body for kind in _FILE_KINDS):
            for file, required in _files_of(ledger_entry(row).event.payload()):
                named[file.path] = (row.seq, file, required)
    for seq, file, required in named.values():
        path = root / file.path
        if not path.is_file():
            message = f"the file {file.path}, which row {seq} of the ledger names, is missing"
            if required:
                yield Finding("file", message, seq)
            else:
                notes.append(message)
        elif sha256_of(path) != file.sha256:
            yield Finding(
                "file",
                f"the file {file.path} is not the one that row {seq} of the ledger names: its bytes changed",
                seq,
            )


def _files_of(payload: object) -> Iterable[tuple[FileRef, bool]]:
    match payload:
        case RunApplied():
            return [(payload.votes, True)]
        case RunFitted():
            return chain(
                [(payload.model, True), (payload.soft_labels, True)], ((f, True) for f in payload.files)
            )
        case EndModelTrained():
            return [(file, True) for file in payload.files]
        case Exported():
            # An export belongs to whoever asked for it, who may move it away.
            return [(FileRef(payload.path, payload.sha256), False)]
    return []
