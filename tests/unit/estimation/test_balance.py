from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.errors import DataError, InputError
from wsal.estimation import AuditSample, estimated_balance
from wsal.types import LabelSpace

SPACE = LabelSpace(("ham", "spam"))


def sample_of(classes, rows=None, *, p=None, n=1000, cells=None, space=SPACE):
    observed = np.array(
        [np.full(len(space), np.nan) if y is None else np.eye(len(space))[y] for y in classes]
    )
    T = len(classes)
    rows = np.arange(T) if rows is None else np.array(rows)
    return AuditSample(rows, np.full(T, 1 / n) if p is None else p, ("",) * T, observed, n, space, cells)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=40), st.floats(0.01, 50))
def test_a_balance_is_positive_sums_to_one_and_lies_between_the_rate_and_equal_shares(classes, strength):
    space = LabelSpace(("a", "b", "c"))
    found = estimated_balance(sample_of(classes, space=space), strength=strength)
    rate = np.bincount(classes, minlength=3) / len(classes)
    assert found.sum() == pytest.approx(1)
    assert (found > 0).all()
    assert ((found - rate) * (1 / 3 - found) >= -1e-12).all()


def test_with_many_draws_the_prior_is_forgotten():
    found = estimated_balance(sample_of([1] * 100 + [0] * 300, n=10_000))
    assert found[1] == pytest.approx((100 + 0.5) / 401)


def test_strata_drawn_more_often_do_not_count_for_more():
    cells = np.array([0] * 900 + [1] * 100)
    p = np.array([0.5 / 900] * 30 + [0.5 / 100] * 30)
    rows = [*range(30), *range(900, 930)]
    sample = sample_of([0] * 30 + [1] * 30, rows, p=p, cells=cells)
    unknown = sample_of([0] * 30 + [1] * 30, rows, p=p)
    for one in (sample, unknown):
        assert estimated_balance(one)[1] == pytest.approx(0.1, abs=0.02)


def test_it_speaks_of_the_items_within_alone():
    within = np.arange(1000) < 20
    sample = sample_of([1] * 10 + [0] * 30)
    assert estimated_balance(sample, within=within)[1] == pytest.approx(10.5 / 21)


def test_draws_without_an_answer_are_left_out_and_without_any_there_is_no_balance():
    assert estimated_balance(sample_of([1, 0, None]))[1] == pytest.approx(0.5)
    with pytest.raises(DataError, match="no audit draw"):
        estimated_balance(sample_of([None, None]))
    with pytest.raises(DataError, match="no audit draw"):
        estimated_balance(sample_of([1, 0]), within=np.zeros(1000, dtype=bool))
    with pytest.raises(InputError, match="strength"):
        estimated_balance(sample_of([1, 0]), strength=0)
