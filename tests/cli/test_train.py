from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

GOLD = Path(__file__).resolve().parents[2] / "examples" / "messages" / "gold.csv"


@pytest.fixture
def fitted(wsal, project):
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    return project


def test_train_says_what_it_did_with_intervals_and_a_confusion_table(wsal, fitted):
    said = wsal("train", "--gold", str(GOLD), "--out", "model", cwd=fitted)
    assert "logistic trained on" in said.stdout
    assert re.search(r"judged by 8\d true labels; intervals of 95 %", said.stdout)
    for line in ("accuracy", "precision of spam", "recall of ham", "predicted class by column", "log loss"):
        assert line in said.stdout
    assert (fitted / "model" / "model.npz").is_file()
    assert "already" in wsal("train", "--out", "model", cwd=fitted, code=2).stderr
    wsal("audit", "verify", cwd=fitted)


def test_without_a_truth_no_accuracy_is_given(wsal, fitted):
    said = wsal("train", cwd=fitted)
    assert "no honest accuracy can be given" in said.stderr
    assert "accuracy" not in said.stdout


def test_copies_among_the_held_out_items_are_named(wsal, fitted, tmp_path):
    assert "and their copies" not in wsal("train", "--gold", str(GOLD), cwd=fitted).stderr
    data = tmp_path / "canned.csv"
    lines = [
        f"{i},{('win a prize', 'lunch at noon', 'claim it now', 'see you soon')[i % 4]}" for i in range(80)
    ]
    data.write_text("id,text\n" + "\n".join(lines))
    (tmp_path / "gold.csv").write_text("id,label\n" + "\n".join(f"{i},{'yn'[i % 2]}" for i in range(80)))
    wsal("init", "canned", "--data", str(data), "--labels", "y,n", "--text", "text", cwd=tmp_path)
    wsal("apply", cwd=tmp_path / "canned")
    (tmp_path / "answers.csv").write_text("id,label\n0,y\n1,n\n2,y\n3,n\n")
    wsal("import", str(tmp_path / "answers.csv"), cwd=tmp_path / "canned")
    wsal("fit", cwd=tmp_path / "canned")
    said = wsal("train", "--gold", str(tmp_path / "gold.csv"), "--held-out", "0.5", cwd=tmp_path / "canned")
    assert "40 items held out are 2 different ones and their copies" in said.stderr


def test_train_prints_json(wsal, fitted):
    found = json.loads(wsal("train", "--gold", str(GOLD), "--held-out", "0.05", "--json", cwd=fitted).stdout)
    assert found["evaluation"]["truth"] == "gold"
    assert found["n_held_out"] >= 20
    assert found["labels"] == ["ham", "spam"]


def test_bad_usage_exits_with_2(wsal, project):
    assert "the project has no votes yet" in wsal("train", cwd=project, code=2).stderr
    wsal("apply", cwd=project)
    assert "the project has no labels yet" in wsal("train", cwd=project, code=2).stderr
    assert "run `wsal fit` first" in wsal("train", cwd=project, code=2).stderr
    wsal("fit", cwd=project)
    assert "unknown model" in wsal("train", "--model", "bert", cwd=project, code=2).stderr
