"""What pages say in words: every kind of event, every purpose, and places on the learning curve."""

import math
from typing import get_args

import pytest

from wsal.audit import KINDS, OUTCOMES, PURPOSES, AnswerGiven, BatchDrawn, Event, FigureRecord
from wsal.audit.payloads import Payload
from wsal.project import KeptEstimate
from wsal.web import telling, wording
from wsal.web.access import SCOPE_WORDS, SCOPES
from wsal.web.curve import curve_of


def test_every_kind_of_event_purpose_outcome_and_scope_has_words():
    told = telling._tell.registry
    assert {payload.kind for payload in get_args(Payload) if payload in told} == set(KINDS)
    assert set(wording.PURPOSES) == {*PURPOSES, ""}
    assert set(wording.OUTCOMES) == set(OUTCOMES)
    assert set(SCOPE_WORDS) == set(SCOPES)


def test_every_event_of_a_project_is_told_without_the_names_of_fields(app):
    told = [telling.tell(entry.event) for entry in app.state.bench.desk.store.events()]
    assert len(told) > 4
    assert all(what and "_" not in what for what, _ in told)
    assert ("read the data", "428 items of messages.csv") in told
    (drawn,) = [more for what, more in told if what == "drew items to ask"]
    assert drawn.startswith("30 draws: ")


def test_an_answer_is_told_with_what_was_seen_and_why():
    given = AnswerGiven("e1", "m7", "label", "ana", label="spam", purpose="mislead", rationale="asks for a fee",
                        hints_shown=True, seconds=2.34)  # fmt: skip
    assert telling.tell(Event.of(given, actor="ana")) == (
        "answered spam",
        "item m7; asked as rules may mislead; 2.3 s; with the rules’ votes in sight; because: asks for a fee",
    )


@pytest.mark.parametrize("kind", ["from_the_future", "batch_drawn"])
def test_an_event_of_another_version_is_named_by_its_kind(kind):
    event = Event(kind, "2026-01-31T09:30:00.000000Z", "ana", {"odd": 1}, v=99)
    assert telling.tell(event) == (kind.replace("_", " "), "written by another version of wsal")
    assert BatchDrawn.kind == "batch_drawn"


def estimate(n_trained: int, low: float, value: float | None, high: float) -> KeptEstimate:
    figure = FigureRecord("labels", "all", "accuracy", "share", "r", value, low, high, 0.95, 9, 9, "m", "d")
    return KeptEstimate("r", "", "", n_trained, (figure,))


def test_a_curve_keeps_the_last_estimate_of_each_number_of_answers_in_order():
    curve = curve_of([estimate(60, 0.5, 0.75, 0.9), estimate(20, 0.2, 0.4, 0.6), estimate(60, 0.6, 0.8, 0.9)])
    assert [(p.n_trained, p.y, p.low, p.high) for p in curve.points] == [(20, 60, 80, 40), (60, 20, 40, 10)]
    assert curve.line == "4.0,60.0 96.0,20.0"
    assert all(0 < p.x < 100 and math.isfinite(p.x) for p in curve.points)


def test_there_is_no_curve_through_one_point():
    assert curve_of([]) is None
    assert curve_of([estimate(20, 0.2, 0.4, 0.6), estimate(20, 0.2, 0.5, 0.6)]) is None
