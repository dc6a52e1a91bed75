from __future__ import annotations

import numpy as np

from wsal.label_models.near_copies import find_copies
from wsal.label_models.sources import share_votes
from wsal.votes import VoteMatrix


def patterns(L, labels=("a", "b")):
    return VoteMatrix.from_array(L, list(labels)).patterns()


def copies(L, **kwargs):
    return find_copies(patterns(L, **kwargs), similarity=0.5, min_equal=10)


def block(*columns):
    return np.array(columns, dtype=np.int8).T


def test_identical_functions_are_one_group_however_few_their_votes():
    found = copies([[0, 1, 0], [1, -1, 1]])
    assert found.group.tolist() == [0, 1, 0]
    assert found.cluster.tolist() == [0, 1, 0]
    assert found.shared.tolist() == [True, False, True]


def test_functions_that_never_vote_are_copies_of_nothing():
    found = copies([[0, -1, -1], [1, -1, -1]])
    assert found.group.tolist() == [0, 1, 2]
    assert not found.shared.any()


def test_near_copies_of_one_class_are_a_cluster_from_ten_equal_votes_on():
    one, other = [0] * 10 + [-1] * 5, [0] * 10 + [-1, -1, -1, -1, 0]
    assert copies(block(one, other)).cluster.tolist() == [0, 0]
    assert copies(block(one[1:], other[1:])).cluster.tolist() == [0, 1]


def test_functions_that_overlap_by_less_than_half_are_no_copies():
    assert copies(block([0] * 20 + [-1] * 11, [-1] * 11 + [0] * 20)).cluster.tolist() == [0, 1]
    assert copies(block([0] * 20 + [-1] * 10, [-1] * 5 + [0] * 20 + [-1] * 5)).cluster.tolist() == [0, 0]


def test_functions_of_several_classes_are_never_near_copies():
    one = [0] * 20 + [1] * 20
    assert copies(block(one, [*one[:-1], -1])).cluster.tolist() == [0, 1]


def test_functions_of_different_classes_are_never_near_copies():
    assert copies(block([0] * 20, [1] * 20)).cluster.tolist() == [0, 1]


def test_counts_of_patterns_weigh_in_the_overlap():
    from wsal.patterns import VotePatterns

    few = patterns([[0, 0], [0, -1]])
    many = VotePatterns(few.votes, np.array([1, 12]), few.labels, few.lf_names)
    assert few.votes.tolist() == [[0, -1], [0, 0]]
    assert find_copies(many, similarity=0.5, min_equal=10).cluster.tolist() == [0, 0]
    swapped = VotePatterns(few.votes, np.array([13, 12]), few.labels, few.lf_names)
    assert find_copies(swapped, similarity=0.5, min_equal=10).cluster.tolist() == [0, 1]


def test_the_shares_of_a_cluster_sum_to_one_vote():
    # Functions 0 and 1 are identical, 2 is a near-copy of them, 3 stands alone.
    L = block([0] * 12 + [-1] * 3, [0] * 12 + [-1] * 3, [0] * 11 + [-1, 0, -1, 0], [1] * 13 + [-1, -1])
    found = copies(L)
    assert found.group.tolist() == [0, 0, 1, 2]
    assert found.cluster.tolist() == [0, 0, 0, 2]
    shares = share_votes(np.array([[0, 0, 0, 1], [0, 0, -1, -1], [-1, 0, 0, 1]], dtype=np.int8), 2, found)
    assert shares.n_votes.tolist() == [2.0, 1.0, 2.0]
    dense = shares.weights.toarray()
    assert dense[0, [0, 2, 4, 7]].tolist() == [0.25, 0.25, 0.5, 1.0]
    assert dense[1, [0, 2]].tolist() == [0.5, 0.5]
    # In other votes a copy may speak alone; its group still has one voice.
    assert dense[2, [2, 4, 7]].tolist() == [0.5, 0.5, 1.0]


def test_copies_that_disagree_in_other_votes_are_voices_of_their_own():
    found = copies([[0, 0], [1, 1]])
    shares = share_votes(np.array([[0, 1]], dtype=np.int8), 2, found)
    assert shares.n_votes.tolist() == [2.0]
    assert shares.weights.toarray()[0].tolist() == [1.0, 0.0, 0.0, 1.0]
