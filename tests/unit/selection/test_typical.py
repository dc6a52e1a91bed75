"""Typicality: the cosine to the middle of a pattern."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from wsal.selection.typical import by_typicality, typicality

X = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])


@pytest.mark.parametrize("features", [X, csr_array(X)], ids=["dense", "sparse"])
def test_it_is_the_cosine_to_the_mean_of_the_pattern(make_pool, features):
    pool = make_pool([[1], [1], [1], [1]], features=features)
    rows = np.arange(4)
    middle = X.mean(axis=0)
    expected = [row @ middle / np.linalg.norm(row) / np.linalg.norm(middle) for row in X[:3]]
    assert typicality(pool, rows, rows) == pytest.approx([*expected, 0.0])


def test_the_most_typical_comes_first(make_pool):
    pool = make_pool([[1], [1], [1], [1]], features=X)
    assert by_typicality(pool, np.arange(4), code=0, generator=np.random.default_rng(0))[0] == 2


def test_without_features_the_order_is_random_by_the_seed(make_pool):
    pool = make_pool([[1]] * 30)
    orders = [
        by_typicality(pool, np.arange(30), code=0, generator=np.random.default_rng(s)) for s in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == list(range(30))
