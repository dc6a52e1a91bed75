"""The schema of a store: making it, bringing it up to date, and seeing which one is there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL

from wsal.store.connect import reading, writing
from wsal.store.ddl.tables import HEAD_REVISION, KNOWN_REVISIONS, VERSION_TABLE, metadata
from wsal.store.failures import shown, store_error

__all__ = ["SchemaState", "migrate_schema", "require_current_schema", "schema_state"]

SchemaState: TypeAlias = Literal["absent", "foreign", "older", "current", "newer"]
"""No tables; tables of something else; a store of an older, of this, or of a newer version of wsal."""


def schema_state(connection: Connection) -> SchemaState:
    """Say which schema a database has."""
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in names:
        # A PostgreSQL schema may hold other tables beside ours; a SQLite file is ours alone.
        foreign = names if connection.dialect.name == "sqlite" else names & set(metadata.tables)
        return "foreign" if foreign else "absent"
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # noqa: S608  # a constant
    if found == [HEAD_REVISION]:
        return "current"
    return "older" if found and set(found) <= set(KNOWN_REVISIONS) else "newer"


def require_current_schema(engine: Engine) -> None:
    """See that the database is a store of this version of wsal.

    Raises
    ------
    StoreError
        It is not; the message says what it is and what to do.
    """
    with reading(engine) as connection:
        state = schema_state(connection)
    if state != "current":
        _refuse(engine.url, state)


def migrate_schema(engine: Engine) -> None:
    """Make the tables, or bring them up to date; does nothing where they are.

    Safe to call from several processes at once: the first makes them, the others wait and find them.

    Raises
    ------
    StoreError
        The database holds something else, or was written by a newer version of wsal.
    """
    with writing(engine) as connection:
        state = schema_state(connection)
        if state in ("foreign", "newer"):
            _refuse(engine.url, state)
        if state != "current":
            _run_revisions(connection)


def _refuse(url: URL, state: SchemaState) -> None:
    store = shown(url)
    if state in ("absent", "foreign"):
        what = "has no tables" if state == "absent" else "holds tables of something else"
        raise store_error(
            f"{store} is no wsal store: it {what}", "make one with `wsal init`, or mend [store] url"
        )
    if state == "older":
        raise store_error(f"the store {store} was made by an older version of wsal", "run `wsal migrate`")
    raise store_error(
        f"the store {store} was made by a newer version of wsal than this one",
        "upgrade: pip install --upgrade wsal",
    )


def _run_revisions(connection: Connection) -> None:
    """Run Alembic inside the transaction that is open, so that a crash leaves no half-made schema."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(Path(__file__).parent / "migrations"))

    def steps(current: Any, _context: Any) -> Iterable[Any]:  # noqa: ANN401  # Alembic's revision steps
        return cast("Iterable[Any]", script._upgrade_revs(HEAD_REVISION, current))  # noqa: SLF001  # Alembic's own recipe

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=True)
        environment.run_migrations()
