from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError, InputError
from wsal.training import brier_score, calibrate, calibration_error, log_loss, score_probabilities

RNG = np.random.default_rng(5)


def too_sure(n, k=3, factor=3.0):
    """Draw truths from probabilities, and return these made too sure."""
    scores = RNG.normal(size=(n, k)) * 1.5
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    truth = np.eye(k)[[RNG.choice(k, p=row) for row in p]]
    q = p**factor
    return q / q.sum(axis=1, keepdims=True), truth, p


def test_a_known_temperature_is_recovered():
    q, truth, p = too_sure(4000)
    found = calibrate(q, truth)
    assert found.value == pytest.approx(3.0, rel=0.1)
    assert found.apply(q) == pytest.approx(p, abs=0.05)
    assert (found.apply(q).argmax(axis=1) == q.argmax(axis=1)).all()


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_calibration_helps_on_items_that_it_was_not_learned_from(method):
    q, truth, _ = too_sure(4000)
    found = calibrate(q[:2000], truth[:2000], method=method)
    fresh, known = q[2000:], truth[2000:]
    assert log_loss(found.apply(fresh), known) < log_loss(fresh, known) - 0.1
    assert calibration_error(found.apply(fresh), known) < 0.5 * calibration_error(fresh, known)
    assert found.apply(fresh).sum(axis=1) == pytest.approx(np.ones(2000))


def test_a_row_that_isotonic_regression_maps_to_nothing_keeps_its_probabilities():
    p = np.repeat([[0.9, 0.1], [0.1, 0.9]], 100, axis=0)
    truth = np.repeat([[1.0, 0.0], [0.0, 1.0]], 100, axis=0)
    found = calibrate(p, truth, method="isotonic")
    assert found.apply(np.array([[0.1, 0.1]])).tolist() == [[0.1, 0.1]]


@pytest.mark.parametrize(
    ("n", "method", "error", "message"),
    [
        (19, "temperature", DataError, "19 answers are too few for temperature"),
        (199, "isotonic", DataError, "too few for isotonic calibration, which needs 200"),
        (300, "platt", InputError, "unknown method 'platt'"),
    ],
)
def test_too_few_answers_and_unknown_methods_are_refused(n, method, error, message):
    q, truth, _ = too_sure(n)
    with pytest.raises(error, match=message):
        calibrate(q, truth, method=method)


def test_shapes_that_do_not_fit_and_gaps_are_refused():
    q, truth, _ = too_sure(30)
    with pytest.raises(DataError, match="do not fit"):
        calibrate(q, truth[:20])
    with pytest.raises(DataError, match="not finite"):
        calibrate(np.full_like(q, np.nan), truth)
    with pytest.raises(DataError, match="do not fit"):
        score_probabilities(q, truth[:, :2])
    with pytest.raises(DataError, match="do not fit"):
        score_probabilities(q[:0], truth[:0])


def test_measures_have_their_textbook_values():
    p, truth = np.array([[0.8, 0.2], [0.6, 0.4]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert log_loss(p, truth) == pytest.approx(-(np.log(0.8) + np.log(0.4)) / 2)
    assert brier_score(p, truth) == pytest.approx((2 * 0.04 + 2 * 0.36) / 2)
    assert calibration_error(p, truth) == pytest.approx((0.2 + 0.6) / 2)
    assert calibration_error(p, truth, n_bins=1) == pytest.approx(0.2)
    assert np.isfinite(log_loss(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])))


def test_intervals_cover_the_log_loss_of_the_population_about_as_often_as_they_say():
    _, truth, p = too_sure(60_000)
    known = log_loss(p, truth)
    hits = 0
    for part in range(100):
        rows = RNG.choice(len(p), size=150, replace=False)
        score = score_probabilities(p[rows], truth[rows], n_resamples=200, rng=part)[0]
        assert score.low <= score.value <= score.high
        hits += score.low <= known <= score.high
    assert hits >= 86  # 95 of 100 expected; below 86 happens once in ten thousand


def test_scores_say_what_they_are():
    q, truth, _ = too_sure(50)
    scores = score_probabilities(q, truth, n_resamples=50)
    assert [(s.name, s.unit) for s in scores] == [
        ("log loss", "nats"),
        ("Brier score", "squared distance"),
        ("calibration error", "share"),
    ]
    assert scores == score_probabilities(q, truth, n_resamples=50)
    assert {s.n_items for s in scores} == {50}
