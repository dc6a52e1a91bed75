"""A project whose data is a folder of Parquet files: never all in memory."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import wsal
from wsal.cli.main import cli
from wsal.engines import write_soft_labels
from wsal.errors import StoreError
from wsal.project import Project
from wsal.project.runs.fitting import read_trust

PACK = """
wsal: 1
task: messages
labels: [ham, spam]
rules:
  - {id: prize, label: spam, when: {keywords: [free, prize], at_least: 2}}
  - {id: free, label: spam, when: {keywords: [free]}}
  - {id: question, label: ham, when: {regex: '[?]$'}}
  - {id: many-links, label: spam, when: {number: n_links, above: 2}}
"""


def messages(n: int) -> pd.DataFrame:
    texts = ["Free prize!", "See you at lunch?", None, "free", "Is it free?"]
    return pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(n)],
            "text": [texts[i % 5] for i in range(n)],
            "n_links": [i // 5 % 4 for i in range(n)],
        }
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "labeling_functions").mkdir(parents=True)
    (folder / "labeling_functions" / "pack.yaml").write_text(PACK)
    (folder / "items").mkdir()
    messages(900).iloc[:500].to_parquet(folder / "items" / "a.parquet", row_group_size=200)
    messages(900).iloc[500:].to_parquet(folder / "items" / "b.parquet", row_group_size=200)
    (folder / "wsal.toml").write_text(
        '[task]\nname = "messages"\nlabels = ["ham", "spam"]\n[data]\npath = "items"\nid = "id"\ntext = "text"\n'
    )
    return folder


def run(folder: Path, *words: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["--project", str(folder), *words])
    assert done.exit_code == code, done.output
    return done.output


def test_the_loop_gives_the_labels_of_the_items_in_memory(project, tmp_path):
    run(project, "check")
    applied = json.loads(run(project, "apply", "--json"))
    assert (applied["n_items"], applied["n_lfs"]) == (900, 4)
    (tmp_path / "answers.csv").write_text("id,label\nm2,spam\nm7,ham\nm801,spam\n")
    assert "3 answers imported" in run(project, "import", str(tmp_path / "answers.csv"))
    output = run(project, "fit")
    assert "3 from human" in output
    assert "no features, duplicates or end model" in output
    run(project, "export", str(tmp_path / "labels"))
    labels = pd.read_parquet(tmp_path / "labels")

    votes = wsal.apply(wsal.load_rules(project / "labeling_functions" / "pack.yaml"), messages(900))
    human = wsal.HumanLabels.from_pairs({"m2": 1, "m7": 0, "m801": 1})
    model = wsal.LabelModel().fit(votes, human=human)
    expected = model.predict_proba(votes)
    spoken = votes.patterns().expand(votes.patterns().covered)
    spoken[[2, 7, 801]] = True
    expected[~spoken] = np.nan
    assert labels["id"].tolist() == messages(900)["id"].tolist()
    assert np.array_equal(labels[["p_ham", "p_spam"]].to_numpy(), expected, equal_nan=True)
    assert labels["source"].value_counts().to_dict() == {
        "rules": int(spoken.sum()) - 3,
        "none": int((~spoken).sum()),
        "human": 3,
    }
    status = json.loads(run(project, "status", "--json"))
    assert status["labels_run"]["label_counts"] == labels["label"].value_counts().to_dict()
    assert status["labels_run"]["sources"]["human"] == 3
    assert "the ledger verifies" in run(project, "audit", "verify")


def test_a_second_apply_computes_only_what_changed(project):
    run(project, "apply")
    changed = messages(900).iloc[:500]
    changed.loc[10, "text"] = "free"
    changed.to_parquet(project / "items" / "a.parquet", row_group_size=200)
    assert "changed after run" in run(project, "fit", code=2)
    assert "4 of 5 parts were voted on before" in run(project, "apply")
    run(project, "fit")


def test_a_part_that_was_tampered_with_is_found_out(project, tmp_path):
    run(project, "apply")
    run(project, "fit")
    (label_file,) = (project / ".wsal" / "runs").glob("fit-*/soft_labels/part-00001.parquet")
    label_file.write_bytes(label_file.read_bytes() + b" ")
    assert "was changed" in run(project, "export", str(tmp_path / "labels"), code=1)
    assert "part-00001.parquet" in run(project, "audit", "verify", code=1)
    (items, *_) = (
        f for f in (project / ".wsal" / "votes" / "parts").glob("*.parquet") if "patterns" not in f.name
    )
    items.write_bytes(items.read_bytes() + b" ")
    assert items.name in run(project, "audit", "verify", code=1)
    assert "was changed after it was written" in run(project, "fit", code=1)


def test_an_export_replaces_an_earlier_one_alone(project, tmp_path):
    run(project, "apply")
    run(project, "fit")
    out = tmp_path / "labels"
    run(project, "export", str(out))
    (out / "part-00099.parquet").write_bytes(b"of an earlier export with more parts")
    assert "is not empty" in run(project, "export", str(out), code=2)
    run(project, "export", str(out), "--force")
    assert len(pd.read_parquet(out)) == 900
    (out / "notes.txt").write_text("mine")
    assert "it holds notes.txt" in run(project, "export", str(out), "--force", code=2)
    assert "is to be a folder" in run(project, "export", str(tmp_path / "labels.csv"), code=2)


def test_what_needs_all_items_at_once_says_so(project):
    run(project, "apply")
    run(project, "fit")
    run(project, "fit")  # there are two runs to compare
    for words in (["why", "m1"], ["next"], ["rules"], ["duplicates"], ["diff"], ["serve", "--port", "0"]):
        assert "read in parts" in run(project, *words, code=2)


def test_bad_answers_and_settings_are_refused(project, tmp_path):
    run(project, "apply")
    (tmp_path / "answers.csv").write_text("id,label\nm900,spam\n")
    assert "unknown item 'm900'" in run(project, "import", str(tmp_path / "answers.csv"), code=2)
    settings = (project / "wsal.toml").read_text()
    (project / "wsal.toml").write_text(settings + "stream = false\n")
    assert "is a folder, which is always read in parts" in run(project, "apply", code=2)


def test_a_file_is_read_in_parts_where_the_settings_say_so(project, tmp_path):
    messages(900).to_parquet(project / "items.parquet", row_group_size=300)
    settings = (project / "wsal.toml").read_text().replace('"items"', '"items.parquet"')
    (project / "wsal.toml").write_text(settings + "stream = true\n")
    run(project, "apply")
    assert len(list((project / ".wsal" / "votes" / "parts").glob("*.ids.npy"))) == 3
    (project / "wsal.toml").write_text(settings)
    assert "900 items" in run(project, "apply")
    run(project, "rules")


def test_init_makes_a_project_for_a_folder(project, tmp_path):
    made = tmp_path / "made"
    done = CliRunner().invoke(
        cli,
        [
            "init",
            str(made),
            "--data",
            str(project / "items"),
            "--labels",
            "ham,spam",
            "--text",
            "text",
            "--id",
            "id",
        ],
    )
    assert done.exit_code == 0, done.output
    run(made, "check")
    run(made, "apply")


def test_the_classes_of_a_project_in_parts_can_change(project):
    run(project, "apply")
    run(project, "fit")
    said = run(project, "classes", "rename", "ham", "legit", "--yes")
    assert "votes: 360 for ham in the last run" in said
    assert "run `wsal apply`, then `wsal fit`" in run(project, "export", "x", code=2)
    run(project, "apply")
    run(project, "fit")
    assert "legit" in run(project, "classes")
    run(project, "audit", "verify")


def test_a_run_in_parts_is_not_replayed_and_says_so(project):
    run(project, "apply")
    run(project, "fit")
    assert "needs all items in memory" in run(project, "audit", "replay", code=2)
    assert "run fit-" in run(project, "audit", "lineage")
    assert "needs all items in memory" in run(project, "audit", "lineage", "m1", code=2)


@pytest.mark.parametrize("seed", [0, 1])
def test_many_answers_and_an_audit_give_bit_by_bit_the_model_of_the_items_in_memory(project, tmp_path, seed):
    """The same ledger, fitted twice: an audit of 60, 300 imported answers by two people, most on few patterns."""
    messages(900).to_parquet(project / "items.parquet", row_group_size=130)
    settings = (project / "wsal.toml").read_text().replace('"items"', '"items.parquet"')
    without = "[duplicates]\nfind = false\n"  # parts find none
    (project / "wsal.toml").write_text(settings + without)
    run(project, "apply")
    run(project, "fit")
    rng = np.random.default_rng(seed)
    opened = Project.open(project)
    for task in opened.tasks(60, strategy="random", rng=seed):
        opened.answer(task, str(rng.choice(["ham", "spam"])), annotator="ana")
    drawn = rng.permutation(900)[:300]
    rows = [f"m{i},{rng.choice(['ham', 'spam'])},{who}" for i in drawn for who in ("bo", "cy")[: 1 + i % 2]]
    (tmp_path / "answers.csv").write_text("id,label,annotator\n" + "\n".join(rows) + "\n")
    run(project, "import", str(tmp_path / "answers.csv"))
    said, in_memory = run(project, "fit"), Project.open(project).history.run("run_fitted")
    model = opened.history.model(in_memory)
    assert model.n_audited > 20
    assert "class balance of covered items for the model, from" in said

    (project / "wsal.toml").write_text(settings + "stream = true\n" + without)
    run(project, "apply")
    said = run(project, "fit")
    history = Project.open(project).history
    parted = history.run("run_fitted")
    assert "class balance of covered items for the model, from" in said
    assert history.model(parted).to_json() == model.to_json()
    assert parted.payload.balance_from == in_memory.payload.balance_from == "audit"
    assert read_trust(parted.payload, history=history) == read_trust(in_memory.payload, history=history)


def test_labels_that_cannot_be_written_are_called_labels(tmp_path):
    messages(20).to_parquet(tmp_path / "items.parquet")
    (tmp_path / "pack.yaml").write_text(PACK)
    votes = wsal.apply(
        wsal.load_rules(tmp_path / "pack.yaml"), tmp_path / "items.parquet", out=tmp_path / "votes"
    )
    (tmp_path / "labels").write_text("a file, not a folder")
    even = np.full((votes.patterns().n_patterns, 2), 0.5)
    with pytest.raises(StoreError, match="labels cannot be kept in"):
        write_soft_labels(votes, even, out=tmp_path / "labels")


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_full_disk_leaves_no_files_of_a_run_that_the_ledger_does_not_name(
    project, tmp_path, monkeypatch, in_memory
):
    if in_memory:
        messages(900).to_parquet(project / "items.parquet")
        settings = (project / "wsal.toml").read_text().replace('path = "items"', 'path = "items.parquet"')
        (project / "wsal.toml").write_text(settings)
    run(project, "apply")
    runs = project / ".wsal" / "runs"
    before = {path.name for path in runs.iterdir()}
    flush = os.fsync

    def full(handle):
        if "soft_labels" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(28, "No space left on device")
        flush(handle)

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        assert "No space left" in run(project, "fit", code=1)
    assert {path.name for path in runs.iterdir()} == before
    run(project, "fit")
    assert len({path.name for path in runs.iterdir()} - before) == 1


def test_a_run_that_the_ledger_names_keeps_its_files_whatever_comes_after(project):
    opened = Project.open(project)
    opened.apply()
    (applied,) = opened.history.store.runs()
    new_run = opened.history.new_run("run_applied")
    late = new_run.__enter__()
    folder = project / ".wsal" / "runs" / late
    folder.mkdir()
    opened.history.append(replace(applied.payload, run=late))
    assert not new_run.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert folder.is_dir()
