from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.estimation import pattern_ceiling


@given(
    st.integers(2, 5),
    st.integers(0, 2**16),
    st.floats(0.0, 200.0),
)
def test_the_ceiling_is_never_below_what_is_reached_and_never_above_one(k, seed, answers):
    q = np.random.default_rng(seed).dirichlet(np.ones(k), size=4)
    found = pattern_ceiling(q, np.full(4, 10), np.full(4, answers))
    assert (found.now == q.max(axis=1)).all()
    assert (found.ceiling >= found.now).all()
    assert (found.ceiling <= 1).all()
    assert found.gain + found.lost == pytest.approx(10 * (1 - found.now))


@pytest.mark.parametrize("k", [2, 3, 6])
def test_the_ceiling_is_the_mean_of_the_largest_share(k):
    generator = np.random.default_rng(k)
    q = generator.dirichlet(np.full(k, 0.7), size=5).clip(1e-3)
    q /= q.sum(axis=1, keepdims=True)
    found = pattern_ceiling(q, np.ones(5), np.arange(5) * 20.0)
    drawn = [generator.dirichlet(a, 100_000).max(axis=1).mean() for a in found.shape]
    assert found.ceiling == pytest.approx(drawn, abs=2e-3)


def test_answers_turn_what_could_be_mended_into_what_cannot():
    even = np.full((2, 2), 0.5)
    few, many = pattern_ceiling(even, np.array([100, 100]), np.array([0.0, 500.0])).gain
    assert few > 10
    assert many < 3


def test_the_expected_wrong_labels_lie_in_their_interval():
    found = pattern_ceiling(np.array([[0.8, 0.2]]), np.array([50]), np.array([10.0]))
    wrong, low, high = found.wrong(0)
    assert wrong == pytest.approx(10)
    assert 0 < low < wrong < high < 50
    assert found.wrong(0, level=0.5)[1] > low
