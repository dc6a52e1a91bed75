import hashlib
import sqlite3

import pytest

from wsal.audit import GENESIS, AnswerGiven, Event, link
from wsal.errors import LedgerError
from wsal.store import open_store, restore_guards, verify_store
from wsal.store.ddl.ledger import GUARDS, LEDGER, PREPARATION

URL = "sqlite:///.wsal/store.db"


@pytest.fixture
def raw(tmp_path):
    """A store with five events, as someone with the plain SQLite shell sees it."""
    with open_store(URL, create=True, root=tmp_path) as store:
        store.append_many([Event.of(AnswerGiven(f"e{i}", i, "skip", "ana"), actor="ana") for i in range(5)])
    connection = sqlite3.connect(tmp_path / ".wsal" / "store.db", isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "how", ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE", "INSERT OR FAIL"]
)
@pytest.mark.parametrize("seq", [1, 3, 5, 7, 0, -1])
def test_no_way_of_inserting_replaces_a_row_or_leaves_a_gap(raw, how, seq):
    before = raw.execute("SELECT * FROM ledger").fetchall()
    last = before[-1][2]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(f"{how} INTO ledger VALUES (?, ?, ?, ?)", (seq, last, link(last, b"{}"), b"{}"))
    assert raw.execute("SELECT * FROM ledger").fetchall() == before


@pytest.mark.parametrize("prev", [GENESIS, "f" * 64])
def test_a_row_that_does_not_continue_the_head_is_refused(raw, prev):
    with pytest.raises(sqlite3.IntegrityError, match="continues the last hash"):
        raw.execute("INSERT INTO ledger VALUES (6, ?, ?, ?)", (prev, link(prev, b"{}"), b"{}"))


def test_a_row_without_a_number_is_refused(raw):
    last = raw.execute("SELECT hash FROM ledger WHERE seq = 5").fetchone()[0]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("INSERT INTO ledger (prev_hash, hash, body) VALUES (?, ?, ?)", (last, "f" * 64, b"{}"))


def test_an_upsert_is_refused(raw):
    last = raw.execute("SELECT hash FROM ledger WHERE seq = 5").fetchone()[0]
    statement = "INSERT INTO ledger VALUES (5, ?, ?, ?) ON CONFLICT (seq) DO UPDATE SET body = excluded.body"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement, (last, "f" * 64, b"{}"))


def test_a_row_slipped_in_behind_the_head_is_found(raw, tmp_path):
    last = raw.execute("SELECT hash FROM ledger WHERE seq = 5").fetchone()[0]
    body = Event.of(AnswerGiven("x", 9, "skip", "eve"), actor="eve").body()
    raw.execute("INSERT INTO ledger VALUES (6, ?, ?, ?)", (last, link(last, body), body))
    report = verify_store(URL, root=tmp_path)
    assert {finding.kind for finding in report.findings} == {"head", "projection"}


def test_a_changed_trigger_is_found_by_its_words(raw, tmp_path):
    raw.execute("DROP TRIGGER ledger_no_delete")
    raw.execute("CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT 1; END")
    with pytest.raises(LedgerError, match="the trigger ledger_no_delete was changed to: CREATE TRIGGER"):
        open_store(URL, root=tmp_path)
    assert len(restore_guards(URL, root=tmp_path, actor="admin")) == 1
    open_store(URL, root=tmp_path).close()


def test_a_foreign_trigger_is_found_and_not_taken_away_silently(raw, tmp_path):
    raw.execute("CREATE TRIGGER spy AFTER INSERT ON answers BEGIN UPDATE answers SET label = 'ham'; END")
    with pytest.raises(LedgerError, match="the trigger spy is none of wsal's"):
        open_store(URL, root=tmp_path)
    with pytest.raises(LedgerError, match="cannot be mended"):
        restore_guards(URL, root=tmp_path, actor="admin")


def test_a_ledger_that_was_made_anew_is_found(raw, tmp_path):
    raw.execute("CREATE TABLE copy AS SELECT * FROM ledger")
    raw.execute("DROP TABLE ledger")
    raw.execute("ALTER TABLE copy RENAME TO ledger")
    for guard in GUARDS["sqlite"]:
        raw.execute(guard.statement)
    with pytest.raises(LedgerError, match="the table ledger was made anew"):
        open_store(URL, root=tmp_path)


def test_a_body_that_is_text_is_found(raw, tmp_path):
    raw.execute("DROP TRIGGER ledger_no_update")
    raw.execute("PRAGMA ignore_check_constraints = ON")
    raw.execute("UPDATE ledger SET body = CAST(body AS TEXT) WHERE seq = 2")
    raw.execute(GUARDS["sqlite"][0].statement)
    report = verify_store(URL, root=tmp_path)
    assert ("edited", 2) in {(finding.kind, finding.seq) for finding in report.findings}


def test_the_statements_of_the_first_revision_are_frozen():
    # Every store in the world was made by these; a change is a new revision, never an edit.
    words = repr((sorted(LEDGER.items()), sorted(PREPARATION.items()), sorted(GUARDS.items())))
    assert hashlib.sha256(words.encode()).hexdigest()[:16] == "39bd9daefbe77a91"
