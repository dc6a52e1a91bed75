"""Datasets in folders: two layouts, duplicates, and what is wrong with a folder."""

import json

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError
from wsal.features import text_features
from wsal.simulation import find_datasets, read_dataset

TRAIN = [
    ("win a prize", 1, [1, -1]),
    ("Win a prize!", 1, [1, -1]),
    ("see you at home", 0, [-1, 0]),
    ("home at nine", 0, [-1, 0]),
]
TEST = [("WIN, a prize", 1, [1, -1]), ("a prize at home", 1, [1, 0])]


def _parquet(folder, *, meta=None, name="set"):
    folder = folder / name
    folder.mkdir()
    for split, rows in (("train", TRAIN), ("test", TEST)):
        pd.DataFrame(
            {
                "id": [f"{split}{i}" for i in range(len(rows))],
                "text": [text for text, _, _ in rows],
                "label": [label for _, label, _ in rows],
                # Out of order: columns go by their number.
                "lf_1": [votes[1] for _, _, votes in rows],
                "lf_0": [votes[0] for _, _, votes in rows],
            }
        ).to_parquet(folder / f"{split}.parquet")
    (folder / "meta.json").write_text(json.dumps(meta or {"class_names": ["ham", "spam"], "metric": "f1"}))
    return folder


def _wrench(folder):
    folder = folder / "set"
    folder.mkdir()
    for split, rows in (("train", TRAIN), ("test", TEST)):
        cells = {
            str(i): {"label": label, "weak_labels": votes, "data": {"text": text}}
            for i, (text, label, votes) in enumerate(rows)
        }
        (folder / f"{split}.json").write_text(json.dumps(cells))
    (folder / "label.json").write_text(json.dumps({"0": "ham", "1": "spam"}))
    return folder


@pytest.mark.parametrize("write", [_parquet, _wrench])
def test_both_layouts_are_read_alike_and_without_duplicates(tmp_path, write):
    data = read_dataset(write(tmp_path))
    assert data.votes.labels.names == ("ham", "spam")
    assert data.votes.values.tolist() == [[1, -1], [-1, 0], [-1, 0]]
    assert data.gold.tolist() == [1, 0, 0]
    assert data.test.gold.tolist() == [1]
    assert data.notes == (
        "1 of 4 training items repeat a text and are left out",
        "1 of 2 test items have a text of the training items and are left out",
    )


def test_the_metric_is_the_one_that_the_folder_names(tmp_path):
    assert read_dataset(_parquet(tmp_path)).metric == "f1"
    (tmp_path / "other").mkdir()
    assert read_dataset(_wrench(tmp_path / "other")).metric == "acc"


def test_duplicates_stay_where_that_is_asked_for(tmp_path):
    data = read_dataset(_parquet(tmp_path), drop_duplicates=False)
    assert (data.votes.n_items, data.test.votes.n_items, data.notes) == (4, 2, ())


def test_test_texts_get_the_features_that_they_would_have_had_among_the_training_texts(tmp_path):
    folder = _parquet(tmp_path)
    # The same words in the test as in the training split must give the same row.
    frame = pd.read_parquet(folder / "train.parquet")
    frame.to_parquet(folder / "test.parquet")
    data = read_dataset(folder, drop_duplicates=False)
    assert data.features.names == data.test.features.names == text_features(frame["text"].tolist()).names
    assert np.allclose(data.features.matrix.toarray(), data.test.features.matrix.toarray(), atol=1e-12)


def test_near_copies_that_stay_are_found_as_a_project_finds_them(tmp_path):
    folder = _parquet(tmp_path)
    words = "one two three four five six seven eight nine ten eleven twelve"
    frame = pd.read_parquet(folder / "train.parquet")
    frame["text"] = [words, f"{words} thirteen", "see you at home", "home at nine"]
    frame.to_parquet(folder / "train.parquet")
    assert read_dataset(folder).duplicates.codes.tolist() == [0, 0, 2, 3]


def test_numbers_become_features_where_there_is_no_text(tmp_path):
    folder = _parquet(tmp_path)
    for split in ("train", "test"):
        frame = pd.read_parquet(folder / f"{split}.parquet").drop(columns="text")
        frame.assign(f0=np.arange(len(frame), dtype=float), f1=1.0).to_parquet(folder / f"{split}.parquet")
    data = read_dataset(folder)
    assert data.features.names == ("f0",)
    assert data.features.n_items == 4
    assert data.test.features.n_items == 2


def test_a_folder_without_test_items_or_features_is_read(tmp_path):
    folder = _parquet(tmp_path)
    (folder / "test.parquet").unlink()
    frame = pd.read_parquet(folder / "train.parquet").drop(columns="text")
    frame.to_parquet(folder / "train.parquet")
    data = read_dataset(folder)
    assert (data.test, data.features) == (None, None)


def test_the_datasets_in_a_folder_are_found(tmp_path):
    _parquet(tmp_path, name="b")
    _parquet(tmp_path, name="a")
    (tmp_path / "other").mkdir()
    assert [path.name for path in find_datasets(tmp_path)] == ["a", "b"]


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="is no dataset"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("meta.json", "{", "meta.json cannot be read as JSON"),
        ("meta.json", "{}", "meta.json has no list `class_names`"),
        ("train.parquet", "no parquet", "train.parquet cannot be read as Parquet"),
    ],
)
def test_a_broken_file_is_named(tmp_path, file, content, said):
    folder = _parquet(tmp_path)
    (folder / file).write_text(content)
    with pytest.raises(DataError, match=said):
        read_dataset(folder)


@pytest.mark.parametrize("column", ["label", "lf"])
def test_a_missing_column_is_named(tmp_path, column):
    folder = _parquet(tmp_path)
    frame = pd.read_parquet(folder / "train.parquet")
    gone = [name for name in frame.columns if name.startswith(column)]
    frame.drop(columns=gone).to_parquet(folder / "train.parquet")
    with pytest.raises(DataError, match=r"no column `label`|has no votes"):
        read_dataset(folder)


@pytest.mark.parametrize("cells", [[1], {"0": {"label": 1}}, {"0": {"label": "x", "weak_labels": [1]}}])
def test_another_layout_than_wrenchs_is_named(tmp_path, cells):
    folder = _wrench(tmp_path)
    (folder / "train.json").write_text(json.dumps(cells))
    with pytest.raises(DataError, match=r"train\.json is not in WRENCH's layout"):
        read_dataset(folder)
