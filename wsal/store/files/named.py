"""The files that the ledger names, held against their hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from wsal.audit import EndModelTrained, Event, Exported, FileRef, Finding, RunApplied, RunFitted
from wsal.errors import DataError
from wsal.store.files.atomic import sha256_of
from wsal.store.files.listed import listed_files
from wsal.store.ledger.reading import ledger_rows

__all__ = ["NamedFile", "file_findings", "files_there", "named_files"]

_FILE_KINDS = (
    b'"kind":"run_applied"',
    b'"kind":"run_fitted"',
    b'"kind":"end_model_trained"',
    b'"kind":"exported"',
)


@dataclass(frozen=True)
class NamedFile:
    """A file that the ledger names.

    Parameters
    ----------
    seq : int
        The last row that names it.
    file : FileRef
    required : bool
        False: an export, which belongs to whoever asked for it, and who may move it away.
    """

    seq: int
    file: FileRef
    required: bool


def named_files(connection: Connection, findings: list[Finding]) -> tuple[NamedFile, ...]:
    """Return the files that the ledger names, each as the last event that names its path has it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    findings : list of Finding
        Rows whose event cannot be read are added to it.
    """
    named: dict[str, NamedFile] = {}
    for row in ledger_rows(connection):
        if not any(kind in row.body for kind in _FILE_KINDS):
            continue
        try:
            payload = Event.from_body(row.body).payload()
        except DataError as error:
            findings.append(
                Finding(
                    "unreadable", f"row {row.seq} does not say which files it names: {error.message}", row.seq
                )
            )
            continue
        for file, required in _files_of(payload):
            named[file.path] = NamedFile(row.seq, file, required)
    return tuple(named.values())


def files_there(connection: Connection, root: Path) -> Iterator[FileRef]:
    """Yield the files that the ledger names inside the project's folder and that are there, with those they list."""
    for named in named_files(connection, []):
        path = root / named.file.path
        if path.is_file() and path.resolve().is_relative_to(root.resolve()):
            yield named.file
            if named.required:
                yield from listed_files(named.file, root)


def file_findings(connection: Connection, root: Path, notes: list[str]) -> Iterator[Finding]:
    """Hold the files against their hashes; a missing export is noted."""
    findings: list[Finding] = []
    listed: dict[str, tuple[int, FileRef]] = {}
    for named in named_files(connection, findings):
        finding = _file_finding(named.seq, named.file, root)
        if finding is None:
            if named.required:
                listed |= {inner.path: (named.seq, inner) for inner in listed_files(named.file, root)}
        elif named.required or (root / named.file.path).is_file():
            yield finding
        else:
            notes.append(finding.message)
    for seq, file in listed.values():
        finding = _file_finding(seq, file, root)
        if finding is not None:
            yield finding
    yield from findings


def _file_finding(seq: int, file: FileRef, root: Path) -> Finding | None:
    path = root / file.path
    if not path.is_file():
        return Finding("file", f"the file {file.path}, which row {seq} of the ledger names, is missing", seq)
    if sha256_of(path) != file.sha256:
        return Finding(
            "file",
            f"the file {file.path} is not the one that row {seq} of the ledger names: its bytes changed",
            seq,
        )
    return None


def _files_of(payload: object) -> Iterable[tuple[FileRef, bool]]:
    match payload:
        case RunApplied():
            return [(payload.votes, True), *([(payload.packs, True)] if payload.packs else [])]
        case RunFitted():
            return chain(
                [(payload.model, True), (payload.soft_labels, True)], ((f, True) for f in payload.files)
            )
        case EndModelTrained():
            return [(file, True) for file in payload.files]
        case Exported():
            beside = [payload.metadata] if payload.metadata else []
            return [(file, False) for file in (FileRef(payload.path, payload.sha256), *beside)]
    return []
