"""The statements that run for every answer, in the words of the driver.

SQLAlchemy takes longer to put such a statement together than the database takes to run it, and the ledger's
speed is that of these few. Values are always parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Table

__all__ = ["insert_rows", "select_in"]

_AT_ONCE: Final = 500  # values in one statement


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows whose values stand in the order of the table's columns, as the driver takes them."""
    if rows:
        connection.exec_driver_sql(_insertion(table, connection.dialect.paramstyle), list(rows))


def select_in(connection: Connection, query: str, values: Sequence[str]) -> Iterator[Any]:
    """Run a query that ends in ``IN``, for any number of values.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    query : str
        Our own words, never input.
    values : sequence of str
    """
    mark = _mark(connection.dialect.paramstyle)
    for start in range(0, len(values), _AT_ONCE):
        chunk = tuple(values[start : start + _AT_ONCE])
        yield from connection.exec_driver_sql(f"{query} ({', '.join([mark] * len(chunk))})", chunk)


@cache
def _insertion(table: Table, paramstyle: str) -> str:
    names = [column.name for column in table.columns]
    marks = ", ".join([_mark(paramstyle)] * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  # our own names


def _mark(paramstyle: str) -> str:
    return "?" if paramstyle == "qmark" else "%s"
