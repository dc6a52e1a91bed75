from __future__ import annotations

import pytest

from wsal.errors import DataError, NotFittedError
from wsal.label_models import FittedMajorityVote, MajorityVote
from wsal.labels import HumanLabels
from wsal.votes import VoteMatrix

VOTES = VoteMatrix.from_array([[1, 1, 0], [0, -1, 1], [-1, -1, -1], [2, -1, -1]], ["a", "b", "c"])


def test_probabilities_are_shares_of_votes():
    P = MajorityVote().fit(VOTES).predict_proba(VOTES)
    assert P[0] == pytest.approx([1 / 3, 2 / 3, 0])
    assert P[3].tolist() == [0.0, 0.0, 1.0]


def test_items_without_votes_are_uniform_or_as_the_balance_says():
    assert MajorityVote().fit(VOTES).predict_proba(VOTES)[2] == pytest.approx([1 / 3] * 3)
    P = MajorityVote().fit(VOTES, class_balance=[0.5, 0.3, 0.2]).predict_proba(VOTES)
    assert P[2] == pytest.approx([0.5, 0.3, 0.2])
    assert P[0] == pytest.approx([1 / 3, 2 / 3, 0])


def test_an_answered_item_carries_its_answer_and_teaches_nothing_else():
    votes = VoteMatrix.from_array([[1, 1, 0], [1, 1, 0]], ["a", "b", "c"])
    P = MajorityVote().fit(votes, HumanLabels.from_pairs({0: 2})).predict_proba(votes)
    assert P[0].tolist() == [0.0, 0.0, 1.0]
    assert P[1] == pytest.approx([1 / 3, 2 / 3, 0])


def test_ties_and_uncovered_items_follow_the_policy():
    model = MajorityVote().fit(VOTES)
    assert model.predict(VOTES).tolist() == [1, -1, -1, 2]
    assert model.predict(VOTES, ties="first", uncovered="guess").tolist() == [1, 0, 0, 2]
    assert set(model.predict(VOTES, ties="random", rng=3)[:2].tolist()) <= {0, 1}


def test_it_reads_back_from_json():
    model = MajorityVote().fit(VOTES, HumanLabels.from_pairs({1: 1}), class_balance=[0.1, 0.2, 0.7])
    again = FittedMajorityVote.from_json(model.to_json())
    assert again.predict_proba(VOTES).tobytes() == model.predict_proba(VOTES).tobytes()
    with pytest.raises(DataError, match="no saved majority vote"):
        FittedMajorityVote.from_json('{"wsal_model": "label model"}')


def test_an_unfitted_one_refuses_to_predict():
    with pytest.raises(NotFittedError):
        MajorityVote().predict_proba(VOTES)
