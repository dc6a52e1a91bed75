"""`wsal simulate`: in a project whose data holds the truth, and on a folder."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from wsal.project import Project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("simulate") / "first"
    project = Project.create_example(folder)
    gold = pd.read_csv(ROOT / "examples/messages/gold.csv").set_index("id")["label"]
    data = pd.read_csv(folder / "messages.csv")
    data.assign(truth=data["id"].map(gold)).to_csv(folder / "messages.csv", index=False)
    project.apply()
    return folder


@pytest.fixture
def labelled(template: Path, tmp_path: Path) -> Path:
    """The example project, with the truth in a column of its data."""
    return shutil.copytree(template, tmp_path / "first")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set in WRENCH's layout."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    for split, start, n in (("train", 0, 60), ("test", 60, 20)):
        cells = {
            str(i): {
                "label": i % 2,
                "weak_labels": [1 if i % 4 == 1 else -1, 0 if i % 4 == 0 else -1],
                "data": {
                    "text": f"{'good' if i % 2 else 'bad'} film " + " ".join(f"w{i}x{j}" for j in range(6))
                },
            }
            for i in range(start, start + n)
        }
        (folder / f"{split}.json").write_text(json.dumps(cells))
    (folder / "label.json").write_text(json.dumps({"0": "neg", "1": "pos"}))
    return folder


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_project_is_replayed_and_nothing_of_it_changes(wsal, labelled):
    head = Project.open(labelled).status().n_events
    said = wsal("simulate", "--gold", "truth", "--seeds", "2", "--budget", "10,20", cwd=labelled)
    assert "end model on items held out, accuracy by questions asked" in said.stdout
    assert "mean and standard error over 2 seeds" in said.stdout
    assert "wsal + default" in said.stdout
    assert "wsal + random" in said.stdout
    assert "±" in said.stdout
    assert "held out" in said.stderr
    assert Project.open(labelled).status().n_events == head
    again = wsal("simulate", "--gold", "truth", "--seeds", "2", "--budget", "10,20", cwd=labelled)
    assert again.stdout == said.stdout
    assert "12 records are there already" in again.stderr


def test_a_simulation_in_json_and_svg(wsal, folder, tmp_path):
    options = ["--model", "majority-vote", "--model", "none", "--strategy", "margin", "--seeds", "1"]
    said = wsal("simulate", "--dataset", str(folder), *options, "--budget", "20", "--svg", "c.svg", "--json")
    found = json.loads(said.stdout)
    assert found["n_items"] == 60
    assert found["n_test_items"] == 20
    assert {curve["learner"] for curve in found["curves"]} == {"majority-vote + margin", "none + margin"}
    assert [p["budget"] for p in found["curves"][0]["points"]] == [0, 10, 20]
    assert {record["budget"] for record in found["records"]} == {0, 10, 20}
    title = ET.parse(tmp_path / "c.svg").getroot()[0]  # noqa: S314  # our own file
    assert title.text == "Learning curves on tiny"


def test_a_stopped_simulation_goes_on_where_it_was(wsal, folder, tmp_path):
    options = ["--dataset", str(folder), "--strategy", "default", "--seeds", "2", "--budget", "10,20"]
    whole = wsal("simulate", *options, "--save", "whole.jsonl")
    lines = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)
    # The second replay was stopped in the middle of a record.
    (tmp_path / "part.jsonl").write_bytes(b"".join(lines[:5]) + lines[5][:30])
    resumed = wsal("simulate", *options, "--save", "part.jsonl")
    assert resumed.stdout == whole.stdout
    assert "4 records are there already" in resumed.stderr
    assert len((tmp_path / "part.jsonl").read_bytes().splitlines()) == 7
    records = json.loads(wsal("simulate", *options, "--save", "part.jsonl", "--json").stdout)["records"]
    assert [(r["seed"], r["budget"]) for r in records] == [(s, b) for s in (0, 1) for b in (0, 10, 20)]
    anew = wsal("simulate", *options, "--save", "part.jsonl", "--again")
    assert (anew.stdout, "there already" in anew.stderr) == (whole.stdout, False)


def test_other_settings_never_meet_records_of_these(wsal, folder):
    options = ["--dataset", str(folder), "--strategy", "default", "--seeds", "1", "--budget", "10,"[:2]]
    wsal("simulate", *options, "--save", "r.jsonl")
    refused = wsal("simulate", *options, "--noise", "0.2", "--save", "r.jsonl", code=2)
    assert "is of another simulation" in refused.stderr
    assert "there already" not in wsal("simulate", *options, "--noise", "0.2").stderr


def test_a_hunt_says_how_many_items_it_found(wsal, folder):
    said = wsal(
        *("simulate", "--dataset", str(folder), "--hunt", "pos", "--strategy", "default", "--seeds", "1"),
        *("--budget", "10"),
    )
    assert "items of pos found, of 30; mean" in said.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name --gold COLUMN (in a project), or --dataset DIR"),
        (["--gold", "trth"], "did you mean 'truth'?"),
        (["--gold", "text"], "which is no label"),
        (["--gold", "truth", "--model", "snorkle"], "did you mean 'snorkel'?"),
        (["--gold", "truth", "--strategy", "marign"], "did you mean 'margin'?"),
        (["--gold", "truth", "--hunt", "spma"], "did you mean 'spam'?"),
        (["--gold", "truth", "--budget", "ten"], "is no list of numbers"),
        (["--gold", "truth", "--budget", "20,10"], "do not ascend"),
        (["--gold", "truth", "--noise", "2"], "noise=2.0 is no share"),
        (["--gold", "truth", "--held-out", "1"], "held_out=1.0 is no share"),
    ],
)
def test_bad_usage_is_one_clear_error(wsal, labelled, options, said):
    result = wsal("simulate", *options, code=2, cwd=labelled)
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_what_would_know_the_truth_is_refused(wsal, labelled):
    rules = labelled / "labeling_functions" / "rules.yaml"
    before = rules.read_text()
    rules.write_text(
        f"{before}\n  - {{id: cheat, label: spam, when: {{keywords: [spam], field: truth}}, author: eve}}\n"
    )
    refused = wsal("simulate", "--gold", "truth", code=2, cwd=labelled)
    assert "rule 'cheat' reads column 'truth', so it would know the truth" in refused.stderr
    rules.write_text(before)
    settings = labelled / "wsal.toml"
    settings.write_text(settings.read_text() + '\n[features]\ntext = ["text", "truth"]\n')
    refused = wsal("simulate", "--gold", "truth", code=2, cwd=labelled)
    assert "column 'truth' is a feature" in refused.stderr


def test_data_that_changed_after_the_votes_is_refused(wsal, labelled):
    data = pd.read_csv(labelled / "messages.csv")
    data.iloc[1:].to_csv(labelled / "messages.csv", index=False)
    assert "run `wsal apply` again" in wsal("simulate", "--gold", "truth", code=2, cwd=labelled).stderr


def test_a_held_out_item_never_has_the_text_of_one_that_stays(labelled):
    from wsal.project import labelled_dataset

    data = pd.read_csv(labelled / "messages.csv")
    twice = data.assign(id="again-" + data["id"], text=data["text"].str.upper())
    pd.concat([data, twice]).to_csv(labelled / "messages.csv", index=False)
    project = Project.open(labelled)
    project.apply()
    split = labelled_dataset(project, "truth", held_out=0.3)
    texts = dict(zip(project.items.item_ids.tolist(), project.items.column("text"), strict=True))
    pool = {str(texts[i]).casefold() for i in split.votes.item_ids.tolist()}
    held = {str(texts[i]).casefold() for i in split.test.votes.item_ids.tolist()}
    assert held
    assert not pool & held


def test_items_without_a_label_are_used_and_said(wsal, labelled):
    data = pd.read_csv(labelled / "messages.csv")
    data.loc[::2, "truth"] = None
    data.to_csv(labelled / "messages.csv", index=False)
    Project.open(labelled).apply()
    said = wsal("simulate", "--gold", "truth", "--seeds", "1", "--budget", "10", "--json", cwd=labelled)
    assert (
        0 < json.loads(said.stdout)["n_test_items"] < (len(data) - json.loads(said.stdout)["n_items"]) * 0.7
    )
    assert "have no label in column 'truth': they are never asked for" in said.stderr


def test_the_class_balance_of_the_settings_is_given_to_the_label_model(wsal, labelled):
    settings = labelled / "wsal.toml"
    before = settings.read_text()
    options = ("simulate", "--gold", "truth", "--strategy", "random", "--seeds", "1", "--budget", "10")
    plain = wsal(*options, cwd=labelled).stdout
    settings.write_text(before.replace("[task]", "[task]\nclass_balance = [0.3, 0.7]"))
    assert wsal(*options, cwd=labelled).stdout != plain
    settings.write_text(before.replace("[task]", '[task]\nclass_balance = "audit"'))
    assert wsal(*options, cwd=labelled).stdout == plain  # as without settings
