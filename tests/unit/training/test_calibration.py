from __future__ import annotations

import numpy as np
import pytest

from wsal.analysis import calibration_error, log_loss
from wsal.errors import DataError, InputError
from wsal.training import calibrate

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
    fresh, known = q[2000:], truth[2000:].argmax(axis=1)
    assert log_loss(found.apply(fresh), known) < log_loss(fresh, known) - 0.1
    assert calibration_error(found.apply(fresh), known) < 0.5 * calibration_error(fresh, known)
    assert found.apply(fresh).sum(axis=1) == pytest.approx(np.ones(2000))


def test_few_answers_that_all_agree_do_not_make_a_model_certain():
    p = np.tile([0.9, 0.1], (31, 1))
    truth = np.tile([1.0, 0.0], (31, 1))
    assert calibrate(p, truth).apply(p)[0, 0] == pytest.approx(32 / 33, abs=1e-3)


def test_isotonic_regression_never_calls_a_class_impossible():
    p = np.repeat([[0.9, 0.1], [0.1, 0.9]], 100, axis=0)
    truth = np.repeat([[1.0, 0.0], [0.0, 1.0]], 100, axis=0)
    found = calibrate(p, truth, method="isotonic").apply(p)
    assert found[0].tolist() == pytest.approx([1 - 1 / 202, 1 / 202])


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
