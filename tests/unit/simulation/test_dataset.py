"""LabelledDataset: votes, features and gold that fit each other."""

from dataclasses import replace

import numpy as np
import pytest

from wsal.analysis import share_f1
from wsal.errors import DataError, InputError
from wsal.features import DuplicateGroups
from wsal.features.duplicates import text_duplicates


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gold": np.zeros(3, dtype=np.int64)}, "made: 3 gold labels for 200 items"),
        ({"gold": np.full(200, -1)}, "no item has a gold label"),
        ({"gold": np.full(200, 7)}, "the gold label 7 of item 1 is no class"),
        ({"features": None}, "either training and test items have features, or none do"),
    ],
)
def test_what_does_not_fit_is_refused(data, change, said):
    with pytest.raises(DataError, match=said):
        replace(data, **change)


def test_features_of_other_items_are_refused(data):
    with pytest.raises(DataError, match="60 rows of features for 200 items"):
        replace(data, features=data.test.features)


def test_f1_needs_two_classes(data):
    votes = type(data.votes).from_array(data.votes.to_numpy(), labels=["a", "b", "c"])
    with pytest.raises(DataError, match="there are 3"):
        replace(data, votes=votes, test=None, metric="f1")


def test_quality_is_measured_as_the_dataset_says(data):
    P = np.column_stack([np.linspace(0, 1, 200), np.linspace(1, 0, 200)])
    assert replace(data, metric="f1").quality(P, data.gold) == share_f1(P, data.gold)


def test_a_class_is_made_rare_and_all_other_items_stay(data):
    common = int((data.gold != 1).sum())
    rare = data.with_rare(data.votes.labels.names[1], one_in=20, rng=3)
    assert np.bincount(rare.gold).tolist() == [common, common // 20]
    assert rare.features is not None
    assert rare.votes.n_items == rare.features.n_items == common + common // 20
    kept = [data.votes.row_of(item) for item in rare.votes.item_ids.tolist()]
    assert (data.features.matrix[kept] == rare.features.matrix).all()
    assert (data.gold[kept] == rare.gold).all()


def test_duplicates_of_other_items_are_refused(data):
    groups = text_duplicates(["a", "a", "b"])
    with pytest.raises(DataError, match="the duplicates are of other items"):
        replace(data, duplicates=groups)


def test_groups_of_duplicates_go_on_among_the_items_that_a_rare_class_leaves(data):
    n = data.votes.n_items
    codes = np.arange(n) // 4 * 4
    groups = DuplicateGroups(data.votes.item_ids, codes, codes, np.ones(n))
    rare = replace(data, duplicates=groups).with_rare(data.votes.labels.names[1], one_in=20, rng=3)
    rows = [data.votes.row_of(item) for item in rare.votes.item_ids.tolist()]
    for one, group in enumerate(rare.duplicates.codes.tolist()):
        assert codes[rows[one]] == codes[rows[group]]
        assert group == min(i for i, row in enumerate(rows) if codes[row] == codes[rows[one]])


def test_a_class_is_not_made_rarer_than_it_is(data):
    rare = data.with_rare(data.votes.labels.names[1], one_in=20)
    with pytest.raises(InputError, match="rarer than 1:10 already"):
        rare.with_rare(data.votes.labels.names[1], one_in=10)
