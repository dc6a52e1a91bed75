"""Audit draws: with replacement from all items, every one kept."""

import numpy as np
import pytest

from wsal.labels import HumanLabels
from wsal.selection.audit import draw_audit, strata_by_rule_output
from wsal.selection.pool import Choice

ROWS = [[1]] * 2 + [[0]] * 6 + [[-1]] * 12


def test_draws_go_on_until_enough_unanswered_items_are_found(make_pool):
    human = HumanLabels.from_pairs({f"i{i}": 0 for i in range(15)})
    rows, draws = draw_audit(Choice(make_pool(ROWS, human=human)), 3, generator=np.random.default_rng(1))
    assert len(rows) == 3
    assert all(row >= 15 for row in rows)
    assert [d.item_id for d in draws if d.fresh] == [f"i{row}" for row in rows]
    assert len(draws) > 3
    assert any(int(str(d.item_id)[1:]) < 15 for d in draws)  # hits on answered items are kept
    assert {d.propensity for d in draws} == {1 / 20}
    assert draws[-1].fresh


def test_an_excluded_item_may_be_drawn_but_is_not_asked_for(make_pool):
    exclude = tuple(f"i{i}" for i in range(19))
    rows, draws = draw_audit(Choice(make_pool(ROWS, exclude=exclude)), 5, generator=np.random.default_rng(1))
    assert rows == [19]
    assert [d.fresh for d in draws].count(True) == 1


def test_when_nothing_is_left_there_are_no_draws(make_pool):
    human = HumanLabels.from_pairs({f"i{i}": 0 for i in range(20)})
    choice = Choice(make_pool(ROWS, human=human))
    assert draw_audit(choice, 5, generator=np.random.default_rng(1)) == ([], [])


def test_strata_follow_the_output_of_the_rules(make_pool):
    strata = strata_by_rule_output(make_pool(ROWS), [1])
    assert strata.names == ("rules say spam", "rules say another class", "no rule")
    assert strata.codes.tolist() == [0] * 2 + [1] * 6 + [2] * 12


def test_empty_strata_are_left_out(make_pool):
    assert strata_by_rule_output(make_pool([[0]] * 3), [1]).names == ("rules say another class",)


def test_half_of_the_mixture_is_uniform_and_half_equal_by_stratum(make_pool):
    strata = strata_by_rule_output(make_pool(ROWS), [1])
    p = strata.propensities()
    assert p == pytest.approx([0.5 / 20 + 0.5 / (3 * size) for size in (2, 6, 12)])
    assert p[strata.codes].sum() == pytest.approx(1)


def test_items_are_drawn_as_often_as_their_propensity_says(make_pool):
    strata = strata_by_rule_output(make_pool(ROWS), [1])
    drawn = strata.sample(60_000, np.random.default_rng(2))
    frequency = np.bincount(drawn, minlength=20) / 60_000
    assert frequency == pytest.approx(strata.propensities()[strata.codes], abs=0.004)


def test_a_stratified_draw_records_its_stratum(make_pool):
    pool = make_pool(ROWS)
    strata = strata_by_rule_output(pool, [1])
    _, draws = draw_audit(Choice(pool), 10, generator=np.random.default_rng(3), strata=strata)
    for draw in draws:
        code = strata.codes[pool.votes.row_of(draw.item_id)]
        assert draw.stratum == strata.names[code]
        assert draw.propensity == strata.propensities()[code]
