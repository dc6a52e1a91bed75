"""What each function votes, alone, beside others, and over time."""

from __future__ import annotations

import numpy as np
import pytest

from wsal.analysis import Groups, rule_drift, rule_profiles
from wsal.analysis.groups import MISSING
from wsal.errors import DataError
from wsal.label_models import LabelModel
from wsal.patterns import VotePatterns
from wsal.testing import Copies, make_votes
from wsal.votes import VoteMatrix


def test_profiles_count_as_a_loop_over_items_does():
    made = make_votes(400, rng=3)
    L = made.votes.values
    for j, profile in enumerate(rule_profiles(made.votes.patterns())):
        votes = L[:, j] >= 0
        others = np.delete(L, j, axis=1)
        assert profile.n_votes == votes.sum()
        assert profile.n_alone == (votes & (others < 0).all(axis=1)).sum()
        apart = ((others >= 0) & (others != L[:, [j]])).any(axis=1)
        assert profile.n_contradicted == (votes & apart).sum()
        for peer in profile.peers:
            i = made.votes.lf_names.index(peer.name)
            assert peer.together == (votes & (L[:, i] >= 0)).sum()
            assert peer.equal == (votes & (L[:, i] == L[:, j])).sum()


def test_a_copy_is_named_as_one_opinion_and_others_are_not():
    made = make_votes(3000, copies=[Copies(of=0, n=1, dropout=0.1)], rng=1)
    patterns = made.votes.patterns()
    q = LabelModel().fit(made.votes).pattern_proba(patterns)
    first = rule_profiles(patterns, q)[0]
    assert [peer.name for peer in first.peers if peer.beyond] == ["lf_0-copy-1"]


def _times(n: int, bins: int) -> Groups:
    return Groups("day", tuple(f"d{b}" for b in range(bins)), np.arange(n) * bins // n)


def test_a_rule_that_stops_voting_is_found_and_others_are_not():
    made = make_votes(4000, rng=5)
    L = made.votes.values.copy()
    L[3000:, 2] = np.where(np.arange(1000) % 2 == 0, -1, L[3000:, 2])
    votes = VoteMatrix.from_array(L, made.votes.labels)
    found = rule_drift(votes.patterns(), _times(4000, 8))
    assert [one.rule for one in found if one.found] == ["lf_2"]
    worst = found[2]
    assert sum(part.n_votes for part in worst.bins) == (L[:, 2] >= 0).sum()
    assert worst.bins[0].low < worst.bins[0].rate < worst.bins[0].high
    assert worst.bins[-1].high < worst.bins[0].low


def test_without_drift_about_five_in_a_hundred_sets_of_rules_raise_an_alarm():
    alarms = 0
    for seed in range(120):
        made = make_votes(600, rng=1000 + seed)
        alarms += any(one.found for one in rule_drift(made.votes.patterns(), _times(600, 6)))
    # The normal limit of Pearson's statistic is a little too quick so far out: .06 in 600 sets. Binomial(120, .06)
    # exceeds 16 with a chance of .1 %.
    assert alarms <= 16


def test_items_without_a_time_are_left_out_and_few_votes_are_not_tested():
    L = np.full((40, 1), -1)
    L[:3] = 1
    votes = VoteMatrix.from_array(L, ["ham", "spam"])
    times = Groups("day", ("a", "b", MISSING), np.repeat([0, 1, 2], [15, 15, 10]))
    (only,) = rule_drift(votes.patterns(), times)
    assert [part.name for part in only.bins] == ["a", "b"]
    assert (only.tests, only.found) == ((), ())


def test_times_of_other_items_are_refused():
    votes = VoteMatrix.from_array([[1], [0]], ["ham", "spam"])
    with pytest.raises(DataError, match="3 times for 2 items"):
        rule_drift(votes.patterns(), _times(3, 2))
    counts_only = VotePatterns(votes.patterns().votes, votes.patterns().counts, votes.labels, ("a",))
    with pytest.raises(DataError, match="counts only"):
        rule_drift(counts_only, _times(2, 2))
