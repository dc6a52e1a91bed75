"""Whether the tables have the columns that wsal gave them: a table that was replaced often has others."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, inspect

from wsal.audit import Finding
from wsal.store.ddl.tables import metadata

__all__ = ["shape_findings"]


def shape_findings(connection: Connection) -> Iterator[Finding]:
    """Compare the tables of the database with those that wsal makes."""
    database = inspect(connection)
    there = set(database.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in there:
            yield Finding("table", f"the table {table.name} is missing")
            continue
        columns = [(column["name"], column["nullable"]) for column in database.get_columns(table.name)]
        key = database.get_pk_constraint(table.name)["constrained_columns"]
        yield from _differences(table, columns, key)


def _differences(table: Table, columns: list[tuple[str, bool]], key: list[str]) -> Iterator[Finding]:
    names = [name for name, _ in columns]
    expected = [column.name for column in table.columns]
    if names != expected:
        yield Finding(
            "table",
            f"the table {table.name} was replaced: its columns are {', '.join(names)}, "
            f"but wsal made {', '.join(expected)}",
        )
        return
    if key != [column.name for column in table.primary_key]:
        yield Finding("table", f"the table {table.name} was replaced: it has lost its primary key")
    lax = [
        name
        for (name, nullable), column in zip(columns, table.columns, strict=True)
        if nullable and not column.nullable and not column.primary_key
    ]
    if lax:
        yield Finding(
            "table", f"the table {table.name} was replaced: {', '.join(lax)} may be empty, which wsal forbids"
        )
