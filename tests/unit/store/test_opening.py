import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from wsal.audit import AnswerGiven, Event
from wsal.errors import InputError, StoreError
from wsal.store import migrate_store, open_store, verify_store

URL = "sqlite:///.wsal/store.db"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("store.db", "'store.db' is no URL of a store"),
        ("", "is no URL of a store"),
        ("nosuchdb://x/y", "is no URL of a store|not in 'nosuchdb'"),
        ("mysql://root@localhost/x", "not in 'mysql'"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:x?mode=memory&uri=true", "names no file"),
    ],
)
def test_a_bad_url_is_refused_with_an_example(tmp_path, url, words):
    with pytest.raises(InputError, match=rf"({words})(.|\n)*hint: .*sqlite:///\.wsal/store\.db"):
        open_store(url, create=True, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_not_there_is_not_made_by_accident(tmp_path):
    with pytest.raises(StoreError, match=r"there is no store at .*store\.db(.|\n)*hint: .*wsal init"):
        open_store(URL, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"the folder .*/a does not exist"):
        open_store("sqlite:///a/b/store.db", create=True, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_store_is_named(tmp_path):
    with pytest.raises(StoreError, match="is a folder"):
        open_store("sqlite:///.", create=True, root=tmp_path)


@pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="needs Linux's /proc, which is read-only even for root"
)
def test_a_folder_that_cannot_be_made_is_named():
    with pytest.raises(StoreError, match=r"the folder /proc/\.wsal cannot be made|read-only"):
        open_store(URL, create=True, root="/proc")


@pytest.fixture
def read_only(tmp_path, monkeypatch):
    """A project's folder with a store of one row that cannot be written."""
    with open_store(URL, create=True, root=tmp_path) as store:
        store.append(Event.of(AnswerGiven("e", 1, "skip", "ana"), actor="ana"))
    (tmp_path / ".wsal").chmod(0o500)
    if os.geteuid() == 0:
        # Root may write anywhere, so what the system would say to others is put in its place.
        monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).stat().st_mode & 0o200 != 0)
    yield tmp_path
    (tmp_path / ".wsal").chmod(0o700)


def test_a_store_in_a_read_only_folder_is_read_and_verified(read_only):
    with open_store(URL, root=read_only) as store:
        assert store.read_only
        assert len(store.answers()) == 1
        assert store.verify().ok
    assert verify_store(URL, root=read_only).ok
    assert [path.name for path in (read_only / ".wsal").iterdir()] == ["store.db"]


def test_a_store_in_a_read_only_folder_refuses_to_be_written(read_only):
    with open_store(URL, root=read_only) as store:
        for write in (store.require_writable, store.rebuild):
            with pytest.raises(StoreError, match=r"folder is read-only(.|\n)*hint: make the file"):
                write()
        with pytest.raises(StoreError, match="folder is read-only"):
            store.append(Event.of(AnswerGiven("f", 1, "skip", "ana"), actor="ana"))
    with pytest.raises(StoreError, match="folder is read-only"):
        open_store("sqlite:///.wsal/other.db", create=True, root=read_only)


def test_tampering_is_found_in_a_read_only_folder(read_only):
    (read_only / ".wsal").chmod(0o700)
    path = read_only / ".wsal" / "store.db"
    path.write_bytes(path.read_bytes().replace(b'"answer_given"', b'"answer_gifen"'))
    (read_only / ".wsal").chmod(0o500)
    assert "was edited" in str(verify_store(URL, root=read_only))


def test_last_writes_that_a_read_only_folder_hides_are_named(read_only):
    """Without its index, SQLite would pass over a write-ahead log that it may not write, and show an older state."""
    (read_only / ".wsal").chmod(0o700)
    (read_only / ".wsal" / "store.db-wal").write_bytes(b"frames")
    (read_only / ".wsal").chmod(0o500)
    with pytest.raises(StoreError, match=r"last writes still stand in store\.db-wal(.|\n)*hint: copy"):
        open_store(URL, root=read_only)


def test_a_writable_store_is_not_read_only(tmp_path):
    with open_store(URL, create=True, root=tmp_path) as store:
        assert not store.read_only
        store.require_writable()


def test_a_file_of_something_else_is_not_touched(tmp_path):
    path = tmp_path / "store.db"
    path.write_text("These are my notes, and no database at all.\n" * 50)
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(StoreError, match="is no wsal store"):
            open_store("sqlite:///store.db", create=create, root=tmp_path)
    assert path.read_bytes() == before


def test_an_empty_file_is_no_store_but_may_become_one(tmp_path):
    (tmp_path / "store.db").touch()
    with pytest.raises(StoreError, match="it has no tables"):
        open_store("sqlite:///store.db", root=tmp_path)
    with open_store("sqlite:///store.db", create=True, root=tmp_path) as store:
        assert store.verify().ok


def test_a_full_database_says_so(store):
    limit = store._engine
    with limit.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    event = Event.of(AnswerGiven("e", 1, "skip", "ana", rationale="x" * 100_000), actor="ana")
    with pytest.raises(StoreError, match=r"the disk is full(.|\n)*nothing was written"):
        store.append(event)
    assert store.head().seq == 0


def test_the_password_of_a_url_is_never_shown(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"cannot be reached(.|\n)*hint: see that the server runs") as caught:
        open_store("postgresql://ana:secret@127.0.0.1:1/x", root=tmp_path)
    assert "secret" not in str(caught.value)


def test_every_commit_is_synced_to_the_disk(store):
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_an_absolute_path_is_taken_as_it_is(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/abs.db", create=True, root="/nowhere") as store:
        assert store.url.endswith("abs.db")
    assert (tmp_path / "abs.db").is_file()


def test_the_current_folder_is_the_default_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_store(URL, create=True).close()
    assert (tmp_path / ".wsal" / "store.db").is_file()
    assert verify_store(URL).ok


def test_migrating_a_current_store_changes_nothing(tmp_path):
    with open_store(URL, create=True, root=tmp_path) as store:
        store.append(Event.of(AnswerGiven("e", 1, "skip", "ana"), actor="ana"))
        head = store.head()
    migrate_store(URL, root=tmp_path)
    with open_store(URL, root=tmp_path) as store:
        assert store.head() == head


def test_an_older_store_asks_for_a_migration(tmp_path, monkeypatch):
    open_store(URL, create=True, root=tmp_path).close()
    monkeypatch.setattr("wsal.store.schema.HEAD_REVISION", "later")
    with pytest.raises(StoreError, match=r"older version of wsal(.|\n)*hint: run `wsal migrate`"):
        open_store(URL, root=tmp_path)


def test_raw_damage_to_the_file_is_a_finding(tmp_path):
    with open_store(URL, create=True, root=tmp_path) as store:
        store.append_many([Event.of(AnswerGiven(f"e{i}", i, "skip", "ana"), actor="ana") for i in range(200)])
    path = tmp_path / ".wsal" / "store.db"
    raw = bytearray(path.read_bytes())
    assert raw.count(b"answer_given") >= 200
    at = raw.index(b'"answer_given"') + 3
    raw[at] ^= 1
    path.write_bytes(raw)
    report = verify_store(URL, root=tmp_path)
    assert not report.ok


def test_opening_does_not_import_alembic(tmp_path):
    open_store(URL, create=True, root=tmp_path).close()
    program = (
        "import sys; from wsal.store import open_store;"
        f"open_store({URL!r}, root={str(tmp_path)!r}).close();"
        "print([m for m in ('alembic', 'pandas', 'pyarrow') if m in sys.modules])"
    )
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "[]"


def test_a_store_leaves_no_open_connection(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with open_store(URL, create=True, root=tmp_path) as store:
            store.verify()
    # With the last connection gone, SQLite folds the write-ahead log into the file and removes it.
    assert sorted(path.name for path in (tmp_path / ".wsal").iterdir()) == ["store.db"]
