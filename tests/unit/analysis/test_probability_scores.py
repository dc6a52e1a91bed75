from __future__ import annotations

import math

import numpy as np
import pytest

from wsal.analysis import log_loss, score_probabilities
from wsal.errors import DataError

RNG = np.random.default_rng(5)


def drawn(n, k=3):
    scores = RNG.normal(size=(n, k)) * 1.5
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return p, (p.cumsum(axis=1) < RNG.random(n)[:, None]).sum(axis=1)


def test_intervals_cover_the_log_loss_of_the_population_about_as_often_as_they_say():
    p, gold = drawn(60_000)
    known = log_loss(p, gold)
    hits = 0
    for part in range(100):
        rows = RNG.choice(len(p), size=150, replace=False)
        score = score_probabilities(p[rows], gold[rows], n_resamples=200, rng=part)[0]
        assert score.low <= score.value <= score.high
        hits += score.low <= known <= score.high
    assert hits >= 86  # 95 of 100 expected; below 86 happens once in ten thousand


def test_scores_say_what_they_are_and_one_seed_gives_one_interval():
    p, gold = drawn(50)
    scores = score_probabilities(p, gold, n_resamples=50)
    assert [(s.name, s.unit) for s in scores] == [("log loss", "nats"), ("calibration error", "share")]
    assert scores == score_probabilities(p, gold, n_resamples=50)
    assert {s.n_items for s in scores} == {50}


def test_being_sure_and_wrong_once_is_a_finite_loss():
    found = score_probabilities(np.array([[1.0, 0.0]]), np.array([1]), n_resamples=2)[0]
    assert found.value == pytest.approx(-math.log(1e-6))


@pytest.mark.parametrize(("p", "gold"), [(np.eye(2), [0]), (np.zeros((0, 2)), [])])
def test_labels_that_do_not_fit_are_refused(p, gold):
    with pytest.raises(DataError, match="do not fit"):
        score_probabilities(p, np.array(gold, dtype=int))
