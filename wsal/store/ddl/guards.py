"""Whether the ledger's table and triggers are as revision 0001 made them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from wsal.store.ddl.ledger import FUNCTIONS, GUARDS, LEDGER, PREPARATION
from wsal.store.ddl.tables import metadata

__all__ = ["guard_findings", "recreate_guards"]

_RIGHT_POSTGRES = """
SELECT t.tgname, t.tgtype, t.tgenabled, f.proname, f.prosrc, t.tgqual IS NULL AND t.tgattr::text = '' AS plain
FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
WHERE t.tgrelid = to_regclass('ledger') AND NOT t.tgisinternal
"""


# Tables of our names in the schema that is used; each query takes the names.
_OURS = "SELECT to_regclass(quote_ident(name)) FROM unnest(%s::text[]) AS name"
_FOREIGN_POSTGRES = f"""
SELECT t.tgrelid::regclass::text, t.tgname FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgrelid IN ({_OURS}) AND t.tgrelid <> to_regclass('ledger')
"""  # noqa: S608  # constants
_RULES_POSTGRES = f"""
SELECT r.ev_class::regclass::text, r.rulename FROM pg_rewrite r WHERE r.ev_class IN ({_OURS})
"""  # noqa: S608  # constants
_HIDING_POSTGRES = f"""
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.oid IN ({_OURS}) AND (c.relrowsecurity OR c.relforcerowsecurity OR c.relhassubclass)
"""  # noqa: S608  # constants


def guard_findings(connection: Connection) -> tuple[str, ...]:
    """Return what is missing or changed among the ledger's guards, in words; empty where all is well."""
    if connection.dialect.name == "sqlite":
        return tuple(_sqlite_findings(connection))
    return tuple(_postgres_findings(connection))


def recreate_guards(connection: Connection) -> None:
    """Drop the triggers of the ledger and make them anew; the table itself is not touched."""
    name = connection.dialect.name
    on = "" if name == "sqlite" else " ON ledger"
    for statement in PREPARATION[name]:
        connection.exec_driver_sql(statement)
    for guard in GUARDS[name]:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}{on}")
        connection.exec_driver_sql(guard.statement)


def _sqlite_findings(connection: Connection) -> Iterator[str]:
    rows = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')"
    )
    there = {(kind, name): statement for kind, name, statement in rows}
    table = there.get(("table", "ledger"))
    if table != LEDGER["sqlite"]:
        yield (
            "the table ledger is missing" if table is None else f"the table ledger was made anew as: {table}"
        )
    expected = {guard.name: guard.statement for guard in GUARDS["sqlite"]}
    for name, statement in expected.items():
        found = there.get(("trigger", name))
        if found is None:
            yield f"the trigger {name} is missing"
        elif found != statement:
            yield f"the trigger {name} was changed to: {found}"
    for kind, name in there:
        if kind == "trigger" and name not in expected:
            yield f"the trigger {name} is none of wsal's"


def _postgres_findings(connection: Connection) -> Iterator[str]:
    relation = connection.exec_driver_sql(
        "SELECT relkind FROM pg_class WHERE oid = to_regclass('ledger')"
    ).scalar()
    if relation not in ("r", b"r"):
        yield "the table ledger is missing"
    there = {row.tgname: row for row in connection.exec_driver_sql(_RIGHT_POSTGRES)}
    expected = {guard.name: guard for guard in GUARDS["postgresql"]}
    for name, guard in expected.items():
        row = there.get(name)
        if row is None:
            yield f"the trigger {name} is missing"
        elif row.tgenabled not in ("A", b"A"):
            yield f"the trigger {name} is switched off"
        elif (row.tgtype, row.proname, row.plain) != (guard.bits, guard.function, True):
            yield f"the trigger {name} was changed"
        elif row.prosrc != FUNCTIONS[guard.function]:
            yield f"the function {guard.function} of the trigger {name} was changed to: {row.prosrc.strip()}"
    for name in there:
        if name not in expected:
            yield f"the trigger {name} is none of wsal's"
    yield from _postgres_surroundings(connection)


def _postgres_surroundings(connection: Connection) -> Iterator[str]:
    """Find what else can change or hide what is written and read: foreign triggers, rules, row security."""
    tables = [table.name for table in metadata.sorted_tables]
    for table, name in connection.exec_driver_sql(_FOREIGN_POSTGRES, (tables,)):
        yield f"the trigger {name} on {table} is none of wsal's"
    for table, name in connection.exec_driver_sql(_RULES_POSTGRES, (tables,)):
        yield f"the rule {name} on {table} is none of wsal's"
    for (table,) in connection.exec_driver_sql(_HIDING_POSTGRES, (tables,)):
        yield f"the table {table} hides rows: it has row security or a table that inherits from it"
