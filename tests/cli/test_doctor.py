"""`wsal doctor`: whole and damaged projects and installations."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from contextlib import closing
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from wsal.project import Project
from wsal.project.doctor import software


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("doctor") / "spam"
    made = Project.create_example(folder)
    made.apply()
    made.fit()
    made.history.store.close()
    return folder


@pytest.fixture
def folder(template, tmp_path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "spam"))


@pytest.fixture
def doctor(wsal, folder):
    """Run it with ``--json``; return the readings that are no "ok", by area."""

    def run(code: int = 0, *, cwd: Path = folder, every: bool = False) -> dict[str, list[dict]]:
        said = json.loads(wsal("doctor", "--json", cwd=cwd, code=code).stdout)
        assert said["ok"] == (code == 0)
        by_area: dict[str, list[dict]] = {}
        for reading in said["readings"]:
            if every or reading["state"] != "ok":
                by_area.setdefault(reading["area"], []).append(reading)
        return by_area

    return run


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / ".wsal/store.db")) as database, database:
        database.execute(statement)


def test_a_whole_project_has_no_problems_and_every_area_is_looked_at(doctor, wsal, folder):
    assert doctor() == {}
    readings = doctor(every=True)
    assert set(readings) == {
        "software", "extras", "settings", "disk", "store", "ledger", "data", "rules", "runs", "cache", "speed",
    }  # fmt: skip
    assert readings["store"][0]["figures"]["bytes"] > 10_000
    assert readings["data"][0]["figures"] == {"items": 428}
    assert readings["rules"][0]["figures"] == {"rules": 20, "tests": 56}
    said = wsal("doctor", cwd=folder).stdout
    assert "0 problems, 0 notes" in said
    assert "the ledger verifies" in said


def test_looking_changes_nothing(doctor, folder):
    def files():
        return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"}

    before = files()
    doctor()
    assert files() == before


def test_outside_of_a_project_the_installation_alone_is_looked_at(doctor, tmp_path):
    (tmp_path / "empty").mkdir()
    found = doctor(cwd=tmp_path / "empty")
    assert [reading["state"] for reading in found.pop("settings")] == ["note"]
    assert found == {}
    assert list((tmp_path / "empty").iterdir()) == []


def test_wrong_settings_are_named_with_their_line(doctor, folder):
    toml = folder / "wsal.toml"
    toml.write_text(toml.read_text() + "\n[rulez]\n")
    (reading,) = doctor(1)["settings"]
    assert "wsal.toml:" in reading["says"]
    assert "unknown table [rulez]" in reading["says"]
    assert "rules" in reading["cure"]


def test_missing_data_and_missing_columns_are_problems(doctor, folder):
    toml = folder / "wsal.toml"
    toml.write_text(toml.read_text() + '\n[features]\ntext = ["subject"]\n')
    (reading,) = doctor(1)["data"]
    assert "no column subject" in reading["says"]
    assert "sender" in reading["cure"]
    (folder / "messages.csv").unlink()
    (reading,) = doctor(1)["data"]
    assert "messages.csv" in reading["says"]


def test_a_broken_pack_and_a_failing_test_of_a_rule_are_problems(doctor, folder):
    pack = folder / "labeling_functions/rules.yaml"
    text = pack.read_text()
    pack.write_text(
        text + '  - {id: x, label: spam, when: {keywords: [zebra]}, tests: {match: ["a horse"]}}\n'
    )
    found = doctor(1)
    assert "a test fails" in found["rules"][0]["says"]
    assert "rules changed since they voted: x" in found["runs"][0]["says"]
    pack.write_text(text + "  - {id: x, lable: spam}\n")
    (reading,) = doctor(1)["rules"]
    assert "unknown key 'lable'" in reading["says"]
    assert "did you mean 'label'" in reading["cure"]


def test_changed_data_new_answers_and_votes_that_are_not_there_are_notes(doctor, wsal, folder):
    messages = folder / "messages.csv"
    kept = messages.read_text()
    messages.write_text(kept + "m999,MYBANK,Hello there,0\n")
    (reading,) = doctor()["runs"]
    assert "the data changed" in reading["says"]
    messages.write_text(kept)
    (folder / "a.csv").write_text("id,label\nm001,ham\n")
    wsal("import", "a.csv", cwd=folder)
    (reading,) = doctor()["runs"]
    assert (reading["says"], reading["cure"]) == (
        "1 answers came or went since the last labels",
        "`wsal fit`",
    )
    wsal("init", "fresh")
    (reading,) = doctor(cwd=folder.parent / "fresh")["runs"]
    assert reading["cure"] == "`wsal apply`"


@pytest.mark.parametrize(
    ("version", "says", "cure"),
    [("0002", "older", "wsal migrate"), ("9999", "newer", "--upgrade")],
)
def test_a_store_of_another_version_is_a_problem_with_its_cure(doctor, folder, version, says, cure):
    change(folder, f"UPDATE wsal_schema SET version_num = '{version}'")  # noqa: S608  # two constants
    found = doctor(1)
    assert says in found["store"][0]["says"]
    assert cure in found["store"][0]["cure"]
    assert "ledger" not in found


def test_a_tampered_ledger_is_a_problem_that_says_what_it_means(doctor, folder):
    change(folder, "UPDATE runs SET run = 'apply-001-forged' WHERE kind = 'run_applied'")
    found = doctor(1)["ledger"]
    assert "the ledger says" in found[0]["says"] or "missing" in found[0]["says"]
    assert "audit rebuild" in found[0]["cure"]


@pytest.mark.parametrize("content", [b"", b"no database at all, but some text that is long enough " * 40])
def test_what_is_no_database_is_a_problem(doctor, folder, content):
    (folder / ".wsal/store.db").write_bytes(content)
    assert doctor(1)["store"][0]["cure"]


def test_damaged_pages_are_a_problem(doctor, folder):
    change(folder, "PRAGMA wal_checkpoint(TRUNCATE)")
    store = folder / ".wsal/store.db"
    whole = bytearray(store.read_bytes())
    whole[8192:-4096] = bytes(len(whole) - 8192 - 4096)
    store.write_bytes(whole)
    found = doctor(1)
    assert {reading["state"] for area in ("store", "ledger") for reading in found.get(area, [])} == {
        "problem"
    }


def test_a_store_that_is_gone_is_a_problem_and_one_that_never_was_a_note(doctor, folder, wsal, tmp_path):
    (folder / ".wsal/store.db").unlink()
    (reading,) = doctor(1)["store"]
    assert "there is no store" in reading["says"]
    assert not (folder / ".wsal/store.db").exists()
    shutil.rmtree(folder / ".wsal")
    (reading,) = doctor()["store"]
    assert reading["state"] == "note"
    assert not (folder / ".wsal").exists()


def test_a_long_log_is_a_note(doctor, folder, monkeypatch):
    from wsal.project.doctor import outside

    monkeypatch.setattr(outside, "LONG_LOG", 1000)
    with closing(sqlite3.connect(folder / ".wsal/store.db")) as other:  # holds the log open, as a server does
        other.execute("PRAGMA wal_autocheckpoint = 0")
        other.execute("CREATE TABLE scratch (x)")
        other.execute("DROP TABLE scratch")
        (reading,) = doctor()["store"]
    assert "log has grown" in reading["says"]


def test_stale_columns_of_votes_and_left_over_runs_are_notes(doctor, folder):
    stale = folder / ".wsal/cache" / f"{'0' * 32}-{'1' * 32}.npz"
    stale.write_bytes(b"x" * 5000)
    young = stale.with_name(f"{'2' * 32}-{'1' * 32}.npz")
    young.write_bytes(b"x" * 5000)
    old = time.time() - 7200
    os.utime(stale, (old, old))
    (folder / ".wsal/runs/fit-999-abcdef").mkdir()
    found = doctor()
    assert found["cache"][0]["figures"]["stale_columns"] == 1
    assert found["cache"][0]["figures"]["stale_bytes"] == 5000
    assert "fit-999-abcdef" in found["runs"][0]["says"]
    assert stale.exists()


def test_a_slow_rule_is_named(doctor, wsal, folder, monkeypatch):
    from wsal.project.doctor import inside

    monkeypatch.setattr(inside, "AT_LEAST", 0.1)
    (folder / "labeling_functions/slow.py").write_text(
        "def slow(x):\n    return sum(i for i in range(100_000)) < 0\n"
    )
    pack = folder / "labeling_functions/rules.yaml"
    pack.write_text(pack.read_text() + '  - {id: slow, label: spam, when: {python: "slow:slow"}}\n')
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    slow = [reading["figures"] for reading in doctor()["speed"]]
    assert {"slow"} <= {reading["rule"] for reading in slow}
    assert max(reading["seconds_per_item"] for reading in slow) > 1e-3


def test_a_key_that_others_can_read_and_a_full_disk_are_problems(doctor, folder, monkeypatch):
    from wsal.project.doctor import outside

    key = folder / ".wsal/web.key"
    key.write_text("0" * 64)
    key.chmod(0o644)
    (reading,) = doctor(1)["settings"]
    assert "chmod 600" in reading["cure"]
    key.chmod(0o600)
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(outside.shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    (reading,) = doctor(1)["disk"]
    assert reading["says"].startswith("1.0 MB free")


def test_rules_that_run_code_are_not_loaded_where_that_is_refused(wsal, folder):
    said = json.loads(wsal("doctor", "--json", "--no-python", cwd=folder, code=1).stdout)
    (reading,) = [r for r in said["readings"] if r["area"] == "rules"]
    assert "runs code" in reading["says"] or "python" in reading["says"]


def test_requirements_that_are_not_met_and_extras_that_are_missing_are_said(monkeypatch, tmp_path):
    about = tmp_path / "wsal-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: wsal\nVersion: 0.1.0\nRequires-Dist: numpy>=99\nRequires-Dist: nosuchthing>=1\n"
        'Requires-Dist: alsonot>=1; extra == "postgres"\nProvides-Extra: postgres\n'
    )
    there = PathDistribution(about)
    monkeypatch.setattr(software, "requires", lambda _: there.requires)
    monkeypatch.setattr(software, "metadata", lambda _: there.metadata)
    said = [reading.says for reading in software.software_readings() if reading.state == "problem"]
    assert len(said) == 2
    assert "wsal asks for >=99" in said[0]
    assert said[1] == "nosuchthing is not installed"
    *_, last = software.extras_readings(["postgres"])
    assert (last.state, last.cure) == ("problem", "pip install 'wsal[postgres]'")
