"""`wsal annotators` and `wsal review`: several people, and second opinions on what evidence contradicts."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from wsal.project import Project

ROOT = Path(__file__).resolve().parents[2]
WRONG = ("m100", "m239", "m049")  # several rules vote for what they are


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a project with answers of ana, three of them wrong, and of ben, who answered forty of the items, too."""
    project = tmp_path_factory.mktemp("people") / "first"
    opened = Project.create_example(project)
    gold = pd.read_csv(ROOT / "examples/messages/gold.csv")
    rows = gold[:120].to_dict("records") + gold[gold["id"] == "m239"].to_dict("records")
    flipped = {"ham": "spam", "spam": "ham"}
    lines = ["id,label,annotator,rationale"]
    lines += [
        f'{row["id"]},{flipped[row["label"]] if row["id"] in WRONG else row["label"]},ana,"seems, so"'
        for row in rows
    ]
    lines += [f"{row['id']},{row['label']},ben," for row in rows[:40]]
    (project / "answers.csv").write_text("\n".join(lines) + "\n")
    opened.apply()
    opened.import_answers(project / "answers.csv")
    opened.fit()
    return project


def test_annotators_show_agreement_reliability_and_weights(wsal, folder):
    said = wsal("annotators", cwd=folder).stdout
    assert "AC1 1.00" in said
    assert "ana" in said
    assert "ben" in said
    report = json.loads(wsal("annotators", "--json", cwd=folder).stdout)
    ana, ben = report["people"]
    assert (ana["n_answers"], ana["n_overlaps"], ben["n_answers"]) == (121, 40, 40)
    assert ana["low"] < ana["accuracy"] < ana["high"]
    assert report["weights"] == pytest.approx({"ana": 1.0, "ben": 1.0}, abs=0.01)


def test_one_person_alone_is_said_and_no_error(wsal, project):
    said = wsal("annotators", cwd=project)
    assert "at least two people" in said.stderr
    assert json.loads(wsal("annotators", "--json", cwd=project).stdout)["people"] == []


def test_review_lists_contradicted_answers_with_who_when_and_why(wsal, folder):
    found = json.loads(wsal("review", "--at-least", "0.5", "--json", cwd=folder).stdout)
    items = [one["item_id"] for one in found]
    assert set(WRONG) <= set(items)
    assert [one["log_odds"] for one in found] == sorted((one["log_odds"] for one in found), reverse=True)
    one = found[items.index("m239")]
    assert (one["annotator"], one["label"], one["better"]) == (
        "ana",
        one["label"],
        {"ham": "spam", "spam": "ham"}[one["label"]],
    )
    assert (one["rationale"], one["purpose"]) == ("seems, so", "")
    assert len(one["votes"]) == 4
    assert "text" in one["fields"]
    drawn = wsal("review", "--at-least", "0.5", cwd=folder).stdout
    assert "m239" in drawn
    assert "seems, so" in drawn
    assert "no answer has evidence of 50 nats" in wsal("review", "--at-least", "50", cwd=folder).stdout


def test_a_second_opinion_is_asked_of_somebody_else_blindly_and_both_answers_stand(wsal, folder):
    verb = ("review", "--at-least", "0.5", "--ask", "--annotator")
    assert "nothing to review for ana" in wsal(*verb, "ana", cwd=folder).stdout
    asked = wsal(*verb, "cas", cwd=folder, stdin="1\nu\n2\nq").stdout
    before_answer = asked.split("kept:")[0]
    assert "a second opinion" in before_answer
    assert "says" not in before_answer  # neither rules nor people
    assert "undone" in asked
    assert "1 answers kept" in asked
    project = Project.open(folder)
    (given,) = [answer for answer in project.history.store.answers() if answer.annotator == "cas"]
    assert (given.purpose, given.label, given.propensity) == ("overlap", "spam", None)
    both = [a.annotator for a in project.history.store.answers() if a.item == given.item]
    assert set(both) >= {"ana", "cas"}
    assert given.item not in [task.item_id for task in project.second_opinions("cas", at_least=0.5)]
    assert "cas" not in wsal("annotators", cwd=folder).stdout  # a second opinion measures nobody
    project.fit()
    assert project.verify().findings == ()


def test_queued_second_opinions_are_served_to_whoever_did_not_answer(wsal, folder, monkeypatch):
    verb = ("review", "--at-least", "0.5", "--queue")
    before = len(Project.open(folder).queued("dan"))
    asked = json.loads(wsal(*verb, "--json", cwd=folder).stdout)
    assert asked
    assert "0 items queued" in wsal(*verb, cwd=folder).stdout  # an item that waits is not queued twice
    project = Project.open(folder)
    queued = [task.item_id for task in project.queued("dan")]
    assert len(queued) == len(set(queued)) == before + len(asked)
    assert not {task.item_id for task in project.queued("ana")} & set(WRONG)
    monkeypatch.setenv("WSAL_ANNOTATOR", "dan")
    shown = json.loads(wsal("next", "--json", cwd=folder).stdout)[: len(queued)]
    assert [task["item"] for task in shown] == queued
    assert all(task["hints"] == [] for task in shown)
    wsal("label", "--once", "--annotator", "dan", stdin=" " + "1" * (len(queued) - 1) + "q", cwd=folder)
    given = {a.item: a for a in Project.open(folder).history.store.answers() if a.annotator == "dan"}
    assert set(given) == set(queued)
    assert given[queued[0]].outcome == "skip"
    assert {answer.purpose for answer in given.values()} == {"overlap"}
    assert Project.open(folder).queued("dan") == ()


def test_confident_learning_lists_and_queues_as_well(wsal, folder):
    pytest.importorskip("cleanlab")
    found = json.loads(wsal("review", "--by", "cleanlab", "--at-least", "0", "--json", cwd=folder).stdout)
    assert {one["method"] for one in found} <= {"confident learning"}
    assert set(WRONG) & {one["item_id"] for one in found}
    assert "queued" in wsal("review", "--by", "cleanlab", "--at-least", "0", "--queue", cwd=folder).stdout
    assert "is not one of" in wsal("review", "--by", "magic", code=2, cwd=folder).stderr


def test_asking_and_json_do_not_go_together(wsal, folder):
    assert "no JSON" in wsal("review", "--ask", "--json", cwd=folder, code=2).stderr


def test_review_before_a_fit_is_one_error(wsal, project):
    assert "run `wsal apply` first" in wsal("review", cwd=project, code=2).stderr
