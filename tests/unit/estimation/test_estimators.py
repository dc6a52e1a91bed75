from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.errors import DataError, InputError
from wsal.estimation import (
    AuditSample,
    Labelling,
    Ways,
    accuracy,
    class_share,
    clopper_pearson,
    f1,
    finite_clopper_pearson,
    missed_positives,
    precision,
    recall,
)
from wsal.types import LabelSpace

SPACE = LabelSpace(("ham", "spam"))


def census(gold, cells=None):
    """Every item drawn once, uniformly."""
    n = len(gold)
    return AuditSample(np.arange(n), np.full(n, 1 / n), ("",) * n, np.eye(2)[gold], n, SPACE, cells)


def uniform(rows, classes, n=1_000_000):
    observed = np.array([[np.nan] * 2 if c is None else np.eye(2)[c] for c in classes])
    return AuditSample(np.array(rows), np.full(len(rows), 1 / n), ("",) * len(rows), observed, n, SPACE)


def labelled(n, positives):
    labels = np.zeros(n, dtype=np.int64)
    labels[:positives] = 1
    return Labelling.fixed(labels)


def test_a_census_knows_everything():
    gold, labels = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 0]), np.array([1, 1, 0, 1, 0, 0, 0, 0, -1, 0])
    sample, labelling = census(gold), Labelling.fixed(labels)
    for found, truth in (
        (precision(sample, labelling, 1), 2 / 3),
        (recall(sample, labelling, 1), 1 / 2),
        (f1(sample, labelling, 1), 4 / 7),
        (accuracy(sample, labelling), 7 / 9),
        (class_share(sample, 1), 0.4),
        (missed_positives(sample, labels == 1, 1).share, 1 / 2),
    ):
        assert (found.low, found.value, found.high) == pytest.approx((truth, truth, truth))
        assert not found.self_graded
    missed = missed_positives(sample, labels == 1, 1)
    assert (missed.count.low, missed.count.value, missed.count.high, missed.count.unit) == (2, 2, 2, "items")
    assert missed.rate.value == pytest.approx(2 / 7)


def test_with_equal_weights_precision_is_clopper_pearson():
    sample = uniform(range(50), [1] * 40 + [0] * 10)
    found = precision(sample, labelled(1_000_000, 500_000), 1)
    exact = clopper_pearson(40, 50)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-4)
    assert (found.n_draws, found.n_hits, found.method) == (50, 40, "Clopper–Pearson")
    assert not found.conservative


def test_a_repeat_is_counted_but_teaches_nothing_new():
    n = 30
    rows = [0, 0, 0, 1, 2, 3, 4, 5]
    sample = uniform(rows, [1, 1, 1, 0, 0, 0, 1, 0], n)
    found = class_share(sample, 1)
    exact = finite_clopper_pearson(2, 6, n)
    assert (found.low, found.value, found.high) == pytest.approx((exact.low, exact.value, exact.high))
    assert (found.n_draws, found.n_hits) == (8, 4)


def test_skipped_items_widen_the_interval_by_all_wrong_and_all_right():
    classes = [1] * 30 + [0] * 10 + [None] * 5
    sample = uniform(range(45), classes)
    found = precision(sample, labelled(1_000_000, 500_000), 1)
    assert found.low == pytest.approx(clopper_pearson(30, 45).low, abs=1e-4)
    assert found.high == pytest.approx(clopper_pearson(35, 45).high, abs=1e-4)
    assert found.value == pytest.approx(0.75)
    assert found.conservative
    assert "5 of 45 draws have no answer" in found.note


def test_skipped_items_leave_the_point_alone_and_widen_recall_on_both_sides():
    classes = [1] * 30 + [0] * 10 + [1] * 5 + [0] * 30
    skipped = [None if i % 7 == 3 else y for i, y in enumerate(classes)]
    answered = [i for i, y in enumerate(skipped) if y is not None]
    labelling = labelled(100_000, 40)
    both = recall(uniform(range(75), skipped, 100_000), labelling, 1)
    without = recall(uniform(answered, [classes[i] for i in answered], 100_000), labelling, 1)
    assert both.low < without.low < without.high < both.high
    assert both.value == pytest.approx(without.value)


def test_skipped_items_outside_the_labels_lower_recall_only():
    n = 1000
    classes = [1] * 20 + [0] * 20
    labelling = labelled(n, 20)
    without = recall(uniform(range(40), classes, n), labelling, 1)
    skipped = recall(uniform(range(45), [*classes, *[None] * 5], n), labelling, 1)
    assert skipped.low < without.low
    assert skipped.high == pytest.approx(1.0)


def test_where_nothing_was_drawn_nothing_is_known():
    sample = uniform([900_000, 900_001], [0, 0])
    labelling = labelled(1_000_000, 10)
    found = precision(sample, labelling, 1)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0, 1)
    assert "no draw fell here" in found.note
    whole = recall(sample, labelling, 1)
    assert (whole.low, whole.high) == (0, 1)
    assert f1(sample, labelling, 1).low == 0


def test_a_filter_that_keeps_all_misses_nothing_and_one_that_keeps_none_misses_all():
    gold = np.array([1, 0, 0, 1])
    everything = missed_positives(census(gold), np.ones(4, dtype=bool), 1)
    assert (everything.count.value, everything.count.high, everything.share.high) == (0, 0, 0)
    nothing = missed_positives(census(gold), np.zeros(4, dtype=bool), 1)
    assert (nothing.count.low, nothing.share.low, nothing.share.value) == (2, 1, 1)


def test_cells_without_a_draw_are_bounded():
    cells = np.repeat([0, 1], [900, 100])
    rows = np.arange(40)
    p = np.full(40, 1 / 1500)
    sample = AuditSample(rows, p, ("",) * 40, np.eye(2)[[1] * 20 + [0] * 20], 1000, SPACE, cells)
    found = class_share(sample, 1)
    alone = finite_clopper_pearson(20, 40, 900)
    assert found.low == pytest.approx(0.9 * alone.low)
    assert found.high == pytest.approx(0.9 * alone.high + 0.1)
    assert found.value == pytest.approx(0.5)
    assert found.conservative
    assert "no draw fell into 100 of 1000 items" in found.note


def test_strata_are_weighed_by_their_size():
    # 10 % of the items give half of the draws; a mean over draws would say .5.
    cells = np.repeat([0, 1], [9000, 1000])
    rows = np.concatenate([np.arange(200), 9000 + np.arange(200)])
    p = np.repeat([0.5 / 9000, 0.5 / 1000], 200)
    observed = np.eye(2)[[0] * 200 + [1] * 200]
    for strata in (cells, None):
        found = class_share(AuditSample(rows, p, ("",) * 400, observed, 10_000, SPACE, strata), 1)
        assert found.value == pytest.approx(0.1)
        assert found.low < 0.1 < found.high < 0.2
        assert found.conservative == (strata is None)


def test_what_has_been_seen_is_certain():
    # 30 of 40 items were seen to be hits: gamma limits from weights would allow fewer.
    rows = np.arange(40)
    p = np.where(rows < 20, 0.03, 0.02)
    sample = AuditSample(rows, p, ("",) * 40, np.eye(2)[[1] * 30 + [0] * 10], 40, SPACE)
    found = class_share(sample, 1)
    assert found.low >= 30 / 40 - 1e-12
    assert found.high <= 30 / 40 + 1e-12


def test_an_estimate_on_answers_that_trained_is_marked_and_prints_no_figure():
    sample = uniform(range(50), [1] * 50)
    labels = np.zeros(1_000_000, dtype=np.int64)
    labels[:50] = 1
    for found in (
        precision(sample, Labelling.trained(labels, labels == 1), 1),
        recall(sample, Labelling.trained(labels, labels == 1), 1),
    ):
        assert found.self_graded
        assert not found.conservative
        assert "no estimate" in found.note
        assert "1.0" not in str(found)


def test_a_cross_fitted_estimate_is_marked_conservative():
    folds = np.arange(50) % 5
    sample = uniform(range(50), [1] * 50, 50)
    found = precision(sample, Labelling.cross_fitted(np.ones((5, 50), dtype=int), folds), 1)
    assert found.conservative
    assert "cross-fitted" in found.note
    assert not found.self_graded


def test_a_higher_level_widens():
    sample, labelling = uniform(range(10, 60), [1] * 30 + [0] * 10 + [1] + [0] * 9, 2000), labelled(2000, 50)
    for estimator in (precision, recall, f1):
        assert estimator(sample, labelling, 1, level=0.99).width > estimator(sample, labelling, 1).width


def test_classes_and_levels_that_do_not_exist_are_refused():
    sample = uniform([1], [1], 10)
    with pytest.raises(DataError, match=r"label 2 is no class index 0\.\.1"):
        class_share(sample, 2)
    with pytest.raises(InputError, match="confidence level"):
        precision(sample, labelled(10, 5), 1, level=95)


def several_ways(rows, of_draw, classes, designs):
    """Draws of items by several designs, each (codes, probabilities by stratum)."""
    of_draw = np.array(of_draw)
    ways = Ways.combine([(np.asarray(codes), np.asarray(p)) for codes, p in designs], of_draw)
    p = ways.propensities[of_draw, ways.codes[rows]]
    n = len(ways.codes)
    return AuditSample(np.array(rows), p, ("",) * len(rows), np.eye(2)[classes], n, SPACE, ways=ways)


def test_a_region_within_one_stratum_of_every_way_is_exact_whatever_the_ways_are():
    # Of 1,000 items ten are labelled: a uniform draw hits one rarely, a hunt often; among the ten all are equal.
    hunt = np.array([1] * 10 + [0] * 990)
    designs = [
        (np.zeros(1000, dtype=np.int64), [0.001]),
        (hunt, [0.5 / 1000 + 0.5 / 1980, 0.5 / 1000 + 0.05 / 2]),
    ]
    rows = [0, 1, 2, 3, 4, 5, 500, 600]
    sample = several_ways(rows, [0, 1, 1, 1, 1, 1, 0, 1], [1, 1, 1, 0, 0, 1, 0, 0], designs)
    found = precision(sample, labelled(1000, 10), 1)
    exact = clopper_pearson(4, 6)
    assert (found.value, found.low, found.high) == pytest.approx(
        (exact.value, max(exact.low, 0.4), min(exact.high, 0.8))
    )
    unknown = precision(replace(sample, ways=None), labelled(1000, 10), 1)
    assert unknown.width >= found.width
    assert sample.known_cells is None
    both = recall(replace(sample, ways=None), labelled(1000, 10), 1)  # one remark holds for both of its parts
    assert both.note == "draws of several runs are weighed, which is wider than draws made at one run"


@given(st.integers(1, 40), st.floats(0.05, 0.95), st.integers(0, 2**16))
def test_weighed_intervals_hold_their_point_and_hits_alone_reach_one(n, share, seed):
    generator = np.random.default_rng(seed)
    codes = (np.arange(100) >= 30).astype(np.int64)
    designs = [
        (np.zeros(100, dtype=np.int64), [0.01]),
        (codes, [share / 30, (1 - share) / 70]),
    ]
    rows, of_draw = generator.integers(100, size=n), generator.integers(2, size=n)
    everything = Labelling.fixed(np.ones(100, dtype=np.int64))
    for y in (0, 1):
        found = precision(several_ways(rows, of_draw, [y] * n, designs), everything, 1)
        assert (found.high if y else found.low) == y
        assert found.value == pytest.approx(y)
    mixed = precision(several_ways(rows, of_draw, (rows % 2).tolist(), designs), everything, 1)
    assert 0 <= mixed.low <= mixed.value <= mixed.high <= 1


def test_ways_that_do_not_fit_the_draws_are_refused():
    uniform = (np.zeros(10, dtype=np.int64), np.array([0.1]))
    with pytest.raises(DataError, match="sum to 2"):
        Ways.combine([(uniform[0], np.array([0.2]))], np.zeros(1, dtype=np.int64))
    with pytest.raises(DataError, match="none is given"):
        Ways.combine([], np.zeros(0, dtype=np.int64))
    ways = Ways.combine([uniform], np.zeros(2, dtype=np.int64))
    for rows, p, message in (
        ([0, 1], [0.1, 0.3], "another propensity"),
        ([0], [0.1], "do not fit the draws"),
    ):
        with pytest.raises(DataError, match=message):
            AuditSample(
                np.array(rows),
                np.array(p),
                ("",) * len(rows),
                np.eye(2)[[0] * len(rows)],
                10,
                SPACE,
                ways=ways,
            )
