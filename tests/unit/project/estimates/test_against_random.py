"""What chosen answers taught beside random ones: nothing grades what it taught, and what is unknown stays unknown."""

import csv
from pathlib import Path

import numpy as np
import pytest

from wsal.project import Project
from wsal.project.estimates import against_random as module

GOLD = Path(__file__).parents[4] / "examples/messages/gold.csv"


@pytest.fixture(scope="module")
def gold():
    with GOLD.open(encoding="utf-8") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def answered(folder, gold, n, *, purposes=("audit", "uncertain", "mislead")):
    """Make the example, and answer the items of n draws that were made for some purposes."""
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    for task in project.tasks(n, rng=1):
        if task.purpose in purposes:
            project.answer(task, gold[str(task.item_id)], annotator="ana")
    project.fit()
    return project


def test_arms_of_one_size_learn_from_that_many_answers_and_none_that_grades_them(tmp_path, gold, monkeypatch):
    project = answered(tmp_path / "spam", gold, 90)
    seen = []
    fit = module.delivered_without

    def watched(votes, run, away, *, trained, features, duplicates=None):
        seen.append(len(trained.items()))
        assert not away[[votes.row_of(item) for item in trained.items()]].any()
        return fit(votes, run, away, trained=trained, features=features, duplicates=duplicates)

    monkeypatch.setattr(module, "delivered_without", watched)
    found = project.against_random()
    assert found.refusal == ""
    assert [p.n_answers for p in found.points] == sorted({p.n_answers for p in found.points})
    assert seen == [p.n_answers for p in found.points for _ in range(10)]
    for point in found.points:
        assert point.gain.low <= point.chosen.value - point.random.value <= point.gain.high
        assert point.gain.low < 0 < point.gain.high  # some 20 draws show no difference


def test_answers_that_were_all_drawn_at_random_gain_nothing(tmp_path, gold):
    found = answered(tmp_path / "spam", gold, 90, purposes=("audit",)).against_random()
    assert [point.gain.value for point in found.points] == [0.0] * len(found.points)
    assert all(point.chosen == point.random for point in found.points)


def test_with_few_random_answers_nothing_is_said(tmp_path, gold):
    found = answered(tmp_path / "spam", gold, 20).against_random()
    assert found.points == ()
    assert "at least 20 are needed" in found.refusal


def test_draws_without_an_answer_widen_every_interval():
    right = np.zeros((2, 50))
    right[0, :40] = right[1, :30] = 1.0
    none, some = np.zeros(50, dtype=bool), np.arange(50) >= 45
    sure, unsure = (module._point(10, right, gone, 0.95) for gone in (none, some))
    assert sure.gain.value == pytest.approx(0.2)
    for name in ("chosen", "random", "gain"):
        assert getattr(unsure, name).high > getattr(sure, name).high
    assert unsure.gain.low < sure.gain.low
