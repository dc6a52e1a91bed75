"""Backups: one ZIP file with the ledger, the project's files and, if wanted, the names and keys of people.

``manifest.json`` holds the SHA-256 of every other member. ``ledger.txt`` has a line for each row: number, previous
hash, hash, and the body as it is (canonical JSON holds no line break). ``people.jsonl`` has names and keys; the rest
stands under ``files/``.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from sqlalchemy import Connection

from wsal.audit import Head, LedgerRow, canonical, parse, read_record, utc_now, verify
from wsal.errors import DataError, InputError
from wsal.store.copies.copying import snapshot
from wsal.store.failures import ledger_error
from wsal.store.files.atomic import write_atomically
from wsal.store.ledger.people import Person

__all__ = ["Backup", "Manifest", "open_backup", "write_backup"]

_MANIFEST: Final = "manifest.json"
_LEDGER: Final = "ledger.txt"
_PEOPLE: Final = "people.jsonl"
_FILES: Final = "files/"
_BLOCK: Final = 1 << 20
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Member:
    """A member of the archive and the SHA-256 of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Parameters
    ----------
    project, time, wsal : str
        The task, when, and by which version.
    seq : int
        The last row of the ledger.
    hash : str
        Of that row.
    people : bool
        Whether names and keys of people are in it.
    members : tuple of Member
        All but the manifest.
    """

    project: str
    time: str
    wsal: str
    seq: int
    hash: str
    people: bool
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Backup:
    """An open backup whose every byte was compared with its manifest."""

    manifest: Manifest
    archive: zipfile.ZipFile = field(repr=False)

    def rows(self) -> Iterator[LedgerRow]:
        """Read the rows of the ledger, as they were stored."""
        with self.archive.open(_LEDGER) as file:
            for line in file:
                seq, prev_hash, row_hash, body = line.removesuffix(b"\n").split(b" ", 3)
                yield LedgerRow(int(seq), prev_hash.decode(), row_hash.decode(), body)

    def people(self) -> tuple[Person, ...]:
        """Read the names and keys of people; none where they were left out."""
        if not self.manifest.people:
            return ()
        lines = self.archive.read(_PEOPLE).decode().splitlines()
        trees = [json.loads(line) for line in lines]
        return tuple(Person(tree["pseudonym"], tree["name"], bytes.fromhex(tree["key"])) for tree in trees)

    def extract(self, folder: Path) -> int:
        """Write the project's files into a folder; return their number."""
        files = [m.path for m in self.manifest.members if m.path.startswith(_FILES)]
        for name in files:
            path = folder / name.removeprefix(_FILES)

            def write(temporary: Path, name: str = name) -> None:
                with self.archive.open(name) as source, temporary.open("wb") as target:
                    for block in _blocks(source):
                        target.write(block)

            write_atomically(path, write)
        return len(files)


def write_backup(
    connection: Connection,
    path: Path,
    *,
    project: str,
    version: str,
    files: Mapping[str, Path],
    with_people: bool,
) -> Manifest:
    """Write a backup, read it again and compare it; the file is there whole and right, or not at all.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Sees one moment of a store that verifies.
    path : Path
    project, version : str
    files : mapping of str to Path
        Paths in the project, with ``/``, and where the files are.
    with_people : bool
        Whether names and keys go with it.

    Raises
    ------
    StoreError
        The file cannot be written.
    LedgerError
        What was read again is not what was written.
    """
    rows, people, head = snapshot(connection)
    made: list[Manifest] = []

    def write(temporary: Path) -> None:
        members: list[Member] = []
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            lines = (b"%d %s %s %s\n" % (r.seq, r.prev_hash.encode(), r.hash.encode(), r.body) for r in rows)
            members.append(_add(archive, _LEDGER, lines))
            if with_people:
                known = [{"pseudonym": p.pseudonym, "name": p.name, "key": p.key.hex()} for p in people]
                members.append(_add(archive, _PEOPLE, (canonical(person) + b"\n" for person in known)))
            for name, source in sorted(files.items()):
                with source.open("rb") as file:
                    members.append(_add(archive, _FILES + name, _blocks(file)))
            manifest = Manifest(project, utc_now(), version, head.seq, head.hash, with_people, tuple(members))
            archive.writestr(_MANIFEST, canonical({"wsal_backup": 1, **asdict(manifest)}))
        with open_backup(temporary):
            pass
        made.append(manifest)

    write_atomically(path, write, mode=0o600 if with_people else 0o644)  # keys are its owner's business
    return made[0]


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """Open a backup after comparing all of it with its manifest, and its ledger with its hashes.

    Raises
    ------
    InputError
        It is no backup of wsal, or it would write outside of its folder.
    LedgerError
        It was changed or is damaged.
    """
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            backup = Backup(_manifest(archive, path), archive)
            _require_whole(backup, path)
        except OSError as error:
            raise InputError(
                f"{path} cannot be read: {error.strerror or error}", hint="see that the path is right"
            ) from error
        except _DAMAGE as error:
            raise InputError(
                f"{path} is no backup: {error}", hint="give a file that `wsal backup` wrote"
            ) from error
        yield backup


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        tree = parse(archive.read(_MANIFEST))
        if not isinstance(tree, dict) or tree.pop("wsal_backup", None) != 1:
            raise DataError("its manifest is none of wsal's")  # noqa: TRY301  # the same cure
        manifest = read_record(Manifest, tree, where="manifest")
    except (KeyError, DataError) as error:
        raise InputError(
            f"{path} is no backup: {error}", hint="give a file that `wsal backup` wrote"
        ) from error
    for member in manifest.members:
        parts = PurePosixPath(member.path)
        if parts.is_absolute() or ".." in parts.parts or "\\" in member.path or not parts.parts:
            raise InputError(
                f"{path} would write outside of its folder: {member.path!r}", hint="it was not made by wsal"
            )
    return manifest


def _require_whole(backup: Backup, path: Path) -> None:
    archive, manifest = backup.archive, backup.manifest
    expected = {member.path for member in manifest.members} | {_MANIFEST}
    names = archive.namelist()
    if sorted(names) != sorted(expected):
        odd = sorted(expected.symmetric_difference(names)) or ["a member that stands twice"]
        raise ledger_error(f"{path} was changed: {odd[0]} is missing or was added", "take another backup")
    for member in manifest.members:
        try:
            with archive.open(member.path) as file:
                found = _digest(_blocks(file))
        except _DAMAGE as error:
            raise ledger_error(f"{path} is damaged: {error}", "take another backup") from error
        if found != member.sha256:
            raise ledger_error(
                f"{path} was changed: {member.path} is not what was written", "take another backup"
            )
    report = verify(backup.rows(), head=Head(manifest.seq, manifest.hash))
    if not report.ok:
        raise ledger_error(f"the ledger in {path} does not verify: {report}", "take another backup")


def _add(archive: zipfile.ZipFile, name: str, blocks: Iterator[bytes]) -> Member:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as target:
        for block in blocks:
            digest.update(block)
            target.write(block)
    return Member(name, digest.hexdigest())


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _digest(blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()
