"""A run computed again is the run that was kept: in this process, in another, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wsal.audit import GENESIS
from wsal.errors import InputError, LedgerError, StoreError
from wsal.project import Project, replay
from wsal.store import write_soft_labels

ROOT = Path(__file__).resolve().parents[2]


def worked_on(folder, url=None):
    """Make the example project with two fits, answers of two people between them, and one taken back after."""
    made = Project.create_example(folder)
    if url is not None:
        settings = folder / "wsal.toml"
        made.history.store.close()
        (folder / ".wsal" / "store.db").unlink()
        settings.write_text(f'{settings.read_text()}\n[store]\nurl = "{url}"\n')
        made = Project.open(folder)
    made.apply()
    made.fit()
    gold = pd.read_csv(ROOT / "examples/messages/gold.csv").set_index("id")["label"]
    given = []
    for i, task in enumerate(made.tasks(30, rng=0)):
        given.append(made.answer(task, gold[task.item_id], annotator=("ana", "bo")[i % 2]))
    made.fit()
    made.undo(given[0], annotator="ana")
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Make a project that no test changes."""
    return worked_on(tmp_path_factory.mktemp("replay") / "first")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Make a project with one run of each kind."""
    folder = tmp_path_factory.mktemp("replay") / "template"
    made = Project.create_example(folder)
    made.apply()
    made.fit()
    made.history.store.close()
    return folder


@pytest.fixture
def fresh(template, tmp_path):
    """Copy it, to change the copy."""
    shutil.copytree(template, tmp_path / "fresh")
    return Project.open(tmp_path / "fresh")


def runs(project):
    return [run.run for run in project.history.store.runs()]


def test_every_run_is_computed_again_bit_by_bit_and_nothing_is_written(project):
    head = project.history.store.head()
    apply_run, first, second = runs(project)
    assert replay(project.history, first).labels.verdict == "identical"
    found = replay(project.history, second, from_rules=True)
    assert (found.labels.verdict, found.votes.verdict, found.n_answers) == ("identical", "identical", 30)
    assert replay(project.history, apply_run).votes.verdict == "identical"
    assert replay(project.history).run == second
    assert project.history.store.head() == head != GENESIS


def test_another_process_computes_the_same_bits(project):
    done = subprocess.run(
        [sys.executable, "-m", "wsal", "--project", str(project.config.folder), "audit", "replay", "--json"],
        capture_output=True, text=True, timeout=280, check=False,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["ok"]
    assert said["labels"]["verdict"] == "identical"
    assert said["software_changes"] == []


def test_sqlite_and_postgresql_keep_what_gives_the_same_bits(project, tmp_path, postgres):
    team = worked_on(tmp_path / "team", postgres)
    with team.history.store:  # its connections are closed whatever happens
        assert team.history.store.url.startswith("postgresql")
        for mine, theirs in zip(runs(project)[1:], runs(team)[1:], strict=True):
            assert replay(team.history, theirs).labels.verdict == "identical"
            here, there = project.soft_labels(mine), team.soft_labels(theirs)
            assert here.probabilities.tobytes() == there.probabilities.tobytes()
            assert here.sources.tolist() == there.sources.tolist()


@pytest.mark.parametrize(("shift", "verdict"), [(3e-10, "equal"), (2e-9, "different"), (0.25, "different")])
def test_labels_that_the_record_does_not_give_are_found_with_the_first_of_them(fresh, shift, verdict):
    history = fresh.history
    last = history.run("run_fitted").payload
    soft = fresh.soft_labels()
    p = soft.probabilities.copy()
    p[[5, 7], 0] += shift
    forged = replace(soft, probabilities=p)
    file = write_soft_labels(forged, root=fresh.config.folder, run="fit-003-forged")
    history.append(replace(last, run="fit-003-forged", soft_labels=file))
    assert fresh.verify().ok  # the chain holds: only computing it again finds it
    found = replay(fresh.history, "fit-003-forged").labels
    assert found.verdict == verdict
    assert found.largest == pytest.approx(shift, rel=1e-3)
    if verdict == "different":
        assert (found.n_different, found.first.item, found.first.what) == (2, soft.item_ids[5], "class ham")
        assert float(found.first.stored) - float(found.first.recomputed) == pytest.approx(shift, rel=1e-3)


def test_a_source_that_the_record_does_not_give_is_a_difference(fresh):
    soft = fresh.soft_labels()
    sources = soft.sources.copy()
    sources[3] = "human"
    file = write_soft_labels(replace(soft, sources=sources), root=fresh.config.folder, run="fit-003-forged")
    last = fresh.history.run("run_fitted").payload
    fresh.history.append(replace(last, run="fit-003-forged", soft_labels=file))
    first = replay(fresh.history, "fit-003-forged").labels.first
    assert (first.item, first.what, first.stored) == (soft.item_ids[3], "source", "human")


def test_rules_that_were_edited_since_do_not_matter_because_their_text_was_kept(fresh):
    pack = fresh.config.folder / "labeling_functions" / "rules.yaml"
    pack.write_text(pack.read_text().replace("keywords: [", "keywords: [zebra, ", 1))
    found = replay(fresh.history, from_rules=True)
    assert (found.votes.verdict, found.labels.verdict) == ("identical", "identical")


def test_votes_that_the_rules_do_not_give_are_found(fresh):
    from wsal.store import write_votes

    votes = fresh.votes()
    values = votes.values.copy()
    j = int(np.flatnonzero(values[9] == -1)[0])
    values[9, j] = 1
    file = write_votes(replace(votes, values=values), root=fresh.config.folder, run="apply-003-forged")
    applied = fresh.history.run("run_applied").payload
    fresh.history.append(replace(applied, run="apply-003-forged", votes=file))
    first = replay(fresh.history, "apply-003-forged").votes.first
    assert (first.item, first.what) == (votes.item_ids[9], f"rule {votes.lf_names[j]}")
    assert (first.stored, first.recomputed) == ("spam", "abstain")


def test_code_beside_the_rules_that_changed_is_named_and_not_run(fresh):
    code = fresh.config.folder / "labeling_functions" / "my_rules.py"
    code.write_text("raise SystemExit('this ran')\n")
    assert replay(fresh.history).ok
    with pytest.raises(StoreError, match=r"(?s)my_rules\.py changed .*packs\.json") as caught:
        replay(fresh.history, from_rules=True)
    assert "this ran" not in str(caught.value)


def test_what_is_gone_is_named_with_the_cure(fresh):
    folder = fresh.config.folder
    kept = (folder / "messages.csv").read_bytes()
    (folder / "messages.csv").write_bytes(kept + b"m999,late,a@b.example,0\n")
    with pytest.raises(StoreError, match=r"(?s)messages\.csv changed after run apply-001.*put the data"):
        replay(Project.open(folder).history)
    (folder / "messages.csv").unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        replay(Project.open(folder).history)
    (folder / "messages.csv").write_bytes(kept)
    votes = folder / fresh.history.run("run_applied").payload.votes.path
    votes.write_bytes(votes.read_bytes()[:-1])
    with pytest.raises(LedgerError, match=r"votes\.parquet was changed"):
        replay(Project.open(folder).history)
    votes.unlink()
    with pytest.raises(StoreError, match=r"(?s)votes\.parquet cannot be read.*restore it from a backup"):
        replay(Project.open(folder).history)


def test_a_run_that_an_older_wsal_made_is_replayed_by_the_settings_of_now_and_says_so(fresh):
    history = fresh.history
    applied = history.run("run_applied").payload
    fitted = history.run("run_fitted").payload
    history.append(replace(applied, run="apply-003-old", packs=None, software=()))
    history.append(replace(fitted, run="fit-004-old", votes_run="apply-003-old", settings=None, software=()))
    found = replay(fresh.history, "fit-004-old")
    assert found.labels.verdict == "identical"
    assert "older wsal" in found.notes[0]
    with pytest.raises(StoreError, match="did not keep the full text"):
        replay(fresh.history, "fit-004-old", from_rules=True)


def test_software_that_changed_is_said(fresh):
    last = fresh.history.run("run_fitted").payload
    old = tuple(replace(s, version="0.0.1") if s.name == "numpy" else s for s in last.software)
    fresh.history.append(replace(last, run="fit-003-old", software=old))
    (said,) = replay(fresh.history, "fit-003-old").software_changes
    assert said.startswith("numpy 0.0.1 then, ")


def test_an_unknown_run_is_bad_input(fresh):
    with pytest.raises(InputError, match="there is no run 'fit-999'"):
        replay(fresh.history, "fit-999")
