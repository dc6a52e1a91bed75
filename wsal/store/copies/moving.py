"""What is done to a store as a whole: backing it up, filling one from a backup, copying one to another database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from wsal.audit import VerificationReport
from wsal.store.connect import make_engine, reading, require_file, resolve_url, writing
from wsal.store.copies.backup import Backup, Manifest, write_backup
from wsal.store.copies.copying import copy_store, fill_store, leave_people_out, not_empty
from wsal.store.files.named import files_there
from wsal.store.opening import DEFAULT_TIMEOUT, open_store
from wsal.store.schema import require_current_schema
from wsal.store.verification import require_whole

__all__ = ["backup_store", "copy_to", "files_of_store", "restore_store"]


def files_of_store(url: str, *, root: str | Path, timeout: float = DEFAULT_TIMEOUT) -> tuple[str, ...]:
    """Return the files that the ledger names and that are there, relative to the project's folder."""
    folder = Path(root)
    with _opened(url, folder, timeout) as engine, reading(engine) as connection:
        return tuple(sorted(file.path for file in files_there(connection, folder)))


def backup_store(  # noqa: PLR0913  # one for each thing that a backup says of itself
    url: str,
    path: Path,
    *,
    root: str | Path,
    project: str,
    version: str,
    files: Mapping[str, Path],
    with_people: bool,
    timeout: float = DEFAULT_TIMEOUT,
) -> Manifest:
    """Write a backup of a store and of files; see `wsal.store.copies.backup.write_backup`."""
    with _opened(url, Path(root), timeout) as engine, reading(engine) as connection:
        return write_backup(
            connection, path, project=project, version=version, files=files, with_people=with_people
        )


def restore_store(
    url: str, backup: Backup, *, root: str | Path, actor: str, timeout: float = DEFAULT_TIMEOUT
) -> tuple[tuple[str, ...], VerificationReport]:
    """Fill a new store from a backup and verify it with the files that it names, in one transaction.

    Returns
    -------
    tuple
        The people whose names did not come with it, and what was verified.

    Raises
    ------
    StoreError
        There is a ledger already.
    LedgerError
        The backup does not verify; the store is empty then.
    """
    folder = Path(root)
    with (
        open_store(url, create=True, root=folder, timeout=timeout) as store,
        writing(store.engine) as connection,
    ):
        fill_store(connection, backup.rows(), backup.people())
        left_out = () if backup.manifest.people else leave_people_out(connection, actor=actor)
        return left_out, require_whole(connection, folder)


def copy_to(
    url: str, target: str, *, root: str | Path, timeout: float = DEFAULT_TIMEOUT
) -> VerificationReport:
    """Copy a store into a new one, of any kind, and verify it; nobody writes to the old one meanwhile.

    Raises
    ------
    StoreError
        There is a ledger in the new one already.
    LedgerError
        The copy does not verify; the new store is empty then.
    """
    with (
        _opened(url, Path(root), timeout) as engine,
        open_store(target, create=True, root=root, timeout=timeout) as store,
    ):
        # Seen before the old store is locked, since the new one may be the same.
        if store.head().seq:
            raise not_empty(store.engine.url)
        return copy_store(engine, store.engine, root=Path(root))


@contextmanager
def _opened(url: str, root: Path, timeout: float) -> Iterator[Engine]:
    resolved = resolve_url(url, root)
    require_file(resolved, create=False)
    engine = make_engine(resolved, timeout=timeout)
    try:
        require_current_schema(engine)
        yield engine
    finally:
        engine.dispose()
