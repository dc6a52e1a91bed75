"""By keyboard alone: label, undo, say why, make a rule, save it, see the refit, ask why, take the report."""

import re
import time

from playwright.sync_api import expect

from wsal.store import open_store

PASSWORD = "correct horse battery"  # noqa: S105  # of the tests' people


def tab_to(page, selector: str) -> None:
    """Press Tab until something has the focus; nothing is clicked, and no script moves the focus."""
    wanted = page.locator(selector).first
    expect(wanted).to_be_visible()
    for _ in range(150):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"150 presses of Tab do not reach {selector}")


def sign_in(page, name: str) -> None:
    tab_to(page, "[name=name]")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#sign-out")).to_be_visible()


def rows(folder) -> list:
    """Return the events of the ledger, which verifies."""
    with open_store("sqlite:///.wsal/store.db", root=folder) as store:
        assert store.verify().ok
        return [entry.event for entry in store.events()]


def until(true) -> None:
    deadline = time.monotonic() + 600
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def label_and_mark(page) -> tuple[str, str]:
    """Answer, take it back, say why, mark two words, and answer again; return the item and the words."""
    expect(page.locator(".item-head")).to_be_visible()
    item = page.inner_text(".item-id").removeprefix("item ")
    page.keyboard.press("1")
    expect(page.locator(".item-id")).not_to_have_text(f"item {item}")
    page.keyboard.press("u")
    expect(page.locator(".item-id")).to_have_text(f"item {item}")
    page.keyboard.press("r")
    page.keyboard.type("nobody writes so to a friend")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    for key in ("Enter", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    words = " ".join(page.locator(".word[aria-pressed=true]").all_inner_texts())
    page.keyboard.press("Escape")
    return item, words


def save_rule(draft, words: str) -> str:
    """Say why in the draft, see what it would do, and save it with a reason; return its name."""
    tab_to(draft, "#text")
    rule = re.search(r'id: "(.+)"', draft.input_value("#text"))[1]
    assert rule.split("-") == re.findall(r"\w+", words.lower())
    draft.keyboard.press("Control+End")
    draft.keyboard.press("ArrowUp")
    draft.keyboard.press("End")
    draft.keyboard.press("ArrowLeft")
    draft.keyboard.type("they greet strangers so")
    expect(draft.locator("#preview")).to_contain_text("votes")
    expect(draft.locator("#save-button")).to_be_enabled()
    tab_to(draft, "#reason")
    draft.keyboard.type("seen while labelling")
    draft.keyboard.press("Enter")
    versions = draft.locator("#versions")
    for text in ("Version 1", "seen while labelling", "eve"):
        expect(versions).to_contain_text(text)
    return rule


def audit(page, item: str, rule: str) -> str:
    """Ask why an item has its label, and return the report."""
    tab_to(page, "nav a[href='/audit']")
    page.keyboard.press("Enter")
    tab_to(page, "[name=item]")
    page.keyboard.type(item)
    page.keyboard.press("Enter")
    expect(page.locator(".waterfall").first).to_contain_text(rule)
    expect(page.locator("main")).to_contain_text("Answered spam by eve")
    tab_to(page, "nav a[href='/audit']")
    page.keyboard.press("Enter")
    tab_to(page, "button[data-errand=report]")
    page.keyboard.press("Enter")
    tab_to(page, "a[href='/audit/report']")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return download.value.path().read_text(encoding="utf-8")


def test_from_a_first_label_to_the_report_without_a_mouse(browser_of, process):
    folder = process.folder
    before = len(rows(folder))
    page = browser_of(None, "/login")
    sign_in(page, "eve")
    item, words = label_and_mark(page)
    with page.context.expect_page() as opened:
        page.keyboard.press("m")
    page.keyboard.press("2")
    expect(page.locator("#saved")).to_have_text("saved")
    draft = opened.value
    rule = save_rule(draft, words)
    until(lambda: [event for event in rows(folder) if event.kind == "run_fitted"][-1].data["n_answers"] == 1)

    tab_to(draft, "#sign-out")
    draft.keyboard.press("Enter")
    sign_in(draft, "otto")
    report = audit(draft, item, rule)
    assert rule in report
    assert "otto" in report

    done = rows(folder)[before:]
    given, undone, again = (event for event in done if event.kind.startswith("answer_"))
    assert [event.kind for event in (given, undone, again)] == [
        "answer_given",
        "answer_undone",
        "answer_given",
    ]
    assert [str(event.data["item"]) for event in (given, again)] == [item, item]
    assert [event.data["label"] for event in (given, again)] == ["ham", "spam"]
    assert {event.actor for event in (given, undone, again)} == {"eve"}
    assert undone.data["supersedes"] == given.data["event_id"]
    assert again.data["rationale"] == f'nobody writes so to a friend [words: "{words}"]'
    rest = [event for event in done if not event.kind.startswith(("answer_", "batch_"))]
    refit = ["rules_loaded", "data_loaded", "run_applied", "run_fitted"]
    assert [event.kind for event in rest] == ["rules_loaded", "rule_edited", *refit, "estimated"]
    edited, estimated = rest[1], rest[-1]
    assert (edited.actor, edited.data["rule"], edited.data["reason"]) == ("eve", rule, "seen while labelling")
    assert estimated.actor == "otto"  # whose report it is
