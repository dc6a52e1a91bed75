"""Measures against a known truth."""

import numpy as np
import pytest

from wsal.errors import DataError
from wsal.testing import log_loss, share_accuracy


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
