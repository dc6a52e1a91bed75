"""How many more draws show a target."""

from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import InputError
from wsal.estimation import clopper_pearson
from wsal.estimation.remaining import _hits_needed, draws_to_show


def test_the_fewest_hits_needed_are_those_whose_lower_limit_is_at_the_target():
    n = np.array([1, 10, 50, 200, 1000])
    for size, hits in zip(n.tolist(), _hits_needed(0.9, n, 0.025).tolist(), strict=True):
        if hits <= size:
            assert clopper_pearson(hits, size).low >= 0.9
        assert hits == 0 or clopper_pearson(min(hits - 1, size), size).low < 0.9


def test_eight_in_ten_futures_arrive_within_the_interval():
    rng = np.random.default_rng(7)
    found = draws_to_show(0.8, 44, 50, rng=1)
    assert found.refusal == ""
    assert found.high > 0
    inside = 0
    for _ in range(400):
        share, hits, n = rng.beta(44.5, 6.5), 44, 50
        while clopper_pearson(hits, n).low < 0.8 and n < 5000:
            hits += int(rng.random() < share)
            n += 1
        inside += found.low <= n - 50 <= found.high
    # One future in five arrives at the low end itself, the first moment that it can: more than 80 % lie inside.
    assert 0.75 <= inside / 400 <= 0.95


def test_what_is_shown_needs_nothing_more():
    found = draws_to_show(0.8, 99, 100)
    assert (found.low, found.middle, found.high, found.never) == (0, 0, 0, 0.0)


def test_where_the_share_may_be_below_the_target_it_is_refused():
    found = draws_to_show(0.95, 30, 32)
    assert (found.low, found.middle, found.high) == (None, None, None)
    assert found.never > 0.1
    assert "below 95 %" in found.refusal
    assert draws_to_show(0.9, 0, 10).refusal


def test_the_same_seed_gives_the_same_answer():
    assert draws_to_show(0.85, 60, 64) == draws_to_show(0.85, 60, 64)


@pytest.mark.parametrize(("target", "hits", "n"), [(0, 1, 2), (1, 1, 2), (0.9, 3, 2), (0.9, 0, 0)])
def test_numbers_that_are_none_are_refused(target, hits, n):
    with pytest.raises(InputError):
        draws_to_show(target, hits, n)
