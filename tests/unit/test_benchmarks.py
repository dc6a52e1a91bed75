"""The scripts of benchmarks/ can be run; `make bench` runs them in full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
SCRIPTS = sorted(path.name for path in BENCHMARKS.glob("*.py"))


def run(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=BENCHMARKS,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_script_can_be_imported_and_has_a_main():
    code = f"""
import runpy
for name in {SCRIPTS}:
    names = runpy.run_path({str(BENCHMARKS)!r} + "/" + name, run_name="imported")
    print(name, "main" in names)
"""
    said = dict(line.split() for line in run("-c", code).splitlines())
    assert said == {name: str(name != "targets.py") for name in SCRIPTS}


def test_the_models_of_peers_are_whole():
    """mypy does not read the scripts: a peer that lacks a method of the interface is found here, not after hours."""
    code = f"""
import inspect, runpy
from wsal.label_models import FittedModel
names = runpy.run_path({str(BENCHMARKS / "label_quality.py")!r}, run_name="imported")
models = [c for c in names.values() if inspect.isclass(c) and issubclass(c, FittedModel) and c is not FittedModel]
print([c.__name__ for c in models], [c.__name__ for c in models if c.__abstractmethods__])
"""
    assert run("-c", code).split() == ["['_FittedTable']", "[]"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("incremental.py --where frame --items 2000 --mixed-items 300 --rules 10", "target: one rule edited"),
        ("gazetteers.py --entries 2000 --texts 50", "building pays from"),
        ("withdrawals.py --items 3000 --rules 5", "target: slowest question"),
        ("duplicates.py --texts 300 --vectors 300", "spare items found"),
    ],
    ids=lambda words: words.partition(" ")[0],
)
def test_a_small_run_ends_with_its_figures(words, said):
    assert said in run(*words.split())


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ("at_most('x', 2, 1, 's')", "target: x: at most 1 s, measured 2: MISSED by 100%"),
        ("at_most('x', 1, 1, 's')", "target: x: at most 1 s, measured 1: met"),
        ("at_least('x', 5, 10, '×')", "target: x: at least 10 ×, measured 5: MISSED by 50%"),
        ("at_least('x', 10, 10, '×')", "target: x: at least 10 ×, measured 10: met"),
        ("skip('no data')", "skipped: -c: no data"),
    ],
)
def test_a_verdict_says_what_was_wanted_and_what_was_measured(call, verdict):
    assert run("-c", f"import targets; targets.{call}").strip() == verdict
