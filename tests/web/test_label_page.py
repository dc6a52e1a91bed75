"""The Label page in Chromium, by keyboard alone."""

import pandas as pd
import pytest
from playwright.sync_api import expect

from wsal.config import read_config
from wsal.project import Project
from wsal.store import open_store

on_both = pytest.mark.parametrize("folder", ["sqlite", "postgresql"], indirect=True)


def answers(folder, *, current=True):
    with open_store(read_config(folder / "wsal.toml").store_url, root=folder) as store:
        return store.answers(current=current)


def item_on(page) -> str:
    page.wait_for_selector(".item-head")
    return page.inner_text(".item-id").removeprefix("item ")


def saved(page) -> None:
    expect(page.locator("#saved")).to_have_text("saved")


@on_both
def test_an_answer_given_by_key_is_in_the_ledger_with_what_was_shown(browser_of, server):
    page = browser_of("annotator", "/label")
    before = item_on(page)
    page.keyboard.press("2")
    assert item_on(page) != before
    saved(page)
    (answer,) = answers(server.folder)
    assert (answer.label, answer.annotator, answer.item) == ("spam", "ana", before)
    assert len(answer.shown_sha256) == 64
    assert answer.draw_id
    assert answer.seconds > 0


def test_every_way_of_giving_no_label_is_told_apart(browser_of, server):
    page = browser_of("annotator", "/label")
    wanted = {}
    for key, outcome in ((" ", "skip"), ("d", "unsure"), ("n", "not_applicable"), ("f", "flag")):
        wanted[item_on(page)] = outcome
        page.keyboard.press("Space" if key == " " else key)
    saved(page)
    assert {a.item: a.outcome for a in answers(server.folder)} == wanted


@on_both
def test_undo_goes_back_without_limit_also_behind_a_new_start_of_the_page(browser_of, server):
    page = browser_of("annotator", "/label")
    items = []
    for key in "1212":
        items.append(item_on(page))
        page.keyboard.press(key)
    for item in reversed(items[2:]):
        page.keyboard.press("Backspace")
        assert item_on(page) == item
    saved(page)
    page.reload()
    assert item_on(page) in items[2:]  # what was undone is asked again
    for item in reversed(items[:2]):
        page.keyboard.press("u")
        expect(page.locator(".item-id")).to_have_text(f"item {item}")
    page.keyboard.press("u")
    expect(page.locator("#last")).to_have_text("nothing is left to undo")
    saved(page)
    assert answers(server.folder) == ()
    assert len(answers(server.folder, current=False)) == 4  # what was undone stays in the ledger


def test_a_rationale_and_marked_words_go_with_the_next_answer_alone(browser_of, server):
    page = browser_of("annotator", "/label")
    first = item_on(page)
    words = page.inner_text(".text").split()
    page.keyboard.press("r")
    page.keyboard.type("u can 2 see it")  # keys are text while typing
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    assert item_on(page) == first
    page.keyboard.press("2")
    item_on(page)
    page.keyboard.press("1")
    saved(page)
    given = {a.item: a.rationale for a in answers(server.folder)}
    assert given.pop(first) == f'u can 2 see it [words: "{words[0]} {words[1]}"]'
    assert list(given.values()) == [""]


def test_hints_are_hidden_and_shown_by_key_and_the_ledger_knows(browser_of, server):
    page = browser_of("annotator", "/label")
    seen = {}
    for _ in range(12):
        item = item_on(page)
        blind = page.locator(".chip.audit").count() > 0
        if blind:
            assert page.locator(".hints, mark").count() == 0
        hidden = len(seen) % 2 == 1
        votes = page.locator(".hints li").count() > 0
        if hidden and not blind:
            page.keyboard.press("h")
            assert page.locator(".hints, mark, .reason").count() == 0
            page.keyboard.press("h")
        seen[item] = votes and not blind
        page.keyboard.press("1")
    saved(page)
    assert {a.item: a.hints_shown for a in answers(server.folder)} == seen
    assert True in seen.values()
    assert False in seen.values()


def test_words_that_rules_match_are_highlighted(browser_of, server):
    page = browser_of("annotator", "/label")
    for _ in range(20):
        item_on(page)
        if page.locator("mark").count():
            break
        page.keyboard.press("Space")
    mark = page.locator("mark").first
    assert mark.inner_text() in page.inner_text(".text")
    assert mark.get_attribute("title") in page.inner_text(".hints")


def test_what_the_rules_said_of_a_blind_item_is_shown_after_the_answer(browser_of, server):
    page = browser_of("annotator", "/label")
    item_on(page)
    page.keyboard.press("Space")  # no rule votes on the first
    item = item_on(page)
    assert page.locator(".chip.audit").count()
    page.keyboard.press("2")
    expect(page.locator("#last")).to_contain_text("The rules said")  # the server keeps it first
    page.keyboard.press("u")
    assert item_on(page) == item
    page.keyboard.press("1")
    saved(page)
    again = [a for a in answers(server.folder, current=False) if a.item == item]
    assert [a.hints_shown for a in again] == [False, True]


@on_both
def test_two_people_never_get_the_same_item(browser_of, server):
    ana, ben = browser_of("ana", "/label"), browser_of("ben", "/label")
    for _ in range(6):
        for page in (ana, ben):
            item_on(page)
            page.keyboard.press("1")
    saved(ana)
    saved(ben)
    given = answers(server.folder)
    assert len({a.item for a in given}) == len(given) == 12
    assert {a.annotator for a in given} == {"ana", "ben"}
    expect(ana.locator("#tally tr").last).to_contain_text("6")


def test_help_opens_and_keys_rest_while_it_is_open(browser_of):
    page = browser_of("annotator", "/label")
    item = item_on(page)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    assert item_on(page) == item


def test_a_key_that_stays_down_answers_once(browser_of, server):
    page = browser_of("annotator", "/label")
    item_on(page)
    page.keyboard.down("1")
    page.keyboard.down("1")  # playwright sends the second as a repeat
    page.keyboard.up("1")
    saved(page)
    assert len(answers(server.folder)) == 1


@pytest.fixture
def many(tmp_path):
    """A project with fourteen labels, no text column, and pictures."""
    folder = tmp_path / "many"
    folder.mkdir()
    labels = [f"{letter}-class" for letter in "abcdefghijklmn"]
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f0300050001"
        "5dc9c1b00000000049454e44ae426082"
    )
    (folder / "one.png").write_bytes(pixel)
    frame = pd.DataFrame({"id": [f"i{i}" for i in range(30)], "picture": "one.png", "size": range(30)})
    frame.to_csv(folder / "items.csv", index=False)
    names = ", ".join(f'"{name}"' for name in labels)
    (folder / "wsal.toml").write_text(
        f'[task]\nname = "many"\nlabels = [{names}]\n[data]\npath = "items.csv"\nid = "id"\n'
    )
    (folder / "labeling_functions").mkdir()
    (folder / "labeling_functions" / "rules.yaml").write_text(
        f"wsal: 1\ntask: many\nlabels: [{names}]\n"
        "rules:\n  - {id: big, label: a-class, when: {number: size, above: 20}}\n"
    )
    project = Project.open(folder)
    project.apply()
    project.fit()
    project.tasks(25, rng=0)
    project.history.store.close()
    return folder


def test_more_than_nine_labels_are_found_by_typing(many, serve, browser_of):
    page = browser_of("root", "/label", at=serve(many))
    first = item_on(page)
    expect(page.locator(".picture")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("m-c")
    page.keyboard.press("Enter")
    second = item_on(page)
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    page.keyboard.press("Enter")  # finds none
    page.keyboard.press("Escape")
    assert item_on(page) == second
    page.keyboard.press("3")
    saved(page)
    assert {a.item: a.label for a in answers(many)} == {first: "m-class", second: "c-class"}
