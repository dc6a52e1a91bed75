"""Classes that change while people label: what they said is carried over or asked again, and never lost."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from wsal.project import Decision, Desk, TakenBack
from wsal.store import open_store

# What Chromium itself says of requests that fail on purpose.
SPLIT = (
    "split", "spam", "advert", "fraud", "--rule", "prize-words=fraud", "--rule", "lost-phone-story=fraud", "--set-aside"
)  # fmt: skip
CUT = ("Failed to load resource", "net::ERR")


def change(folder, *arguments) -> None:
    """Change the classes as the command line does, in a process of its own."""
    command = [sys.executable, "-m", "wsal", "--project", folder, "classes", *arguments, "--yes"]
    subprocess.run(command, check=True, capture_output=True, timeout=600)


def answers(folder, *, current=True):
    with open_store("sqlite:///.wsal/store.db", root=folder) as store:
        assert store.verify().ok
        return [(str(a.item), a.label) for a in store.answers(current=current)]


@pytest.fixture
def desk(folder):
    opened = Desk(folder)
    yield opened
    opened.close()


def said(card, event_id, label, classes=0):
    task = card.task
    return Decision(event_id, task.draw_id, task.item_id, "label", label, task.shown_sha256, classes=classes)


def test_an_answer_of_before_a_new_name_is_kept_under_the_new_name_and_once(desk, folder):
    first, second, *_ = desk.take("ana", 4).cards
    desk.keep([said(first, "e1", "spam")], annotator="ana")
    change(folder, "rename", "spam", "junk")
    (again, late) = desk.keep([said(first, "e1", "spam"), said(second, "e2", "spam")], annotator="ana")
    assert (again.status, again.why) == ("kept", "")  # it was on disk before
    assert (late.status, late.why) == ("kept", "'spam' is 'junk' now")
    (twice,) = desk.keep([said(second, "e2", "spam")], annotator="ana")
    assert twice == late
    items = [str(card.task.item_id) for card in (first, second)]
    assert sorted(answers(folder)) == sorted((item, "junk") for item in items)
    assert list(desk.classes.labels) == list(desk.project.config.labels) == ["ham", "junk"]
    undone = desk.keep([TakenBack("u1", "e1"), TakenBack("u2", "e2")], annotator="ana")
    assert [receipt.status for receipt in undone] == ["kept", "kept"]
    assert answers(folder) == []


def test_an_answer_sent_again_after_a_second_new_name_is_known_to_be_kept(desk, folder):
    (card,) = desk.take("ana", 1).cards
    change(folder, "rename", "spam", "junk")
    assert (
        desk.keep([said(card, "e1", "spam")], annotator="ana")[0].status == "kept"
    )  # and nobody hears of it
    change(folder, "rename", "junk", "rubbish")
    (again,) = desk.keep([said(card, "e1", "spam")], annotator="ana")
    assert (again.status, again.why) == ("kept", "'spam' is 'junk' now")
    assert [label for _, label in answers(folder)] == ["rubbish"]


def test_a_name_that_came_back_with_another_meaning_is_told_by_the_time_of_the_answer(desk, folder):
    first, second, *_ = desk.take("ana", 4).cards
    change(folder, "rename", "spam", "junk")
    change(folder, "add", "spam")
    old, new = desk.keep(
        [said(first, "e1", "spam"), said(second, "e2", "spam", desk.classes.since)], annotator="ana"
    )
    assert (old.status, new.status, new.why) == ("kept", "kept", "")
    assert [label for _, label in answers(folder)] == ["junk", "spam"]


def test_an_answer_of_a_class_that_was_split_is_refused_with_the_parts_and_asked_again(desk, folder):
    card, *_ = desk.take("ana", 1).cards
    change(folder, *SPLIT)
    refused, kept = desk.keep([said(card, "e1", "spam"), said(card, "e2", "fraud", None)], annotator="ana")
    assert (refused.status, refused.why) == (
        "refused", "'spam' was split into advert, fraud: the item is asked again"
    )  # fmt: skip
    assert kept.status == "kept"


def test_an_open_page_says_that_classes_changed_and_carries_its_answers_over(browser_of, server):
    page = browser_of("annotator", "/label", expect=CUT)
    page.wait_for_selector(".item-head")
    items = []
    page.context.set_offline(True)
    for _ in range(2):
        items.append(page.inner_text(".item-id").removeprefix("item "))
        page.keyboard.press("2")
    change(server.folder, "rename", "spam", "junk")
    page.context.set_offline(False)
    expect(page.locator("#classes-changed")).to_be_visible()
    expect(page.locator("#classes-now")).to_have_text("ham, junk")
    here = page.inner_text(".item-id")
    page.keyboard.press("2")  # keys rest until it is read
    expect(page.locator(".item-id")).to_have_text(here)
    page.keyboard.press("Enter")
    expect(page.locator("#classes-changed")).to_be_hidden()
    expect(page.locator("#notices")).to_contain_text("'spam' is 'junk' now")
    page.keyboard.press("2")
    items.append(here.removeprefix("item "))
    expect(page.locator("#saved")).to_have_text("saved")
    assert answers(server.folder) == [(item, "junk") for item in items]


def test_an_open_page_asks_again_where_a_class_was_split(browser_of, server):
    page = browser_of("annotator", "/label", expect=CUT)
    page.wait_for_selector(".item-head")
    item = page.inner_text(".item-id").removeprefix("item ")
    page.context.set_offline(True)
    page.keyboard.press("2")
    change(server.folder, *SPLIT)
    page.context.set_offline(False)
    expect(page.locator("#notices")).to_contain_text(f"Not kept: item {item}, spam: 'spam' was split")
    page.keyboard.press("Enter")
    expect(page.locator("#classes-changed")).to_be_hidden()
    page.keyboard.press("Space")  # the one that was on the page
    expect(page.locator(".item-id")).to_have_text(f"item {item}")
    page.keyboard.press("3")
    expect(page.locator("#saved")).to_have_text("saved")
    assert (item, "fraud") in answers(server.folder)


def test_a_key_that_follows_a_dialog_at_once_is_not_lost(browser_of):
    page = browser_of("annotator", "/label")
    page.wait_for_selector(".item-head")
    item = page.inner_text(".item-id")
    # Until the next drawing the button of a dialog that was closed keeps the focus; no round trip is that quick.
    page.evaluate("""() => {
      const help = document.querySelector("#help");
      help.showModal();
      const button = help.querySelector("button");
      help.close();
      button.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
    }""")
    expect(page.locator(".item-id")).not_to_have_text(item)


def test_two_tabs_of_a_person_get_items_of_their_own(browser_of, server):
    page = browser_of("annotator", "/label")
    page.wait_for_selector(".item-head")
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(".item-head")
    seen = []
    for _ in range(4):
        for tab in (page, other):
            seen.append(tab.inner_text(".item-id"))
            tab.keyboard.press("1")
            tab.wait_for_selector(".item-head")
    for tab in (page, other):
        expect(tab.locator("#saved")).to_have_text("saved")
    assert len(set(seen)) == 8
    assert len(answers(server.folder, current=False)) == 8
