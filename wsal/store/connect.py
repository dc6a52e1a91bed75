"""From a URL to an engine whose every commit is on disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from wsal.errors import InputError, StoreError
from wsal.store.failures import shown, store_error, translated

__all__ = [
    "is_read_only",
    "make_engine",
    "reading",
    "require_file",
    "require_writable",
    "resolve_url",
    "writing",
]

_WRITE: Final = "wsal_write"
_READ_ONLY: Final = "wsal_read_only"
_KNOWN: Final = (
    'sqlite:///.wsal/store.db or postgresql://user@host/database; for both, "wsal.toml" says [store] url'
)


def resolve_url(url: str | URL, root: Path) -> URL:
    """Read the URL of a store; a relative SQLite path is taken from the project's folder.

    Parameters
    ----------
    url : str or sqlalchemy.URL
    root : Path
        The project's folder.

    Raises
    ------
    InputError
        No URL, or not of SQLite (in a file) or PostgreSQL.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise InputError(f"{str(url)!r} is no URL of a store", hint=f"write {_KNOWN}") from None
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise InputError(
            f"a store is kept in SQLite or PostgreSQL, not in {backend!r}", hint=f"write {_KNOWN}"
        )
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise InputError(
            f"{shown(parsed)!r} names no file, and a store must outlive its process", hint=f"write {_KNOWN}"
        )
    return parsed.set(drivername="sqlite+pysqlite", database=str(root / parsed.database))


def make_engine(url: URL, *, timeout: float) -> Engine:
    """Make an engine for a resolved URL; nothing is opened yet.

    A SQLite file that cannot be written, or stands in a folder that cannot, is opened to be read alone.

    Parameters
    ----------
    url : sqlalchemy.URL
    timeout : float
        Seconds to wait for a lock that another process holds.

    Raises
    ------
    StoreError
        PostgreSQL's driver is not installed; or a SQLite file that cannot be written has unfinished writes beside it.
    """
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if _is_writable(path):
            engine = create_engine(url, connect_args={"timeout": timeout})
            event.listen(engine, "connect", _settle_sqlite)
        else:
            address = _read_only_address(path)
            engine = create_engine(
                url,
                creator=lambda: sqlite3.connect(address, uri=True, timeout=timeout, check_same_thread=False),
            )
            engine.update_execution_options(**{_READ_ONLY: True})
            event.listen(engine, "connect", _settle_read_only)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise store_error(
            f"the store {shown(url)} needs PostgreSQL's driver psycopg", "pip install 'wsal[postgres]'"
        ) from error

    def settle(connection: Any, _record: object) -> None:  # noqa: ANN401  # psycopg's connection
        connection.autocommit = True
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET lock_timeout = {round(timeout * 1000)}")
        connection.autocommit = False

    event.listen(engine, "connect", settle)
    return engine


def _settle_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  # sqlite3's connection
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    # SQLite's default is 2 MB for each of a server's fifteen connections, taken and given back in pieces all over
    # the heap whenever another process writes; with 512 KiB no query here was slower.
    connection.execute("PRAGMA cache_size = -512")


def _settle_read_only(connection: Any, _record: object) -> None:  # noqa: ANN401  # sqlite3's connection
    connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    # The head is read under the write lock, else two writers would both continue the same row.
    immediate = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def is_read_only(engine: Engine) -> bool:
    """Say whether a store was opened to be read alone."""
    return bool(engine.get_execution_options().get(_READ_ONLY, False))


def require_writable(engine: Engine) -> None:
    """See that a store was not opened to be read alone.

    Raises
    ------
    StoreError
        It was.
    """
    if is_read_only(engine):
        raise _not_writable(Path(str(engine.url.database)))


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may write until the block ends; commit then, or roll back on an error.

    Raises
    ------
    StoreError
        The database is locked, read-only, full or damaged.
    """
    require_writable(engine)
    with translated(engine.url), engine.connect() as connection:
        connection.execution_options(**{_WRITE: True})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(hashtext('wsal'), hashtext(current_schema()))")
                )
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment of the store until the block ends.

    Raises
    ------
    StoreError
        The database cannot be read.
    """
    with translated(engine.url), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def require_file(url: URL, *, create: bool) -> None:
    """See that a SQLite file is there, or may be made: SQLite itself makes an empty file at any path.

    Raises
    ------
    StoreError
        No such file or folder; with ``create``, one that is read-only.
    """
    if url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database))
    folder = path.parent
    if path.is_dir():
        raise store_error(
            f"the store {path} is a folder", "write the path of a file: sqlite:///.wsal/store.db"
        )
    if not path.exists():
        if not create:
            raise store_error(
                f"there is no store at {path}", "make a project with `wsal init`, or mend [store] url"
            )
        _make_folder(folder)
    if create and not _is_writable(path):
        raise _not_writable(path)


def _not_writable(path: Path) -> StoreError:
    return store_error(
        f"the store {path} cannot be written: it or its folder is read-only",
        "make the file and its folder writable, or copy them to a place that is",
    )


def _is_writable(path: Path) -> bool:
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _read_only_address(path: Path) -> str:
    """Return how SQLite opens a file that nobody here may write.

    To read a file in WAL mode, SQLite makes two files beside it, unless it is told that nobody writes (``immutable``).
    That may be said only where no process has it open; then it would also pass over what stands in the WAL.
    """
    wal, index = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    unfinished = wal.exists() and wal.stat().st_size > 0
    if unfinished and not index.exists():
        raise store_error(
            f"the store {path} is read-only, and its last writes still stand in {wal.name}",
            "copy the whole folder to a place that can be written, and read it there",
        )
    # Quoted, since '?' and '#' in a name would end the path.
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    return address if unfinished or index.exists() else f"{address}&immutable=1"


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        raise store_error(f"the folder {folder.parent} does not exist", "make it, or mend [store] url")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be made: {error.strerror}") from error
