from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError
from wsal.interop.snorkel import (
    filter_unlabeled_dataframe,
    get_label_buckets,
    get_label_instances,
    preds_to_probs,
    probs_to_preds,
)


def test_ties_by_lot_differ_and_follow_the_generator():
    even = np.full((200, 2), 0.5)
    first = probs_to_preds(even, "true-random", rng=1)
    assert set(first.tolist()) == {0, 1}
    assert np.array_equal(first, probs_to_preds(even, "true-random", rng=1))


def test_policies_and_shapes_that_do_not_exist_are_refused():
    with pytest.raises(DataError, match="abstain"):
        probs_to_preds([[0.5, 0.5]], "abstian")
    with pytest.raises(DataError, match="shape"):
        probs_to_preds([[1.0]])


def test_an_abstain_has_no_probabilities():
    with pytest.raises(DataError, match="-1"):
        preds_to_probs([0, -1], 2)
    assert preds_to_probs([[1], [0]], 2).tolist() == [[0, 1], [1, 0]]


def test_labels_that_are_no_whole_numbers_are_refused():
    for labels in ([0.5], [np.nan], ["spam"]):
        with pytest.raises(DataError, match="whole"):
            get_label_buckets(labels)


def test_a_combination_that_does_not_occur_has_no_instances():
    x = np.array(["a", "b"])
    assert get_label_instances((1, 1), x, [0, 0], [1, 1]).tolist() == []
    with pytest.raises(DataError, match="2 labels"):
        get_label_instances((1, 1), x, [0, 0])
    with pytest.raises(DataError, match="1 instances and 2 labels"):
        get_label_instances((0,), x[:1], [0, 0])
    with pytest.raises(DataError, match="2, 1"):
        get_label_buckets([0, 0], [1])


def test_items_without_a_vote_are_filtered():
    frame = pd.DataFrame({"text": ["a", "b"]}, index=[7, 8])
    kept, labels = filter_unlabeled_dataframe(frame, np.eye(2), np.array([[-1, -1], [0, -1]]))
    assert kept.index.tolist() == [8]
    assert labels.tolist() == [[0, 1]]
