"""The ledger's table and its guards, in the words of each database.

Frozen: revision 0001 ran these statements in every store there is, and at start-up the store is compared with
them. A later change is a new revision with new names, never an edit here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["GUARDS", "LEDGER", "PREPARATION", "Guard"]

_ZEROS: Final = "0" * 64
_NO_CHANGE: Final = "the ledger is append-only: no row is changed or deleted"
_NEXT_ONLY: Final = "the ledger is append-only: a row takes the next seq and continues the last hash"


@dataclass(frozen=True)
class Guard:
    """A trigger on the ledger.

    Parameters
    ----------
    name : str
    statement : str
        Creates it.
    function : str
        Of PostgreSQL: the function it runs; empty on SQLite.
    bits : int
        Of PostgreSQL: ``pg_trigger.tgtype`` (row 1, before 2, insert 4, delete 8, update 16, truncate 32).
    """

    name: str
    statement: str
    function: str = ""
    bits: int = 0


# No UNIQUE on hash: INSERT OR REPLACE would then delete an old row by way of it, unseen by any trigger.
LEDGER: Final[Mapping[str, str]] = {
    "sqlite": (
        "CREATE TABLE ledger (seq INTEGER PRIMARY KEY, prev_hash TEXT NOT NULL, hash TEXT NOT NULL, "
        "body BLOB NOT NULL, CHECK (typeof(body) = 'blob' AND length(hash) = 64))"
    ),
    "postgresql": (
        "CREATE TABLE ledger (seq BIGINT PRIMARY KEY, prev_hash TEXT NOT NULL, hash TEXT NOT NULL, "
        "body BYTEA NOT NULL, CHECK (length(hash) = 64))"
    ),
}

_REFUSE: Final = f"\nBEGIN\n  RAISE EXCEPTION '{_NO_CHANGE}';\nEND\n"
# Bandit takes the SELECT for a query put together from input; all that is put in are constants above.
_INSERT: Final = f"""
DECLARE
  head_seq bigint;
  head_hash text;
BEGIN
  EXECUTE 'SELECT seq, hash FROM ' || TG_RELID::regclass::text || ' ORDER BY seq DESC LIMIT 1'
    INTO head_seq, head_hash;
  IF NEW.seq IS DISTINCT FROM coalesce(head_seq, 0) + 1
     OR NEW.prev_hash IS DISTINCT FROM coalesce(head_hash, '{_ZEROS}') THEN
    RAISE EXCEPTION '{_NEXT_ONLY}';
  END IF;
  RETURN NEW;
END
"""  # noqa: S608

FUNCTIONS: Final[Mapping[str, str]] = {"wsal_ledger_refuse": _REFUSE, "wsal_ledger_insert": _INSERT}
"""PostgreSQL: the bodies of the functions that the triggers run."""

PREPARATION: Final[Mapping[str, tuple[str, ...]]] = {
    "sqlite": (),
    "postgresql": tuple(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $wsal${body}$wsal$"
        for name, body in FUNCTIONS.items()
    ),
}
"""Statements that come before the guards."""


def _postgres_guard(name: str, when: str, function: str, bits: int) -> Guard:
    each = "STATEMENT" if when == "TRUNCATE" else "ROW"
    # ALWAYS: else session_replication_role = replica would pass by.
    statement = (
        f"CREATE TRIGGER {name} BEFORE {when} ON ledger FOR EACH {each} EXECUTE FUNCTION {function}(); "
        f"ALTER TABLE ledger ENABLE ALWAYS TRIGGER {name}"
    )
    return Guard(name, statement, function, bits)


GUARDS: Final[Mapping[str, tuple[Guard, ...]]] = {
    "sqlite": (
        Guard(
            "ledger_no_update",
            f"CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger "
            f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END",
        ),
        Guard(
            "ledger_no_delete",
            f"CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger "
            f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END",
        ),
        # It runs before REPLACE would delete the old row, and so defeats INSERT OR REPLACE as well.
        Guard(
            "ledger_insert",
            f"CREATE TRIGGER ledger_insert BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, '{_NEXT_ONLY}') "  # noqa: S608  # constants
            "WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger) "
            "OR NEW.prev_hash IS NOT "
            f"coalesce((SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1), '{_ZEROS}'); END",
        ),
    ),
    "postgresql": (
        _postgres_guard("ledger_no_update", "UPDATE", "wsal_ledger_refuse", 1 + 2 + 16),
        _postgres_guard("ledger_no_delete", "DELETE", "wsal_ledger_refuse", 1 + 2 + 8),
        _postgres_guard("ledger_no_truncate", "TRUNCATE", "wsal_ledger_refuse", 2 + 32),
        _postgres_guard("ledger_insert", "INSERT", "wsal_ledger_insert", 1 + 2 + 4),
    ),
}
