"""Random tamperings with a copied store: every one is found, and nothing in the store as it was.

Whoever tampers here may do all: the triggers are dropped for the deed and put back word for word, and the file is
also written without SQLite. Half of the time the deed is covered up as well as can be without knowing the future:
hashes are computed anew and the note of the last row is moved. Against that stands a seal that was kept elsewhere.
"""

# ruff: noqa: S608  # the queries are put together from names of our own tables
import math
import random
import shutil
import sqlite3
import struct
from collections import Counter
from contextlib import closing, suppress

import numpy as np
import pytest

from wsal.audit import (
    GENESIS,
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    DrawRecord,
    EndModelTrained,
    Event,
    ImportedAnswer,
    ProjectCreated,
    RuleRef,
    RulesLoaded,
    RuleVersion,
    RunApplied,
    RunFitted,
    link,
)
from wsal.labels import SoftLabels
from wsal.store import (
    SealCheck,
    make_seal,
    open_store,
    verify_store,
    write_arrays,
    write_json,
    write_soft_labels,
    write_votes,
)
from wsal.store.ddl.ledger import GUARDS
from wsal.types import LabelSpace
from wsal.votes import VoteMatrix

URL = "sqlite:///.wsal/store.db"
LABELS = ("ham", "spam")
TABLES = {
    "answers": "event_id",
    "batches": "batch",
    "draws": "draw_id",
    "event_ids": "event_id",
    "rules": "name",
    "runs": "run",
    "ledger_head": "id",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store with all kinds of rows and files, closed, and its seal."""
    root = tmp_path_factory.mktemp("whole")
    with open_store(URL, create=True, root=root) as store:
        store.append_many([Event.of(payload, actor="ana") for payload in history(root)])
        sealed = make_seal(store, project="spam", by="ana")
    return root, SealCheck(sealed, "seal.json")


def history(root):
    rng = np.random.default_rng(0)
    items = [f"m{i}" for i in range(40)]
    votes = VoteMatrix.from_array(
        rng.integers(-1, 2, (40, 2)), LABELS, lf_names=["prize", "hello"], item_ids=items
    )
    soft = SoftLabels(np.full((40, 2), 0.5), LabelSpace(LABELS), votes.item_ids, np.array(["rules"] * 40))
    yield ProjectCreated("spam", LABELS)
    yield RulesLoaded((RuleVersion("prize", "f1", "ana", "why", "id: prize"), RuleVersion("hello", "f2")))
    refs = (RuleRef("prize", "f1"), RuleRef("hello", "f2"))
    yield RunApplied("r1", write_votes(votes, root=root, run="r1"), refs, "d1", 40, 2, 9, 0.7)
    model = write_json({"weights": [0.1, 0.2]}, root=root, run="r2")
    arrays = write_arrays({"w": np.arange(5.0)}, {"a": 1}, root=root, run="r2", name="model.npz")
    labels = write_soft_labels(soft, root=root, run="r2")
    yield RunFitted("r2", "r1", model, labels, 4, "converged", 0, 4, (0.5, 0.5), (arrays,))
    draws = [DrawRecord(BatchDrawn.draw_id("b1", i), items[i], "audit", "all", 0.1) for i in range(12)]
    yield BatchDrawn("b1", "r2", tuple(draws))
    for i in range(10):
        yield AnswerGiven(
            f"e{i}", items[i], "label", "ana", "spam", draw_id=f"b1/{i:05d}", rationale="it’s so", seconds=1.5
        )
    yield AnswerUndone("u1", "e3")
    rows = tuple(ImportedAnswer(f"i{i}", items[i], "ham", "bob", time="2020-01-01") for i in range(20, 25))
    yield AnswersImported("i", "gold.csv", "ab" * 32, rows)
    report = write_json({"accuracy": 0.9}, root=root, run="r3", name="report.json")
    yield EndModelTrained("r3", "r2", "logistic", None, 0, 30, 0, 10, "gold", (report,))


def pick(rng, connection, table, key="rowid"):
    return rng.choice([row[0] for row in connection.execute(f"SELECT {key} FROM {table}")])


def other(rng, value):
    """Return a value that differs in one bit; one for a missing one."""
    if value is None:
        return rng.choice([0, "x", b"\0"])
    if isinstance(value, int):
        return value ^ (1 << rng.randrange(40))
    if isinstance(value, float):
        (changed,) = struct.unpack("<d", flipped(rng, struct.pack("<d", value)))
        return 0.0 if math.isnan(changed) else changed  # SQLite would store NaN as NULL
    if isinstance(value, bytes):
        return flipped(rng, value)
    raw = flipped(rng, value.encode() or b"x")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def flipped(rng, raw):
    changed = bytearray(raw)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_value(connection, table, rowid, column, value):
    # Bytes that are no text any more still go into a column of texts.
    mark = "CAST(? AS TEXT)" if isinstance(value, bytes) and column != "body" else "?"
    connection.execute(f"UPDATE {table} SET {column} = {mark} WHERE rowid = ?", (value, rowid))


def edit_ledger(rng, connection):
    seq = pick(rng, connection, "ledger")
    column = rng.choice(["body", "body", "hash", "prev_hash"])
    (value,) = connection.execute(f"SELECT {column} FROM ledger WHERE seq = ?", (seq,)).fetchone()
    set_value(connection, "ledger", seq, column, other(rng, value))
    if column == "body" and rng.random() < 0.5:
        cover_up(connection)


def cover_up(connection):
    """Chain all rows anew and note the new head: what only a seal, or a projection, can tell."""
    prev = GENESIS
    rows = connection.execute("SELECT seq, CAST(body AS BLOB) FROM ledger ORDER BY seq").fetchall()
    for seq, body in rows:
        new = link(prev, body)
        connection.execute("UPDATE ledger SET prev_hash = ?, hash = ? WHERE seq = ?", (prev, new, seq))
        prev = new
    connection.execute("UPDATE ledger_head SET seq = ?, hash = ?", (rows[-1][0] if rows else 0, prev))


def delete_row(rng, connection):
    connection.execute("DELETE FROM ledger WHERE seq = ?", (pick(rng, connection, "ledger"),))
    if rng.random() < 0.5:
        cover_up(connection)


def truncate(rng, connection):
    seq = rng.randrange(0, connection.execute("SELECT max(seq) FROM ledger").fetchone()[0])
    connection.execute("DELETE FROM ledger WHERE seq > ?", (seq,))
    if rng.random() < 0.5:
        cover_up(connection)


def reorder(rng, connection):
    a, b = rng.sample([row[0] for row in connection.execute("SELECT seq FROM ledger")], 2)
    if rng.random() < 0.5:  # the rows change places
        for old, new in ((a, -1), (b, a), (-1, b)):
            connection.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (new, old))
    else:  # only what they say
        body = {
            seq: connection.execute("SELECT body FROM ledger WHERE seq = ?", (seq,)).fetchone()[0]
            for seq in (a, b)
        }
        for seq, text in ((a, body[b]), (b, body[a])):
            connection.execute("UPDATE ledger SET body = ? WHERE seq = ?", (text, seq))
    if rng.random() < 0.5:
        cover_up(connection)


def renumber(rng, connection):
    seq = pick(rng, connection, "ledger")
    connection.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (1000 + rng.randrange(1000), seq))


def slip_in(rng, connection):
    seq, prev = connection.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    body = Event.of(AnswerGiven("x", "m1", "label", "eve", "ham"), actor="eve").body()
    new = link(prev, body)
    connection.execute("INSERT INTO ledger VALUES (?, ?, ?, ?)", (seq + 1, prev, new, body))
    if rng.random() < 0.5:
        connection.execute("UPDATE ledger_head SET seq = ?, hash = ?", (seq + 1, new))


def edit_projection(rng, connection):
    table = rng.choice(list(TABLES))
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    if table == "ledger_head":
        columns.remove("id")
    rowid, column = pick(rng, connection, table), rng.choice(columns)
    (value,) = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
    changed = False
    while not changed:  # an id that another row has already is refused by the database
        with suppress(sqlite3.IntegrityError):
            set_value(connection, table, rowid, column, other(rng, value))
            changed = True


def delete_from_projection(rng, connection):
    table = rng.choice(list(TABLES))
    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (pick(rng, connection, table),))


def copy_in_projection(rng, connection):
    table = rng.choice(list(TABLES))
    key = TABLES[table]
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = [f"{column} || '7'" if column == key else column for column in columns]
    connection.execute(
        f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table} WHERE rowid = ?",
        (pick(rng, connection, table),),
    )


def replace_table(rng, connection):
    table = rng.choice(["ledger", *TABLES])
    connection.execute(f"CREATE TABLE copy AS SELECT * FROM {table}")
    connection.execute(f"DROP TABLE {table}")
    connection.execute(f"ALTER TABLE copy RENAME TO {table}")


def drop_table(rng, connection):
    connection.execute(f"DROP TABLE {rng.choice(['ledger', *TABLES])}")


DEEDS = {
    "edit the ledger": (edit_ledger, 6),
    "delete a row": (delete_row, 2),
    "cut off the end": (truncate, 2),
    "reorder": (reorder, 2),
    "renumber": (renumber, 1),
    "slip in a row": (slip_in, 1),
    "edit a table": (edit_projection, 6),
    "delete from a table": (delete_from_projection, 1),
    "copy a row of a table": (copy_in_projection, 1),
    "replace a table": (replace_table, 1),
    "drop a table": (drop_table, 1),
}


def by_rows(deed):
    return lambda rng, root: tamper_with_rows(rng, root, deed)


def tamper_with_rows(rng, root, deed):
    with closing(sqlite3.connect(root / ".wsal/store.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # a test need not wait for the disk
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("BEGIN")
        for guard in GUARDS["sqlite"]:
            connection.execute(f"DROP TRIGGER {guard.name}")
        deed(rng, connection)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger'").fetchone():
            for guard in GUARDS["sqlite"]:
                connection.execute(guard.statement)
        connection.execute("COMMIT")


def change_guard(rng, root):
    guard = rng.choice(GUARDS["sqlite"])
    with closing(sqlite3.connect(root / ".wsal/store.db", isolation_level=None)) as connection:
        connection.execute(f"DROP TRIGGER {guard.name}")
        if rng.random() < 0.5:
            connection.execute(guard.statement.split("BEGIN ")[0] + "BEGIN SELECT 1; END")


def flip(rng, path, start, length):
    raw = path.read_bytes()
    path.write_bytes(raw[:start] + flipped(rng, raw[start : start + length]) + raw[start + length :])


def flip_in_artefact(rng, root):
    path = rng.choice([path for path in sorted((root / ".wsal/runs").rglob("*")) if path.is_file()])
    if rng.random() < 0.1:
        path.unlink()
    else:
        flip(rng, path, 0, path.stat().st_size)


def flip_in_database(rng, root):
    """Write a byte of a row of the ledger as the disk or an editor would: no trigger runs, no checksum moves."""
    path = root / ".wsal/store.db"
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT prev_hash, hash, body FROM ledger").fetchall()
    value = rng.choice(rng.choice(rows))
    value = (value if isinstance(value, bytes) else value.encode())[:100]  # longer ones lie in several pages
    flip(rng, path, rng.choice(_places(path.read_bytes(), value)), len(value))


def _places(raw, value):
    places, at = [], raw.find(value)
    while at >= 0:
        places.append(at)
        at = raw.find(value, at + 1)
    return places


WAYS = {
    **{name: (by_rows(deed), share) for name, (deed, share) in DEEDS.items()},
    "drop or weaken a trigger": (change_guard, 2),
    "flip a bit of a file": (flip_in_artefact, 6),
    "flip a bit of the database": (flip_in_database, 3),
}


def tamper(whole, folder, seeds):
    """Tamper once with each seed; return the ways that were tried and what was not found."""
    root, seal = whole
    tried, missed = Counter(), []
    names, shares = list(WAYS), [n for _, n in WAYS.values()]
    copy = folder / "copy"
    for seed in seeds:
        rng = random.Random(seed)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)
        (name,) = rng.choices(names, shares)
        WAYS[name][0](rng, copy)
        report = verify_store(URL, root=copy, seals=[seal])
        tried[name] += 1
        if report.ok:
            missed.append((seed, name))
        else:
            assert all(finding.message and finding.meaning for finding in report.findings)
    return tried, missed


def test_an_untouched_store_has_no_finding_with_or_without_a_seal(whole):
    root, seal = whole
    for seals in ([], [seal]):
        report = verify_store(URL, root=root, seals=seals)
        assert (report.ok, report.findings, report.notes) == (True, (), ())


def test_500_random_tamperings_are_all_found(whole, tmp_path):
    tried, missed = tamper(whole, tmp_path, range(500))
    assert missed == []
    assert set(tried) == set(WAYS)


def cut_off_with_all_that_was_made_from_it(root, seq):
    """Leave the store as it was after a row: whole, but shorter. Nothing in it tells; a backup looks the same."""
    tamper_with_rows(random.Random(0), root, lambda _, connection: cut(connection, seq))
    with open_store(URL, root=root) as store:
        store.rebuild()


def cut(connection, seq):
    connection.execute("DELETE FROM ledger WHERE seq > ?", (seq,))
    cover_up(connection)


def test_only_a_seal_shows_that_rows_were_cut_off_with_all_that_was_made_from_them(whole, tmp_path):
    root, seal = whole
    shutil.copytree(root, tmp_path / "copy")
    cut_off_with_all_that_was_made_from_it(tmp_path / "copy", 12)
    assert verify_store(URL, root=tmp_path / "copy").ok
    (finding,) = verify_store(URL, root=tmp_path / "copy", seals=[seal]).findings
    assert finding.kind == "seal"
    assert "row 18, which was the last on" in finding.message
    assert "rows were cut off after the seal was made" in finding.message


def test_rows_hidden_before_the_first_one_are_found(whole, tmp_path):
    root, _ = whole
    shutil.copytree(root, tmp_path / "copy")
    tamper_with_rows(
        random.Random(0),
        tmp_path / "copy",
        lambda _, connection: connection.execute(
            "INSERT INTO ledger SELECT -seq, prev_hash, hash, body FROM ledger WHERE seq = 2"
        ),
    )
    (finding,) = verify_store(URL, root=tmp_path / "copy").findings
    assert finding.message == "before row 1 of the ledger stand 1 more"


def test_only_a_seal_shows_that_all_was_rewritten_from_the_first_row_on(whole, tmp_path):
    _, seal = whole
    with open_store(URL, create=True, root=tmp_path) as store:
        store.append_many([Event.of(payload, actor="eve") for payload in history(tmp_path)])
    assert verify_store(URL, root=tmp_path).ok
    said = str(verify_store(URL, root=tmp_path, seals=[seal]))
    assert "first row has hash" in said
    assert "row 18 has hash" in said


@pytest.mark.soak
@pytest.mark.parametrize("part", range(20))
def test_10000_random_tamperings_are_all_found(whole, tmp_path, part):
    assert tamper(whole, tmp_path, range(1000 + 500 * part, 1500 + 500 * part))[1] == []
