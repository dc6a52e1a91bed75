"""The pool: what is free, what is alike, what there is to gain."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from wsal.labels import HumanLabels
from wsal.selection.pool import Choice

ROWS = [[1, 1], [1, 1], [1, 0], [-1, -1], [-1, -1]]


def test_answered_and_excluded_items_are_not_free_and_unknown_ids_are_passed_over(make_pool):
    pool = make_pool(ROWS, human=HumanLabels.from_pairs({"i0": 1}), exclude=("i3", "gone"))
    assert pool.answered.tolist() == [True, False, False, False, False]
    assert pool.free.tolist() == [False, True, True, False, True]


def test_items_alike_share_their_votes_and_uncovered_items_share_nothing(make_pool):
    pool = make_pool(ROWS)
    assert [pool.group_size(row) for row in range(5)] == [2, 2, 1, 1, 1]


def test_the_gain_is_the_expected_number_of_wrong_labels_among_unanswered_items_alike(make_pool):
    pool = make_pool(ROWS)
    doubt = 1 - pool.delivered.unanswered.max(axis=1)
    assert pool.gain(0) == pytest.approx(2 * doubt[0])
    assert pool.gain(3) == pytest.approx(doubt[3])
    answered = make_pool(ROWS, human=HumanLabels.from_pairs({"i0": 1}))
    assert answered.gain(1) == pytest.approx(1 - answered.delivered.unanswered[1].max())


def test_duplicates_share_votes_and_features(make_pool):
    X = np.array([[1.0, 0.0], [1.0, -0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    for features in (X, csr_array(X)):
        pool = make_pool(ROWS, features=features)
        keys = [pool.duplicate_key(row) for row in range(5)]
        assert keys[0] == keys[1]
        assert keys[0] != keys[2]  # the same features, other votes


def test_texts_without_a_known_word_are_no_duplicates(make_pool):
    pool = make_pool(ROWS, features=csr_array(np.array([[1.0], [1.0], [2.0], [0.0], [0.0]])))
    assert pool.duplicate_key(3) != pool.duplicate_key(4)


def test_without_features_nothing_is_a_duplicate(make_pool):
    pool = make_pool(ROWS)
    assert len({pool.duplicate_key(row) for row in range(5)}) == 5


def test_a_taken_pattern_waits_until_the_others_had_their_turn(make_pool):
    pool = make_pool(ROWS)
    choice = Choice(pool)
    agreeing, conflict, uncovered = (int(pool.inverse[row]) for row in (0, 2, 3))
    choice.take(0)
    assert set(np.flatnonzero(choice.diverse_patterns()).tolist()) == {conflict, uncovered}
    for row in (2, 3, 4):
        choice.take(row)
    assert np.flatnonzero(choice.diverse_patterns()).tolist() == [agreeing]
    assert pool.free.all()  # the pool itself does not change


def test_a_duplicate_of_an_answered_item_is_not_new(make_pool):
    pool = make_pool(ROWS, features=np.ones((5, 1)), human=HumanLabels.from_pairs({"i0": 1}))
    choice = Choice(pool)
    assert not choice.is_new(1)
    assert choice.is_new(2)
