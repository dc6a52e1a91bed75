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
