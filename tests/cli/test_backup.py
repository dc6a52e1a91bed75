"""`wsal backup`, `wsal restore`, `wsal migrate` and `wsal people`, on a project with answers."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest

from wsal.project import Project
from wsal.store import open_store


@pytest.fixture
def answered(wsal, project):
    wsal("apply", cwd=project)
    (project / "a.csv").write_text("id,label,annotator,rationale\nm001,spam,Ana Secret,asks for a fee\n")
    wsal("import", "a.csv", cwd=project)
    (project / "a.csv").unlink()
    wsal("fit", cwd=project)
    return project


def heads(*folders):
    return [Project.open(folder).history.store.head() for folder in folders]


def test_a_restored_project_is_the_project_that_was_saved(wsal, answered, tmp_path):
    wsal("audit", "seal", "--out", "s.json", cwd=answered)
    said = wsal("backup", str(tmp_path / "b.zip"), cwd=answered).output
    assert "written, read again and compared" in said
    assert "it holds names of people" in said
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    wsal("restore", str(tmp_path / "b.zip"), "again")
    one, two = heads(answered, tmp_path / "again")
    assert one == two
    wsal("audit", "verify", "--seal", str(answered / "s.json"), cwd=tmp_path / "again")
    before, after = (
        wsal("why", "m001", "--json", cwd=folder).output for folder in (answered, tmp_path / "again")
    )
    assert before == after
    wsal("apply", cwd=tmp_path / "again")  # rules and data came with it
    assert [a.annotator for a in Project.open(tmp_path / "again").history.store.answers()] == ["Ana Secret"]


def test_a_backup_without_people_holds_no_name_and_restores_under_pseudonyms(wsal, answered, tmp_path):
    wsal("backup", str(tmp_path / "b.zip"), "--without-people", cwd=answered)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Ana Secret" not in everything
    assert b"asks for a fee" not in everything
    said = wsal("restore", str(tmp_path / "b.zip"), "again").output
    assert "people stand under pseudonyms" in said
    (answer,) = Project.open(tmp_path / "again").history.store.answers()
    assert answer.annotator.startswith("person-")
    assert (answer.rationale, answer.label) == ("(erased)", "spam")
    wsal("audit", "verify", cwd=tmp_path / "again")


def rewritten(source, target, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name, raw in change({name: old.read(name) for name in old.namelist()}).items():
            new.writestr(name, raw)


def outside(members):
    tree = json.loads(members["manifest.json"])
    tree["members"][0]["path"] = "files/../../escaped"
    return members | {"manifest.json": json.dumps(tree).encode()}


CHANGES = {
    "ledger.txt is not what was written": lambda m: (
        m | {"ledger.txt": m["ledger.txt"].replace(b"spam", b"spaM")}
    ),
    "files/wsal.toml is not what was written": lambda m: m | {"files/wsal.toml": b"x"},
    "is missing or was added": lambda m: m | {"files/more": b"x"},
    "people.jsonl is missing": lambda m: {name: raw for name, raw in m.items() if name != "people.jsonl"},
}


def test_a_changed_or_damaged_backup_is_refused_and_leaves_nothing_behind(wsal, answered, tmp_path):
    wsal("backup", str(tmp_path / "b.zip"), cwd=answered)
    for words, change in CHANGES.items():
        rewritten(tmp_path / "b.zip", tmp_path / "c.zip", change)
        assert words in wsal("restore", "c.zip", "again", code=1).output
        assert not (tmp_path / "again").exists()
    rewritten(tmp_path / "b.zip", tmp_path / "c.zip", outside)
    assert "would write outside of its folder" in wsal("restore", "c.zip", "again", code=2).output
    raw = bytearray((tmp_path / "b.zip").read_bytes())
    raw[len(raw) // 3] ^= 255
    (tmp_path / "c.zip").write_bytes(raw)
    assert "c.zip" in wsal("restore", "c.zip", "again", code=1).output
    for wrong in ("a text", ""):
        (tmp_path / "c.zip").write_text(wrong)
        assert "is no backup" in wsal("restore", "c.zip", "again", code=2).output
    assert "cannot be read" in wsal("restore", "nowhere.zip", "again", code=2).output
    assert "is not empty" in wsal("restore", "b.zip", str(answered), code=2).output
    assert "is there already" in wsal("backup", str(tmp_path / "b.zip"), cwd=answered, code=2).output
    assert not (tmp_path / "again").exists()


def test_a_project_that_does_not_verify_is_not_saved(wsal, answered, tmp_path):
    with closing(sqlite3.connect(answered / ".wsal" / "store.db", isolation_level=None)) as connection:
        connection.execute("UPDATE answers SET label = 'ham'")
    assert "nothing to save that could be trusted" in wsal("backup", "b.zip", cwd=answered, code=1).output
    assert not (answered / "b.zip").exists()


def test_a_person_is_erased_and_the_labels_stay(wsal, answered):
    assert "Ana Secret" in wsal("people", cwd=answered).output
    rows = json.loads(wsal("people", "--json", cwd=answered).output)
    assert {"name": "Ana Secret", "n_events": 1, "n_in_plain": 0}.items() <= rows[0].items()
    assert (
        "did you mean 'Ana Secret'"
        in wsal("people", "erase", "Ana Secrt", "--yes", cwd=answered, code=2).output
    )
    assert "Erase" not in wsal("people", "erase", "Nobody", cwd=answered, code=2).output
    wsal("people", "erase", "Ana Secret", cwd=answered, stdin="n\n", code=1)
    said = wsal("people", "erase", "Ana Secret", "--yes", cwd=answered).output
    assert "the labels stay, by person-" in said
    assert "the name stands in no other place" in said
    assert "Ana" not in wsal("people", cwd=answered).output
    wsal("audit", "verify", cwd=answered)
    wsal("fit", cwd=answered)
    assert all(b"Ana Secret" not in path.read_bytes() for path in answered.rglob("*") if path.is_file())


def test_erasing_a_person_says_where_the_name_still_stands(wsal, answered):
    pack = answered / "labeling_functions" / "rules.yaml"
    pack.write_text(pack.read_text().replace("author: ana, support", "author: Ana Secret", 1))
    wsal("apply", cwd=answered)
    (answered / "remarks.txt").write_text("as Ana Secretary said")  # somebody else
    said = wsal("people", "erase", "Ana Secret", "--yes", cwd=answered).output
    assert "the name still stands in labeling_functions/rules.yaml: yours to edit" in said
    assert "of the ledger (rules_loaded): cannot be changed" in said
    assert "/packs.json: kept for replaying the run" in said
    assert "remarks.txt" not in said
    assert "not looked at, and yours to clean: Parquet files" in said
    wsal("audit", "verify", cwd=answered)


def test_a_store_of_an_older_version_is_brought_up_to_date(wsal, project, monkeypatch):
    for file in (project / ".wsal").glob("store.db*"):
        file.unlink()
    with monkeypatch.context() as older:
        older.setattr("wsal.store.schema.HEAD_REVISION", "0001")
        open_store("sqlite:///.wsal/store.db", create=True, root=project).close()
    (project / ".wsal" / "runs").mkdir(exist_ok=True)
    assert "run `wsal migrate`" in wsal("status", cwd=project, code=1).output
    assert "the ledger verifies" in wsal("migrate", cwd=project).output
    wsal("apply", cwd=project)
