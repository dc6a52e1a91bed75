from __future__ import annotations

import pytest

from wsal.errors import InputError
from wsal.estimation import Interval, StopRules, judge, sample_size_to_show


def verdict(rules, **given):
    (found,) = judge(rules, **({"n_answers": 0} | given))
    return found


def test_only_the_lower_limit_shows_a_target():
    rules = StopRules(target_accuracy=0.9)
    assert verdict(rules, accuracy=Interval(0.95, 0.91, 0.97)).met
    near = verdict(rules, accuracy=Interval(0.95, 0.85, 0.97))
    assert not near.met
    assert f"about {sample_size_to_show(0.9, expected=0.95)} audit draws" in near.text
    assert "is below" in verdict(rules, accuracy=Interval(0.8, 0.7, 0.88)).text
    assert "neither" in verdict(rules, accuracy=Interval(0.88, 0.8, 0.93)).text
    assert "run `wsal estimate`" in verdict(rules).text


def test_a_budget_and_a_gain_are_met_at_their_limits():
    assert not verdict(StopRules(budget=10), n_answers=9).met
    assert verdict(StopRules(budget=10), n_answers=10).met
    assert verdict(StopRules(min_gain=0.01), gain=0.005).met
    assert not verdict(StopRules(min_gain=0.01), gain=0.01).met


def test_no_rules_no_verdicts():
    assert judge(StopRules(), n_answers=5, gain=0.0, accuracy=Interval(1, 1, 1)) == ()


@pytest.mark.parametrize("rules", [{"target_accuracy": 95}, {"budget": 0}, {"min_gain": 0.0}])
def test_rules_that_make_no_sense_are_refused(rules):
    with pytest.raises(InputError):
        StopRules(**rules)


def test_a_target_above_what_is_expected_cannot_be_planned_for():
    with pytest.raises(InputError, match="cannot show"):
        sample_size_to_show(0.9, expected=0.8)
