"""Take pictures of every page of the workbench, to look at; ``--docs`` takes the few that the docs show.

``python docs/pictures.py OUT [--only WORD]`` makes the example project, plays some days of work on it, serves it, and
writes a PNG file a page, width, colour scheme and role; ``python docs/pictures.py --docs docs/pictures`` writes those
of the docs. It needs Debian's Chromium and Playwright, as the tests do.
"""

from __future__ import annotations

import argparse
import csv
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from wsal.project import Decision, Desk, Project
from wsal.web import create_app
from wsal.web.secrets import digest_of, hash_password, new_secret

ROOT: Final = Path(__file__).resolve().parents[1]
CHROMIUM: Final = "/usr/bin/chromium"
PEOPLE: Final = {"ana": "annotator", "ben": "annotator", "eve": "expert", "otto": "auditor", "mara": "admin"}
HEIGHTS: Final = {1280: 800, 390: 844}
FOR_DOCS: Final = {
    "label": (1280, 640),
    "rule-words": (1100, 720),
    "audit-why": (1100, 900),
    "dashboard": (1100, 640),
}
"""The pages that the docs show, and how large."""
LOOKS: Final = tuple((width, scheme) for width in HEIGHTS for scheme in ("light", "dark"))


@dataclass(frozen=True)
class Shot:
    """A page to take: who looks at which path, and what is done before."""

    name: str
    who: str | None
    path: str
    before: Callable[[Page], None] | None = None
    whole: bool = True


# The project


def play(folder: Path) -> None:
    """Make the example project, and let three people work on it for a while."""
    project = Project.create_example(folder)
    settings = folder / "wsal.toml"
    words = (
        'description = """\nSpam is a message that nobody asked for and that wants money, data or a call.\n'
        'Reminders of services that one has are ham, however curt.\n"""\n\n[data]'
    )
    text = settings.read_text(encoding="utf-8").replace("[data]", words)
    settings.write_text(
        f"{text}\n[workbench]\noverlap = 0.25\n[stop]\ntarget_accuracy = 0.9\n", encoding="utf-8"
    )
    project.history.store.close()
    with (ROOT / "examples/messages/gold.csv").open(encoding="utf-8") as file:
        gold = {row["id"]: row["label"] for row in csv.DictReader(file)}
    project = Project.open(folder)
    project.apply()
    project.fit()
    hashed = hash_password("correct horse battery")
    for name, role in PEOPLE.items():
        project.history.store.accounts.add(name, role)
        project.history.store.accounts.set_password(name, hashed)
    project.history.store.accounts.add("noor", "annotator")
    rng = np.random.default_rng(5)
    for turn in range(6):
        project.tasks(20, new=True, rng=turn)
        for name in ("ana", "ben", "ana"):
            _answer(folder, name, gold, rng)
        project.fit()
        if turn in (2, 5):
            project.estimate()
    project.tasks(40, new=True, rng=9)
    project.history.store.close()


def _answer(folder: Path, name: str, gold: Mapping[str, str], rng: np.random.Generator) -> None:
    desk = Desk(folder, rng=rng)
    said = []
    for card in desk.take(name, 8).cards:
        task, luck = card.task, rng.random()
        label = gold[str(task.item_id)]
        if luck < 0.08:
            label = "ham" if label == "spam" else "spam"
        outcome = "unsure" if luck > 0.97 else "label"
        said.append(
            Decision(
                new_secret(),
                task.draw_id,
                task.item_id,
                outcome,
                label if outcome == "label" else None,
                task.shown_sha256,
                rationale="nobody sends this to a friend" if luck > 0.94 and outcome == "label" else "",
                seconds=round(float(rng.gamma(3, 1.5)), 1),
            )
        )
    desk.keep(said, annotator=name)
    desk.close()


def write_rules(app: FastAPI) -> None:
    """Change a rule twice, and retire another, as an expert does."""
    bench = app.state.bench
    book = bench.rules.book
    rule = book.rules()["prize-words"]
    for old, new, reason in (
        ("voucher, ", "voucher, lottery, ", "lottery messages were missed"),
        ("at_least: 2", "at_least: 3", "two such words stand in honest offers too"),
    ):
        rule = book.rules()["prize-words"]
        text = rule.text.replace(old, new)
        bench.rules.editor.save(
            text, pack=rule.pack, rule="prize-words", sha256=rule.sha256, reason=reason, author="eve"
        )
        _run(bench.desk.project.config.folder)
    rule = book.rules()["reply-in-capitals"]
    bench.rules.editor.retire(
        "reply-in-capitals", sha256=rule.sha256, reason="reminders of clinics use it too", author="eve"
    )
    _run(bench.desk.project.config.folder)
    project = Project.open(bench.desk.project.config.folder)
    project.estimate()
    project.seal(out=bench.desk.project.config.folder / "seal.json")
    project.history.store.close()


def _run(folder: Path) -> None:
    project = Project.open(folder)
    project.apply()
    project.fit()
    project.history.store.close()


# The server


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, Any]]:
    """Serve a project from a thread, without its background process."""
    app = create_app(folder, work=False)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", app
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def run_errands(app: FastAPI) -> None:
    """Have the ledger checked, the report written and groups compared."""
    errands = app.state.bench.errands
    for kind, subject in (("verify", ""), ("report", ""), ("random", ""), ("bias", "n_links")):
        errands.start(kind, by="otto", subject=subject)
        while errands.last(kind, subject).state == "running":
            time.sleep(0.1)


# The pages


def _ready(page: Page) -> None:
    page.wait_for_selector(".item-head")


def _keys(*keys: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        _ready(page)
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_selector("#saved:not(.waiting)")

    return press


def _mark(page: Page) -> None:
    _ready(page)
    page.keyboard.press("w")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")


def _open(title: str) -> Callable[[Page], None]:
    def click(page: Page) -> None:
        page.locator("summary", has_text=title).click()

    return click


def _preview(page: Page) -> None:
    page.wait_for_selector("#preview .counts")


def _broken(page: Page) -> None:
    _preview(page)
    page.fill("#text", page.input_value("#text").replace("keywords", "keyword"))
    page.wait_for_selector("#place .bad")


def _complete(page: Page) -> None:
    _preview(page)
    page.locator("#text").press("Control+End")
    page.locator("#text").press("Control+Space")
    page.wait_for_selector("#completion [role=option]")


def _token(page: Page) -> None:
    page.fill("[name=name]", "nightly export")
    page.check("[name=scopes] >> nth=0")
    page.click("#new-token button")
    page.wait_for_selector("#made:not([hidden])")


def _wrong(page: Page) -> None:
    page.fill("[name=name]", f"nobody-{new_secret()[:6]}")
    page.fill("[name=password]", "not the password")
    page.click("button.primary")
    page.wait_for_selector(".problem:not([hidden])")


def shots(item: str, rule: str) -> list[Shot]:
    """Return every page, as those who see it differently see it."""
    return [
        Shot("login", None, "/login"),
        Shot("login-wrong", None, "/login", _wrong),
        Shot("label", "ana", "/label", _ready, whole=False),
        Shot("label-answered", "ana", "/label", _keys("2", "1"), whole=False),
        Shot("label-rationale", "eve", "/label", _keys("r"), whole=False),
        Shot("label-marking", "eve", "/label", _mark, whole=False),
        Shot("label-help", "eve", "/label", _keys("?"), whole=False),
        Shot("rules", "eve", "/rules"),
        Shot("rules-auditor", "otto", "/rules?sort=conflicts&down=true"),
        Shot("rules-none", "eve", "/rules?q=nowhere"),
        Shot("rule", "eve", f"/rules/rule?name={rule}", _preview),
        Shot("rule-broken", "eve", f"/rules/rule?name={rule}", _broken),
        Shot("rule-compared", "eve", f"/rules/rule?name={rule}&a=1&b=3&withdraw=true", _preview),
        Shot("rule-auditor", "otto", f"/rules/rule?name={rule}"),
        Shot("rule-retired", "otto", "/rules/rule?name=reply-in-capitals"),
        Shot("rule-python", "eve", "/rules/rule?name=shouting"),
        Shot("rule-new", "eve", "/rules/new", _complete),
        Shot("rule-words", "eve", "/rules/new?words=parcel&words=customs+fee&label=spam", _preview),
        Shot("rules-work", "eve", "/rules/work"),
        Shot("audit", "otto", "/audit"),
        Shot("audit-row", "otto", "/audit/row?seq=6"),
        Shot("audit-why-none", "otto", "/audit/why"),
        Shot("audit-why", "otto", f"/audit/why?item={item}"),
        Shot("audit-why-lines", "otto", f"/audit/why?item={item}", _open("What the lines are")),
        Shot("audit-why-without", "otto", f"/audit/why?item={item}&without={rule}"),
        Shot("audit-why-missing", "otto", "/audit/why?item=nobody"),
        Shot("audit-rules", "otto", "/audit/rules"),
        Shot("audit-rules-without", "otto", f"/audit/rules?rule={rule}"),
        Shot("audit-bias", "otto", "/audit/bias?by=n_links"),
        Shot("audit-bias-none", "otto", "/audit/bias"),
        Shot("dashboard", "mara", "/dashboard"),
        Shot("dashboard-trust", "eve", "/dashboard", _open("to know about the rules")),
        Shot("dashboard-annotator", "ana", "/dashboard"),
        Shot("dashboard-auditor", "otto", "/dashboard"),
        Shot("people", "mara", "/people"),
        Shot("account", "mara", "/account", _token),
        Shot("account-annotator", "ben", "/account"),
        Shot("403", "ana", "/rules"),
        Shot("404", "ana", "/nowhere"),
    ]


def sign_in(app: FastAPI, url: str, browser: Browser, who: str | None, **options: Any) -> Any:  # noqa: ANN401
    """Open a browser's context in which somebody is signed in."""
    context = browser.new_context(reduced_motion="reduce", **options)
    if who is not None:
        bench, secret = app.state.bench, new_secret()
        bench.accounts.open_session(digest_of(secret), who, until=time.time() + 3600)
        value = bench.signing.sign(secret)
        context.add_cookies([{"name": bench.signing.cookie, "value": value, "url": url}])
    return context


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--docs", action="store_true", help="those of the docs alone, each below 150 kB")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument(
        "--project", type=Path, help="a project that is there, or where to keep the one played"
    )
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = given.project or Path(place) / "spam"
        made = not folder.exists()
        if made:
            play(folder)
        with serving(folder) as (url, app), sync_playwright() as playwright:
            if made:
                write_rules(app)
            run_errands(app)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            votes = app.state.bench.desk.project.votes()
            item = str(votes.item_ids[int((votes.values >= 0).sum(axis=1).argmax())])
            if given.docs:
                _take_for_docs(shots(item, "prize-words"), app, url, browser, given.out)
                browser.close()
                return
            taken = [shot for shot in shots(item, "prize-words") if given.only in shot.name]
            wide = [one for look in LOOKS for one in _take(taken, look, app, url, browser, given.out)]
            browser.close()
    if wide:
        raise SystemExit("wider than the window: " + ", ".join(wide))


def _take_for_docs(every: list[Shot], app: FastAPI, url: str, browser: Browser, out: Path) -> None:
    for shot in every:
        if shot.name not in FOR_DOCS:
            continue
        width, height = FOR_DOCS[shot.name]
        context = sign_in(app, url, browser, shot.who, viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto(url + shot.path)
        if shot.before is not None:
            shot.before(page)
        page.screenshot(path=out / f"{shot.name}.png")
        context.close()


def _take(
    shots_: list[Shot], look: tuple[int, str], app: FastAPI, url: str, browser: Browser, out: Path
) -> list[str]:
    """Take pictures at one width in one scheme; return those that are wider than the window."""
    width, scheme = look
    contexts, wide = {}, []
    for shot in shots_:
        if shot.who not in contexts:
            size = {"width": width, "height": HEIGHTS[width]}
            contexts[shot.who] = sign_in(
                app, url, browser, shot.who, color_scheme=scheme, viewport=size, has_touch=width < 640
            )
        page = contexts[shot.who].new_page()
        page.goto(url + shot.path)
        if shot.before is not None:
            shot.before(page)
        if page.evaluate("() => document.documentElement.scrollWidth - innerWidth") > 0:
            wide.append(f"{shot.name} at {width}")
        page.screenshot(path=out / f"{shot.name}-{width}-{scheme}.png", full_page=shot.whole)
        page.close()
    for context in contexts.values():
        context.close()
    return wide


if __name__ == "__main__":
    main()
