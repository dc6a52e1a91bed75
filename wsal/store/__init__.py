"""The store: the ledger and its tables in SQLite or PostgreSQL, votes and soft labels as files by run.

What is in it is what `wsal.audit` says happened. Every change is an event; the event and the table it changes
are written in one transaction, and the tables can be rebuilt from the events at any time.
"""

from wsal.store.copies.backup import Backup, open_backup
from wsal.store.copies.moving import backup_store, copy_to, files_of_store, restore_store
from wsal.store.files.artefacts import (
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
from wsal.store.files.atomic import checked_path, sha256_of, write_atomically
from wsal.store.files.item_snapshot import read_through_snapshot
from wsal.store.files.listed import PARTS_FOLDER, PARTS_MANIFEST
from wsal.store.health import StoreHealth, store_health
from wsal.store.ledger.erasing import Erasure, PersonRow
from wsal.store.ledger.rows import AnswerRow, ClassChangeRow, DrawRow, LedgerEntry, RuleRow, RunKind, RunRow
from wsal.store.opening import migrate_store, open_store, restore_guards, verify_store
from wsal.store.sealing import SealCheck, make_seal, note_seal
from wsal.store.store import Store
from wsal.store.workbench.accounts import Access, Account, Accounts, ApiToken
from wsal.store.workbench.leases import ADJUDICATE, Leases, Tally

__all__ = [
    "ADJUDICATE",
    "PARTS_FOLDER",
    "PARTS_MANIFEST",
    "RUNS",
    "Access",
    "Account",
    "Accounts",
    "AnswerRow",
    "ApiToken",
    "Backup",
    "ClassChangeRow",
    "DrawRow",
    "Erasure",
    "Leases",
    "LedgerEntry",
    "PersonRow",
    "RuleRow",
    "RunKind",
    "RunRow",
    "SealCheck",
    "Store",
    "StoreHealth",
    "Tally",
    "backup_store",
    "checked_path",
    "copy_to",
    "files_of_store",
    "make_seal",
    "migrate_store",
    "note_seal",
    "open_backup",
    "open_store",
    "read_arrays",
    "read_json",
    "read_soft_labels",
    "read_through_snapshot",
    "read_votes",
    "restore_guards",
    "restore_store",
    "sha256_of",
    "store_health",
    "verify_store",
    "write_arrays",
    "write_atomically",
    "write_json",
    "write_soft_labels",
    "write_votes",
]
