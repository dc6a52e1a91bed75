from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wsal.votes import VoteMatrix

LABELS = ["a", "b", "c"]
matrices = st.tuples(st.integers(1, 40), st.integers(1, 19)).flatmap(
    lambda shape: arrays(np.int8, shape, elements=st.integers(-1, 2))
)


def same(a, b):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("votes", "counts", "inverse"))


@given(matrices)
def test_patterns_are_numpys_unique_rows(L):
    patterns = VoteMatrix.from_array(L, LABELS).patterns()
    rows, inverse, counts = np.unique(L, axis=0, return_inverse=True, return_counts=True)
    assert np.array_equal(patterns.votes, rows)
    assert np.array_equal(patterns.counts, counts)
    assert np.array_equal(patterns.inverse, inverse.reshape(-1))


@given(matrices, st.data())
def test_the_patterns_of_two_halves_merged_are_the_patterns_of_the_whole(L, data):
    cut = data.draw(st.integers(0, len(L)))
    first, second = (VoteMatrix.from_array(part, LABELS).patterns() for part in (L[:cut], L[cut:]))
    assert same(first.merge(second), VoteMatrix.from_array(L, LABELS).patterns())


@given(matrices, st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_change_the_patterns(L, random):
    order = list(range(len(L)))
    random.shuffle(order)
    a = VoteMatrix.from_array(L, LABELS).patterns()
    b = VoteMatrix.from_array(L[order], LABELS).patterns()
    assert np.array_equal(a.votes, b.votes)
    assert np.array_equal(a.counts, b.counts)
    assert np.array_equal(a.inverse[order], b.inverse)
