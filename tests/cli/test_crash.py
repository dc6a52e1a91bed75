"""kill -9 in the middle of `wsal label` and `wsal apply`: nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from wsal.project import Project

WSAL = str(Path(sys.executable).with_name("wsal"))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("crash") / "project"
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    return folder


def answers(folder: Path) -> list:
    return [answer for answer in Project.open(folder).history.store.answers() if not answer.imported]


def label_until_killed(folder: Path, n_keys: int, delay: float) -> int:
    """Answer at a real terminal, kill the process, and return how many answers it had acknowledged."""
    terminal = pexpect.spawn(
        WSAL, ["label", "--annotator", f"tester-{random.random()}"], cwd=folder, timeout=240
    )
    acknowledged = 0
    for _ in range(n_keys):
        terminal.expect("left in this batch")
        terminal.send("1")
        terminal.expect("kept: ham")
        acknowledged += 1
    terminal.expect("left in this batch")
    terminal.send("2")  # this one may or may not be kept: the process is killed while it works
    time.sleep(delay)
    terminal.kill(signal.SIGKILL)
    terminal.close(force=True)
    return acknowledged


def check_label(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    before = len(answers(folder))
    acknowledged = label_until_killed(folder, rng.randint(0, 4), rng.uniform(0, 0.02))
    after = len(answers(folder))
    assert before + acknowledged <= after <= before + acknowledged + 1
    assert Project.open(folder).verify().ok


def check_apply(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    runs = len(Project.open(folder).history.store.runs("run_applied"))
    for cached in (folder / ".wsal" / "cache").rglob("*.np*"):
        if rng.random() < 0.5:
            cached.unlink()
    process = subprocess.Popen([WSAL, "apply"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    time.sleep(rng.uniform(0.5, 5.0))
    process.send_signal(signal.SIGKILL)
    said = process.communicate()[0]
    project = Project.open(folder)
    applied = project.history.store.runs("run_applied")
    assert len(applied) - runs in ({1} if b"run apply-" in said else {0, 1})
    assert project.votes().n_items == project.items.n_items
    assert project.verify().ok
    project.apply()
    assert project.verify().ok


@pytest.mark.parametrize("seed", range(5))
def test_what_label_acknowledged_survives_a_kill(fitted, seed):
    check_label(fitted, seed)


@pytest.mark.parametrize("seed", range(5))
def test_apply_killed_in_the_middle_leaves_a_whole_store_and_carries_on(fitted, seed):
    check_apply(fitted, seed)


@pytest.mark.soak
def test_fifty_kills_during_label_lose_nothing(fitted):
    for seed in range(100, 150):
        check_label(fitted, seed)


@pytest.mark.soak
def test_fifty_kills_during_apply_lose_nothing(fitted):
    for seed in range(100, 150):
        check_apply(fitted, seed)


def test_a_killed_session_carries_on_with_the_items_that_are_left(fitted):
    assert os.access(WSAL, os.X_OK)
    check_label(fitted, 7)
    open_items = {task.item_id for task in Project.open(fitted).tasks()}
    answered = {answer.item for answer in answers(fitted)}
    assert open_items
    assert not open_items & answered
