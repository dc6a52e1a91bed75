"""A store goes from one kind of database to another, byte for byte; on SQLite and on a real PostgreSQL."""

import tomllib

import pytest
from sqlalchemy import create_engine, make_url

from wsal.audit import Finding
from wsal.errors import LedgerError, StoreError
from wsal.project import Project, backup_project, migrate_project, restore_project, verify_project


def said(folder):
    """Return all that a project's store says, and close it."""
    with Project.open(folder).history.store as store:
        entries = [(entry.seq, entry.hash, entry.event) for entry in store.events()]
        return entries, store.answers(), store.draws(), store.runs(), store.rules(), store.people()


def test_a_project_moves_to_postgresql_and_by_a_backup_back_to_sqlite(tmp_path, postgres):
    folder = tmp_path / "project"
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    task = project.tasks(3)[0]
    project.answer(task, "spam", annotator="Ana Secret", rationale="a private remark")
    project.fit()
    project.seal(out=tmp_path / "s.json")
    project.history.store.close()
    before = said(folder)

    assert migrate_project(folder, to=postgres).ok
    assert tomllib.loads((folder / "wsal.toml").read_text())["store"]["url"] == postgres
    assert said(folder) == before
    assert verify_project(folder, seals=[tmp_path / "s.json"]).ok
    with pytest.raises(StoreError, match="is not empty"):
        migrate_project(folder, to=postgres)

    backup_project(folder, tmp_path / "b.zip")
    with pytest.raises(StoreError, match="is not empty"):  # wsal.toml in it still names the same database
        restore_project(tmp_path / "b.zip", tmp_path / "again")
    assert not (tmp_path / "again").exists()
    restore_project(tmp_path / "b.zip", tmp_path / "again", store_url="sqlite:///.wsal/store.db")
    assert said(tmp_path / "again") == before
    assert verify_project(tmp_path / "again", seals=[tmp_path / "s.json"]).ok


def count_rows(url):
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            tables = ("ledger", "answers", "runs", "rules", "people")
            return [
                connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()  # noqa: S608  # our own names
                for table in tables
            ]
    finally:
        engine.dispose()


def test_what_does_not_verify_leaves_no_row_in_postgresql(tmp_path, postgres, monkeypatch):
    folder = tmp_path / "project"
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    project.history.store.close()
    backup_project(folder, tmp_path / "b.zip")
    with monkeypatch.context() as faulty:
        found = [Finding("store", "a fault")]
        faulty.setattr("wsal.store.verification._CHECKS", (lambda _connection: found,))
        with pytest.raises(LedgerError, match="a fault"):
            restore_project(tmp_path / "b.zip", tmp_path / "again", store_url=postgres)
        assert not (tmp_path / "again").exists()
        assert count_rows(postgres) == [0] * 5
    restore_project(tmp_path / "b.zip", tmp_path / "again", store_url=postgres)
    assert said(tmp_path / "again") == said(folder)
