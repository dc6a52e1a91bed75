from __future__ import annotations

import numpy as np
import pytest

from wsal.label_models import geometric_pool, with_human_classifier

Q = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
F = np.array([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])


def log_odds(P):
    return np.log(P[:, 0] / P[:, 1])


def test_the_human_classifier_adds_its_log_odds_against_its_mean():
    pi = F.mean(axis=0)
    pooled = with_human_classifier(Q, F, pi)
    added = log_odds(F) - np.log(pi[0] / pi[1])
    assert log_odds(pooled) - log_odds(Q) == pytest.approx(added, abs=1e-12)
    assert pooled.sum(axis=1) == pytest.approx(1)


def test_a_classifier_that_says_the_same_of_all_items_changes_nothing():
    same = np.tile([0.2, 0.3, 0.5], (2, 1))
    assert with_human_classifier(Q, same, same[0]) == pytest.approx(Q)


def test_the_geometric_pool_takes_half_of_each_log_odds():
    assert log_odds(geometric_pool(Q, F)) == pytest.approx(0.5 * (log_odds(Q) + log_odds(F)), abs=1e-12)


def test_what_plain_votes_rule_out_stays_ruled_out_without_a_warning():
    votes = np.array([[1.0, 0.0], [0.5, 0.5]])
    other = np.array([[0.1, 0.9], [0.1, 0.9]])
    assert geometric_pool(votes, other)[0].tolist() == [1.0, 0.0]
    assert with_human_classifier(votes, other, np.array([0.5, 0.5]))[0].tolist() == [1.0, 0.0]
