"""The page of benchmarks shows what the script made, and the script says when a claim fails."""

from __future__ import annotations

import copy
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "benchmarks" / "label_quality.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("label_quality", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["label_quality"] = module  # its dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["label_quality"]


@pytest.fixture(scope="module")
def result(script):
    return json.loads(script.RESULT.read_text(encoding="utf-8"))


def test_the_block_of_the_page_is_the_one_that_the_script_makes_of_the_kept_result(script, result):
    page = script.PAGE.read_text(encoding="utf-8")
    block = page.split(script.BEGIN)[1].split(script.END)[0]
    assert block.strip() == script.render(result).strip()


def test_the_kept_result_says_where_and_with_what_it_was_measured(result):
    assert {"date", "cpu", "cores", "system", "python", "wsal", "versions"} == result["machine"].keys()
    assert result["seeds"] >= 5
    assert "dirty" not in result["machine"]["wsal"]


def test_a_claim_that_fails_is_said_to_be_missed(script, result):
    assert len(script.checks(result)) == 7
    worse = copy.deepcopy(result)
    for row in worse["averages"]:
        if row["learner"] == script.OURS:
            row["mean"][0] = 0.79
        row["lead"][0] = 0.02
    for row in worse["early"]:
        row["worst"][0] = -0.011
    for row in worse["hunts"]:
        row["found"] = {"50": [0.1, 0.0], "200": [0.5, 0.0]}
    assert [met for _, _, met in script.checks(worse)] == [False] * 7
    assert script.render(worse).count("**missed**") == 7


def test_every_loss_is_listed(script, result):
    better = copy.deepcopy(result)
    for row in better["rows"]:
        if row["learner"] == "Snorkel + MaxKL":
            for measure in ("test", "train"):
                row[measure] = {budget: [1.0, 0.0] for budget in row[measure]}
        elif row["learner"] == script.OURS:
            for measure in ("test", "train"):
                row[measure] = {budget: [0.5, 0.0] for budget in row[measure]}
    found = script.losses(better)
    assert {(dataset, budget) for dataset, budget, *_ in found} == {
        (dataset, str(budget)) for dataset in better["sets"] for budget in (0, *script.AVERAGED)
    }
    assert {name for _, _, name, *_ in found} == {"Snorkel + MaxKL"}


@pytest.mark.slow
def test_the_script_plays_a_folder_and_goes_on_where_it_stopped(tmp_path):
    folder = tmp_path / "data" / "tiny"
    folder.mkdir(parents=True)
    for split, start, n in (("train", 0, 40), ("test", 40, 20)):
        cells = {
            str(i): {
                "label": i % 2,
                "weak_labels": [1 if i % 4 == 1 else -1, 0 if i % 4 == 0 else -1],
                "data": {
                    "text": f"{'good' if i % 2 else 'bad'} film " + " ".join(f"w{i}x{j}" for j in range(6))
                },
            }
            for i in range(start, start + n)
        }
        (folder / f"{split}.json").write_text(json.dumps(cells))
    (folder / "label.json").write_text(json.dumps({"0": "neg", "1": "pos"}))

    def run():
        command = [sys.executable, str(SCRIPT), "--run", "--data", str(tmp_path / "data"), "--seeds", "1"]
        options = [
            "--jobs",
            "1",
            "--learners",
            "wsal;majority vote + uncertainty",
            "--work",
            str(tmp_path / "work"),
        ]
        kept = ["--result", str(tmp_path / "result.json")]
        return subprocess.run([*command, *options, *kept], capture_output=True, text=True, check=True)

    first = run()
    assert "2 replays, 0 of them done before" in first.stderr
    assert "tiny: end model on 20 test items, accuracy" in first.stdout
    again = run()
    assert "2 replays, 2 of them done before" in again.stderr
    # The first line holds the date.
    assert again.stdout.split("\n", 1)[1] == first.stdout.split("\n", 1)[1]
