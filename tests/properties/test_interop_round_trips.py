"""Answers that went out to another tool come back as they were."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.interop import FORMATS
from wsal.interop.wrench import read_wrench
from wsal.types import LabelSpace, absent
from wsal.votes import VoteMatrix

_spec = importlib.util.spec_from_file_location(
    "interop_conftest", Path(__file__).parents[1] / "unit" / "interop" / "conftest.py"
)
_made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_made)

# No surrogates (no file can hold them), and no edges of spaces: cells are stripped when a table is read.
words = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
people = words.filter(lambda name: "\x00" not in name)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@st.composite
def cases(draw):
    ids = draw(st.lists(words, min_size=1, max_size=6, unique=True))
    labels = draw(st.lists(words, min_size=2, max_size=4, unique=True))
    given_ = draw(
        st.lists(
            st.tuples(st.sampled_from(ids), st.sampled_from(labels), people, words),
            min_size=1,
            max_size=8,
            unique_by=lambda one: (one[0], one[2]),
        )
    )
    shown = [draw(texts) for _ in ids]
    return ids, labels, shown, given_


@pytest.mark.parametrize("name", ["label-studio", "prodigy", "argilla", "crowd"])
@given(case=cases())
def test_answers_come_back_as_they_went_out(name, case):
    ids, labels, shown, given_ = case
    answers = [_made.answer(item, label, who, rationale=why) for item, label, who, why in given_]
    made = _made.labelled(shown, answers, labels=labels, ids=ids)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"made{FORMATS[name].suffix}"
        FORMATS[name].write(made, path)
        table = FORMATS[name].read(path, made.items, LabelSpace(tuple(labels)))
    columns = ("id", "label", "annotator", "rationale")
    back = zip(*(table.columns[column].values for column in columns), strict=True)
    assert sorted(back) == sorted((item, label, who, why) for item, label, who, why in given_)


@st.composite
def voted(draw):
    ids = draw(st.lists(words, min_size=1, max_size=6, unique=True))
    labels = draw(st.lists(words, min_size=2, max_size=4, unique=True))
    n_lfs = draw(st.integers(1, 3))
    vote = st.integers(-1, len(labels) - 1)
    votes = [draw(st.lists(vote, min_size=n_lfs, max_size=n_lfs)) for _ in ids]
    answered = [draw(st.booleans()) for _ in ids]
    splits = [draw(st.sampled_from(["train", "valid", "test"])) for _ in ids]
    return ids, labels, [draw(texts) for _ in ids], votes, answered, splits


@given(case=voted())
def test_a_wrench_folder_keeps_texts_votes_and_answers(case):
    ids, labels, shown, votes, answered, splits = case
    made = _made.labelled(shown, labels=labels, ids=ids, split=splits)
    sources = np.where(answered, "human", "rules").astype("<U9")
    made = replace(
        made,
        soft=replace(made.soft, sources=sources),
        votes=VoteMatrix.from_array(votes, labels, item_ids=ids),
    )
    with TemporaryDirectory() as folder:
        FORMATS["wrench"].write(made, Path(folder))
        read = read_wrench(Path(folder))
    assert read.labels.names == tuple(labels)
    rows = read.items.set_index("wsal_id").loc[ids]
    assert rows["text"].tolist() == shown
    assert rows["split"].tolist() == splits
    names = [[made.labels.name(vote) for vote in row] for row in votes]
    assert [
        [None if pd.isna(v) else v for v in row] for row in rows[list(read.lf_columns)].values.tolist()
    ] == names
    gold = dict(zip(read.gold["id"], read.gold["label"], strict=True))
    assert [gold.get(item) for item in rows["id"]] == [
        made.hard[row] if answered[row] else None for row in range(len(ids))
    ]


@st.composite
def answered_sets(draw):
    ids = draw(st.lists(words, min_size=1, max_size=5, unique=True))
    # a label called as the absence of another is refused where a project is made
    label = words.filter(lambda name: not name.startswith("not "))
    labels = draw(st.lists(label, min_size=2, max_size=4, unique=True))
    chosen = st.lists(st.sampled_from(labels), unique=True)
    given_ = draw(
        st.lists(
            st.tuples(st.sampled_from(ids), chosen, people, words),
            min_size=1,
            max_size=6,
            unique_by=lambda one: (one[0], one[2]),
        )
    )
    return ids, labels, [draw(texts) for _ in ids], given_


@pytest.mark.parametrize("name", ["label-studio", "prodigy", "argilla"])
@given(case=answered_sets())
def test_sets_of_labels_come_back_as_they_went_out(name, case):
    ids, labels, shown, given_ = case
    made = _made.labelled_sets(shown, given_, labels=labels, ids=ids)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"made{FORMATS[name].suffix}"
        FORMATS[name].write(made, path)
        table = FORMATS[name].read(path, made.items, LabelSpace(tuple(labels)), several=True)
    columns = ("id", "label", "annotator", "rationale")
    back = zip(*(table.columns[column].values for column in columns), strict=True)
    assert sorted(back) == sorted(
        (item, label if label in chosen else absent(label), who, why)
        for item, chosen, who, why in given_
        for label in labels
    )
