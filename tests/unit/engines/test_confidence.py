"""Confidences become votes, one column a bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wsal.engines import binned_votes
from wsal.errors import DataError, InputError
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels

LABELS = ["a", "b", "c"]


def test_each_item_votes_in_the_bin_of_its_largest_confidence():
    votes = binned_votes(
        [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.0, 1.0, 0.0], [0.05, 0.9, 0.05]], LABELS, name="bert"
    )
    assert votes.lf_names == ("bert 0.5-0.7", "bert 0.7-0.9", "bert 0.9-1")
    assert votes.values.tolist() == [[0, -1, -1], [-1, 2, -1], [-1, -1, 1], [-1, -1, 1]]


def test_the_model_abstains_below_the_first_edge_on_ties_and_where_values_are_missing():
    rows = [[0.4, 0.3, 0.3], [0.8, 0.8, 0.1], [np.nan, 0.9, 0.1]]
    assert (binned_votes(rows, LABELS).values == -1).all()
    assert binned_votes(rows, LABELS, edges=[0.0]).values.tolist() == [[0], [-1], [-1]]


def test_item_ids_are_kept():
    assert binned_votes([[1, 0, 0]], LABELS, item_ids=["x"]).item_ids.tolist() == ["x"]


@given(
    arrays(np.float64, st.tuples(st.integers(0, 20), st.just(3)), elements=st.floats(0, 1)),
    st.lists(st.floats(0, 0.999), min_size=1, max_size=5, unique=True).map(sorted),
)
def test_every_item_has_at_most_one_vote_and_it_says_what_the_model_says(confidences, edges):
    votes = binned_votes(confidences, LABELS, edges=edges).values
    assert ((votes >= 0).sum(axis=1) <= 1).all()
    for row, vote in zip(confidences, votes, strict=True):
        bins = np.flatnonzero(vote >= 0)
        alone = (row == row.max()).sum() == 1
        assert len(bins) == int(alone and row.max() >= edges[0])
        for b in bins:
            assert vote[b] == row.argmax()
            assert edges[b] <= row.max()
            assert b == len(edges) - 1 or row.max() < edges[b + 1]


def test_a_label_model_learns_each_bin_by_itself():
    rng = np.random.default_rng(0)
    gold = rng.integers(2, size=2000)
    sure = rng.random(2000) < 0.5
    right = rng.random(2000) < np.where(sure, 0.98, 0.55)
    top = np.where(sure, 0.95, 0.6)
    says = np.where(right, gold, 1 - gold)
    confidences = np.where(says[:, None] == np.arange(2), top[:, None], 1 - top[:, None])
    votes = binned_votes(confidences, ["a", "b"])
    human = HumanLabels.from_pairs({i: int(gold[i]) for i in range(300)})
    P = LabelModel().fit(votes, human).predict_proba(votes)[300:].max(axis=1)
    assert P[sure[300:]].mean() > 0.85
    assert P[~sure[300:]].mean() < 0.7


@pytest.mark.parametrize(
    ("confidences", "said"),
    [
        ([0.5, 0.5], "shape"),
        ([[0.5, 0.5]], "3 classes need"),
        ([[0.5, 1.5, 0]], "row 1 .* lie between 0 and 1"),
    ],
)
def test_confidences_that_are_none_are_an_error(confidences, said):
    with pytest.raises(DataError, match=f"(?s){said}"):
        binned_votes(confidences, LABELS)


@pytest.mark.parametrize("edges", [[], [0.5, 0.5], [0.9, 0.5], [-0.1], [1.0], [float("nan")]])
def test_edges_that_are_no_bins_are_an_error(edges):
    with pytest.raises(InputError, match="are no bins"):
        binned_votes([[1, 0, 0]], LABELS, edges=edges)
