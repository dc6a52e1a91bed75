"""The digits: people, rules and a classifier on images, without any text."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wsal.lf import check_pack
from wsal.project import Project, TrainSettings, train_end_model

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE, PACK = ROOT / "examples" / "digits", ROOT / "labeling_functions" / "digits"


def test_the_tests_of_the_rules_pass_and_every_digit_has_a_rule():
    checked = check_pack(PACK / "rules.yaml")
    assert [str(result) for result in checked.failed] == []
    assert {rule.label for rule in checked.pack.rules} == set(checked.pack.labels)
    for rule in checked.pack.rules:
        assert len(rule.why.split()) >= 4, rule.name
        assert rule.name == "one-crossing" or {example.matches for example in rule.tests} == {True, False}


def test_a_line_down_the_middle_counts_how_often_it_meets_the_stroke():
    crosses_down = runpy.run_path(str(PACK / "strokes.py"))["crosses_down"]
    image = np.zeros((8, 8))
    image[:, 3:5] = 1
    assert crosses_down(image.ravel().tolist(), times=1)
    image[3] = 0
    assert crosses_down(image.ravel().tolist(), times=2)
    assert not crosses_down(image.ravel().tolist(), times=1)


@pytest.mark.parametrize(
    ("pixels", "holes", "row"),
    [
        (
            ["........", "..####..", "..#..#..", "..#..#..", "..####..", "........", "........", "........"],
            1,
            2.5,
        ),
        (
            ["..####..", "..#..#..", "..####..", "..#..#..", "..####..", "........", "........", "........"],
            2,
            2.0,
        ),
        (
            ["..####..", "..#.....", "..#..#..", "..####..", "........", "........", "........", "........"],
            0,
            -1.0,
        ),
    ],
)
def test_holes_are_what_the_stroke_encloses(pixels, holes, row):
    measure = runpy.run_path(str(EXAMPLE / "make_data.py"))["measure"]
    found = measure(np.array([[16.0 if c == "#" else 0.0 for c in line] for line in pixels]))
    assert (found["holes"], found["hole_row"]) == (holes, row)


def test_the_script_shows_labels_and_end_models_after_answers():
    run = subprocess.run(
        [sys.executable, str(EXAMPLE / "help_each_other.py"), "--seeds", "1", "--answers", "20"],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    lines = run.stdout.splitlines()
    assert re.search(r"1198 images to label, rules vote on 8\d\.\d%; 599 held out", lines[0])
    rows = {int(line.split()[0]): [float(cell) for cell in line.split()[1:]] for line in lines[2:]}
    labels, end_model, forest, no_rules = rows[0]
    assert no_rules == pytest.approx(10, abs=1)  # nothing is known without rules and answers
    assert min(labels, end_model, forest) > 65
    assert rows[20][0] > labels  # answers help


def test_the_example_is_a_project_that_trains(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "examples" / "digits")
    shutil.copytree(PACK, tmp_path / "labeling_functions" / "digits")
    folder = tmp_path / "examples" / "digits"
    runpy.run_path(str(folder / "make_data.py"))["write_digits"](folder)
    project = Project.open(folder)
    project.apply()
    project.fit()
    run = train_end_model(project, TrainSettings(gold="gold.csv"))
    assert run.evaluation.accuracy.value > 0.7
    assert run.n_held_out == pytest.approx(1797 / 5, abs=2)
