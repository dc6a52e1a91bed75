"""`wsal estimate` on projects whose truth is known: it covers, it refuses, and it says what was seen before."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from wsal.estimation import clopper_pearson
from wsal.project import Project

RULES = """\
wsal: 1
task: rare
rules:
  - {id: high-a, label: rare, when: {number: a, above: 2.5}}
  - {id: high-b, label: rare, when: {number: b, above: 2.5}}
  - {id: low-both, label: common, when: {all: [{number: a, below: 1.0}, {number: b, below: 1.0}]}}
"""


def write_rare(folder, *, n=12_000, one_in=200, seed=1):
    """Write a project with one rare class; returns the label of each item, which no file of it holds."""
    generator = np.random.default_rng(seed)
    rare = np.zeros(n, dtype=bool)
    rare[generator.permutation(n)[: n // one_in]] = True
    frame = pd.DataFrame(
        generator.normal(size=(n, 2)) + np.where(rare, 2.2, 0.0)[:, None], columns=["a", "b"]
    )
    frame.insert(0, "id", [f"i{i:05d}" for i in range(n)])
    (folder / "rules").mkdir(parents=True)
    frame.to_csv(folder / "items.csv", index=False)
    (folder / "rules" / "pack.yaml").write_text(RULES)
    (folder / "wsal.toml").write_text(
        '[task]\nname = "rare"\nlabels = ["common", "rare"]\n\n[data]\npath = "items.csv"\nid = "id"\n\n'
        '[features]\nnumeric = ["a", "b"]\n\n[rules]\npaths = ["rules"]\n'
    )
    return dict(zip(frame["id"], np.where(rare, "rare", "common").tolist(), strict=True))


def answer_all(project, gold, tasks=None):
    tasks = project.tasks() if tasks is None else tasks
    for task in tasks:
        project.answer(task, gold[task.item_id], annotator="ana")
    return tasks


@pytest.fixture(scope="module")
def hunted(tmp_path_factory):
    """Make a project at 1:200 after a uniform batch and seven hunts: folder, gold label of each item."""
    folder = tmp_path_factory.mktemp("estimate") / "rare"
    gold = write_rare(folder)
    project = Project.open(folder)
    project.apply()
    project.fit()
    answer_all(project, gold, project.tasks(60, rng=9))
    project.fit()
    for seed in range(7):
        answer_all(project, gold, project.tasks(150, hunt=["rare"], rng=seed))
        project.fit()
    return folder, gold


def truths(project, gold, *, run=None):
    soft = project.soft_labels(run)
    hard = soft.hard()
    truth = np.array([soft.labels.index(gold[item]) for item in soft.item_ids.tolist()])
    found, rare = hard == 1, truth == 1
    return {
        "accuracy": np.mean(hard[hard >= 0] == truth[hard >= 0]),
        "precision of rare": rare[found].mean(),
        "recall of rare": found[rare].mean(),
        "share of rare": rare.mean(),
    }


def test_rules_class_balance_and_filter_cover_the_truth_at_1_in_200(hunted):
    folder, gold = hunted
    project = Project.open(folder)
    found = project.estimate(missed=["rare"], within=["high-a"])
    assert not found.refusal
    votes = project.votes()
    truth = np.array([votes.labels.index(gold[item]) for item in votes.item_ids.tolist()])
    share = found.find("class balance", "share of rare").estimate
    assert share.low <= np.mean(truth == 1) <= share.high < 0.1
    graded = 0
    for j, rule in enumerate(votes.lf_names):
        figure = found.find("rule", f"precision of rule {rule}")
        if figure is not None:
            right = np.mean((truth == votes.values[:, j])[votes.values[:, j] >= 0])
            assert figure.estimate.low <= right <= figure.estimate.high, rule
            assert figure.design == "drawn after the rules were loaded"
            graded += 1
    assert graded >= 2
    # A uniform draw on a rare vote would outweigh all hunted ones: that kind of draws is left out of this figure.
    rare_rule = found.find("rule", "precision of rule high-a").estimate
    assert rare_rule.width < 0.65
    assert found.n_draws > 18 + 7 * 30
    kept = votes.values[:, 0] >= 0
    missed = found.find("filter", "missed items of rare").estimate
    assert missed.unit == "items"
    assert missed.low <= ((truth == 1) & ~kept).sum() <= missed.high
    lost = found.find("filter", "share of rare that is missed").estimate
    assert lost.low <= (~kept)[truth == 1].mean() <= lost.high


def test_labels_are_cross_fitted_and_the_naive_and_self_graded_rates_are_wrong(hunted):
    folder, gold = hunted
    project = Project.open(folder)
    found, truth = project.estimate(), truths(project, gold)
    for name in ("accuracy", "precision of rare", "recall of rare"):
        figure = found.find("labels", name)
        assert "cross-fitted" in figure.design
        assert figure.estimate.conservative
        assert figure.estimate.low <= truth[name]
    human, _ = project.history.human(project.votes())
    soft = project.soft_labels()
    row_of = {item: row for row, item in enumerate(soft.item_ids.tolist())}
    rows = np.array([row_of[item] for item in human.items()])
    answers = np.array([soft.labels.index(gold[item]) for item in human.items()])
    # Self-graded: the labels carry the answers. Naive: how many of the rare answers the rules had found.
    assert np.mean(soft.hard()[rows] == answers) == 1.0 > truth["recall of rare"]
    positives = rows[answers == 1]
    by_rules = (project.votes().values[:, :2] == 1).any(axis=1)
    naive = clopper_pearson(int(by_rules[positives].sum()), len(positives))
    every = np.array([soft.labels.index(gold[item]) for item in soft.item_ids.tolist()]) == 1
    assert not naive.low <= by_rules[every].mean() <= naive.high


def test_a_certificate_covers_the_labels_of_the_frozen_run_and_a_refit_is_said(wsal, tmp_path):
    folder = tmp_path / "rare"
    gold = write_rare(folder, seed=3)
    for verb in ("apply", "fit"):
        wsal(verb, cwd=folder)
    project = Project.open(folder)
    answer_all(project, gold, project.tasks(60, rng=0))
    project.fit()
    frozen = project.history.run("run_fitted").run
    said = wsal("estimate", "--certify", "300", "--seed", "5", cwd=folder).stdout
    assert f"run {frozen} is frozen" in said
    assert "300 to be answered" in said
    assert "is being certified" in wsal("estimate", "--certify", "5", cwd=folder, code=2).stderr
    waiting = json.loads(wsal("next", "--json", cwd=folder).stdout)
    assert len(waiting) == 300
    assert all(task["purpose"] == "audit" and task["hints"] == [] for task in waiting)
    project = Project.open(folder)
    answer_all(project, gold)
    truth = truths(project, gold, run=frozen)
    project.fit()  # learns from the very answers that certify
    # One drawing: at 95 % one interval in twenty misses, and any change of the labels draws anew (over 20 seeds of
    # the draws, accuracy, precision and recall were covered 20, 19 and 18 times).
    found = json.loads(wsal("estimate", "--level", "0.999", "--json", cwd=folder).stdout)
    assert any(f"certify run {frozen}" in note and "alone" in note for note in found["notes"])
    certified = {f["name"]: f for f in found["figures"] if f["group"] == "certificate"}
    for name in ("accuracy", "precision of rare", "recall of rare"):
        assert certified[name]["low"] <= truth[name] <= certified[name]["high"], name
        assert frozen in certified[name]["design"]
        assert not certified[name]["conservative"] or "no draw" in certified[name]["note"]


def test_a_label_session_stops_at_the_end_of_a_certificate_without_a_refit(wsal, project):
    for verb in ("apply", "fit"):
        wsal(verb, cwd=project)
    wsal("estimate", "--certify", "4", "--seed", "1", cwd=project)
    said = wsal("label", cwd=project, stdin="1111111").stdout
    assert "`wsal estimate` shows the certificate" in said
    assert "4 answers kept" in said
    assert len(Project.open(project).history.store.runs("run_fitted")) == 1
    assert "certified: accuracy" in wsal("estimate", cwd=project).stdout


def test_imported_answers_alone_give_no_accuracy_and_it_is_said_what_would(wsal, project, tmp_path):
    for verb in ("apply", "fit"):
        wsal(verb, cwd=project)
    said = wsal("estimate", cwd=project, code=1).stdout
    assert "nobody has answered anything yet" in said
    (tmp_path / "answers.csv").write_text("id,label\n" + "".join(f"m{i:03d},ham\n" for i in range(1, 30)))
    wsal("import", str(tmp_path / "answers.csv"), cwd=project)
    wsal("fit", cwd=project)
    said = wsal("estimate", cwd=project, code=1).stdout
    assert "no accuracy: 29 items were answered, but none of them was drawn at random" in said
    assert "402 audit draws give the accuracy within 5 points" in said
    assert "accuracy  " not in said
    read = json.loads(wsal("estimate", "--json", cwd=project, code=1).stdout)
    assert read["figures"] == []
    assert read["refusal"]
    assert read["enough"]


def test_targeted_answers_alone_give_no_accuracy_either(wsal, project):
    for verb in ("apply", "fit"):
        wsal(verb, cwd=project)
    made = Project.open(project)
    for task in made.tasks(10, rng=0):
        if task.purpose != "audit":
            made.answer(task, "ham", annotator="ana")
    said = wsal("estimate", cwd=project, code=1).stdout
    assert "7 items were answered, but none of them was drawn at random" in said
    assert "3 audit items wait for an answer" in said


def test_a_rule_written_after_its_answers_is_marked_until_there_are_fresh_draws(tmp_path):
    folder = tmp_path / "rare"
    gold = write_rare(folder, n=2000, one_in=20)
    project = Project.open(folder)
    project.apply()
    project.fit()
    answer_all(project, gold, project.tasks(200, rng=0))
    pack = folder / "rules" / "pack.yaml"
    pack.write_text(RULES + "  - {id: lower, label: common, when: {number: a, below: 0.5}}\n")
    project = Project.open(folder)
    project.apply()
    project.fit()
    said = project.estimate()
    assert any(note.startswith("rules loaded when audit answers were there: lower.") for note in said.notes)
    designs = {f.subject: f.design for f in said.figures if f.group == "rule"}
    assert designs["low-both"] == "drawn after the rules were loaded"
    assert designs["lower"].startswith("the rule came after ")
    answer_all(project, gold, project.tasks(100, rng=1))
    designs = {f.subject: f.design for f in project.estimate().figures if f.group == "rule"}
    assert designs["lower"] == "drawn after the rules were loaded"


def test_skipped_audit_items_widen_and_items_not_begun_do_not_count(project):
    made = Project.open(project)
    made.apply()
    made.fit()
    tasks = made.tasks(40, rng=0)
    for task in tasks:
        made.answer(task, "ham", annotator="ana")
    whole = made.estimate()
    made.tasks(40, new=True, rng=1)  # nobody has begun it
    assert str(made.estimate().figures) == str(whole.figures)  # NaN is unequal to itself
    audit = [task for task in tasks if task.purpose == "audit"]
    made.answer(audit[0], None, outcome="unsure", annotator="ana")
    less = made.estimate()
    share = [e.find("class balance", "share of ham").estimate for e in (whole, less)]
    assert share[1].width > share[0].width
    assert "no answer" in share[1].note


def test_data_that_changed_since_the_draws_is_said(wsal, project):
    made = Project.open(project)
    made.apply()
    made.fit()
    answer_all(made, dict.fromkeys(made.items.item_ids.tolist(), "ham"), made.tasks(20, rng=0))
    data = project / "messages.csv"
    data.write_text(data.read_text() + "m999,,one more,0\n")
    assert "run `wsal apply` again" in wsal("estimate", cwd=project, code=2).stderr
    for verb in ("apply", "fit"):
        wsal(verb, cwd=project)
    said = wsal("estimate", cwd=project, code=1)
    assert "batches drawn from other items than there are now: 1" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--missed", "spma"], "spam"),
        (["--missed", "spam", "--within", "price-words"], "did you mean 'prize-words'"),
        (["--within", "prize-words"], "--missed LABEL"),
        (["--level", "95"], "--level"),
        (["--certify", "0"], "--certify"),
    ],
)
def test_bad_usage_is_one_clear_error(wsal, project, arguments, message):
    for verb in ("apply", "fit"):
        wsal(verb, cwd=project)
    assert message in wsal("estimate", *arguments, cwd=project, code=2).stderr


def test_there_is_nothing_to_estimate_before_a_fit(wsal, project):
    assert "run `wsal apply` first" in wsal("estimate", cwd=project, code=2).stderr


def test_a_fit_takes_the_class_balance_from_the_audit_once_there_are_answers(wsal, tmp_path):
    folder = tmp_path / "rare"
    gold = write_rare(folder, n=3000, one_in=20)
    wsal("apply", cwd=folder)
    settings = folder / "wsal.toml"
    settings.write_text(settings.read_text().replace("\n[data]", 'class_balance = "audit"\n\n[data]', 1))
    assert "class balance" not in wsal("fit", cwd=folder).stderr
    project = Project.open(folder)
    answer_all(project, gold, project.tasks(200, rng=0))
    said = wsal("fit", cwd=folder).stderr
    assert "class balance of covered items for the model, from " in said
    run = project.history.run("run_fitted").payload
    assert run.balance_from == "audit"
    votes = project.votes()
    covered = (votes.values >= 0).any(axis=1)
    truth = np.array([gold[item] == "rare" for item in votes.item_ids.tolist()])
    assert run.class_balance[1] == pytest.approx(truth[covered].mean(), abs=0.06)
    assert not Project.open(folder).estimate().refusal
    settings.write_text(settings.read_text().replace('"audit"', '"audits"'))
    assert 'list of numbers or "audit"' in wsal("fit", cwd=folder, code=2).stderr


def write_kinds(folder):
    """Write items of kinds: of one, items alike differ; of another, rules disagree; of a third, no rule votes."""
    rows = (
        [(f"mix{i}", "mixed", "ab"[i % 2]) for i in range(400)]
        + [(f"con{i}", "conflict", "a") for i in range(300)]
        + [(f"sure{i}", "sure", "a") for i in range(200)]
        + [(f"none{i}", "nothing", "b") for i in range(100)]
    )
    (folder / "rules").mkdir(parents=True)
    pd.DataFrame(rows, columns=["id", "kind", "_"])[["id", "kind"]].to_csv(folder / "items.csv", index=False)
    (folder / "rules" / "pack.yaml").write_text(
        "wsal: 1\ntask: kinds\nrules:\n"
        "  - {id: says-a, label: a, when: {regex: '^(mixed|conflict|sure)$', field: kind}}\n"
        "  - {id: says-b, label: b, when: {regex: '^conflict$', field: kind}}\n"
        "  - {id: sure-a, label: a, when: {regex: '^sure$', field: kind}}\n"
    )
    (folder / "wsal.toml").write_text(
        '[task]\nname = "kinds"\nlabels = ["a", "b"]\n[data]\npath = "items.csv"\nid = "id"\n'
        '[rules]\npaths = ["rules"]\n[stop]\ntarget_accuracy = 0.97\nbudget = 50\nmin_gain = 0.0001\n'
    )
    return {item: label for item, _, label in rows}


def test_status_says_where_to_label_and_where_to_write_a_rule(wsal, tmp_path):
    folder = tmp_path / "kinds"
    gold = write_kinds(folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    before = json.loads(wsal("status", "--json", cwd=folder).stdout)["stopping"]
    assert "says-b says b" in before["label_here"][0]["votes"]  # a conflict of 300 items, no answer yet
    assert before["rule_here"] == []
    assert before["n_uncovered"] == before["n_unlabelled"] == 100
    (tmp_path / "answers.csv").write_text(
        "id,label\n" + "".join(f"{item},{gold[item]}\n" for i in range(60) for item in (f"mix{i}", f"con{i}"))
    )
    wsal("import", str(tmp_path / "answers.csv"), cwd=folder)
    wsal("fit", cwd=folder)
    after = json.loads(wsal("status", "--json", cwd=folder).stdout)["stopping"]
    assert after["rule_here"][0]["votes"] == "says-a says a"
    assert after["rule_here"][0]["n_items"] == 340
    assert after["rule_here"][0]["low"] < 170 < after["rule_here"][0]["high"]
    assert after["ceiling"] >= after["now"]
    met = {verdict["reason"]: verdict["met"] for verdict in after["verdicts"]}
    assert met == {"target accuracy": False, "budget": True, "expected gain": False}
    said = wsal("status", cwd=folder).stdout
    assert "is wanted here, where items alike differ: 340 items (says-a says a), 60 answers" in said
    assert "100 unanswered items that no rule covers, 100 of them have no label" in said
    assert "stop    120 of 50 answers are spent" in said


def test_answers_to_hunted_items_tell_nothing_about_the_labels_of_the_others(wsal, tmp_path):
    folder = tmp_path / "kinds"
    write_kinds(folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    project = Project.open(folder)
    before = _said_by_a_alone(project)
    for task in project.queue([f"mix{i}" for i in range(80)], why="looks like b", hunt="b"):
        project.answer(task, "b", annotator="ana")
    project.fit()
    place = _said_by_a_alone(project)
    assert (place.n_items, place.n_answers, place.n_chosen, place.known) == (320, 80, 80, False)
    assert place.wrong / 320 == pytest.approx(before.wrong / 400)
    said = wsal("status", cwd=folder).stdout
    assert "80 answers (80 to chosen items, left out), how many labels are wrong cannot be told yet" in said
    answers = "".join(
        f"mix{i},{'ab'[i % 8 == 0]}\n" for i in range(80, 160)
    )  # of items that wsal did not choose
    (tmp_path / "more.csv").write_text(f"id,label\n{answers}")
    wsal("import", str(tmp_path / "more.csv"), cwd=folder)
    wsal("fit", cwd=folder)
    place = _said_by_a_alone(Project.open(folder))
    assert (place.n_items, place.n_answers, place.n_chosen, place.known) == (240, 160, 80, True)
    assert place.low < 30 < place.high < 80  # one in eight


def test_no_rule_is_wanted_where_all_answers_agree(wsal, tmp_path):
    folder = tmp_path / "kinds"
    write_kinds(folder)
    (tmp_path / "answers.csv").write_text("id,label\n" + "".join(f"mix{i},a\n" for i in range(30)))
    wsal("apply", cwd=folder)
    wsal("import", str(tmp_path / "answers.csv"), cwd=folder)
    wsal("fit", cwd=folder)
    assert Project.open(folder).status().stopping.rule_here == ()


def _said_by_a_alone(project):
    advice = project.status().stopping
    return next(p for p in (*advice.label_here, *advice.rule_here) if p.votes == "says-a says a")


def test_the_accuracy_of_the_last_estimate_decides_the_target_until_the_next_fit(wsal, tmp_path):
    folder = tmp_path / "kinds"
    gold = write_kinds(folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    project = Project.open(folder)
    answer_all(project, gold, project.tasks(200, rng=0))
    project.fit()
    assert "not graded yet" in wsal("status", cwd=folder).stdout
    said = wsal("estimate", "--target-accuracy", "0.05", cwd=folder).stdout
    assert "stop    the accuracy is at least" in said
    assert "below the target of 97.0 %" in wsal("status", cwd=folder).stdout
    kinds = [entry.event.kind for entry in project.history.store.events()]
    wsal("estimate", cwd=folder)  # the same again is not written again
    assert kinds.count("estimated") == 1
    assert [entry.event.kind for entry in project.history.store.events()] == kinds
    assert project.verify().ok
    project.fit()
    assert "not graded yet" in wsal("status", cwd=folder).stdout


def test_settings_for_stopping_are_checked(wsal, tmp_path):
    folder = tmp_path / "kinds"
    write_kinds(folder)
    settings = folder / "wsal.toml"
    text = settings.read_text()
    for old, new, message in (
        ("0.97", "97", "share between 0 and 1"),
        ("budget = 50", "budget = 0", "whole number above 0"),
        ("budget = 50", "budget = true", "whole number above 0"),
        ("min_gain", "min_gian", "did you mean"),
    ):
        settings.write_text(text.replace(old, new))
        assert message in wsal("status", cwd=folder, code=2).stderr


def test_chosen_answers_are_compared_with_random_ones_or_it_is_said_what_is_missing(wsal, tmp_path):
    folder = tmp_path / "rare"
    gold = write_rare(folder, n=400, one_in=4)
    project = Project.open(folder)
    project.apply()
    project.fit()
    answer_all(project, gold, project.tasks(10, rng=1))
    few = wsal("estimate", "--against-random", cwd=folder, code=1)
    assert "at least 20 are needed" in few.output
    answer_all(project, gold, project.tasks(120, new=True, rng=2))
    project.fit()
    found = json.loads(wsal("estimate", "--against-random", "--json", cwd=folder).stdout)
    assert len(found["points"]) == 4
    table = wsal("estimate", "--against-random", cwd=folder)
    for point in found["points"]:
        assert f"{100 * point['gain']['low']:+.1f} to {100 * point['gain']['high']:+.1f}" in table.output
