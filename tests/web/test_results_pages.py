"""Audit and Dashboard: what they show, to whom, and that nothing people write is read as HTML."""

import csv
import io
import json
import re
import time
from html import unescape
from urllib.parse import quote

import pytest

from wsal.evidence import waterfall_of
from wsal.project import Project

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ODD = ["a/b/../c?x=1&y=2#z", "ünï/漢字 🦊", EVIL, "100% %2F +", "-rf"]
PAGES = ["/audit", "/audit/why", "/audit/rules", "/audit/bias", "/dashboard"]


def fresh(folder, *, ids=None, rule="kind-words", labels=("good", "bad")):
    """Make a small project whose items have odd names; nothing is applied."""
    folder.mkdir()
    ids = ids or [str(i) for i in range(8)]
    rows = [[one, "kind words" if i % 2 else f"bad words {EVIL}", f"g{i % 2}"] for i, one in enumerate(ids)]
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text", f"group {EVIL}"], *rows])
    project = Project.create(folder, data=folder / "data.csv", labels=labels, text="text", id_column="id")
    pack = next((folder / "labeling_functions").glob("*.yaml"))
    pack.write_text(
        f"wsal: 1\nlabels: [{', '.join(labels)}]\nrules:\n"
        f"  - id: {json.dumps(rule)}\n    label: good\n    when: {{keywords: [kind]}}\n    why: {json.dumps(EVIL)}\n"
        "  - id: bad-words\n    label: bad\n    when: {keywords: [bad]}\n",
        encoding="utf-8",
    )
    return project


def text_of(page: str) -> str:
    """Return what a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def finished(client, kind, subject=""):
    """Wait until an errand ended, and return what became of it."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        found = client.get("/api/errands", params={"kind": kind, "subject": subject}).json()
        if found["state"] != "running":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{kind} has not ended after ten minutes")


@pytest.fixture
def item(app):
    """Return the item on which most rules vote, and one of them."""
    votes = app.state.bench.desk.project.votes()
    row = (votes.values >= 0).sum(axis=1).argmax()
    return str(votes.item_ids[row]), votes.lf_names[(votes.values[row] >= 0).argmax()]


def test_why_shows_each_term_with_a_bar_and_its_figure_and_the_same_without_a_rule(client_of, app, item):
    name, rule = item
    otto, why = client_of("auditor"), app.state.bench.desk.project.why(name)
    page = otto.get("/audit/why", params={"item": name}).text
    assert page.count('class="fall"') == len(why.evidence.terms) + 1
    for term in why.evidence.terms:
        assert signed(term.log_odds) in page
    assert signed(why.evidence.log_odds) in page
    less = why.without([rule])
    page = otto.get("/audit/why", params={"item": name, "without": rule}).text
    assert f"Without {rule}, all else as it is" in page
    assert signed(less.log_odds) in page
    assert "here is no rule" in otto.get("/audit/why", params={"item": name, "without": "nothing"}).text


def test_bars_begin_where_the_bar_before_ends(app, item):
    fall = waterfall_of(app.state.bench.desk.project.why(item[0]).evidence.terms)
    at = fall.zero
    for step in fall.steps:
        assert min(abs(step.left - at), abs(step.left + step.width - at)) <= 0.7
        assert (step.end >= at) == (step.log_odds >= 0)
        at = step.end
    assert all(0 <= step.left <= step.left + step.width <= 100 for step in (*fall.steps, fall.total))
    assert waterfall_of(()).steps == ()


def test_the_history_of_an_item_has_its_answers_with_who_and_when(client_of, app):
    project = app.state.bench.desk.project
    (task, *_) = project.tasks(1)
    project.answer(task, "spam", annotator="ana", rationale=EVIL)
    page = client_of("auditor").get("/audit/why", params={"item": str(task.item_id)}).text
    assert "Answered spam" in page
    assert "alert(1)" in page
    assert EVIL not in page


def test_an_item_that_waits_for_a_blind_answer_says_so(client_of, app):
    project = app.state.bench.desk.project
    draws = project.history.open_draws()
    blind = next(draw for draw in draws if draw.purpose == "audit")
    chosen = next(draw for draw in draws if draw.purpose == "uncertain")
    otto = client_of("auditor")
    notice = "waits for a blind answer"
    assert notice in otto.get("/audit/why", params={"item": str(blind.item)}).text
    assert notice not in otto.get("/audit/why", params={"item": str(chosen.item)}).text


def test_a_withdrawal_counts_as_the_command_line_does_and_the_file_holds_every_item(client_of, app):
    otto, project = client_of("auditor"), app.state.bench.desk.project
    rule = max(project.votes().lf_names, key=lambda name: project.withdraw(name).blast.n_decisive)
    blast = project.withdraw(rule).blast
    assert blast.n_decisive > 0
    page = text_of(otto.get("/audit/rules", params={"rule": rule}).text)
    assert f"Items it votes on {blast.n_voted} Labels that change {blast.n_decisive}" in page
    answer = otto.get("/audit/rules.csv", params={"rule": rule})
    assert answer.headers["content-disposition"] == 'attachment; filename="lineage.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == [str(one) for one in blast.item_ids.tolist()]
    beyond = text_of(otto.get("/audit/rules", params={"rule": rule, "start": 10_000}).text)
    assert f"There are only {blast.n_decisive} items" in beyond
    for odd in (*ODD, "../../etc/passwd"):
        assert otto.get("/audit/rules.csv", params={"rule": odd}).status_code == 404
        assert "here is no rule" in text_of(otto.get("/audit/rules", params={"rule": odd}).text)


def test_the_ledger_is_checked_in_the_background_and_damage_is_said(client_of, app, folder):
    otto = client_of("auditor")
    assert "was not checked" in otto.get("/audit").text
    assert otto.post("/api/errands", json={"kind": "verify"}).json()["state"] == "running"
    assert finished(otto, "verify")["state"] == "done"
    assert "The ledger verifies." in otto.get("/audit").text
    next((folder / ".wsal").rglob("votes.parquet")).write_bytes(b"changed")
    otto.post("/api/errands", json={"kind": "verify"})
    finished(otto, "verify")
    page = text_of(otto.get("/audit").text)
    assert "The ledger does not verify." in page
    assert "restore the file from a backup" in page


def test_a_row_of_the_ledger_shows_all_that_it_holds_and_both_hashes(client_of, app):
    project, otto = app.state.bench.desk.project, client_of("auditor")
    (task, *_) = project.tasks(1)
    project.answer(task, "spam", annotator="ana", rationale=EVIL)
    before, row = list(project.history.store.events())[-2:]
    page = otto.get("/audit/row", params={"seq": row.seq}).text
    assert EVIL not in page
    text = text_of(page)
    assert "ana answered spam" in text
    assert row.hash in text
    assert before.hash in text
    assert f'"shown_sha256": "{task.shown_sha256}"' in text
    assert "this is the first row" in otto.get("/audit/row", params={"seq": 1}).text
    assert otto.get("/audit/row", params={"seq": row.seq + 1}).status_code == 404


def test_the_ledger_is_read_page_by_page(client_of, app):
    head = app.state.bench.desk.store.head().seq
    otto = client_of("auditor")
    seen, path = [], "/audit"
    while path:
        page = otto.get(path).text
        seen += [
            int(seq) for seq in re.findall(r'<th scope="row"><a href="/audit/row\?seq=\d+">(\d+)</a>', page)
        ]
        older = re.search(r'href="(/audit\?before=\d+)"', page)
        path = older and older[1]
    assert seen == list(range(head, 0, -1))
    assert otto.get("/audit?before=0").status_code == 422


def test_a_report_is_written_and_downloaded_and_the_ledger_names_who_asked(client_of, app):
    otto = client_of("auditor")
    assert otto.get("/audit/report").status_code == 404
    otto.post("/api/errands", json={"kind": "report"})
    assert finished(otto, "report")["state"] == "done"
    answer = otto.get("/audit/report")
    assert answer.headers["content-disposition"] == 'attachment; filename="report.html"'
    assert "otto" in answer.text
    assert "Download the report" in otto.get("/audit").text


def test_groups_are_compared_by_a_column_that_is_there(client_of, app):
    otto = client_of("auditor")
    columns = app.state.bench.desk.project.items.columns
    column = next(name for name in columns if name not in ("id", "text"))
    assert otto.post("/api/errands", json={"kind": "bias", "subject": column}).status_code == 200
    found = finished(otto, "bias", column)
    page = text_of(otto.get("/audit/bias", params={"by": column}).text)
    assert "gaps of rates" in page if found["state"] == "done" else found["why"] in page
    for odd in (*ODD, "--project=/"):
        assert otto.post("/api/errands", json={"kind": "bias", "subject": odd}).status_code == 422
        assert otto.get("/audit/bias", params={"by": odd}).status_code == 200
    assert otto.post("/api/errands", json={"kind": "verify", "subject": column}).status_code == 422
    assert client_of("expert").post("/api/errands", json={"kind": "verify"}).status_code == 403


def test_quality_is_an_interval_from_random_draws_or_is_not_there(client_of, app):
    eve, project = client_of("expert"), app.state.bench.desk.project
    for k, task in enumerate(project.tasks(30)):
        project.answer(task, "spam" if k % 3 else "ham", annotator="ana", seconds=3.0)
    page = text_of(eve.get("/dashboard").text)
    assert "not estimated" in page
    assert "Nothing was estimated yet" in page
    assert eve.post("/api/errands", json={"kind": "estimate"}).status_code == 200
    assert finished(eve, "estimate")["state"] == "done"
    made = [entry.event for entry in project.history.store.events("estimated")]
    page = text_of(eve.get("/dashboard").text)
    if made:
        (event,) = made
        assert event.actor == "eve"
        figure = next(f for f in event.payload().figures if f.name == "accuracy")
        assert f"{100 * figure.low:.1f} to {100 * figure.high:.1f} %" in page
    else:
        assert "Not known: " in page
    assert eve.post("/api/errands", json={"kind": "random"}).status_code == 200
    found = finished(eve, "random")
    assert found["state"] == "done"
    page = text_of(eve.get("/dashboard").text)
    assert "Against random choice" in page
    assert "at least 20 are needed" in page


def test_whoever_only_labels_sees_progress_and_nothing_that_rules_or_labels_say(client_of, app):
    project = app.state.bench.desk.project
    for task in project.tasks(3):
        project.answer(task, "spam", annotator="ben")
    page = client_of("annotator").get("/dashboard").text
    shown = page[page.index("<main") :]
    hidden = [*project.votes().lf_names, *project.config.labels.names, "%", "overage", "onflict", "ccuracy"]
    assert [word for word in hidden if word in shown] == []
    assert "Labels given" in shown


@pytest.mark.parametrize("path", PAGES)
def test_a_project_at_its_beginning_says_what_to_do_first(tmp_path, path, admin_at):
    project = fresh(tmp_path / "new")
    client = admin_at(tmp_path / "new")
    page = client.get(path)
    assert page.status_code == 200, page.text
    said = text_of(page.text)
    expected = {
        "/audit": "was not checked",
        "/audit/why": "Name an item",
        "/audit/rules": "wsal apply",
        "/audit/bias": "Choose a column",
        "/dashboard": "wsal apply",
    }
    assert expected[path] in said
    project.apply()
    assert client.get(path).status_code == 200
    assert "wsal fit" in text_of(client.get("/dashboard").text)
    assert "wsal fit" in text_of(client.get("/audit/why", params={"item": "1"}).text)


def test_odd_ids_and_names_work_and_are_never_read_as_html(tmp_path, admin_at):
    rule = f"rule {EVIL}/?#&%"
    project = fresh(tmp_path / "odd", ids=[*ODD, "plain", "x" * 400, "last"], rule=rule)
    project.apply()
    project.fit()
    (task, *_) = project.tasks(1, rng=0)
    project.answer(task, "good", annotator="ana", rationale=EVIL)
    project.fit()
    client = admin_at(tmp_path / "odd")
    for one in [*ODD, "x" * 400]:
        page = client.get("/audit/why", params={"item": one})
        assert page.status_code == 200
        assert "By run" in page.text, one
    links = re.findall(r'href="(/audit/[^"]+)"', client.get("/audit/rules", params={"rule": rule}).text)
    followed = [client.get(link.replace("&amp;", "&")) for link in links]
    assert all(answer.status_code == 200 for answer in followed)
    assert f"/audit/rules?rule={quote(rule)}" in [link.replace("&amp;", "&") for link in links]
    pages = [client.get(path).text for path in PAGES] + [
        answer.text for answer in followed if "html" in answer.headers["content-type"]
    ]
    pages += [client.get("/audit/bias", params={"by": f"group {EVIL}"}).text]
    pages += [client.get("/audit/why", params={"item": one, "without": EVIL}).text for one in ODD]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
    assert client.get("/audit/why", params={"item": "x" * 1001}).status_code == 422


def test_an_auditor_goes_from_the_record_to_a_label_and_to_a_rule_in_a_browser(browser_of, server):
    page = browser_of("auditor", "/audit")
    page.get_by_role("button", name="Check now").click()
    page.get_by_text("The ledger verifies.").wait_for()
    page.get_by_label("Why has this item its label?").fill("m049")
    page.get_by_role("button", name="Explain").click()
    page.get_by_role("heading", name="History").wait_for()
    page.goto(f"{server.url}/audit/rules")
    page.get_by_role("link", name="prize-words").click()
    page.get_by_role("heading", name="Without prize-words").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()  # laid out at this width from the start: right after a resize it may not be yet
    page.get_by_role("heading", name="Without prize-words").wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_dashboard_estimates_when_asked_and_needs_no_script_to_be_read(browser_of, server):
    page = browser_of("expert", "/dashboard", java_script_enabled=False)
    for title in ("What to do next", "Label balance", "Trust", "Learning curve", "Progress", "Cost"):
        assert page.get_by_role("heading", name=title, exact=True).is_visible()
    page = browser_of("expert", "/dashboard")
    page.get_by_role("button", name="Estimate now").click()
    page.get_by_text("Not known:").first.wait_for()


def test_any_two_classes_can_be_compared_where_there_are_more(tmp_path, admin_at):
    project = fresh(tmp_path / "three", labels=("good", "bad", "ugly"))
    project.apply()
    project.fit()
    why = project.why("1", contrast=("ugly", "bad"))
    otto = admin_at(project.config.folder)
    page = otto.get("/audit/why", params={"item": "1"}).text
    assert page.count("<option") == 6
    page = otto.get("/audit/why", params={"item": "1", "first": "ugly", "second": "bad"}).text
    assert "log odds of ugly against bad" in page
    assert signed(why.evidence.log_odds) in page
    page = otto.get("/audit/why", params={"item": "1", "first": "bad", "second": "bad"}).text
    assert "cannot be compared with itself" in text_of(page)
