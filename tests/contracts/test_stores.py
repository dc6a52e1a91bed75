"""What every store must do, run on SQLite and on a real PostgreSQL."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine
from sqlalchemy.event import listen

from wsal.audit import (
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    ClassesChanged,
    DataLoaded,
    DrawRecord,
    Event,
    Exported,
    Head,
    ImportedAnswer,
    ProjectCreated,
    RuleRef,
    RulesLoaded,
    RuleVersion,
    RunApplied,
    RunFitted,
)
from wsal.errors import DataError, InputError, LedgerError, StoreError
from wsal.labels import SoftLabels
from wsal.store import open_store, restore_guards, verify_store, write_json, write_soft_labels, write_votes
from wsal.store.connect import make_engine, resolve_url, writing
from wsal.store.ddl.guards import recreate_guards
from wsal.store.ddl.ledger import GUARDS
from wsal.types import LabelSpace
from wsal.votes import VoteMatrix

LABELS = ("ham", "spam")


@dataclass(frozen=True)
class Place:
    """Where a store may be made, and how to go behind its back."""

    url: str
    root: Path

    def open(self, **options):
        return open_store(self.url, root=self.root, **options)

    @contextmanager
    def behind_its_back(self, *, guarded=False):
        """Write as someone who may do all; without guards, they are put back afterwards as if nothing was."""
        engine = make_engine(resolve_url(self.url, self.root), timeout=5)
        try:
            with writing(engine) as connection:
                on = "" if engine.dialect.name == "sqlite" else " ON ledger"
                if not guarded:
                    for guard in GUARDS[engine.dialect.name]:
                        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}{on}")
                yield connection
                if not guarded:
                    recreate_guards(connection)
        finally:
            engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return Place("sqlite:///.wsal/store.db", tmp_path)
    return Place(request.getfixturevalue("postgres"), tmp_path)


@pytest.fixture
def store(place):
    with place.open(create=True) as opened:
        yield opened


def of(payload, actor="ana"):
    return Event.of(payload, actor=actor)


def answer(item, label="spam", *, annotator="ana", event_id=None, **more):
    outcome = more.pop("outcome", "label")
    event_id = event_id or str(uuid.uuid4())
    label = label if outcome == "label" else None
    return of(AnswerGiven(event_id, item, outcome, annotator, label, **more), annotator)


def drawn(batch, *items, purpose="audit", p=0.1):
    records = [
        DrawRecord(BatchDrawn.draw_id(batch, i), item, purpose, "all", p) for i, item in enumerate(items)
    ]
    return of(BatchDrawn(batch, "r1", tuple(records)))


def fill(store):
    """Append one event of every kind that a project writes, with its files."""
    votes = VoteMatrix.from_array(
        [[1, -1], [0, 0], [-1, -1]], LABELS, lf_names=["prize", "hello"], item_ids=["m1", "m2", "m3"]
    )
    soft = SoftLabels(
        np.full((3, 2), 0.5), LabelSpace(LABELS), votes.item_ids, np.array(["rules", "rules", "none"])
    )
    root = store.root
    store.append(of(ProjectCreated("spam", LABELS)))
    store.append(of(RulesLoaded((RuleVersion("prize", "f1", "ana", "why", "id: prize", "pack.yaml"),))))
    store.append(of(DataLoaded("messages.csv", "d1", 3)))
    refs = (RuleRef("prize", "f1"), RuleRef("hello", None))
    store.append(of(RunApplied("r1", write_votes(votes, root=root, run="r1"), refs, "d1", 3, 2, 3, 2 / 3)))
    model = write_json({"weights": [0.1, 0.2]}, root=root, run="r2")
    labels = write_soft_labels(soft, root=root, run="r2")
    store.append(of(RunFitted("r2", "r1", model, labels, 4, "converged", 0, 4, (0.5, 0.5))))
    store.append(drawn("b1", "m1", "m2", "m1"))
    store.append(answer("m1", draw_id="b1/00000", purpose="audit", event_id="e1"))
    store.append(answer("m2", "ham", event_id="e2"))
    store.append(of(AnswerUndone("u1", "e2")))
    imported = ImportedAnswer("i1-0", "m3", "ham", "bob")
    store.append(of(AnswersImported("i1", "gold.csv", "ab" * 32, (imported,))))
    store.append(of(Exported("r2", "moved_away.csv", "cd" * 32, "csv", 3)))


# Appending and reading


def test_a_new_store_is_empty_and_verifies(store):
    assert store.head() == Head()
    assert store.answers() == ()
    assert list(store.events()) == []
    assert store.verify().ok


def test_a_store_keeps_what_was_appended_when_it_is_opened_again(place):
    with place.open(create=True) as store:
        fill(store)
        head, answers, draws, runs = store.head(), store.answers(), store.draws(), store.runs()
    with place.open() as again:
        assert (again.head(), again.answers(), again.draws(), again.runs()) == (head, answers, draws, runs)


def test_opening_with_create_leaves_an_existing_store_as_it_is(place):
    with place.open(create=True) as store:
        seq = store.append(answer(1))
    with place.open(create=True) as again:
        assert again.head().seq == seq == 1


def test_events_come_back_in_order_by_kind_and_behind_a_row(store):
    fill(store)
    everything = list(store.events())
    assert [entry.seq for entry in everything] == list(range(1, len(everything) + 1))
    assert everything[0].event.payload() == ProjectCreated("spam", LABELS)
    assert [entry.seq for entry in store.events("answer_given")] == [7, 8]
    assert [entry.seq for entry in store.events("answer_given", after=7)] == [8]
    assert everything[-1].hash == store.head().hash


def test_many_pages_of_events_come_back_whole(store, monkeypatch):
    monkeypatch.setattr("wsal.store.store._PAGE", 7)
    store.append_many([answer(i) for i in range(30)])
    assert [entry.event.data["item"] for entry in store.events()] == list(range(30))


def test_several_events_are_written_together_or_not_at_all(store):
    with pytest.raises(StoreError, match="no such answer"):
        store.append_many([answer(1), answer(2), of(AnswerUndone("u", "nothing"))])
    assert store.head().seq == 0
    assert store.answers() == ()
    assert store.append_many([]) == ()
    assert store.append_many([answer(1), answer(2)]) == (1, 2)


def test_an_unknown_kind_of_event_is_refused(store):
    with pytest.raises(DataError, match="unknown kind"):
        store.append(Event("made_up", answer(1).time, "ana", {}))
    assert store.head().seq == 0


def test_the_same_answer_sent_again_is_written_once(store):
    event = answer(1, event_id="e1")
    retried = answer(1, event_id="e1")
    assert event.time != retried.time
    assert store.append(event) == store.append(retried) == 1
    assert store.append_many([event, answer(2), event]) == (1, 2, 1)
    assert len(store.answers()) == 2
    assert store.verify().ok


@pytest.mark.parametrize(
    "other", [answer(1, "ham", event_id="e1"), answer(2, event_id="e1"), of(AnswerUndone("e1", "e1"))]
)
def test_another_event_under_the_same_id_is_refused(store, other):
    store.append(answer(1, event_id="e1"))
    with pytest.raises(StoreError, match="'e1' stands for another event"):
        store.append(other)
    assert store.head().seq == 1


def test_item_7_and_item_text_7_are_two_items(store):
    store.append_many([answer(7, "ham"), answer("7", "spam")])
    assert [(row.item, row.label) for row in store.answers()] == [(7, "ham"), ("7", "spam")]


def test_any_item_id_comes_back(store):
    items = ["ünï", 'a"b', "", "a\\b", -3, 2**70]
    store.append_many([answer(item) for item in items])
    assert [row.item for row in store.answers()] == items


def test_all_that_an_answer_says_comes_back(store):
    store.append(drawn("b1", "m1", p=0.25))
    given = answer(
        "m1",
        event_id="e1",
        purpose="audit",
        draw_id="b1/00000",
        shown_sha256="ab" * 32,
        rationale="it’s a prize",
        hints_shown=True,
        seconds=1.25,
    )
    store.append(given)
    (row,) = store.answers()
    payload = given.payload()
    for field in fields(payload):
        assert getattr(row, field.name) == getattr(payload, field.name)
    assert (row.seq, row.time, row.propensity, row.imported) == (2, given.time, 0.25, False)


# Answers that stand


def test_the_last_answer_of_an_annotator_stands_and_others_keep_theirs(store):
    store.append_many([answer(1, "ham"), answer(1, "ham", annotator="bob"), answer(1, "spam")])
    assert [(row.annotator, row.label) for row in store.answers()] == [("bob", "ham"), ("ana", "spam")]
    assert len(store.answers(current=False)) == 3


def test_undoing_brings_back_what_was_said_before_as_often_as_wanted(store):
    for i, label in enumerate(["ham", "spam", "ham"]):
        store.append(answer(1, label, event_id=f"e{i}"))
    store.append(of(AnswerUndone("u2", "e2")))
    assert [row.event_id for row in store.answers()] == ["e1"]
    store.append(of(AnswerUndone("u1", "e1")))
    assert [row.event_id for row in store.answers()] == ["e0"]
    store.append(of(AnswerUndone("u0", "e0")))
    assert store.answers() == ()
    assert [row.undone_by for row in store.answers(current=False)] == [6, 5, 4]
    store.append(answer(1, "spam", event_id="e3"))
    assert [row.event_id for row in store.answers()] == ["e3"]


def test_undoing_again_is_refused_but_a_retry_is_not(store):
    store.append(answer(1, event_id="e1"))
    assert store.append(of(AnswerUndone("u1", "e1"))) == store.append(of(AnswerUndone("u1", "e1"))) == 2
    with pytest.raises(StoreError, match="already undone by row 2"):
        store.append(of(AnswerUndone("u2", "e1")))


def test_skip_unsure_flag_and_not_applicable_are_kept_apart_and_are_no_labels(store):
    outcomes = ["skip", "unsure", "flag", "not_applicable"]
    store.append_many([answer(i, outcome=outcome) for i, outcome in enumerate(outcomes)])
    store.append(answer(9, "spam"))
    assert [row.outcome for row in store.answers()] == [*outcomes, "label"]
    assert store.human_labels(LABELS).item_ids == (9,)


def test_human_labels_carry_annotator_purpose_and_propensity(store):
    store.append(drawn("b1", "a", "b"))
    store.append(drawn("b2", "c", purpose="uncertain", p=None))
    store.append(answer("a", "spam", draw_id="b1/00000", purpose="audit"))
    store.append(answer("c", "ham", draw_id="b2/00000", purpose="uncertain", annotator="bob"))
    human = store.human_labels(LABELS)
    assert (human.item_ids, human.values.tolist()) == (("a", "c"), [1, 0])
    assert (human.annotators, human.purposes) == (("ana", "bob"), ("audit", "uncertain"))
    assert human.propensities[0] == 0.1
    assert np.isnan(human.propensities[1])
    assert (human.weight("a"), human.weight("c")) == (1.0, 0.5)


def test_answers_can_be_read_as_they_stood_after_any_row(store):
    store.append_many([answer(1, "ham", event_id="e1"), answer(1, "spam", event_id="e2")])
    store.append(of(AnswerUndone("u", "e2")))
    standing = [[row.event_id for row in store.answers(as_of=seq)] for seq in range(4)]
    assert standing == [[], ["e1"], ["e2"], ["e1"]]


def test_imported_answers_stand_beside_the_others_without_a_draw(store):
    rows = (
        ImportedAnswer("i0", 1, "ham", "bob", time="2020-01-01"),
        ImportedAnswer("i1", 1, "spam", "bob"),
        ImportedAnswer("i2", 2, None, "bob", "unsure"),
    )
    event = of(AnswersImported("i", "gold.csv", "ab" * 32, rows))
    assert store.append(event) == store.append(event) == 1
    assert [(row.event_id, row.propensity, row.imported) for row in store.answers()] == [
        ("i1", None, True),
        ("i2", None, True),
    ]
    assert store.answers(current=False)[0].time == "2020-01-01"
    store.append(of(AnswerUndone("u", "i1")))
    assert [row.event_id for row in store.answers()] == ["i0", "i2"]
    with pytest.raises(StoreError, match="stands for another event"):
        store.append(answer(5, event_id="i2"))
    with pytest.raises(StoreError, match="contradicts"):
        store.append(of(AnswersImported("j", "gold.csv", "ab" * 32, (ImportedAnswer("i2", 1, "ham"),))))
    assert store.verify().ok


# Draws, rules, runs


def test_an_imported_answer_answers_the_draw_that_still_asks_for_its_item(store):
    store.append(drawn("b1", 1, 2))
    store.append(drawn("b2", 1, purpose="uncertain", p=None))
    store.append(answer(2, draw_id="b1/00001"))
    rows = (ImportedAnswer("i0", 1, "ham", "bob"), ImportedAnswer("i1", 2, "ham", "bob"))
    store.append(of(AnswersImported("i", "gold.csv", "ab" * 32, rows)))
    _, first, second = store.answers()
    assert (first.draw_id, first.purpose, first.propensity) == ("b1/00000", "audit", 0.1)
    assert (second.draw_id, second.purpose, second.propensity) == (None, "", None)
    assert store.check_projections() == ()


def test_every_draw_is_kept_in_order_and_follows_its_item(store):
    store.append(drawn("b9", 1, 2, 1))
    store.append(drawn("b1", 3))
    store.append(answer(1, draw_id="b9/00000"))
    store.append(answer(2, outcome="skip", draw_id="b9/00001"))
    assert [(row.draw_id, row.item, row.outcome) for row in store.draws()] == [
        ("b9/00000", 1, "label"),
        ("b9/00001", 2, "skip"),
        ("b9/00002", 1, "label"),
        ("b1/00000", 3, "open"),
    ]
    store.append(drawn("b2", 2, 1))
    # What was skipped is asked for again by a new draw; what is labelled is not.
    assert [row.outcome for row in store.draws()] == ["label", "skip", "label", "open", "open", "label"]
    store.append(answer(2, outcome="unsure", draw_id="b2/00000", event_id="again"))
    assert [row.outcome for row in store.draws() if row.item == 2] == ["unsure", "unsure"]
    store.append(of(AnswerUndone("u", "again")))
    assert [row.outcome for row in store.draws() if row.item == 2] == ["skip", "open"]


def test_the_outcome_of_a_draw_follows_undoing_and_a_label_wins(store):
    store.append(drawn("b1", 1))

    def outcome():
        return store.draws()[0].outcome

    store.append(answer(1, event_id="e1"))
    store.append(answer(1, outcome="skip", annotator="bob"))
    assert outcome() == "label"
    store.append(of(AnswerUndone("u1", "e1")))
    assert outcome() == "skip"
    store.append(answer(1, outcome="flag", annotator="bob", event_id="e2"))
    assert outcome() == "flag"
    store.append(of(AnswersImported("i", "g", "h", (ImportedAnswer("i0", 1, "ham"),))))
    assert outcome() == "label"


@pytest.mark.parametrize("draw_id", ["b1/00001", "nothing"])
def test_an_answer_must_name_a_draw_of_its_item(store, draw_id):
    store.append(drawn("b1", 1, 2))
    with pytest.raises(StoreError, match="names the draw"):
        store.append(answer(1, draw_id=draw_id))
    assert store.answers() == ()


def test_a_batch_or_run_is_recorded_once(store):
    fill(store)
    head = store.head()
    run = store.latest_run("run_applied").payload
    for event in (drawn("b1", 5), of(run)):
        with pytest.raises(StoreError, match=r"an id .* is used once"):
            store.append(event)
    assert store.head() == head


def test_rules_keep_every_version_and_know_which_are_in_force(store):
    store.append(of(RulesLoaded((RuleVersion("a", "f1", "ana"), RuleVersion("b", "g1")))))
    store.append(of(RulesLoaded((RuleVersion("a", "f2", "bob", "better"),))))
    (current,) = store.rules()
    assert (current.name, current.fingerprint, current.author, current.why) == ("a", "f2", "bob", "better")
    store.append(of(RulesLoaded((RuleVersion("a", "f1", "cy"), RuleVersion("b", "g1")))))
    assert [(row.name, row.fingerprint, row.author) for row in store.rules()] == [
        ("a", "f1", "cy"),
        ("b", "g1", ""),
    ]
    versions = store.rules(current=False)
    assert [(row.name, row.fingerprint, row.first_seq, row.last_seq) for row in versions] == [
        ("a", "f1", 1, 3),
        ("a", "f2", 2, 2),
        ("b", "g1", 1, 3),
    ]


def test_runs_come_back_typed_and_the_newest_is_known(store):
    assert store.latest_run("run_applied") is None
    fill(store)
    assert [row.run for row in store.runs()] == ["r1", "r2"]
    applied, fitted = store.latest_run("run_applied"), store.latest_run("run_fitted")
    assert (applied.run, applied.payload.coverage) == ("r1", 2 / 3)
    assert (fitted.run, fitted.payload.votes_run, fitted.payload.class_balance) == ("r2", "r1", (0.5, 0.5))
    assert store.runs("run_fitted") == (fitted,)


# Projections


def test_a_rebuild_gives_the_same_tables(store):
    fill(store)
    before = (store.answers(current=False), store.draws(), store.rules(current=False), store.runs())
    store.rebuild()
    assert (store.answers(current=False), store.draws(), store.rules(current=False), store.runs()) == before
    assert store.check_projections() == ()


TAMPERED_TABLES = {
    "UPDATE answers SET label = 'ham' WHERE event_id = 'e1'": "table answers, row 'e1': label is 'ham'",
    "UPDATE answers SET undone_by = NULL": "undone_by is None, but the ledger says 9",
    "DELETE FROM answers WHERE event_id = 'e1'": "table answers, row 'e1': missing",
    "UPDATE draws SET p = 0.9 WHERE draw_id = 'b1/00001'": "p is 0.9, but the ledger says 0.1",
    "UPDATE draws SET outcome = 'open'": "outcome is 'open'",
    "UPDATE rules SET author = 'eve'": "author is 'eve'",
    "UPDATE runs SET data = '{}' WHERE kind = 'run_fitted'": "table runs, row 'r2', 'run_fitted': data",
    "UPDATE batches SET run = 'r0'": "run is 'r0'",
    "DELETE FROM event_ids WHERE event_id = 'u1'": "table event_ids, row 'u1': missing",
    "INSERT INTO batches VALUES ('b2', 1, 't', 'r')": "row 'b2': there, though the ledger does not have it",
}


def test_a_changed_table_is_found_and_a_rebuild_cures_it(place, store):
    fill(store)
    for statement, words in TAMPERED_TABLES.items():
        with place.behind_its_back(guarded=True) as connection:
            connection.exec_driver_sql(statement)
        report = store.verify()
        assert {finding.kind for finding in report.findings} == {"projection"}, statement
        assert words in str(report)
        store.rebuild()
        assert store.verify().ok, statement


# Guards and tampering


def test_an_untouched_store_is_clean_and_a_moved_export_only_noted(store):
    fill(store)
    report = store.verify()
    assert report.findings == ()
    assert report.n_rows == store.head().seq == 11
    assert report.notes == ("the file moved_away.csv, which row 11 of the ledger names, is missing",)


FORBIDDEN = [
    "UPDATE ledger SET hash = prev_hash",
    "UPDATE ledger SET body = body WHERE seq = 3",
    "DELETE FROM ledger",
    "DELETE FROM ledger WHERE seq = 11",
    "INSERT INTO ledger SELECT seq + 20, prev_hash, hash, body FROM ledger WHERE seq = 11",
    "INSERT INTO ledger SELECT 12, prev_hash, hash, body FROM ledger WHERE seq = 3",
    "INSERT INTO ledger SELECT seq, prev_hash, hash, body FROM ledger WHERE seq = 1",
]


def test_the_database_itself_refuses_to_change_the_past(place, store):
    fill(store)
    before = list(store.events())
    for statement in FORBIDDEN:
        with (
            pytest.raises(LedgerError, match="append-only"),
            place.behind_its_back(guarded=True) as connection,
        ):
            connection.exec_driver_sql(statement)
    assert list(store.events()) == before
    assert store.verify().ok


def _cut_tail(connection):
    connection.exec_driver_sql("DELETE FROM ledger WHERE seq = 11")


def _swap(connection):
    connection.exec_driver_sql("UPDATE ledger SET seq = 100 WHERE seq = 3")
    connection.exec_driver_sql("UPDATE ledger SET seq = 3 WHERE seq = 4")
    connection.exec_driver_sql("UPDATE ledger SET seq = 4 WHERE seq = 100")


def _edit_one_byte(connection):
    found = connection.exec_driver_sql("SELECT body FROM ledger WHERE seq = 7").scalar()
    place_holder = "?" if connection.dialect.name == "sqlite" else "%s"
    body = bytes(found).replace(b"spam", b"spaM", 1)
    statement = f"UPDATE ledger SET body = {place_holder} WHERE seq = 7"  # noqa: S608  # no input
    connection.exec_driver_sql(statement, (body,))


TAMPERINGS: dict[str, tuple[Callable, str]] = {
    "edit a byte": (_edit_one_byte, "row 7 was edited"),
    "delete a row": (
        lambda connection: connection.exec_driver_sql("DELETE FROM ledger WHERE seq = 4"),
        "row 4 is missing before row 5",
    ),
    "cut off the end": (_cut_tail, "the last row is 10 .* but it should be 11"),
    "reorder": (_swap, "row 3 continues hash"),
    "drop the note of the head": (
        lambda connection: connection.exec_driver_sql("DELETE FROM ledger_head"),
        "the note of the last row .* is gone",
    ),
    "empty the ledger": (
        lambda connection: connection.exec_driver_sql("DELETE FROM ledger"),
        "but it should be 11",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_with_the_ledger_is_found(place, store, name):
    fill(store)
    tamper, words = TAMPERINGS[name]
    with place.behind_its_back() as connection:
        tamper(connection)
    report = store.verify()
    assert not report.ok
    assert re.search(words, str(report))
    assert verify_store(place.url, root=place.root) == report


@pytest.mark.parametrize("name", ["cut off the end", "drop the note of the head", "empty the ledger"])
def test_nothing_is_added_to_a_ledger_whose_end_was_cut_off(place, store, name):
    fill(store)
    with place.behind_its_back() as connection:
        TAMPERINGS[name][0](connection)
    with pytest.raises(LedgerError, match="was written last"):
        store.append(answer(1))
    with pytest.raises(LedgerError, match="does not verify"):
        store.rebuild()


def test_a_dropped_table_is_found(place, store):
    fill(store)
    with place.behind_its_back(guarded=True) as connection:
        connection.exec_driver_sql("DROP TABLE answers")
    report = store.verify()
    assert "store" in {finding.kind for finding in report.findings}
    assert "answers" in str(report)


def each_guard(place):
    name = resolve_url(place.url, place.root).get_backend_name()
    return GUARDS[name], ("" if name == "sqlite" else " ON ledger")


def test_a_dropped_trigger_is_found_when_the_store_is_opened_and_can_be_restored(place):
    with place.open(create=True) as store:
        fill(store)
    guards, on = each_guard(place)
    for guard in guards:
        with place.behind_its_back(guarded=True) as connection:
            connection.exec_driver_sql(f"DROP TRIGGER {guard.name}{on}")
        with pytest.raises(
            LedgerError, match=rf"the trigger {guard.name} is missing(.|\n)*hint: .*restore_guards"
        ):
            place.open()
        with pytest.raises(LedgerError, match="is missing"):
            place.open(create=True)
        report = verify_store(place.url, root=place.root)
        assert [finding.kind for finding in report.findings] == ["guard"]
        assert restore_guards(place.url, root=place.root, actor="admin") == (
            f"the trigger {guard.name} is missing",
        )
    with place.open() as store:
        assert store.verify().ok
        assert len(list(store.events("guards_restored"))) == len(guards)
    assert restore_guards(place.url, root=place.root, actor="admin") == ()


HIDDEN_HANDS = {
    "CREATE TRIGGER spy BEFORE INSERT ON answers FOR EACH ROW EXECUTE FUNCTION wsal_ledger_refuse()": "trigger spy",
    "CREATE RULE lose AS ON INSERT TO ledger DO INSTEAD NOTHING": "rule lose on ledger",
    "ALTER TABLE ledger ENABLE ROW LEVEL SECURITY": "table ledger hides rows",
    "CREATE TABLE more () INHERITS (ledger)": "table ledger hides rows",
    "ALTER TABLE ledger DISABLE TRIGGER ledger_no_delete": "trigger ledger_no_delete is switched off",
}


# SQLite has triggers alone, which are compared word for word.
@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
@pytest.mark.parametrize("statement", HIDDEN_HANDS)
def test_what_changes_or_hides_rows_on_postgresql_is_found(place, store, statement):
    fill(store)
    with place.behind_its_back(guarded=True) as connection:
        connection.exec_driver_sql(statement)
    report = store.verify()
    assert {finding.kind for finding in report.findings} == {"guard"}
    assert HIDDEN_HANDS[statement] in str(report)


def test_a_table_that_was_replaced_is_found(place, store):
    fill(store)
    with place.behind_its_back(guarded=True) as connection:
        connection.exec_driver_sql("CREATE TABLE copy AS SELECT * FROM answers")
        connection.exec_driver_sql("DROP TABLE answers")
        connection.exec_driver_sql("ALTER TABLE copy RENAME TO answers")
    assert "the table answers was replaced: it has lost its primary key" in str(store.verify())


def test_guards_are_not_restored_over_a_broken_chain(place):
    with place.open(create=True) as store:
        fill(store)
    guards, on = each_guard(place)
    with place.behind_its_back() as connection:
        _edit_one_byte(connection)
    with place.behind_its_back(guarded=True) as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {guards[0].name}{on}")
    with pytest.raises(LedgerError, match="row 7 was edited"):
        restore_guards(place.url, root=place.root, actor="admin")
    with pytest.raises(LedgerError, match="is missing"):
        place.open()


@pytest.mark.parametrize("name", ["votes.parquet", "soft_labels.parquet", "model.json"])
def test_a_changed_byte_of_a_file_is_found(store, name):
    fill(store)
    (path,) = (store.root / ".wsal" / "runs").glob(f"*/{name}")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    report = store.verify()
    assert [finding.kind for finding in report.findings] == ["file"]
    assert name in report.findings[0].message
    path.unlink()
    assert "is missing" in str(store.verify())


# Personal data


def bytes_of(place, store):
    """Return all that the ledger holds, and on SQLite all bytes of the database's files."""
    with store.engine.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM ledger").scalars().all()
    files = [path.read_bytes() for path in (place.root / ".wsal").glob("store.db*")]
    return b"".join([*map(bytes, bodies), *files])


def test_the_ledger_holds_neither_names_nor_what_people_wrote(place, store):
    store.append(answer(1, annotator="Ana <ana@example.org>", rationale="my neighbour told me"))
    rows = (ImportedAnswer("i0", 2, "ham", "Bob Builder", rationale="he said so"),)
    store.append(of(AnswersImported("i", "gold.csv", "ab" * 32, rows), actor="Ana <ana@example.org>"))
    with store.engine.connect() as connection:
        bodies = b"".join(map(bytes, connection.exec_driver_sql("SELECT body FROM ledger").scalars()))
        tables = repr(connection.exec_driver_sql("SELECT * FROM answers").all())
    for secret in ("example.org", "Builder", "neighbour", "he said"):
        assert secret.encode() not in bodies
        assert secret not in tables
    assert [(row.annotator, row.rationale) for row in store.answers()] == [
        ("Ana <ana@example.org>", "my neighbour told me"),
        ("Bob Builder", "he said so"),
    ]
    given, imported = store.events()
    assert (given.event.actor, given.event.payload().rationale) == (
        "Ana <ana@example.org>",
        "my neighbour told me",
    )
    assert imported.event.payload().answers[0].annotator == "Bob Builder"
    assert [(row.name, row.n_events, row.n_in_plain) for row in store.people()] == [
        ("Ana <ana@example.org>", 2, 0),
        ("Bob Builder", 1, 0),
    ]


def test_erasing_a_person_leaves_the_chain_and_the_labels_and_is_recorded(place, store):
    store.append(answer(1, "ham", annotator="Ana Secret", rationale="a private remark"))
    store.append(answer(2, "spam", annotator="bob", rationale="an open one"))
    before = store.head()
    erased = store.erase_person("Ana Secret", actor="admin")
    assert (erased.person.name, erased.person.n_events, erased.seq) == ("Ana Secret", 1, 3)
    assert erased.notes == ()
    assert store.verify().findings == ()
    first, second = store.answers()
    assert (first.annotator, first.rationale, first.label) == (erased.person.pseudonym, "(erased)", "ham")
    assert (second.annotator, second.rationale) == ("bob", "an open one")
    assert [entry.hash for entry in store.events()][1] == before.hash
    (recorded,) = store.events("person_erased")
    assert (recorded.event.actor, recorded.event.payload().person) == ("admin", erased.person.pseudonym)
    for secret in (b"Ana Secret", b"private remark"):
        assert secret not in bytes_of(place, store)
    assert [row.name for row in store.people()] == ["admin", "bob"]
    store.rebuild()
    assert store.answers() == (first, second)
    with pytest.raises(InputError, match="nobody by the name of 'Ana Secret'"):
        store.erase_person("Ana Secret", actor="admin")


def test_who_was_erased_and_comes_back_is_somebody_new(store):
    store.append(answer(1, annotator="ana"))
    old = store.erase_person("ana", actor="admin").person.pseudonym
    store.append(answer(1, "ham", annotator="ana"))
    assert [row.annotator for row in store.answers()] == [old, "ana"]
    assert next(row for row in store.people() if row.name == "ana").pseudonym != old
    assert store.verify().ok


def test_another_process_does_not_go_on_under_a_destroyed_key(place, store):
    with place.open() as other:
        other.append(answer(1, annotator="ana"))
        store.erase_person("ana", actor="admin")
        other.append(answer(2, annotator="ana", rationale="again"))
        assert other.answers()[1].rationale == "again"
        assert other.verify().ok


def test_a_retry_of_an_answer_with_a_rationale_is_the_same_answer(store):
    event = answer(1, annotator="ana", rationale="because", event_id="e1")
    assert store.append(event) == store.append(event) == 1
    with pytest.raises(StoreError, match="stands for another event"):
        store.append(answer(1, annotator="ana", rationale="other", event_id="e1"))


PEOPLE_TAMPERED = {
    "UPDATE people SET name = 'eve' WHERE name = 'ana'": "the name 'eve' or the key is not the one",
    "DELETE FROM people WHERE name = 'ana'": "are gone, though nobody erased them",
}


@pytest.mark.parametrize("statement", PEOPLE_TAMPERED)
def test_a_name_that_was_exchanged_or_a_key_that_was_lost_is_found(place, store, statement):
    store.append_many([answer(1, annotator="ana"), answer(2, annotator="bob")])
    with place.behind_its_back(guarded=True) as connection:
        connection.exec_driver_sql(statement)
    report = store.verify()
    assert {finding.kind for finding in report.findings} == {"person"}
    assert PEOPLE_TAMPERED[statement] in str(report)


def test_a_name_in_plain_from_an_older_store_stays_readable_and_goes_on_as_the_same_person(place, store):
    with monkeyed_plain():
        store.append(answer(1, "ham", annotator="ana", rationale="old", event_id="e1"))
    store.append(answer(1, "spam", annotator="ana", rationale="new"))
    assert [(row.annotator, row.rationale) for row in store.answers(current=False)] == [
        ("ana", "old"),
        ("ana", "new"),
    ]
    assert [row.label for row in store.answers()] == ["spam"]
    (ana,) = store.people()
    assert (ana.n_events, ana.n_in_plain) == (1, 1)
    assert store.verify().ok


@contextmanager
def monkeyed_plain():
    """Write as versions before revision 0003 did: names and texts as they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wsal.store.ledger.people.People.protect", lambda _, event: event)
        yield


# Several at once


# Imports once and forks a writer for each line, since it is the writing that is tested, not Python's start. A
# writer has three threads, which share its commits. It acknowledges each append in a file of its own, with a system
# call, so that no buffer dies with it.
NURSERY = """
import os, signal, sys, threading
from pathlib import Path
from wsal.audit import AnswerGiven, Event
from wsal.store import open_store

def write(url, root, who, n):
    acks = os.open(Path(root, who), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    with open_store(url, root=root, create=True) as store:
        def part(start):
            for i in range(start, n, 3):
                event_id = f"{who}-{i}"
                store.append(Event.of(AnswerGiven(event_id, i % 7, "label", who, "spam"), actor=who))
                os.write(acks, f"{event_id}\\n".encode())
        threads = [threading.Thread(target=part, args=(start,)) for start in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # dead writers leave no trace
for line in sys.stdin:
    who, n = line.split()
    child = os.fork()
    if child == 0:
        try:
            write(*sys.argv[1:], who, int(n))
        finally:
            os._exit(0)
    print(child, flush=True)
"""


class Nursery:
    """Starts processes that write to a store."""

    def __init__(self, place):
        self.root = place.root
        arguments = [sys.executable, "-c", NURSERY, place.url, str(place.root)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, who, n):
        self.process.stdin.write(f"{who} {n}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def acknowledged(self, who):
        path = self.root / who
        return path.read_text().split() if path.exists() else []

    def wait_until(self, condition):
        deadline = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < deadline, "the writers are stuck"
            time.sleep(0.002)

    def wait_for_the_end(self, writer):
        def ended():
            try:
                os.kill(writer, 0)
            except ProcessLookupError:
                return True
            return False

        self.wait_until(ended)


@pytest.fixture
def nursery(place):
    started = Nursery(place)
    yield started
    started.process.communicate()
    assert started.process.returncode == 0


def test_four_processes_write_at_once_and_nothing_is_lost(place, nursery):
    # They also race to make the store.
    names = [f"w{i}" for i in range(4)]
    for writer in [nursery.start(who, 50) for who in names]:
        nursery.wait_for_the_end(writer)
    acknowledged = [event_id for who in names for event_id in nursery.acknowledged(who)]
    assert sorted(acknowledged) == sorted(f"{who}-{i}" for who in names for i in range(50))
    with place.open() as store:
        assert {entry.event.data["event_id"] for entry in store.events()} == set(acknowledged)
        assert store.head().seq == 200
        assert store.verify().ok


def test_threads_may_share_a_store(store):
    def write(who):
        for i in range(20):
            store.append(answer(i, annotator=who))

    threads = [threading.Thread(target=write, args=(f"t{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.answers()) == 80
    assert store.verify().ok


def test_callers_at_once_share_commits_and_each_gets_its_own_rows(store):
    commits = []
    listen(store._engine, "commit", commits.append)
    callers = range(8)
    waiting = [
        store.submit([answer(i, annotator=f"t{c}") for i in range(3)]) for c in callers for _ in range(5)
    ]
    rows = [future.result() for future in waiting]
    assert sorted(seq for seqs in rows for seq in seqs) == list(range(1, 121))
    assert all(seqs == tuple(range(seqs[0], seqs[0] + 3)) for seqs in rows)
    assert len(commits) < len(waiting)
    assert store.verify().ok


def test_an_event_that_fails_does_not_take_those_of_other_callers_with_it(place, store):
    store.append(answer(0, event_id="taken"))
    wrong = [
        [answer(9, event_id="taken")],
        [answer(1), of(AnswerUndone("u", "nothing"))],
        [answer(2, draw_id="no such draw")],
        [Event("made_up", answer(1).time, "ana", {})],
    ]
    with place.behind_its_back(guarded=True):  # holds the lock, so that all wait for one transaction
        first = store.submit([answer("first")])
        good = [store.submit([answer(i, event_id=f"e{i}")]) for i in range(20)]
        bad = [store.submit(events) for events in wrong]
        last = store.submit([answer("last")])
    assert first.result() == (2,)
    assert [future.result() for future in good] == [(i,) for i in range(3, 23)]
    said = ["stands for another event", "no such answer", "no such draw", "unknown kind"]
    for future, words in zip(bad, said, strict=True):
        with pytest.raises((StoreError, DataError), match=words):
            future.result()
    assert last.result() == (23,)
    assert {row.item for row in store.answers()} == {0, "first", "last", *range(20)}
    assert store.verify().ok


def test_the_same_answer_sent_by_two_callers_at_once_is_written_once(place, store):
    with place.behind_its_back(guarded=True):
        store.submit([answer("first")])
        sent = [store.submit([answer(1, event_id="e1")]) for _ in range(5)]
        other = store.submit([answer(2, event_id="e1")])
    assert {future.result() for future in sent} == {(2,)}
    with pytest.raises(StoreError, match="stands for another event already, in row 2"):
        other.result()
    assert store.head().seq == 2


def kill_while_writing(place, nursery, rng, n_kills):
    """Kill one of four writers again and again; what it acknowledged must be there each time, and all whole."""
    place.open(create=True).close()
    running = {f"w{i}": nursery.start(f"w{i}", 10**9) for i in range(4)}
    written, seen = set(), 0
    with place.open() as store:
        for turn in range(n_kills):
            who = rng.choice(sorted(running))
            wanted = 1 + rng.randrange(20)
            nursery.wait_until(lambda who=who, wanted=wanted: len(nursery.acknowledged(who)) >= wanted)
            time.sleep(rng.random() * 0.005)  # so that the signal falls into any part of a commit
            os.kill(running[who], signal.SIGKILL)
            nursery.wait_for_the_end(running.pop(who))
            acknowledged = set(nursery.acknowledged(who))
            for entry in store.events(after=seen):
                written.add(entry.event.data["event_id"])
                seen = entry.seq
            its_own = {event_id for event_id in written if event_id.startswith(f"{who}-")}
            assert acknowledged <= its_own
            assert len(its_own - acknowledged) <= 3  # written, and killed before its threads could say so
            if turn % 50 == 49:
                assert store.verify().findings == ()
            running[f"w{turn + 4}"] = nursery.start(f"w{turn + 4}", 10**9)
        for writer in running.values():  # all at once
            os.kill(writer, signal.SIGKILL)
        for writer in running.values():
            nursery.wait_for_the_end(writer)
        everything = {entry.event.data["event_id"] for entry in store.events()}
        for who in [f"w{i}" for i in range(n_kills + 4)]:
            assert set(nursery.acknowledged(who)) <= everything
        assert store.verify().findings == ()
        assert store.head().seq == len(everything)
        assert store.append(answer("after")) == len(everything) + 1


def test_nothing_acknowledged_is_lost_when_four_writers_are_killed_10_times(place, nursery):
    kill_while_writing(place, nursery, random.Random(5), 10)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_when_four_writers_are_killed_200_times(place, nursery):
    kill_while_writing(place, nursery, random.Random(50), 200)


def test_a_locked_store_says_so_and_is_left_as_it_was(place):
    with place.open(create=True, timeout=0.2) as store:
        with place.behind_its_back(guarded=True):  # noqa: SIM117  # the lock is held while the other one tries
            with pytest.raises(StoreError, match=r"is locked by another process(.|\n)*hint: wait"):
                store.append(answer(1))
        assert store.append(answer(1)) == 1


def test_a_store_of_a_newer_version_is_refused(place):
    place.open(create=True).close()
    with place.behind_its_back(guarded=True) as connection:
        connection.exec_driver_sql("UPDATE wsal_schema SET version_num = '9999'")
    for attempt in (
        place.open,
        lambda: place.open(create=True),
        lambda: verify_store(place.url, root=place.root),
    ):
        with pytest.raises(StoreError, match=r"newer version of wsal(.|\n)*hint: upgrade"):
            attempt()


def test_tables_of_something_else_are_not_taken_for_a_store(place):
    (place.root / ".wsal").mkdir()
    engine = create_engine(resolve_url(place.url, place.root))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE answers (x INTEGER)")
    engine.dispose()
    for create in (False, True):
        with pytest.raises(StoreError, match="no wsal store"):
            place.open(create=create)


def test_a_change_of_classes_is_the_same_on_every_store_and_after_a_rebuild(store):
    store.append_many(
        [
            of(ProjectCreated("t", ("ham", "spam"))),
            drawn("b1", "m1", "m2"),
            answer("m1", "spam", draw_id="b1/00000", event_id="a1"),
            answer("m2", "ham", draw_id="b1/00001", event_id="a2"),
            answer("m2", "spam", annotator="bo", event_id="a3"),
        ]
    )
    store.append(of(ClassesChanged("rename", ("spam",), ("junk",), ("ham", "junk"))))
    assert [(a.item, a.annotator, a.label, a.propensity) for a in store.answers()] == [
        ("m2", "ana", "ham", 0.1),
        ("m1", "ana", "junk", 0.1),
        ("m2", "bo", "junk", None),
    ]
    assert {a.label for a in store.answers(as_of=5)} == {"ham", "spam"}
    then, now = store.human_labels(("ham", "spam"), as_of=5), store.human_labels(("ham", "junk"))
    assert sorted(then.items()) == sorted(now.items())
    with pytest.raises(StoreError, match="'spam' is no class any more: row 6"):
        store.append(answer("m3", "spam"))
    store.append(of(ClassesChanged("split", ("junk",), ("scam", "advert"), ("ham", "scam", "advert"))))
    assert [(a.item, a.label) for a in store.answers()] == [("m2", "ham")]
    assert [d.outcome for d in store.draws()] == ["open", "label"]  # m1 asks again; of m2 ana's answer stands
    assert [str(row.change) for row in store.class_changes()] == [
        "spam renamed to junk",
        "junk split into scam, advert",
    ]
    assert store.runs() == ()
    before = (store.answers(current=False), store.draws(), store.class_changes())
    assert store.check_projections() == ()
    store.rebuild()
    assert (store.answers(current=False), store.draws(), store.class_changes()) == before
    store.append(of(AnswerUndone("u2", "a2")))
    assert store.answers() == ()
    assert store.verify().ok
