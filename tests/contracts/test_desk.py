"""The desk on SQLite and on a real PostgreSQL: nobody gets another's item, every answer counts once."""

import shutil
import threading
import uuid
from pathlib import Path

import pytest

from wsal.audit import AnswersImported, Event, ImportedAnswer
from wsal.errors import InputError
from wsal.project import BLIND_PURPOSES, Decision, Desk, Project, TakenBack
from wsal.store import ADJUDICATE


@pytest.fixture(scope="module")
def _template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk") / "spam"
    Project.create_example(folder).history.store.close()
    draw_thirty(folder)
    return folder


def draw_thirty(folder):
    project = Project.open(folder)
    project.apply()
    project.fit()
    project.tasks(30, rng=0)
    project.history.store.close()


@pytest.fixture
def folder(request, _template, tmp_path):
    """The example project, with thirty items drawn, in SQLite or (where a test is `on_both`) in PostgreSQL too."""
    made = Path(shutil.copytree(_template, tmp_path / "spam"))
    if getattr(request, "param", "sqlite") == "sqlite":
        return made
    with (made / "wsal.toml").open("a") as settings:
        settings.write(f'[store]\nurl = "{request.getfixturevalue("postgres")}"\n')
    shutil.rmtree(made / ".wsal")
    draw_thirty(made)
    return made


on_both = pytest.mark.parametrize("folder", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def desk(folder):
    opened = Desk(folder, rng=0)
    yield opened
    assert opened.store.verify().ok
    opened.close()


def say(card, label="spam", *, event_id=None, **more) -> Decision:
    task = card.task
    outcome = more.pop("outcome", "label")
    given = label if outcome == "label" else None
    return Decision(
        event_id or str(uuid.uuid4()), task.draw_id, task.item_id, outcome, given, task.shown_sha256, **more
    )


def items_of(handed):
    return [card.task.item_id for card in handed.cards]


@on_both
def test_two_people_are_handed_different_items_until_none_is_left(desk):
    ana, ben = desk.take("ana", 20), desk.take("ben", 20)
    assert len(items_of(ana)) == 20
    assert not set(items_of(ana)) & set(items_of(ben))
    assert len(set(items_of(ana)) | set(items_of(ben))) == 30
    assert desk.take("cem", 5).cards == ()
    assert desk.store.leases.n_waiting() == 0


def test_whoever_comes_back_gets_what_was_theirs(desk):
    first = desk.take("ana", 4)
    assert items_of(desk.take("ana", 4)) == items_of(first)
    here = [card.task.draw_id for card in first.cards]
    more = desk.take("ana", 2, holding=here)
    assert not set(items_of(more)) & set(items_of(first))
    assert more.lost == ()
    assert not set(items_of(desk.take("ana", 3, done=here))) & set(items_of(first))


@on_both
def test_a_lease_that_ran_out_goes_to_somebody_else_and_its_holder_is_told(desk, monkeypatch):
    monkeypatch.setattr("wsal.project.desk.LEASE_SECONDS", -1.0)
    ana = desk.take("ana", 3)
    monkeypatch.setattr("wsal.project.desk.LEASE_SECONDS", 600.0)
    ben = desk.take("ben", 3)
    assert items_of(ben) == items_of(ana)
    lost = desk.take("ana", 0, holding=[card.task.draw_id for card in ana.cards]).lost
    assert list(lost) == [card.task.draw_id for card in ana.cards]


def test_a_lease_that_ran_out_and_nobody_wanted_is_held_on(desk, monkeypatch):
    monkeypatch.setattr("wsal.project.desk.LEASE_SECONDS", -1.0)
    ana = desk.take("ana", 3)
    monkeypatch.setattr("wsal.project.desk.LEASE_SECONDS", 600.0)
    assert desk.take("ana", 0, holding=[card.task.draw_id for card in ana.cards]).lost == ()
    assert not set(items_of(desk.take("ben", 30))) & set(items_of(ana))


@on_both
def test_many_people_at_once_get_each_item_once(folder):
    desks = [Desk(folder) for _ in range(2)]  # two servers
    got, barrier = {}, threading.Barrier(6)

    def work(name, desk):
        barrier.wait()
        for _ in range(3):
            for card in desk.take(name, 2).cards:
                got.setdefault(card.task.item_id, []).append(name)
                desk.keep([say(card)], annotator=name)

    threads = [threading.Thread(target=work, args=(f"p{i}", desks[i % 2])) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(names) == 1 for names in got.values())
    assert len(desks[0].store.answers()) == len(got) == 30
    for desk in desks:
        desk.close()


@on_both
def test_the_same_answer_sent_again_is_kept_once(desk):
    cards = desk.take("ana", 3).cards
    said = [say(card) for card in cards]
    for _ in range(3):
        assert [r.status for r in desk.keep(said, annotator="ana")] == ["kept"] * 3
    back = TakenBack("undo", said[0].event_id)
    for _ in range(3):
        assert [r.status for r in desk.keep([*said, back], annotator="ana")] == ["kept"] * 4
    assert len(desk.store.answers(current=False)) == 3
    assert len(desk.store.answers()) == 2


def test_an_answer_and_its_undoing_may_come_together(desk):
    (card,) = desk.take("ana", 1).cards
    first = say(card, event_id="e1")
    desk.keep([first, TakenBack("u1", "e1"), say(card, "ham", event_id="e2")], annotator="ana")
    assert [(a.event_id, a.label) for a in desk.store.answers()] == [("e2", "ham")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"draw_id": "nowhere"}, "no draw"),
        ({"item": "another"}, "no draw"),
        ({"label": "spma"}, "spma"),
        ({"label": None}, "outcome"),
        ({"event_id": ""}, "event_id"),
    ],
)
def test_what_cannot_be_is_refused_and_holds_up_nothing_else(desk, change, words):
    good, bad = desk.take("ana", 2).cards
    wrong = Decision(**{**vars(say(bad)), **change})
    receipts = desk.keep([wrong, say(good)], annotator="ana")
    assert [r.status for r in receipts] == ["refused", "kept"]
    assert words in receipts[0].why
    assert len(desk.store.answers()) == 1


def test_nobody_takes_back_what_somebody_else_said(desk):
    (card,) = desk.take("ana", 1).cards
    desk.keep([say(card, event_id="e1")], annotator="ana")
    (receipt,) = desk.keep([TakenBack("u1", "e1")], annotator="ben")
    assert (receipt.status, receipt.why) == ("refused", "this is somebody else's answer")
    (receipt,) = desk.keep([say(card, "ham", event_id="e1")], annotator="ben")
    assert receipt.status == "refused"
    assert len(desk.store.answers()) == 1


@on_both
def test_an_id_that_stands_for_something_else_is_refused_and_holds_up_nothing_else(desk):
    cards = desk.take("ana", 4).cards
    desk.keep([say(cards[0], event_id="e1"), say(cards[1], event_id="e2")], annotator="ana")
    desk.keep([TakenBack("u1", "e1")], annotator="ana")
    wrong = [
        say(cards[2], event_id="u1"),  # of an undoing
        TakenBack("u1", "e2"),  # of another undoing
        TakenBack("e1", "e2"),  # of an answer
    ]
    receipts = desk.keep([*wrong, say(cards[2], event_id="e3")], annotator="ana")
    assert [r.status for r in receipts] == ["refused"] * 3 + ["kept"]
    assert all("stands for" in r.why for r in receipts[:3])
    (receipt,) = desk.keep([say(cards[3], event_id="u1")], annotator="ben")  # of somebody else
    assert receipt.status == "refused"
    assert {a.event_id for a in desk.store.answers()} == {"e2", "e3"}


def test_an_id_that_is_used_twice_at_once_stands_for_the_first_alone(desk):
    first, second, third = desk.take("ana", 3).cards
    desk.keep([say(first, event_id="e1"), say(second, event_id="e2")], annotator="ana")
    said = [TakenBack("u1", "e1"), TakenBack("u1", "e2"), say(third, event_id="u1"), TakenBack("u1", "e1")]
    for _ in range(2):
        receipts = desk.keep(said, annotator="ana")
        assert [r.status for r in receipts] == ["kept", "refused", "refused", "kept"]
    assert [a.event_id for a in desk.store.answers()] == ["e2"]


def test_an_id_that_an_import_used_is_refused(desk):
    (card,) = desk.take("ana", 1).cards
    imported = AnswersImported(
        "i1", "a.csv", "0" * 64, (ImportedAnswer("i2", card.task.item_id, "ham", "ana"),)
    )
    desk.store.append(Event.of(imported, actor="ana"))
    receipts = desk.keep([say(card, event_id="i1"), say(card, event_id="i2")], annotator="ana")
    assert [r.status for r in receipts] == ["refused", "refused"]


def test_what_is_taken_back_is_asked_again_of_the_same_person(desk):
    (card,) = desk.take("ana", 1).cards
    desk.keep([say(card, event_id="e1")], annotator="ana")
    desk.keep([TakenBack("u1", "e1")], annotator="ana")
    assert card.task.item_id not in items_of(desk.take("ben", 30))
    assert items_of(desk.take("ana", 1)) == [card.task.item_id]


def test_whoever_saw_the_votes_of_a_blind_item_is_known_to_have(desk):
    card = next(c for c in desk.take("ana", 20).cards if c.task.purpose == "audit" and c.task.hints)
    assert card.passages == {}
    (receipt,) = desk.keep([say(card, event_id="e1", hints_shown=True)], annotator="ana")
    assert receipt.hints == card.task.hints
    desk.keep([TakenBack("u1", "e1"), say(card, "ham", event_id="e2")], annotator="ana")
    given = desk.store.answers(current=False)
    assert [a.hints_shown for a in given] == [False, True]  # whatever the page said


def test_votes_stay_hidden_from_whoever_only_skips_a_blind_item(desk):
    card = next(c for c in desk.take("ana", 20).cards if c.task.purpose == "audit" and c.task.hints)
    (receipt,) = desk.keep([say(card, outcome="skip")], annotator="ana")
    assert receipt.hints == ()


@on_both
def test_a_share_of_labels_is_asked_again_blindly_of_somebody_else(folder, request):
    with (folder / "wsal.toml").open("a") as settings:
        settings.write("[workbench]\noverlap = 0.5\n")
    desk = Desk(folder, rng=1)
    request.addfinalizer(desk.close)
    cards = desk.take("ana", 20).cards
    desk.keep([say(card) for card in cards], annotator="ana")
    again = [draw for draw in desk.store.draws() if draw.purpose == "overlap"]
    assert 4 <= len(again) <= 16
    assert {draw.p for draw in again} == {0.5}
    assert {draw.item for draw in again} <= {card.task.item_id for card in cards}
    assert not {draw.item for draw in again} & set(items_of(desk.take("ana", 20)))
    second = [card for card in desk.take("ben", 20).cards if card.task.purpose == "overlap"]
    assert {card.task.item_id for card in second} == {draw.item for draw in again}
    assert {card.task.purpose for card in second} <= BLIND_PURPOSES
    desk.keep([say(card) for card in second], annotator="ben")
    counted = desk.store.human_labels(["ham", "spam"]).without_second_opinions()
    assert len(counted.item_ids) == 20 + len(again)  # they count for agreement
    assert [d for d in desk.store.draws() if d.purpose == "overlap"][len(again) :] == []  # not a third time


@on_both
def test_where_people_differ_somebody_else_settles_it(desk):
    (card,) = desk.take("ana", 1).cards
    desk.keep([say(card, "spam")], annotator="ana")
    desk.keep([say(card, "ham")], annotator="ben")  # as after a lease that ran out
    (draw,) = [draw for draw in desk.store.draws() if draw.stratum == ADJUDICATE]
    assert desk.store.leases.n_disputed() == 1
    assert draw.item == card.task.item_id
    assert draw.item not in items_of(desk.take("cem", 30))  # who may not settle anything
    desk.store.leases.release("cem")
    assert draw.item not in items_of(desk.take("ana", 30, adjudicates=True))  # who has answered
    desk.store.leases.release("ana")
    (asked,) = [c for c in desk.take("eve", 30, adjudicates=True).cards if c.task.item_id == draw.item]
    desk.keep([say(asked, "ham")], annotator="eve")
    assert len([d for d in desk.store.draws() if d.stratum == ADJUDICATE]) == 1
    assert desk.store.leases.n_disputed() == 0
    assert len(desk.store.answers()) == 3


def test_the_command_line_works_on_the_project_meanwhile(desk, folder):
    cards = desk.take("ana", 2).cards
    other = Project.open(folder)
    desk.keep([say(cards[0])], annotator="ana")
    other.fit()
    other.tasks(5, new=True, rng=1)
    desk.keep([say(cards[1])], annotator="ana")
    assert len(desk.take("ben", 50).cards) == 33
    assert desk.tally()[0].n + desk.tally()[-1].n >= 2
    other.history.store.close()


def test_data_and_settings_that_change_are_taken_up_with_the_next_fit(desk, folder):
    desk.take("ana", 1)
    with (folder / "messages.csv").open("a") as data:
        data.write("new1,A free prize for you,+1,0\n")
    settings = (folder / "wsal.toml").read_text().replace("[task]", '[task]\ndescription = "Be kind."')
    (folder / "wsal.toml").write_text(settings)
    other = Project.open(folder)
    with pytest.raises(InputError, match=r"changed after run"):
        other.fit()
    desk.take("ana", 1)  # the desk goes on with what was shown
    other.apply()
    other.fit()
    (task,) = other.queue(["new1"], why="a test")
    found = {card.task.item_id: card for card in desk.take("ana", 50).cards}
    assert found["new1"].task.fields == task.fields
    assert desk.project.config.description == "Be kind."
    other.history.store.close()


@on_both
def test_last_answers_come_newest_first_and_by_their_row(desk):
    assert desk.last_given("ana") is None
    for card in desk.take("ana", 3).cards:
        desk.keep([say(card)], annotator="ana")
    newest, card = desk.last_given("ana")
    assert newest.item == card.task.item_id
    before, _ = desk.last_given("ana", before=newest.seq)
    assert before.seq < newest.seq
    assert desk.last_given("ben") is None
