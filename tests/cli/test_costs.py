"""`wsal costs`: what answers took, and what is to come."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from wsal.project import Project


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make the example project with audit answers of ana at six seconds each, one of them after a pause."""
    folder = tmp_path_factory.mktemp("costs") / "first"
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    project.certify(60, rng=0)
    rules = project.soft_labels()
    label = dict(zip(rules.item_ids.tolist(), rules.hard(ties="first").tolist(), strict=True))
    for i, task in enumerate(project.tasks()):
        name = rules.labels.names[max(label[task.item_id], 0)]
        project.answer(task, name, annotator="ana", seconds=4000.0 if i == 0 else 6.0)
    return folder


def test_before_any_answer_nothing_is_known(wsal, project):
    said = wsal("costs", cwd=project).stdout
    assert "nobody has answered anything yet" in said
    assert "not known; no target accuracy was named" in said
    report = json.loads(wsal("costs", "--json", "--target-accuracy", "0.9", cwd=project).stdout)
    assert (report["work"], report["remaining"], report["mean_seconds"]) == ([], None, None)
    assert "wsal estimate" in report["basis"]


def test_minutes_money_and_the_cut_are_said(wsal, folder):
    report = json.loads(wsal("costs", "--rate", "36", "--idle", "60", "--json", cwd=folder).stdout)
    (ana,) = report["work"]
    n = ana["n_answers"]
    assert (ana["annotator"], ana["purpose"], ana["n_timed"], ana["n_cut"]) == ("ana", "audit", n, 1)
    assert ana["seconds"] == pytest.approx(60 + 6 * (n - 1))
    assert ana["median_seconds"] == 6.0
    assert report["mean_seconds"] == pytest.approx((60 + 6 * (n - 1)) / n)
    assert report["money"] == pytest.approx(report["seconds"] / 100)
    drawn = wsal("costs", "--rate", "36", "--currency", "CHF", cwd=folder).stdout
    assert "CHF" in drawn
    assert "longer than 120 s counts as that" in drawn


def test_what_is_to_come_has_an_interval_or_a_refusal(wsal, folder):
    wsal("estimate", cwd=folder)
    ahead = json.loads(
        wsal("costs", "--target-accuracy", "0.97", "--rate", "36", "--json", cwd=folder).stdout
    )
    left = ahead["remaining"]
    assert left["low"] <= left["middle"] <= left["high"]
    (ana,) = ahead["work"]
    mean = ana["seconds"] / ana["n_timed"]
    assert mean > ana["median_seconds"]  # one long answer; a prediction by the median would leave it out
    assert ahead["predicted_seconds"] == pytest.approx(
        [mean * left[end] for end in ("low", "middle", "high")]
    )
    assert (
        "more audit draws (80 % prediction interval"
        in wsal("costs", "--target-accuracy", "0.97", "--rate", "36", cwd=folder).stdout
    )
    assert "cannot be said" in wsal("costs", "--target-accuracy", "0.9999", cwd=folder).stdout
    assert "nothing, it is shown" in wsal("costs", "--target-accuracy", "0.5", cwd=folder).stdout


def test_imported_answers_have_no_time_and_it_is_said(wsal, folder, tmp_path):
    item = next(iter(pd.read_csv(folder / "messages.csv")["id"]))
    (tmp_path / "more.csv").write_text(f"id,label,annotator\n{item},ham,ben\n", encoding="utf-8")
    wsal("import", str(tmp_path / "more.csv"), cwd=folder)
    shown = wsal("costs", cwd=folder)
    assert "answers without a known time, as imported ones are: 1;" in shown.stderr
    assert "(own choice or imported)" in shown.stdout


@pytest.mark.parametrize("wrong", [("--rate", "-1"), ("--idle", "0"), ("--target-accuracy", "95")])
def test_numbers_that_are_none_are_refused(wsal, folder, wrong):
    assert "Invalid value" in wsal("costs", *wrong, code=2, cwd=folder).stderr
