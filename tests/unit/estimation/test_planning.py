from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError, InputError
from wsal.estimation import (
    AuditSample,
    Labelling,
    clopper_pearson,
    naive_rate,
    recall,
    sample_size_for_bound,
    sample_size_for_recall,
    sample_size_for_share,
)
from wsal.types import LabelSpace


@pytest.mark.parametrize(("share", "half_width"), [(0.5, 0.1), (0.9, 0.03), (0.0, 0.01), (1.0, 0.2)])
def test_the_planned_sample_is_just_enough(share, half_width):
    n = sample_size_for_share(share, half_width=half_width)

    def width(size):
        found = clopper_pearson(share * size, size)
        return found.high - found.low

    assert width(n) <= 2 * half_width < width(n - 1)


def test_no_hit_in_the_planned_draws_rules_the_share_out():
    n = sample_size_for_bound(0.004)
    assert (1 - 0.004) ** n <= 0.05 < (1 - 0.004) ** (n - 1)


def test_no_miss_in_the_planned_answers_certifies_the_recall():
    n_items, labelled, target = 100_000, 100, 0.8
    n = sample_size_for_recall(target, n_uncovered=n_items - labelled, true_positives=labelled)
    assert n == pytest.approx(3 * (n_items - labelled) * target / ((1 - target) * labelled), rel=0.01)
    labels = (np.arange(n_items) < labelled).astype(np.int64)
    for size, enough in ((n, True), (n // 2, False)):
        rows = np.arange(labelled + size)  # all labelled items, all right, and no miss
        sample = AuditSample(
            rows, np.full(len(rows), 1 / n_items), ("",) * len(rows), np.eye(2)[labels[rows]], n_items,
            LabelSpace(("ham", "spam")),
        )  # fmt: skip
        # The plan is one-sided: a two-sided interval at .90 has .05 on each side.
        assert (recall(sample, Labelling.fixed(labels), 1, level=0.9).low >= target) == enough


def test_who_has_seen_the_whole_region_needs_no_more():
    assert sample_size_for_recall(0.99, n_uncovered=500, true_positives=1) == 500


def test_plans_that_make_no_sense_are_refused():
    for call in (
        lambda: sample_size_for_share(1.5, half_width=0.1),
        lambda: sample_size_for_share(0.5, half_width=0.5),
        lambda: sample_size_for_bound(0),
        lambda: sample_size_for_recall(1.0, n_uncovered=10, true_positives=1),
        lambda: sample_size_for_recall(0.9, n_uncovered=10, true_positives=0),
        lambda: sample_size_for_bound(0.1, level=95),
    ):
        with pytest.raises(InputError):
            call()


def test_the_naive_rate_says_that_it_is_no_accuracy_and_has_no_interval():
    rate = naive_rate(np.array([1, 1, -1, 0]), np.array([1, 0, 0, 0]))
    assert rate.agreement == pytest.approx(2 / 3)
    assert rate.n_answers == 3
    assert str(rate).startswith("not an accuracy")
    assert str(rate.n_enough) in str(rate)
    assert not hasattr(rate, "low")


def test_there_is_no_naive_rate_of_nothing():
    with pytest.raises(DataError, match="nothing to compare"):
        naive_rate(np.array([-1]), np.array([0]))
    with pytest.raises(DataError, match="cannot be compared"):
        naive_rate(np.array([1, 0]), np.array([0]))
