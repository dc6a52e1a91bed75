"""The Rules pages over HTTP: reading, previews, saving, retiring, and what is refused."""

import re
import threading
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from wsal.lf import load_pack
from wsal.store import open_store
from wsal.web import create_app

PACK = "labeling_functions/rules.yaml"
RULE = "prize-words"
WRONG = [
    ("id: prize-words\nlabel: spma\nwhen: {keywords: [a]}", 2, 8, "unknown label"),
    ("id: prize-words\nlabel: spam\nwhen: {keyword: [a]}", 3, 8, "unknown kind"),
    ("id: prize-words\nlabel: spam\nwhen: {keywords: [a}", 3, 20, "bad YAML"),
    ("id: prize-words\nlabel: spam\nwhen: {regex: '('}", 3, 16, "regex"),
    ("id: prize-words\nlabel: spam\nwhen: {regex: x, field: nowhere}", 1, 1, "nowhere"),
    ("id: another\nlabel: spam\nwhen: {keywords: [a]}", 1, 5, "keeps it"),
    ("id: prize-words\nlabel: spam\nwhen: {python: 'my_rules:shouting'}", 3, 7, "runs code"),
    ("id: prize-words\nlabel: spam\nwhen: {not: {model: 'a:b'}}", 3, 7, "runs code"),
    ("id: prize-words\nlabel: spam\nwhen: {rule: shouting}", 3, 1, "python"),
    ("id: prize-words\nlabel: spam\nwhen: {in_list: ../../wsal.toml}", 3, 17, "outside"),
    ("", 1, 1, "rule"),
    ("- id: a\n- id: b", 1, 1, ""),
    ("id: x\n---\nwsal: 1", 3, 1, ""),
    ("id: prize-words\nlabel: !!python/object:os.system x", 2, 8, "tag"),
]  # fmt: skip
"""Texts that are no rule, with the line and column of what is wrong, and a word of the message."""
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def in_force(app, rule=RULE):
    return app.state.bench.rules.book.rules()[rule]


def preview(client, text, *, rule=RULE, pack=PACK):
    answer = client.post("/api/rules/preview", json={"text": text, "pack": pack, "rule": rule})
    assert answer.status_code == 200, answer.text
    return answer.json()


def save(client, app, text, *, rule=RULE, reason="too wide", sha256=None):
    body = {"text": text, "pack": PACK, "rule": rule, "reason": reason}
    return client.post("/api/rules/save", json=body | {"sha256": sha256 or in_force(app).sha256})


def counts(shown):
    return {one["name"]: one["n"] for one in shown["counts"]}


def ledger(folder, kind):
    with open_store("sqlite:///.wsal/store.db", root=folder) as store:
        return [entry.event for entry in store.events(kind)]


def test_the_list_has_every_rule_with_its_figures_and_is_sorted_and_filtered_without_a_script(client_of):
    eve = client_of("expert")
    rules = {rule["name"]: rule for rule in eve.get("/api/rules").json()["rules"]}
    assert len(rules) == 20
    prize = rules[RULE]
    assert (prize["state"], prize["labels"], prize["n_tests"], prize["n_failed"]) == (
        "in force",
        ["spam"],
        4,
        0,
    )
    assert 0 < prize["coverage"] < 1
    assert prize["microseconds"] > 0
    page = eve.get("/rules?sort=coverage&down=true").text
    shown = re.findall(r'/rules/rule\?name=([\w-]+)"', page)
    assert [rules[name]["coverage"] for name in shown] == sorted(
        (r["coverage"] for r in rules.values()), reverse=True
    )
    assert re.findall(r'/rules/rule\?name=([\w-]+)"', eve.get("/rules?q=PREMIUM+cost").text) == [
        "premium-number"
    ]


def test_a_rule_shows_its_text_versions_and_what_withdrawing_it_would_change(client_of, app):
    page = client_of("auditor").get(f"/rules/rule?name={RULE}&withdraw=true").text
    assert "keywords: [free, prize" in page
    assert "Version 1" in page
    withdrawn = app.state.bench.desk.project.withdraw(RULE).blast
    assert f"It votes on {withdrawn.n_voted} items" in page
    assert 'id="save"' not in page  # an auditor reads
    assert client_of("auditor").get("/rules/rule?name=nothing").status_code == 422


def test_a_preview_counts_as_the_dry_run_of_the_command_line_does(client_of, app, folder):
    text = in_force(app).text.replace("at_least: 2", "at_least: 1")
    shown = counts(preview(client_of("expert"), text))
    path = folder / PACK
    path.write_text(path.read_text().replace("at_least: 2", "at_least: 1", 1))
    (told,) = app.state.bench.desk.project.dry_run(RULE)
    assert {kind: shown[kind] for kind in ("gained", "lost", "flipped")} == {
        "gained": told.gained,
        "lost": told.lost,
        "flipped": told.flipped,
    }
    assert shown["gained"] > 0
    assert shown["votes"] == told.gained + told.kept + told.flipped


def test_examples_mark_the_words_that_match_and_tests_are_run(client_of, app):
    shown = preview(client_of("expert"), in_force(app).text.replace("free, ", "freedom, "))
    lost = next(one for one in shown["examples"] if one["kind"] == "lost")
    assert any(hit for _, hit in lost["passages"])
    assert all(test["passed"] for test in shown["tests"])
    failing = preview(client_of("expert"), in_force(app).text.replace("at_least: 2", "at_least: 3"))
    assert [test["example"] for test in failing["tests"] if not test["passed"]]


def test_what_is_wrong_is_said_at_its_place(client_of):
    eve = client_of("expert")
    found = {text: preview(eve, text)["problem"] for text, *_ in WRONG}
    assert {text: (p["line"], p["column"]) for text, p in found.items()} == {
        t: (y, x) for t, y, x, _ in WRONG
    }
    assert [(word, found[text]) for text, _, _, word in WRONG if word not in found[text]["message"]] == []


def test_a_pattern_that_would_hang_is_refused_or_runs_out_of_time_and_the_server_answers(client_of):
    text = "id: prize-words\nlabel: spam\nwhen: {regex: '(?=x)((a|a)*)*\\1$'}"
    shown = preview(client_of("expert"), text)
    assert shown["problem"] is not None or shown["n_seen"] > 0


def test_a_saved_rule_is_a_new_version_with_author_and_reason_and_comments_stay(client_of, app, folder):
    before = (folder / PACK).read_text()
    text = in_force(app).text.replace("free, ", "freedom, ")
    answer = save(client_of("expert"), app, text, reason="free stands in honest messages")
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] is True
    after = (folder / PACK).read_text()
    assert after == before.replace("[free, ", "[freedom, ", 1).replace(
        "author: ana, support", "author: eve", 1
    )
    (edited,) = ledger(folder, "rule_edited")
    assert (edited.actor, edited.data["action"], edited.data["reason"]) == (
        "eve",
        "changed",
        "free stands in honest messages",
    )
    loaded = ledger(folder, "rules_loaded")[-1]
    version = next(rule for rule in loaded.data["rules"] if rule["name"] == RULE)
    assert (loaded.actor, version["author"]) == ("eve", "eve")
    assert version["fingerprint"] == edited.data["after"] != edited.data["before"]
    rule = next(rule for rule in load_pack(folder / PACK).rules if rule.name == RULE)
    assert rule.fingerprint == version["fingerprint"]
    page = client_of("auditor").get(f"/rules/rule?name={RULE}&a=1&b=2").text
    assert "free stands in honest messages" in page
    assert "Version 2" in page
    assert 'class="new">+   keywords: [freedom' in page
    lost = re.search(r"<strong>(\d+)</strong> lost", page)
    assert int(lost[1]) == 3


def test_nothing_is_saved_over_what_somebody_else_wrote_meanwhile(client_of, app, folder):
    eve, root = client_of("expert"), client_of("admin")
    text, digest = in_force(app).text, in_force(app).sha256
    assert save(eve, app, text.replace("free, ", "gratis, "), sha256=digest).status_code == 200
    kept = (folder / PACK).read_text()
    late = save(root, app, text.replace("free, ", "cheap, "), sha256=digest)
    assert late.status_code == 409
    assert "changed since" in late.json()["error"]
    assert (folder / PACK).read_text() == kept
    (folder / PACK).write_text(kept + "# by hand\n")
    retire = {"rule": RULE, "sha256": digest, "reason": "x"}
    assert root.post("/api/rules/retire", json=retire).status_code == 409
    assert (folder / PACK).read_text() == kept + "# by hand\n"
    assert len(ledger(folder, "rule_edited")) == 1


def test_a_retired_rule_leaves_its_pack_and_keeps_its_past(client_of, app, folder):
    eve = client_of("expert")
    body = {"rule": "warm-words", "sha256": in_force(app).sha256, "reason": "misleads"}
    assert eve.post("/api/rules/retire", json=body | {"reason": "  "}).status_code == 422
    assert eve.post("/api/rules/retire", json=body).status_code == 200
    assert "warm-words" not in {rule.name for rule in load_pack(folder / PACK).rules}
    (edited,) = ledger(folder, "rule_edited")
    assert (edited.data["action"], edited.data["after"]) == ("retired", None)
    assert "misleads" in eve.get("/rules").text
    assert "Retired by eve: misleads" in eve.get("/rules/rule?name=warm-words").text
    again = eve.post("/api/rules/retire", json=body | {"sha256": in_force(app).sha256})
    assert again.status_code == 422


def test_a_rule_that_others_refer_to_is_not_retired_and_the_pack_stays(client_of, app, folder):
    before = (folder / PACK).read_bytes()
    body = {"rule": "colleague", "sha256": in_force(app).sha256, "reason": "x"}
    answer = client_of("expert").post("/api/rules/retire", json=body)
    assert answer.status_code == 422
    assert "stranger-with-link" in answer.json()["error"]
    assert (folder / PACK).read_bytes() == before
    assert ledger(folder, "rule_edited") == []


def test_rules_that_run_code_are_shown_and_never_edited(client_of, app, folder):
    eve, before = client_of("expert"), (folder / PACK).read_bytes()
    page = eve.get("/rules/rule?name=shouting").text
    assert "my_rules:shouting" in page
    assert 'id="save"' not in page
    plain = "id: shouting\nlabel: spam\nwhen: {keywords: [a]}"
    assert save(eve, app, plain, rule="shouting").status_code == 422
    body = {"rule": "shouting", "sha256": in_force(app).sha256, "reason": "x"}
    assert eve.post("/api/rules/retire", json=body).status_code == 422
    assert (folder / PACK).read_bytes() == before


def test_a_pack_is_looked_up_by_name_and_no_other_file_is_touched(client_of, app):
    eve, text = client_of("expert"), "id: new\nlabel: spam\nwhen: {keywords: [a]}"
    for pack in ("../../etc/passwd", "/etc/passwd", "wsal.toml", "labeling_functions/../wsal.toml", "."):
        assert "no pack" in preview(eve, text, rule=None, pack=pack)["problem"]["message"]
        body = {"text": text, "pack": pack, "sha256": in_force(app).sha256, "reason": "x"}
        assert eve.post("/api/rules/save", json=body).status_code == 422


def test_a_draft_from_words_comes_with_what_it_would_do_and_can_be_saved(client_of, app, folder):
    eve = client_of("expert")
    made = eve.post("/api/rules/draft", json={"words": ["Lottery!", "prize"], "label": "spam"}).json()
    assert 'keywords: ["lottery", "prize"]' in made["text"]
    assert counts(made["preview"])["votes"] > 0
    page = eve.get("/rules/new?words=Lottery%21&words=prize&label=spam").text
    assert "lottery" in page
    assert save(eve, app, made["text"], rule=None, reason="from a message").status_code == 200
    assert "lottery" in {rule.name for rule in load_pack(folder / PACK).rules}
    assert "has not voted yet" in eve.get("/rules").text
    assert save(eve, app, made["text"], rule=None).status_code == 422  # the id is taken


def test_the_worklist_leads_from_conflicts_and_uncovered_items_to_drafts(client_of):
    page = client_of("expert").get("/rules/work").text
    assert "says spam" in page
    link = re.search(r'href="(/rules/new\?words=[^"]+)"', page)[1].replace("&amp;", "&")
    assert client_of("expert").get(link).status_code == 200
    assert "/rules/new" not in client_of("auditor").get("/rules/work").text


def test_nothing_that_people_write_is_read_as_html(client_of, app, folder):
    eve = client_of("expert")
    text = f"id: '{EVIL}'\nlabel: spam\nwhen: {{keywords: [free]}}\nwhy: '{EVIL}'"
    assert save(eve, app, text, rule=None, reason=EVIL).status_code == 200
    app.state.bench.desk.project.apply()
    for path in ("/rules", "/rules/work", f"/rules/rule?name={quote(EVIL)}", f"/rules/rule?name={RULE}",
                 f"/rules/new?words={quote(EVIL)}&label={quote(EVIL)}", f"/rules?q={quote(EVIL)}"):  # fmt: skip
        page = eve.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "<img" not in page.text, path


def test_forged_and_oversized_requests_are_refused(client_of, app):
    eve = client_of("expert")
    text, digest = in_force(app).text, in_force(app).sha256
    body = {"text": text, "pack": PACK, "rule": RULE, "sha256": digest, "reason": "x"}
    assert eve.post("/api/rules/save", json=body, headers={"x-csrf-token": "0"}).status_code == 403
    assert eve.post("/api/rules/save", json=body, headers={"origin": "http://evil"}).status_code == 403
    assert eve.post("/api/rules/save", json=body | {"text": "x" * 20_002}).status_code == 422
    assert eve.post("/api/rules/preview", content=b"x" * 1_000_001).status_code == 413
    assert eve.post("/api/rules/save", json=body | {"reason": ""}).status_code == 422
    assert eve.get("/rules?sort=nothing").status_code == 422


def test_a_pack_that_is_broken_on_disk_is_said_and_not_written(client_of, app, folder):
    digest = in_force(app).sha256
    (folder / PACK).write_text("wsal: 1\nrules: [\n")
    page = client_of("expert").get("/rules")
    assert page.status_code == 200
    assert "bad YAML" in page.text
    assert save(client_of("expert"), app, "id: a", sha256=digest).status_code == 422
    assert (folder / PACK).read_text() == "wsal: 1\nrules: [\n"


def test_the_tests_of_rules_run_before_anybody_opens_the_page(app, monkeypatch):
    rules = app.state.bench.rules
    rules.warm_up()
    monkeypatch.setattr(type(rules.book), "tests", lambda *_: pytest.fail("the tests ran again"))
    (row,) = [line for line in rules.lines() if line.name == "prize-words"]
    assert len(row.tests) == 4


def test_a_pack_that_cannot_be_read_does_not_keep_the_server_from_starting(folder):
    next((folder / "labeling_functions").glob("*.yaml")).write_text("rules: [", encoding="utf-8")
    with TestClient(create_app(folder), base_url="http://localhost") as client:
        for thread in threading.enumerate():
            if thread.name == "wsal-warm-up":
                thread.join(60)
        assert client.get("/healthz").status_code == 200
