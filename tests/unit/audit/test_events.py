import re

import numpy as np
import pytest

from wsal.audit import (
    KINDS,
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    ClassesChanged,
    DataLoaded,
    DrawRecord,
    EndModelTrained,
    Estimated,
    Event,
    Exported,
    FigureRecord,
    FileRef,
    GuardsRestored,
    ImportedAnswer,
    ItemsReturned,
    ItemsSetApart,
    PeopleLeftOut,
    PersonErased,
    ProjectCreated,
    RuleEdited,
    RuleRef,
    RulesLoaded,
    RuleVersion,
    RunApplied,
    RunFitted,
    Sealed,
    utc_now,
)
from wsal.errors import DataError

TIME = "2026-01-31T09:30:00.000000Z"
FILE = FileRef(".wsal/runs/r1/votes.parquet", "ab" * 32)

EVERY_KIND = [
    ProjectCreated("spam", ("ham", "spam")),
    RulesLoaded((RuleVersion("prize", "f1", "ana", "a prize", "id: prize", "pack.yaml"),)),
    DataLoaded("messages.csv", "d1", 400),
    RunApplied("r1", FILE, (RuleRef("prize", None),), "d1", 400, 1, 2, 0.25),
    RunFitted("r1", "r1", FILE, FILE, 12, "converged", 3, 17, (0.7, 0.3), (FILE,)),
    BatchDrawn("b1", "r1", (DrawRecord("b1/00000", 7, "audit", "covered", 0.0025, fresh=False),)),
    AnswerGiven("e1", "m1", "label", "ana", "spam", "cd" * 32, "audit", "b1/00000", "why", True, 1.5),
    AnswerUndone("e2", "e1"),
    AnswersImported("e3", "gold.csv", "ef" * 32, (ImportedAnswer("e4", 3, "ham"),)),
    EndModelTrained("t1", "r1", "logistic", None, 0, 300, 0, 80, "audit", (FILE,)),
    ClassesChanged("split", ("spam",), ("scam", "advert"), ("ham", "scam", "advert"), "two kinds"),
    Exported("r1", "out.csv", "01" * 32, "csv", 400),
    Estimated(
        "r1",
        17,
        (
            FigureRecord(
                "labels",
                "all",
                "accuracy",
                "share",
                "r1",
                None,
                0.5,
                0.9,
                0.95,
                30,
                28,
                "Clopper–Pearson",
                "x",
            ),
        ),
    ),
    Sealed(17, "ab" * 32, "cd" * 32),
    GuardsRestored(("the trigger ledger_insert is missing",)),
    ItemsSetApart(("m1", 2), apart=True),
    ItemsReturned(("m1",)),
    Sealed(7, "a" * 64, "ab" * 32),
    PersonErased("person-" + "0" * 32),
    PeopleLeftOut(("person-" + "0" * 32,)),
    RuleEdited("prize", "changed", "too wide", "a" * 64, "b" * 64, "rules/a.yaml", "c" * 64),
]


def test_every_kind_has_its_example_here():
    assert {payload.kind for payload in EVERY_KIND} == set(KINDS)


@pytest.mark.parametrize("payload", EVERY_KIND, ids=lambda payload: payload.kind)
def test_an_event_reads_back_from_its_bytes(payload):
    event = Event.of(payload, actor="ana", time=TIME)
    again = Event.from_body(event.body())
    assert again == event
    assert again.payload() == payload
    assert again.body() == event.body()


def test_the_bytes_of_an_event_never_change_between_versions():
    event = Event.of(AnswerUndone("e2", "e1"), actor="ana", time=TIME)
    assert event.body() == (
        b'{"actor":"ana","data":{"event_id":"e2","supersedes":"e1"},"kind":"answer_undone",'
        b'"time":"2026-01-31T09:30:00.000000Z","v":1}'
    )


def test_now_is_utc_with_microseconds():
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", utc_now())
    assert Event.of(AnswerUndone("e2", "e1"), actor="ana").time <= utc_now()


@pytest.mark.parametrize("time", ["2026-01-31", "2026-01-31T09:30:00Z", "2026-13-31T09:30:00.000000Z", ""])
def test_a_time_of_another_form_is_refused(time):
    with pytest.raises(DataError, match="no time of an event"):
        Event("answer_undone", time, "ana", {})


def test_numpy_item_ids_become_plain_ones():
    payload = Event.of(AnswerGiven("e1", np.int64(7), "skip", "ana"), actor="ana").payload()
    assert payload == AnswerGiven("e1", 7, "skip", "ana")
    assert type(payload.item) is int


def test_a_field_of_the_wrong_type_is_refused_by_name():
    with pytest.raises(DataError, match=r"DataLoaded\.n_items is '400', not int"):
        Event.of(DataLoaded("a.csv", "d", "400"), actor="ana")


def test_true_is_no_number():
    with pytest.raises(DataError, match="n_items is True"):
        Event.of(DataLoaded("a.csv", "d", True), actor="ana")


def test_an_unknown_kind_can_be_read_but_has_no_payload():
    event = Event.from_body(b'{"actor":"a","data":{},"kind":"anser_given","time":"%s","v":1}' % TIME.encode())
    with pytest.raises(DataError, match="did you mean 'answer_given'"):
        event.payload()


def test_a_newer_layout_is_refused():
    event = Event("answer_undone", TIME, "ana", {"event_id": "e", "supersedes": "f"}, v=2)
    with pytest.raises(DataError, match="version 2"):
        event.payload()


@pytest.mark.parametrize(
    "data",
    [{"event_id": "e"}, {"event_id": "e", "supersedes": "f", "x": 1}, {"event_id": "e", "supersedes": 5}],
)
def test_data_of_another_layout_is_refused(data):
    with pytest.raises(DataError, match="answer_undone"):
        Event("answer_undone", TIME, "ana", data).payload()


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"data":{}}', b'{"actor":"a","data":{},"kind":1,"time":"","v":1}']
)
def test_bytes_that_are_no_event_are_refused(body):
    with pytest.raises(DataError):
        Event.from_body(body)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AnswerGiven("e", 1, "label", "ana"),
        lambda: AnswerGiven("e", 1, "skip", "ana", label="spam"),
        lambda: AnswerGiven("e", 1, "skipped", "ana"),
        lambda: AnswerGiven("", 1, "skip", "ana"),
        lambda: AnswerGiven("e", 1, "skip", "ana", seconds=-1.0),
        lambda: AnswerUndone("", "e"),
        lambda: ImportedAnswer("e", 1, None),
        lambda: AnswersImported("e", "a", "b", (ImportedAnswer("e", 1, "ham"),)),
        lambda: DrawRecord("d", 1, "audit", p=0.0),
        lambda: DrawRecord("d", 1, "audit", p=1.5),
        lambda: DrawRecord("d", 1, "audit", p=float("nan")),
        lambda: BatchDrawn("b", "r", (DrawRecord("d", 1, "audit"), DrawRecord("d", 2, "audit"))),
        lambda: RulesLoaded((RuleVersion("a", "f"), RuleVersion("a", "g"))),
    ],
)
def test_what_contradicts_itself_is_refused(make):
    with pytest.raises(DataError):
        make()


def test_a_purpose_that_does_not_exist_is_refused():
    with pytest.raises(DataError, match=r"purpose is 'audits'.*\n.*did you mean 'audit'"):
        Event.of(BatchDrawn("b", "r", (DrawRecord("d", 1, "audits"),)), actor="ana")


def test_names_of_draws_sort_in_the_order_of_the_draws():
    names = [BatchDrawn.draw_id("b", i) for i in range(0, 3000, 7)]
    assert names == sorted(names)
