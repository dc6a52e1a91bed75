"""The Rules pages in Chromium, by keyboard."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from wsal.lf import load_pack
from wsal.store import open_store

PACK = "labeling_functions/rules.yaml"


def test_by_keyboard_alone_a_rule_is_found_changed_previewed_and_saved_as_a_second_version(
    browser_of, server
):
    page = browser_of("expert", "/rules")
    page.focus("#q")
    page.keyboard.type("prize-w")
    expect(page.locator("#shown")).to_have_text("1 of 20 rules")
    page.focus("a:has-text('prize-words')")
    page.keyboard.press("Enter")
    expect(page.locator(".counts .lost strong, .counts .none strong").first).to_be_visible()

    page.focus("#text")
    page.keyboard.press("Control+Home")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    for _ in range(len("  keywords: [free")):
        page.keyboard.press("ArrowRight")
    page.keyboard.type("dom")
    expect(page.locator(".counts .lost strong")).to_have_text("3")
    expect(page.locator("#preview mark").first).to_be_visible()
    expect(page.locator("#preview")).to_contain_text("4 tests pass")

    page.keyboard.type("]")  # what is wrong is said where it is, and cannot be saved
    expect(page.locator("#place")).to_contain_text("Line 4")
    expect(page.locator("#save-button")).to_be_disabled()
    page.keyboard.press("Backspace")
    expect(page.locator("#save-button")).to_be_enabled()

    page.keyboard.press("Tab")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("free stands in honest messages")
    page.keyboard.press("Enter")
    expect(page.locator("#versions")).to_contain_text("Version 2")
    expect(page.locator("#versions")).to_contain_text("free stands in honest messages")
    with open_store("sqlite:///.wsal/store.db", root=server.folder) as store:
        (edited,) = [entry.event for entry in store.events("rule_edited")]
        loaded = [entry.event for entry in store.events("rules_loaded")][-1]
    assert (edited.actor, edited.data["rule"], edited.data["reason"]) == (
        "eve",
        "prize-words",
        "free stands in honest messages",
    )
    rule = next(rule for rule in load_pack(server.folder / PACK).rules if rule.name == "prize-words")
    assert "[freedom, prize" in rule.source_text
    assert rule.fingerprint == edited.data["after"]
    assert rule.fingerprint in {one["fingerprint"] for one in loaded.data["rules"]}


def test_suggestions_complete_keys_kinds_and_labels(browser_of):
    page = browser_of("expert", "/rules/new")
    page.focus("#text")
    page.keyboard.press("Control+a")
    page.keyboard.type("id: x\nlab")
    expect(page.locator("#completion [role=option]")).to_have_text("label")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("sp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("\nwhen: {keyw")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("[lottery]}")
    expect(page.locator("#text")).to_have_value("id: x\nlabel: spam\nwhen: {keywords: [lottery]}")
    expect(page.locator(".counts .gained strong")).not_to_have_text("0")


def test_words_marked_while_labelling_become_a_draft(browser_of):
    page = browser_of("expert", "/label")
    page.wait_for_selector(".item-head")
    page.keyboard.press("m")
    expect(page.locator("#problem")).to_contain_text("Mark words first")
    page.keyboard.press("w")
    page.keyboard.press("Enter")
    with page.context.expect_page() as opened:
        page.click("[data-act=rule]")
    draft = opened.value
    expect(draft.locator("#text")).to_have_value(re.compile(r"keywords: \[\".+\"\]"))
    expect(draft.locator(".counts").first).to_be_visible()


def test_axe_finds_nothing_on_the_pages_of_rules_in_light_and_dark(browser_of):
    found = []
    for scheme, width in (("light", 1280), ("dark", 390)):
        page = browser_of(
            "expert",
            "/rules",
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 844},
        )
        base = page.url.removesuffix("/rules")
        for path in (
            "/rules",
            "/rules/rule?name=prize-words&withdraw=true",
            "/rules/work",
            "/rules/new?words=free",
        ):
            page.goto(base + path)
            if "rule?" in path or "new" in path:
                expect(page.locator(".counts")).to_be_visible()
            found += [(path, one["id"]) for one in Axe().run(page).response["violations"]]
            assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
        page.fill("#text", "id: x\nlabel: nothing\nwhen: {keywords: [a]}")
        expect(page.locator("#place")).to_contain_text("unknown label")
        found += [("with an error", one["id"]) for one in Axe().run(page).response["violations"]]
        page.context.close()
    assert found == []
