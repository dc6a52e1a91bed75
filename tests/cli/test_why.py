"""``wsal why``: contrasts, counterfactuals, decisive rules, and what hangs on a rule."""

from __future__ import annotations

import csv
import json
import math

import pandas as pd
import pytest

from wsal.evidence import explain
from wsal.project import Project


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make an example project with thirty answers."""
    from pathlib import Path

    folder = tmp_path_factory.mktemp("why") / "first"
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    gold = pd.read_csv(Path(__file__).parents[2] / "examples/messages/gold.csv").set_index("id")["label"]
    for task in project.tasks(30, rng=0):
        project.answer(task, gold[task.item_id], annotator="ana")
    project.fit()
    return folder


def _json(wsal, folder, *arguments):
    return json.loads(wsal("why", *arguments, "--json", cwd=folder).stdout)


def _decided_by_a_rule(folder):
    """Return an item whose label hangs on a single rule, and that rule."""
    project = Project.open(folder)
    votes = project.votes()
    for name in votes.lf_names:
        blast = project.withdraw(name).blast
        if blast.n_decisive:
            return blast.item_ids[0], name
    raise AssertionError("no rule is decisive")


def test_before_any_answer_there_is_no_term_of_a_class_balance(wsal, project):
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    assert "class balance" not in wsal("why", "m001", cwd=project).stdout


def test_any_two_classes_are_compared(wsal, folder):
    one = _json(wsal, folder, "m002", "--for", "spam", "--against", "ham")
    other = _json(wsal, folder, "m002", "--for", "ham", "--against", "spam")
    assert one["contrast"] == ["spam", "ham"]
    assert one["log_odds"] == pytest.approx(-other["log_odds"])


def test_the_rule_that_a_label_hangs_on_is_named_and_its_removal_shown(wsal, folder):
    item, rule = _decided_by_a_rule(folder)
    why = _json(wsal, folder, item, "--without", rule)
    assert rule in why["decisive"]["rules"]
    assert why["without"]["label"] != why["label"]
    p = why["without"]["evidence_probabilities"]
    a, b = why["contrast"]
    odds = math.fsum(term["log_odds"] for term in why["without"]["terms"])
    assert odds == pytest.approx(math.log(p[a] / p[b]), abs=1e-9)
    said = wsal("why", item, "--without", rule, cwd=folder).stdout
    assert f"{rule} (then " in said
    assert f"without {rule}, all else as it is, label: {why['without']['label']}" in said


def test_the_lineage_of_a_rule_is_paged_and_written_in_full(wsal, folder, tmp_path):
    project = Project.open(folder)
    rule = max(project.votes().lf_names, key=lambda name: project.withdraw(name).blast.n_decisive)
    path = tmp_path / "lineage.csv"
    found = _json(wsal, folder, "--rule", rule, "--csv", str(path), "--most", "1", "--start", "0")
    assert len(found["items"]) == 1
    assert sum(flow["n_items"] for flow in found["flows"]) == found["n_decisive"]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found["n_decisive"]
    delivered = project._material.delivered()
    for row in rows:
        why = explain(delivered.votes, delivered.model, row["id"], delivered=delivered)
        assert (row["before"] or None, row["after"] or None) == (why.label, why.without(rule).label)
    again = wsal("why", "--rule", rule, "--csv", str(path), cwd=folder, code=2)
    assert "is there already" in again.stderr
    wsal("why", "--rule", rule, "--csv", str(path), "--force", cwd=folder)
    page = _json(wsal, folder, "--rule", rule, "--start", str(found["n_decisive"]))
    assert page["items"] == []
    assert f"without it, all else as it is: {found['n_decisive']} labels change" in (
        wsal("why", "--rule", rule, cwd=folder).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "price-words"], "did you mean 'prize-words'"),
        (["m001", "--without", "price-words"], "did you mean 'prize-words'"),
        (["m001", "--against", "spma"], "did you mean 'spam'"),
        (["m01"], "did you mean"),
        ([], "name an item, or a rule"),
        (["m001", "--rule", "prize-words"], "name an item, or a rule"),
        (["m001", "--for", "spam"], "--for needs --against"),
        (["m001", "--csv", "x.csv"], "--csv goes with --rule"),
        (["--rule", "prize-words", "--against", "ham"], "go with an item"),
        (["--rule", "prize-words", "--csv", "nowhere/x.csv"], "there is no folder"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_a_cure(wsal, folder, arguments, said):
    assert said in wsal("why", *arguments, cwd=folder, code=2).stderr
