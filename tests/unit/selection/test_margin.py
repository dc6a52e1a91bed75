"""Choosing by smallest margin."""

import numpy as np

from wsal.selection.margin import margins, pick_items, pick_patterns
from wsal.selection.pool import Choice

ROWS = [[1, 1], [1, 1], [1, 1], [1, 0], [0, 0], [-1, -1], [-1, -1]]


def _rng():
    return np.random.default_rng(0)


def test_the_margin_is_the_distance_of_the_two_best():
    assert margins(np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])).round(12).tolist() == [0.2, 1.0]


def test_the_lowest_scores_are_taken_one_pattern_each(make_pool):
    choice = Choice(make_pool(ROWS))
    scores = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert pick_items(choice, scores, 4, generator=_rng()) == [0, 3, 4, 5]


def test_a_pattern_comes_again_only_when_nothing_else_is_left(make_pool):
    choice = Choice(make_pool(ROWS))
    scores = np.arange(7.0)
    assert pick_items(choice, scores, 99, generator=_rng()) == [0, 3, 4, 5, 6, 1, 2]


def test_duplicates_come_last(make_pool):
    X = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [6.0]])
    choice = Choice(make_pool(ROWS, features=X))
    scores = np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0])
    assert pick_items(choice, scores, 99, generator=_rng()) == [6, 4, 3, 2, 1, 0, 5]


def test_ties_are_broken_at_random_but_by_the_seed(make_pool):
    pool = make_pool([[-1]] * 50)
    picks = [pick_items(Choice(pool), np.zeros(50), 5, generator=np.random.default_rng(s)) for s in (1, 1, 2)]
    assert picks[0] == picks[1] != picks[2]


def test_patterns_are_ranked_and_the_larger_of_equals_comes_first(make_pool):
    pool = make_pool(ROWS)
    everywhere = np.ones(pool.patterns.n_patterns, dtype=bool)
    rows = pick_patterns(
        Choice(pool), np.zeros(pool.patterns.n_patterns), 2, allowed=everywhere, generator=_rng()
    )
    assert pool.inverse[rows[0]] == pool.inverse[0]  # three items
    assert pool.inverse[rows[1]] == pool.inverse[5]  # two items


def test_only_allowed_patterns_are_taken_and_then_round_again(make_pool):
    pool = make_pool(ROWS)
    allowed = np.isin(np.arange(pool.patterns.n_patterns), pool.inverse[[0, 3]])
    scores = np.zeros(pool.patterns.n_patterns)
    rows = pick_patterns(Choice(pool), scores, 99, allowed=allowed, generator=_rng())
    assert sorted(rows) == [0, 1, 2, 3]
    assert rows[1] == 3  # one of each first


def test_the_most_typical_item_stands_for_its_pattern(make_pool):
    X = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    pool = make_pool(ROWS, features=X)
    allowed = np.isin(np.arange(pool.patterns.n_patterns), pool.inverse[0])
    scores = np.zeros(pool.patterns.n_patterns)
    assert pick_patterns(Choice(pool), scores, 1, allowed=allowed, generator=_rng()) == [1]


def test_only_allowed_items_are_taken_patterns_in_turn(make_pool):
    choice = Choice(make_pool(ROWS))
    allowed = np.array([True, True, True, True, False, False, False])
    picked = pick_items(
        choice, np.array([0.0, 1.0, 2.0, 9.0, -1.0, -1.0, -1.0]), 99, generator=_rng(), allowed=allowed
    )
    assert picked == [0, 3, 1, 2]  # the conflict has its turn before the second item of the first pattern
