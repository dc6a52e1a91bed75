"""Every verb on the example project: what it says, its JSON, and what the ledger keeps of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from wsal.project import Project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make an example project with a batch and some answers."""
    folder = tmp_path_factory.mktemp("verbs") / "first"
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    gold = pd.read_csv(ROOT / "examples/messages/gold.csv").set_index("id")["label"]
    for task in project.tasks(30, rng=0):
        project.answer(task, gold[task.item_id], annotator="ana")
    project.fit()
    project.tasks(5, rng=1)
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["status"],
        ["rules"],
        ["trust"],
        ["next"],
        ["why", "m001"],
        ["audit", "verify"],
        ["check", "--schema"],
    ],
)
def test_reading_verbs_print_json(wsal, folder, arguments):
    said = wsal(*arguments, *([] if "--schema" in arguments else ["--json"]), cwd=folder)
    assert json.loads(said.stdout)
    assert not said.stderr


def test_the_evidence_of_every_kind_of_item_adds_up(wsal, folder):
    project = Project.open(folder)
    soft = project.soft_labels()
    for source in ("human", "rules", "model"):
        item = soft.item_ids[list(soft.sources).index(source)]
        why = json.loads(wsal("why", item, "--json", cwd=folder).stdout)
        assert {"item", "label", "probabilities", "terms", "answers"} <= why.keys()
        assert all(term.keys() == {"source", "vote", "log_odds"} for term in why["terms"])
        p = why["evidence_probabilities"]
        odds = math.log(p[why["label"]]) - math.log(p[why["runner_up"]])
        assert math.fsum(term["log_odds"] for term in why["terms"]) == pytest.approx(odds, abs=1e-9)
        delivered = dict(
            zip(soft.labels, soft.probabilities[list(soft.item_ids).index(item)].tolist(), strict=True)
        )
        assert why["probabilities"] == pytest.approx(delivered, abs=1e-9)
        assert why["label"] == max(delivered, key=delivered.get)
        assert bool(why["answers"]) == (source == "human")


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_the_exported_labels_are_those_of_the_run(wsal, folder, tmp_path, suffix):
    path = tmp_path / f"labels.{suffix}"
    wsal("export", str(path), cwd=folder)
    read = {"csv": pd.read_csv, "jsonl": lambda p: pd.read_json(p, lines=True), "parquet": pd.read_parquet}[
        suffix
    ]
    frame = read(path)
    soft = Project.open(folder).soft_labels()
    assert list(frame.columns) == ["id", "p_ham", "p_spam", "label", "source", "run"]
    assert frame["id"].tolist() == soft.item_ids.tolist()
    assert frame[["p_ham", "p_spam"]].to_numpy() == pytest.approx(soft.probabilities, abs=1e-12)
    assert frame["source"].tolist() == soft.sources.tolist()
    assert "is there already" in wsal("export", str(path), cwd=folder, code=2).stderr
    wsal("export", str(path), "--force", cwd=folder)


def test_an_answer_after_the_fit_is_exported_at_once(wsal, project, tmp_path):
    made = Project.open(project)
    made.apply()
    made.fit()
    (tmp_path / "answers.csv").write_text("id,label\nm002,spam\n")
    wsal("import", str(tmp_path / "answers.csv"), cwd=project)
    said = wsal("export", "out.csv", cwd=project)
    assert "run `wsal fit`" in said.stderr
    row = pd.read_csv(project / "out.csv").set_index("id").loc["m002"]
    assert (row["p_spam"], row["label"], row["source"]) == (1.0, "spam", "human")


def test_an_edited_rule_alone_is_computed_again_and_its_old_text_is_kept(wsal, project):
    wsal("apply", cwd=project)
    pack = project / "labeling_functions" / "rules.yaml"
    before = {row.name: row.fingerprint for row in Project.open(project).rules()}
    pack.write_text(pack.read_text().replace("keywords: [", "keywords: [zebra, ", 1))
    said = wsal("fit", cwd=project)
    assert "rules changed" in said.stderr
    cached = {path: path.stat().st_mtime_ns for path in (project / ".wsal" / "cache").rglob("*.np*")}
    wsal("apply", cwd=project)
    after = {row.name: row.fingerprint for row in Project.open(project).rules()}
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["prize-words", "short-and-plain"]  # the second one refers to the first
    now = {path: path.stat().st_mtime_ns for path in (project / ".wsal" / "cache").rglob("*.np*")}
    assert len(now) == len(cached) + 2
    assert all(now[path] == mtime for path, mtime in cached.items())
    versions = [
        rule for rule in Project.open(project).history.store.rules(current=False) if rule.name == changed[0]
    ]
    assert sorted("zebra" in version.source for version in versions) == [False, True]


def test_an_import_answers_the_draw_that_asked(project, tmp_path):
    made = Project.open(project)
    made.apply()
    made.fit()
    tasks = made.tasks(10, rng=0)
    audit = [task for task in tasks if task.purpose == "audit"]
    path = tmp_path / "answers.jsonl"
    path.write_text(
        "".join(json.dumps({"id": t.item_id, "label": "ham", "annotator": "z"}) + "\n" for t in tasks)
    )
    assert made.import_answers(path).n_new == 10
    human, _ = made.history.human(made.votes())
    assert {item for item in human.items() if human.weight(item) == 1.0} == {task.item_id for task in audit}
    assert made.tasks(10, rng=0)[0].batch != tasks[0].batch


def test_several_annotators_give_the_share_of_their_answers(project, tmp_path):
    made = Project.open(project)
    made.apply()
    path = tmp_path / "answers.csv"
    path.write_text("id,label,annotator\nm001,spam,a\nm001,ham,b\nm001,ham,c\n")
    made.import_answers(path)
    made.fit()
    soft = made.soft_labels()
    assert soft.probabilities[list(soft.item_ids).index("m001")].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_every_step_stands_in_the_ledger(folder):
    kinds = [entry.event.kind for entry in Project.open(folder).history.store.events()]
    assert kinds[:5] == ["project_created", "rules_loaded", "data_loaded", "run_applied", "run_fitted"]
    assert {"batch_drawn", "answer_given"} <= set(kinds)


def test_changed_data_asks_for_a_new_apply(wsal, project):
    wsal("apply", cwd=project)
    data = project / "messages.csv"
    data.write_text(data.read_text() + "m999,,one more,0\n")
    assert "run `wsal apply` again" in wsal("fit", cwd=project, code=2).stderr
    assert (
        _next(wsal, project) == "messages.csv changed after the last apply: run `wsal apply`, then `wsal fit`"
    )
    wsal("apply", cwd=project)
    assert _next(wsal, project) == "run `wsal fit`"
    wsal("fit", cwd=project)
    assert _next(wsal, project).startswith("run `wsal label`")


def test_status_says_where_the_data_is_gone_and_shows_the_rest(wsal, project):
    wsal("apply", cwd=project)
    (project / "messages.csv").unlink()
    assert _next(wsal, project) == "messages.csv cannot be read: `wsal check` says why"
    assert "messages.csv" in wsal("check", cwd=project, code=2).stderr


def _next(wsal, project):
    return json.loads(wsal("status", "--json", cwd=project).stdout)["advice"]


def test_texts_with_broken_or_steering_characters_are_labelled_and_shown_harmlessly(wsal, tmp_path):
    rows = [{"id": f"i{i}", "text": f"prize \u0000 \ud800 \x1b[2J number {i}"} for i in range(12)]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    wsal("init", "odd", "--data", "data.jsonl", "--labels", "ham,spam", "--text", "text")
    folder = tmp_path / "odd"
    (folder / "labeling_functions/rules.yaml").write_text(
        "wsal: 1\nrules:\n- {id: a, label: spam, when: {keywords: [prize]}}\n"
        "- {id: b, label: ham, when: {regex: '[13579]$'}}\n"
    )
    for verb in ("apply", "fit"):
        wsal(verb, cwd=folder)
    assert json.loads(wsal("next", "--json", cwd=folder).stdout)[0]["fields"]["text"].startswith("prize \0")
    said = wsal("label", cwd=folder, stdin="12q").stdout
    assert "2 answers kept" in said
    assert "\x1b" not in said
    assert "\x1b" not in wsal("why", "i3", cwd=folder).stdout


def test_new_batches_never_ask_for_what_another_batch_asks(project):
    made = Project.open(project)
    made.apply()
    made.fit()
    batches = [made.tasks(10, new=True, rng=seed) for seed in range(12)]
    asked = [task.item_id for batch in batches for task in batch]
    assert len(asked) == len(set(asked)) == 120
    assert {task.item_id for task in made.tasks()} == set(asked)


def test_answers_name_items_and_rationales_as_they_are_written(tmp_path):
    (tmp_path / "data.csv").write_text('id,text\n"a  b",x\n"c ",y\nd,z\n')
    made = Project.create(tmp_path / "p", data=tmp_path / "data.csv", labels=["ham", "spam"], text="text")
    path = tmp_path / "answers.csv"
    path.write_text('id,label,rationale\n"a  b",ham,"one\ntwo"\n"c ",spam,\n d ,ham,\n')
    assert made.import_answers(path).n_new == 3
    stored = {a.item: a.rationale for a in made.history.store.answers()}
    assert stored == {"a  b": "one\ntwo", "c ": "", "d": ""}


def test_trust_is_said_in_short_after_a_fit_and_in_full_by_its_verb(wsal, folder):
    report = Project.open(folder).trust()
    assert report.sentence in wsal("status", cwd=folder).stdout
    said = wsal("trust", cwd=folder).stdout
    assert said.startswith(f"{report.verdict}: {report.sentence[:40]}")
    for reading in report.gains:
        assert reading in said
    assert f"{len(report.findings)} findings about the rules" in said
    assert "→ " in said


def test_trust_exits_with_1_where_the_model_is_not_to_be_trusted(wsal, folder, monkeypatch):
    report = Project.open(folder).trust()
    monkeypatch.setattr(Project, "trust", lambda _: replace(report, verdict="do not trust"))
    assert "do not trust" in wsal("trust", cwd=folder, code=1).stdout


def test_trust_before_a_fit_and_without_votes_is_one_error(wsal, project):
    wsal("apply", cwd=project)
    assert "run `wsal fit` first" in wsal("trust", cwd=project, code=2).stderr
    (pack,) = (project / "labeling_functions").rglob("*.yaml")
    pack.write_text(
        "wsal: 1\ntask: spam\nlabels: [ham, spam]\n"
        "rules: [{id: never, label: spam, when: {keywords: [qqqqqq]}}]\n"
    )
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    assert "holds no trust report" in wsal("trust", cwd=project, code=2).stderr


def test_check_says_which_engine_searches_for_each_pattern(wsal, tmp_path):
    (tmp_path / "pack.yaml").write_text(
        "wsal: 1\nlabels: [a, b]\nrules:\n"
        "  - {id: words, label: a, when: {keywords: [free, prize]}}\n"
        "  - {id: ahead, label: b, when: {regex: 'free(?! of)'}}\n"
    )
    short = wsal("check", "pack.yaml", cwd=tmp_path).stdout
    assert "rule 'ahead': 'free(?! of)': one pass, confirmed by re: look-ahead" in short
    assert "2 of 3 patterns share one pass" in short
    assert "'prize'" not in short
    assert "rule 'words': 'prize': one pass\n" in wsal("check", "--engines", "pack.yaml", cwd=tmp_path).stdout
    listed = json.loads(wsal("check", "--json", "pack.yaml", cwd=tmp_path).stdout)["engines"]
    assert [(entry["rule"], entry["engine"]) for entry in listed] == [
        ("words", "one pass"),
        ("words", "one pass"),
        ("ahead", "one pass, confirmed"),
    ]


def test_tables_of_a_terminal_of_80_columns_cut_no_figure_and_break_no_label(wsal, folder, monkeypatch):
    project = Project.open(folder)
    item = next(iter(pd.read_csv(folder / "messages.csv")["id"]))
    for who in ("ana", "ben"):
        (folder / f"{who}.csv").write_text(f"id,label,annotator\n{item},ham,{who}\n", encoding="utf-8")
        project.import_answers(folder / f"{who}.csv")
    monkeypatch.setenv("COLUMNS", "80")
    rules = wsal("rules", cwd=folder).stdout
    for row in project.rules():
        line = next(line for line in rules.splitlines() if line.startswith(f" {row.name} "))
        assert all(label in line for label in row.polarity)
        assert f"{100 * row.conflicts:.1f} %" in line
    people = wsal("annotators", cwd=folder).stdout
    for name in ("ana", "ben"):
        row = next(line for line in people.splitlines() if line.startswith(f" {name} "))
        assert row.count("(") == row.count(")") >= 1


def test_what_is_missing_is_said_in_whole_words(wsal, project):
    assert "ledger  1 event," in wsal("status", cwd=project).stdout
    assert "nobody has answered so far" in wsal("annotators", cwd=project).stderr
    assert "the project has no votes yet" in wsal("rules", cwd=project, code=2).stderr
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    said = wsal("review", "--at-least", "3.5", cwd=project).stdout
    assert "no answer has evidence of 3.5 nats or more against it" in said
