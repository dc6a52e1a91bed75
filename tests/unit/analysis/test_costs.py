"""What answers took."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from wsal.analysis.costs import TimedAnswer, work_of
from wsal.errors import InputError

NINE = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)


def given(who, minute, seconds=None, purpose="audit"):
    return TimedAnswer(who, purpose, NINE + timedelta(minutes=minute), seconds)


def test_measured_seconds_are_summed_and_pauses_are_cut():
    (ana,) = work_of([given("ana", 0, 5.0), given("ana", 1, 7.0), given("ana", 60, 3600.0)], idle=60)
    assert (ana.n_answers, ana.n_timed, ana.seconds, ana.median_seconds, ana.n_cut) == (3, 3, 72.0, 7.0, 1)


def test_people_and_purposes_stand_apart():
    answers = [given("ben", 0, 1.0), given("ana", 0, 2.0), given("ana", 1, 4.0, "uncertain")]
    assert [(one.annotator, one.purpose, one.seconds) for one in work_of(answers)] == [
        ("ana", "audit", 2.0),
        ("ana", "uncertain", 4.0),
        ("ben", "audit", 1.0),
    ]


def test_where_nothing_was_measured_the_gap_to_the_answer_before_counts_unless_it_is_a_pause():
    (ana,) = work_of([given("ana", 0), given("ana", 1), given("ana", 1.5), given("ana", 40)], idle=120)
    assert (ana.n_answers, ana.n_timed, ana.seconds) == (4, 2, 90.0)


def test_imported_answers_take_no_known_time():
    (ana,) = work_of([TimedAnswer("ana", "", None, None)] * 3)
    assert (ana.n_answers, ana.n_timed, ana.seconds) == (3, 0, 0.0)
    assert math.isnan(ana.median_seconds)
    assert work_of([]) == ()


@pytest.mark.parametrize("idle", [0, -1, float("nan"), float("inf")])
def test_a_limit_that_is_none_is_refused(idle):
    with pytest.raises(InputError, match="no number of seconds"):
        work_of([], idle=idle)
