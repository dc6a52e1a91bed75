"""The store: the ledger and its tables in SQLite or PostgreSQL, votes and soft labels as files by run.

What is in it is what `wsal.audit` says happened. Every change is an event; the event and the table it changes
are written in one transaction, and the tables can be rebuilt from the events at any time.
"""

from wsal.store.artefacts import (
    RUNS,
    read_arrays,
    read_json,
    read_soft_labels,
    read_votes,
    write_arrays,
    write_json,
    write_soft_labels,
    write_votes,
)
from wsal.store.files import sha256_of, write_atomically
from wsal.store.opening import migrate_store, open_store, restore_guards, verify_store
from wsal.store.rows import AnswerRow, DrawRow, LedgerEntry, RuleRow, RunKind, RunRow
from wsal.store.store import Store

__all__ = [
    "RUNS",
    "AnswerRow",
    "DrawRow",
    "LedgerEntry",
    "RuleRow",
    "RunKind",
    "RunRow",
    "Store",
    "migrate_store",
    "open_store",
    "read_arrays",
    "read_json",
    "read_soft_labels",
    "read_votes",
    "restore_guards",
    "sha256_of",
    "verify_store",
    "write_arrays",
    "write_atomically",
    "write_json",
    "write_soft_labels",
    "write_votes",
]
