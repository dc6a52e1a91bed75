"""Measures against a known truth."""

import numpy as np
import pytest

from wsal.analysis import calibration_error, log_loss, share_accuracy, share_f1
from wsal.errors import DataError


def test_a_tie_counts_by_its_share():
    thirds = [[1 / 3, 1 / 3, 1 / 3]]
    assert share_accuracy(thirds, [2]) == pytest.approx(1 / 3)
    assert share_accuracy([[0.5, 0.5, 0.0]], [2]) == 0


def test_classes_within_the_tolerance_tie():
    assert share_accuracy([[0.5004, 0.4996]], [1]) == 0.5
    assert share_accuracy([[0.5004, 0.4996]], [1], tolerance=0) == 0


def test_items_without_gold_are_left_out_of_every_measure():
    P, gold = [[0.9, 0.1], [0.9, 0.1]], [0, -1]
    assert share_accuracy(P, gold) == 1
    assert log_loss(P, gold) == pytest.approx(-np.log(0.9))


def test_rows_may_be_numbers_or_a_mask():
    P, gold = [[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]], [0, 1, 1]
    assert share_accuracy(P, gold, rows=[0, 2]) == 1
    assert share_accuracy(P, gold, rows=np.array([False, True, False])) == 0


def test_log_loss_is_infinite_where_the_truth_was_ruled_out_unless_a_floor_is_asked_for():
    assert log_loss([[1.0, 0.0]], [1]) == np.inf
    assert log_loss([[1.0, 0.0]], [1], floor=0.01) == pytest.approx(-np.log(0.01))


@pytest.mark.parametrize("gold", [[0, 1], [2], [-1], []])
def test_what_cannot_be_measured_is_refused(gold):
    with pytest.raises(DataError):
        share_accuracy([[0.5, 0.5]], gold)


def test_f1_counts_a_tie_by_its_share_and_needs_a_hit():
    assert share_f1([[0.5, 0.5]], [1]) == pytest.approx(2 / 3)
    assert share_f1([[1.0, 0.0]], [1]) == 0
    assert share_f1([[1.0, 0.0]], [0]) == 0


def test_f1_of_labels_without_ties_is_scikit_learns():
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    P, gold = rng.dirichlet([1, 1, 1], size=200), rng.integers(3, size=200)
    expected = f1_score(gold == 2, P.argmax(axis=1) == 2)
    assert share_f1(P, gold, positive=2, tolerance=0) == pytest.approx(expected)


def test_f1_of_a_class_that_is_none_is_refused():
    with pytest.raises(DataError, match="the class 2 is none"):
        share_f1([[0.5, 0.5]], [0], positive=2)


def test_probabilities_that_come_true_as_often_as_they_say_have_no_calibration_error():
    rng = np.random.default_rng(1)
    p = rng.random(100_000)
    P, gold = np.column_stack([1 - p, p]), (rng.random(100_000) < p).astype(int)
    assert calibration_error(P, gold) < 0.01
    assert calibration_error(P[:, ::-1], gold) > 0.3


def test_errors_of_different_bins_do_not_cancel():
    too_sure, too_modest = [[0.9, 0.1]] * 2, [[0.6, 0.4]] * 2
    assert calibration_error(too_sure + too_modest, [0, 1, 0, 0]) == pytest.approx(0.4)


def test_a_calibration_error_needs_a_bin():
    with pytest.raises(DataError, match="at least one bin"):
        calibration_error([[0.5, 0.5]], [0], n_bins=0)
