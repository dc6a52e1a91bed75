"""Every answer arrives exactly once: through killed servers, cut networks and closed tabs."""

import time

import pytest
from playwright.sync_api import expect

from wsal.config import read_config
from wsal.store import open_store

# What Chromium itself says of requests that fail on purpose.
CUT = ("Failed to load resource", "net::ERR")

on_both = pytest.mark.parametrize("folder", ["sqlite", "postgresql"], indirect=True)


def ledger(folder):
    """Return what the ledger has of answers: item, label, in order, and how often each."""
    with open_store(read_config(folder / "wsal.toml").store_url, root=folder) as store:
        assert store.verify().ok
        return [(answer.item, answer.label) for answer in store.answers(current=False)]


def answer(page, key: str) -> tuple[str, str]:
    """Answer the item on the page by a key; return what the ledger should have."""
    page.wait_for_selector(".item-head")
    item = page.inner_text(".item-id").removeprefix("item ")
    page.keyboard.press(key)
    return item, ("ham", "spam")[int(key) - 1]


def kept_in_browser(page, n: int) -> None:
    """Wait until the browser itself has n answers on disk; the page has opened its outbox before it shows an item."""
    count = """n => new Promise(done => {
      const request = indexedDB.open(document.querySelector('#label').dataset.outbox);
      request.onsuccess = () => { const all = request.result.transaction('said').objectStore('said').count();
        all.onsuccess = () => { request.result.close(); done(all.result === n); }; }; })"""
    deadline = time.monotonic() + 120
    while not page.evaluate(count, n):
        assert time.monotonic() < deadline, f"the browser has not kept {n} answers after 120 s"
        page.wait_for_timeout(50)


def saved(page) -> None:
    """Wait until the page says that the server has all."""
    expect(page.locator("#saved")).to_have_text("saved")


@on_both
def test_a_server_killed_in_the_middle_loses_nothing_and_writes_nothing_twice(browser_of, process):
    page = browser_of("annotator", "/label", expect=CUT)
    given = [answer(page, "12"[i % 2]) for i in range(5)]
    process.kill()
    page.wait_for_timeout(300)
    given += [answer(page, "12"[i % 2]) for i in range(3)]
    expect(page.locator("#saved")).to_contain_text("unsaved")
    process.start()
    given += [answer(page, "12"[i % 2]) for i in range(2)]
    saved(page)
    assert ledger(process.folder) == given


@on_both
def test_what_the_server_wrote_but_could_not_confirm_is_not_written_again(browser_of, server):
    page = browser_of("annotator", "/label", expect=CUT)
    page.wait_for_selector(".item-head")
    seen = []

    def lose_the_receipt(route):
        seen.append(route.fetch().status)  # it reaches the server
        route.abort() if len(seen) < 3 else route.continue_()

    page.route("**/api/label/said", lose_the_receipt)
    given = [answer(page, "1"), answer(page, "2")]
    saved(page)
    assert seen[:2] == [200, 200]
    assert ledger(server.folder) == given


@pytest.mark.parametrize(
    "seconds", [2, pytest.param(30, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
def test_a_cut_network_delays_answers_and_loses_none(browser_of, server, seconds):
    page = browser_of("annotator", "/label", expect=CUT)
    given = [answer(page, "1")]
    saved(page)
    page.context.set_offline(True)
    given += [answer(page, "2") for _ in range(4)]
    expect(page.locator("#saved")).to_have_text("4 unsaved")
    page.wait_for_timeout(seconds * 1000)
    page.keyboard.press("u")  # what is undone before it went out is undone in the ledger, too
    again, _ = answer(page, "1")
    page.context.set_offline(False)
    saved(page)
    assert ledger(server.folder) == [*given, (again, "ham")]
    with open_store(read_config(server.folder / "wsal.toml").store_url, root=server.folder) as store:
        assert [(a.item, a.label) for a in store.answers()] == [*given[:-1], (again, "ham")]


@on_both
def test_a_tab_that_is_closed_and_opened_again_sends_what_was_left(browser_of, server):
    page = browser_of("annotator", "/label", expect=CUT)
    context = page.context
    given = [answer(page, "1")]
    saved(page)
    context.set_offline(True)
    given += [answer(page, "2") for _ in range(3)]
    kept_in_browser(page, 3)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"{server.url}/label")
    saved(page)
    given.append(answer(page, "1"))
    saved(page)
    assert ledger(server.folder) == given
    assert len({item for item, _ in given}) == len(given)  # what was answered offline was not asked again


def test_a_signed_out_page_keeps_answers_until_somebody_signs_in_again(browser_of, server):
    page = browser_of("annotator", "/label", expect=(*CUT, "401"))
    page.wait_for_selector(".item-head")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    given = [answer(page, "1"), answer(page, "2")]
    expect(page.locator("#problem")).to_contain_text("signed out")
    expect(page.locator("#saved")).to_have_text("2 unsaved")
    page.context.add_cookies(cookies)
    saved(page)
    assert ledger(server.folder) == given
    expect(page.locator("#problem")).to_be_hidden()


def test_an_answer_that_can_never_be_kept_is_named_and_holds_up_no_other(browser_of, server):
    page = browser_of("annotator", "/label", expect=CUT)
    page.wait_for_selector(".item-head")
    page.context.set_offline(True)
    given = [answer(page, "1")]
    kept_in_browser(page, 1)
    spoil = """() => new Promise(done => {
      const request = indexedDB.open(document.querySelector('#label').dataset.outbox);
      request.onsuccess = () => { const s = request.result.transaction('said', 'readwrite').objectStore('said');
      s.put({kind: 'decision', event_id: 'bad', draw_id: 'nowhere', item: 'x', outcome: 'label', label: 'ham'}, 1);
      s.put({kind: 'decision', event_id: 'worse', surprise: 1}, 2); s.transaction.oncomplete = done; }; })"""
    page.evaluate(spoil)
    page.close()
    page = browser_again(page, server)
    saved(page)
    assert ledger(server.folder) == given


def browser_again(page, server):
    page.context.set_offline(False)
    opened = page.context.new_page()
    opened.goto(f"{server.url}/label")
    return opened
