from __future__ import annotations

import numpy as np
import pytest

import wsal.patterns.columns
import wsal.patterns.distinct
from wsal.errors import DataError
from wsal.patterns import VotePatterns
from wsal.types import LabelSpace

SPACE = LabelSpace(("a", "b", "c"))
ROWS = np.array([[1, -1], [-1, -1], [1, -1], [0, 2]], dtype=np.int8)


def make(rows: np.ndarray) -> VotePatterns:
    return VotePatterns.from_rows(rows, SPACE, [f"lf_{j}" for j in range(rows.shape[1])])


def test_distinct_rows_are_counted_in_lexicographic_order():
    patterns = make(ROWS)
    assert patterns.votes.tolist() == [[-1, -1], [0, 2], [1, -1]]
    assert patterns.counts.tolist() == [1, 1, 2]
    assert patterns.expand(patterns.votes).tolist() == ROWS.tolist()
    assert patterns.n_votes.tolist() == [0, 2, 1]
    assert patterns.covered.tolist() == [False, True, True]
    assert patterns.tally().tolist() == [[0, 0, 0], [1, 0, 1], [0, 1, 0]]
    assert patterns.weighted(np.array([1.0, 2.0, 3.0])) == 9.0


def test_rows_are_found_again_and_unknown_ones_are_minus_one():
    patterns = make(ROWS)
    found = patterns.find(np.array([[0, 2], [2, 2]], dtype=np.int8))
    assert found.tolist() == [1, -1]


@pytest.mark.parametrize("share", [0.02, 0.3])  # few patterns; and so many that they are sorted
@pytest.mark.parametrize("slots", [8, 1 << 20])
def test_patterns_of_many_rows_are_those_of_numpy(monkeypatch, share, slots):
    monkeypatch.setattr(wsal.patterns.distinct, "_SLOTS", slots)
    monkeypatch.setattr(wsal.patterns.distinct, "CHUNK", 500)
    rng = np.random.default_rng(3)
    rows = np.where(rng.random((5000, 9)) < share, rng.integers(3, size=(5000, 9)), -1).astype(np.int8)
    patterns = make(rows)
    expected, counts = np.unique(rows, axis=0, return_counts=True)
    assert np.array_equal(patterns.votes, expected)
    assert np.array_equal(patterns.counts, counts)
    assert np.array_equal(patterns.expand(patterns.votes), rows)
    columns = cast(rows[:, :7])
    columns += [(slice(None), own) for own in rows.T[7:]]  # whole ones among them
    found = VotePatterns.from_columns(columns, len(rows), SPACE, patterns.lf_names)
    if share == 0.3:
        assert found is None
    else:
        assert all(
            np.array_equal(getattr(found, name), getattr(patterns, name))
            for name in ("votes", "counts", "inverse")
        )


def cast(rows):
    return [(np.flatnonzero(own >= 0), own[own >= 0]) for own in rows.T]


@pytest.mark.parametrize("other", [[0, 2], [0, -1], [1, 2], [-1, -1]])
def test_two_rows_with_one_sum_are_not_taken_for_one(monkeypatch, other):
    monkeypatch.setattr(wsal.patterns.columns, "splitmix", np.zeros_like)
    rows = np.array([other, [1, -1]], dtype=np.int8)
    assert VotePatterns.from_columns(cast(rows), 2, SPACE, ("x", "y")) is None
    assert VotePatterns.from_columns(cast(rows[1:]), 1, SPACE, ("x", "y")).votes.tolist() == [[1, -1]]


def test_two_rows_with_one_hash_are_still_told_apart(monkeypatch):
    monkeypatch.setattr(
        wsal.patterns.distinct, "_hash_rows", lambda rows: np.zeros(len(rows), dtype=np.uint64)
    )
    patterns = make(ROWS)
    assert patterns.votes.tolist() == [[-1, -1], [0, 2], [1, -1]]
    assert patterns.counts.tolist() == [1, 1, 2]


def test_patterns_without_functions_are_one_empty_row():
    patterns = make(np.empty((5, 0), dtype=np.int8))
    assert patterns.counts.tolist() == [5]
    assert patterns.covered.tolist() == [False]


def test_counts_alone_cannot_be_expanded():
    patterns = VotePatterns(ROWS[:1], np.array([3]), SPACE, ("x", "y"))
    with pytest.raises(DataError, match="counts only"):
        patterns.expand(np.zeros(1))


def test_merging_with_counts_alone_adds_counts_and_knows_no_items():
    whole = make(ROWS)
    counts_only = VotePatterns(whole.votes, whole.counts, SPACE, whole.lf_names)
    both = whole.merge(counts_only)
    assert both.counts.tolist() == [2, 2, 4]
    assert both.inverse is None


def test_patterns_of_different_functions_are_not_merged():
    with pytest.raises(DataError, match="different labelling functions"):
        make(ROWS).merge(VotePatterns.from_rows(ROWS, SPACE, ["x", "y"]))


def test_rows_are_found_wherever_patterns_repeat_them():
    votes = np.array([[0, 1], [1, -1], [0, 1], [-1, -1]], dtype=np.int8)
    repeating = VotePatterns(votes, np.ones(4, dtype=np.int64), LabelSpace(("a", "b")), ("x", "y"))
    codes, which = repeating.occurrences(np.array([[1, 1], [0, 1], [-1, -1]], dtype=np.int8))
    assert (codes.tolist(), which.tolist()) == ([0, 2, 3], [1, 1, 2])
    plain = VotePatterns(votes[1:], np.ones(3, dtype=np.int64), LabelSpace(("a", "b")), ("x", "y"))
    codes, which = plain.occurrences(np.array([[1, 1], [0, 1], [-1, -1]], dtype=np.int8))
    assert (codes.tolist(), which.tolist()) == ([1, 2], [1, 2])
