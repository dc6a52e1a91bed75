"""``wsal init --wrench``: a WRENCH folder becomes a project."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from wsal.project import Project

TRAIN = {
    "10": {"label": 0, "weak_labels": [0, -1], "data": {"text": "See you", "id": "x"}},
    "2": {"label": 1, "weak_labels": [1, 1], "data": {"text": "Free prize", "tokens": ["Free", "prize"]}},
}
TEST = {"0": {"label": -1, "weak_labels": [-1, 0], "data": {"text": "Lunch?"}}}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "wrench"
    made.mkdir()
    for name, content in (("label", {"0": "HAM", "1": "SPAM"}), ("train", TRAIN), ("test", TEST)):
        (made / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return made


def test_items_votes_and_gold_arrive_in_the_order_of_their_numbers(wsal, folder, tmp_path):
    wsal("init", "new", "--wrench", "wrench")
    new = tmp_path / "new"
    wsal("check", cwd=new)
    wsal("apply", cwd=new)
    votes = Project.open(new).votes()
    assert votes.item_ids.tolist() == ["train-2", "train-10", "test-0"]
    assert votes.to_numpy().tolist() == [[1, 1], [0, -1], [-1, 0]]
    assert votes.labels.names == ("HAM", "SPAM")
    gold = pd.read_csv(new / "gold.csv")
    assert gold.to_numpy().tolist() == [["train-2", "SPAM"], ["train-10", "HAM"]]
    items = pd.read_parquet(new / "items.parquet")
    assert items["data_id"].tolist()[1] == "x"
    assert items["tokens"].tolist()[0] == '["Free", "prize"]'
    wsal("fit", cwd=new)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": 5}, "item '10': the label is 5"),
        ({"weak_labels": [0, 2]}, "item '10': the weak label is 2"),
        ({"weak_labels": [0]}, "has 1 weak labels, others 2"),
        ({"weak_labels": None}, "no list of weak_labels"),
    ],
)
def test_a_wrong_item_is_named_and_nothing_is_made(change, message, wsal, folder, tmp_path):
    (folder / "train.json").write_text(json.dumps(TRAIN | {"10": TRAIN["10"] | change}), encoding="utf-8")
    assert message in wsal("init", "new", "--wrench", "wrench", code=2).stderr
    assert not (tmp_path / "new").exists()


def test_what_is_no_such_folder_is_refused(wsal, folder):
    assert "label.json" in wsal("init", "new", "--wrench", "nowhere", code=2).stderr
    assert "leave out" in wsal("init", "new", "--wrench", "wrench", "--labels", "a,b", code=2).stderr
    (folder / "test.json").write_text("{", encoding="utf-8")
    assert "no JSON" in wsal("init", "new", "--wrench", "wrench", code=2).stderr
    (folder / "test.json").write_text('{"a": {}}', encoding="utf-8")
    assert "'a' is no number" in wsal("init", "new", "--wrench", "wrench", code=2).stderr
    for name in ("train", "test"):
        (folder / f"{name}.json").unlink()
    assert "train.json" in wsal("init", "new", "--wrench", "wrench", code=2).stderr
