"""Hunting rare classes."""

import numpy as np

from wsal.selection.hunt import pick_hunted
from wsal.selection.pool import Choice

LABELS = ("ham", "spam", "scam")
ROWS = [[1, 1]] * 3 + [[2, 2]] * 3 + [[0, 0]] * 20 + [[-1, -1]] * 5


def test_patterns_are_ranked_by_the_class_without_features(make_pool):
    choice = Choice(make_pool(ROWS, labels=LABELS))
    picked = pick_hunted(choice, [1], 1, generator=np.random.default_rng(0))
    assert [y for _, y in picked] == [1]
    assert picked[0][0] < 3


def test_several_classes_share_the_hunt(make_pool):
    choice = Choice(make_pool(ROWS, labels=LABELS))
    picked = pick_hunted(choice, [1, 2], 2, generator=np.random.default_rng(0))
    assert [y for _, y in picked] == [1, 2]
    assert picked[0][0] < 3 <= picked[1][0] < 6


def test_who_gets_the_odd_item_is_drawn(make_pool):
    pool = make_pool(ROWS, labels=LABELS)
    first = {
        pick_hunted(Choice(pool), [1, 2], 1, generator=np.random.default_rng(seed))[0][1]
        for seed in range(20)
    }
    assert first == {1, 2}


def test_with_an_end_model_the_likeliest_items_come_first(make_pool):
    X = np.zeros((31, 2))
    X[:3, 0] = X[30, 0] = 1.0  # the last item, which no rule covers, looks like spam
    X[3:30, 1] = np.linspace(0.5, 1.5, 27)
    pool = make_pool(ROWS, labels=LABELS, features=X)
    rows = [row for row, _ in pick_hunted(Choice(pool), [1], 2, generator=np.random.default_rng(0))]
    assert rows[0] < 3
    assert rows[1] == 30
