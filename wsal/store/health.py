"""The database itself: its size, its schema, and whether its pages are whole. What it says is another question."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from wsal.store.connect import make_engine, reading, require_file, resolve_url
from wsal.store.failures import shown
from wsal.store.schema import SchemaState, schema_state

__all__ = ["StoreHealth", "store_health"]

_MOST = 5  # messages of damage that are shown


@dataclass(frozen=True)
class StoreHealth:
    """What a database is like.

    Parameters
    ----------
    url : str
        Without a password.
    server : str
        Which database, in which version.
    n_bytes : int
    n_log_bytes : int, optional
        Of SQLite's write-ahead log before it was opened for this; None on PostgreSQL.
    schema : str
        "current", "older", "newer", "absent" or "foreign".
    damage : tuple of str
        What its own check finds; empty on PostgreSQL, which checks its pages itself.
    """

    url: str
    server: str
    n_bytes: int
    n_log_bytes: int | None
    schema: SchemaState
    damage: tuple[str, ...]


def store_health(url: str, *, root: str | Path, timeout: float = 5.0) -> StoreHealth:
    """Look at a database; nothing is made or changed.

    Parameters
    ----------
    url : str
        As for `open_store`.
    root : str or Path
        The project's folder.
    timeout : float
        Seconds to wait for a lock.

    Returns
    -------
    StoreHealth

    Raises
    ------
    StoreError
        It is not there, cannot be reached, or is no database.

    Notes
    -----
    O(size of the database): SQLite reads all its pages.
    """
    resolved = resolve_url(url, Path(root))
    require_file(resolved, create=False)
    file = Path(str(resolved.database)) if resolved.get_backend_name() == "sqlite" else None
    n_bytes, n_log_bytes = (_size(file), _size(Path(f"{file}-wal"))) if file else (0, None)
    with ExitStack() as stack:
        engine = make_engine(resolved, timeout=timeout)
        stack.callback(engine.dispose)
        with reading(engine) as connection:
            schema = schema_state(connection)
            if file is None:
                found = connection.execute(text("SELECT pg_database_size(current_database())"))
                n_bytes = int(found.scalar_one())
            return StoreHealth(
                shown(engine.url), _server(connection), n_bytes, n_log_bytes, schema, _damage(connection)
            )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _server(connection: Connection) -> str:
    name = "SQLite" if connection.dialect.name == "sqlite" else "PostgreSQL"
    version = connection.dialect.server_version_info or ()
    return f"{name} {'.'.join(map(str, version))}"


def _damage(connection: Connection) -> tuple[str, ...]:
    if connection.dialect.name != "sqlite":
        return ()
    said = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST})").scalars()
    return tuple(message for message in said if message != "ok")
