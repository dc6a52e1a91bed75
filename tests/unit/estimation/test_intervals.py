from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, hypergeom

from wsal.errors import InputError
from wsal.estimation import (
    Interval,
    clopper_pearson,
    fay_feuer,
    finite_clopper_pearson,
    mover_ratio,
    mover_sum,
)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (1, 500), (250, 500)])
def test_clopper_pearson_is_that_of_scipy(hits, n):
    ours = clopper_pearson(hits, n, level=0.9)
    theirs = binomtest(hits, n).proportion_ci(0.9, method="exact")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_no_draws_say_nothing():
    for found in (clopper_pearson(0, 0), finite_clopper_pearson(0, 0, 5)):
        assert math.isnan(found.value)
        assert (found.low, found.high) == (0, 1)


@pytest.mark.parametrize("n", [1, 5, 12, 20])
def test_the_finite_interval_covers_whatever_the_truth(n):
    size = 20
    found = [finite_clopper_pearson(x, n, size) for x in range(n + 1)]
    for K in range(size + 1):
        inside = [i.low <= K / size + 1e-12 and i.high >= K / size - 1e-12 for i in found]
        chance = hypergeom.pmf(np.arange(n + 1), size, K, n)
        assert chance[inside].sum() >= 0.95 - 1e-9


def test_the_finite_interval_is_the_smallest_exact_one():
    # The next number of hits outside each limit is rejected by its tail.
    found = finite_clopper_pearson(7, 40, 300)
    above, below = round(found.high * 300) + 1, round(found.low * 300) - 1
    assert hypergeom.cdf(7, 300, above, 40) <= 0.025 < hypergeom.cdf(7, 300, above - 1, 40)
    assert hypergeom.sf(6, 300, below, 40) <= 0.025 < hypergeom.sf(6, 300, below + 1, 40)


@pytest.mark.parametrize(("hits", "n"), [(0, 30), (3, 30), (2995, 3000), (1500, 3000)])
def test_in_a_large_population_the_finite_interval_is_clopper_pearson(hits, n):
    finite, exact = finite_clopper_pearson(hits, n, 10_000_000), clopper_pearson(hits, n)
    assert (finite.low, finite.high) == pytest.approx((exact.low, exact.high), abs=2e-4)


def test_fractions_of_hits_widen_the_finite_interval():
    whole, half = finite_clopper_pearson(3, 10, 50), finite_clopper_pearson(3.5, 10, 50)
    assert half.low == whole.low
    assert half.high == finite_clopper_pearson(4, 10, 50).high
    assert half.value == pytest.approx(0.35)


def test_with_equal_weights_the_gamma_limits_are_the_exact_poisson_ones():
    found = fay_feuer(np.array([2.0, 3.0]), np.array([0.5, 0.5]), largest_weight=0.5)
    assert found.low == pytest.approx(0.5 * chi2.ppf(0.025, 10) / 2)
    assert found.high == pytest.approx(0.5 * chi2.ppf(0.975, 12) / 2)


def test_gamma_limits_cover_weighted_poisson_counts():
    rng = np.random.default_rng(0)
    weights, means = np.array([1.0, 5.0, 20.0]), np.array([4.0, 0.5, 0.1])
    truth = weights @ means
    covered = 0
    for counts in rng.poisson(means, size=(1000, 3)):
        found = fay_feuer(counts.astype(float), weights, largest_weight=20.0)
        covered += found.low <= truth <= found.high
    assert covered / 1000 >= 0.95


def test_the_limits_of_a_ratio_are_where_the_interval_of_the_difference_touches_zero():
    a, b = Interval(12.0, 8.0, 18.0), Interval(40.0, 30.0, 47.0)
    found = mover_ratio(a, b)
    low, high = found.low, found.high
    # MOVER's limits of a − r·b (Zou and Donner 2008).
    assert a.value - low * b.value - math.hypot(a.value - a.low, low * (b.high - b.value)) == pytest.approx(0)
    assert a.value - high * b.value + math.hypot(a.high - a.value, high * (b.value - b.low)) == pytest.approx(
        0
    )
    assert low < found.value == 0.3 < high


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Interval(0, 0, 3), Interval(5, 4, 6), (0, 3 / math.sqrt(24))),
        (Interval(2, 1, 3), Interval(1, 0, 3), (None, math.inf)),
        (Interval(2, 1, 3), Interval(0, 0, 3), (math.sqrt(3) / 3, math.inf)),
        (Interval(0, 0, 3), Interval(0, 0, 3), (0, math.inf)),
        (Interval(4, 4, 4), Interval(2, 2, 2), (2, 2)),
        (Interval(4, 4, 4), Interval(0, 0, 0), (math.inf, math.inf)),
    ],
)
def test_ratios_hold_at_the_edges(a, b, expected):
    found = mover_ratio(a, b)
    assert found.high == pytest.approx(expected[1])
    if expected[0] is not None:
        assert found.low == pytest.approx(expected[0])
    assert 0 <= found.low <= found.high


def test_a_sum_of_one_part_is_the_part():
    assert mover_sum([Interval(3.0, 1.0, 7.0)]) == Interval(3.0, 1.0, 7.0)
    assert mover_sum([]) == Interval(0, 0, 0)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(InputError, match="confidence level"):
        clopper_pearson(1, 2, level=level)


def test_more_hits_than_draws_are_refused():
    with pytest.raises(InputError, match="3 hits in 2 draws"):
        clopper_pearson(3, 2)
    with pytest.raises(InputError, match="cannot be seen"):
        finite_clopper_pearson(1, 6, 5)
