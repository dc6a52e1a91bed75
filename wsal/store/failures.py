"""Errors of databases, said in words with their cure."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from wsal.errors import LedgerError, StoreError

__all__ = ["ledger_error", "meaning", "shown", "store_error", "translated"]

_GUARD_WORDS = "the ledger is append-only"
_DAMAGE_WORDS = (
    "malformed",
    "could not decode to utf-8",
    "no such table",
    "no such column",
    'relation "',
    'column "',
)

# What a driver's message says, what it means, and what to do about it; the first that fits is taken.
_MEANINGS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("database is locked", "lock timeout", "locknotavailable", "database table is locked"),
        "is locked by another process",
        "wait until the other wsal process has finished, or stop it; nothing was written",
    ),
    (
        ("file is not a database", "file is encrypted"),
        "is no wsal store",
        "point [store] url at another file",
    ),
    (
        ("readonly database", "read-only"),
        "cannot be written: it or its folder is read-only",
        "make the file and its folder writable, or copy them to a place that is",
    ),
    (
        ("unable to open database file",),
        "cannot be opened",
        "see that its folder exists and can be read and written",
    ),
    (
        ("disk is full", "no space left"),
        "cannot be written: the disk is full",
        "free some space; nothing was written",
    ),
    (
        (
            "connection refused",
            "could not connect",
            "connection failed",
            "failed to resolve",
            "does not exist",
        ),
        "cannot be reached",
        "see that the server runs, and that host, port, database and user in the URL are right",
    ),
)


def shown(url: URL) -> str:
    """Return a URL for messages, without its password."""
    return url.render_as_string(hide_password=True)


def store_error(message: str, hint: str) -> StoreError:
    """Make a `StoreError` with its cure."""
    return StoreError(f"{message}\n  hint: {hint}")


def ledger_error(message: str, hint: str) -> LedgerError:
    """Make a `LedgerError` with its cure."""
    return LedgerError(f"{message}\n  hint: {hint}")


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn the database's errors into a `StoreError` that says what to do."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise meaning(url, error) from error


def meaning(url: URL, error: DBAPIError | sqlite3.Error) -> StoreError:
    """Return a database's error as a `StoreError` that says what to do."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    first_line = said.splitlines()[0] if said else type(error).__name__
    if _GUARD_WORDS in said:
        return ledger_error(f"the store {shown(url)} refused a row: {first_line}", "run `wsal audit verify`")
    if isinstance(error, IntegrityError | sqlite3.IntegrityError):
        return store_error(
            f"the store {shown(url)} refused a row that contradicts it: {first_line}",
            "an id (of a run, a batch, a draw or an answer) is used once; make a new one",
        )
    if any(word in said.lower() for word in _DAMAGE_WORDS):
        return ledger_error(f"the store {shown(url)} is damaged: {first_line}", "restore it from a backup")
    for words, what, hint in _MEANINGS:
        if any(word in said.lower() for word in words):
            return store_error(f"the store {shown(url)} {what} ({first_line})", hint)
    return store_error(
        f"the store {shown(url)} failed: {first_line}", "run `wsal audit verify`; it may be damaged"
    )
