"""``wsal next --strategy`` and ``[selection] strategy``."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from wsal.selection import strategies


@pytest.fixture
def fitted(wsal, project):
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    return project


def _drawn(wsal, folder, *arguments):
    return json.loads(wsal("next", "--new", "--json", "--seed", "1", *arguments, cwd=folder).stdout)


@pytest.mark.parametrize("name", [*strategies(), "default"])
def test_every_strategy_draws_a_batch_with_audit_items(wsal, fitted, name):
    tasks = _drawn(wsal, fitted, "--strategy", name, "-n", "5")
    assert len(tasks) == 5
    audits = Counter(task["purpose"] for task in tasks)["audit"]
    assert audits == (5 if name == "random" else 2)
    wsal("audit", "verify", cwd=fitted)


def test_the_settings_name_the_strategy_and_the_command_line_overrules_them(wsal, fitted):
    with (fitted / "wsal.toml").open("a", encoding="utf-8") as file:
        file.write('[selection]\nstrategy = "core-set"\n')
    assert {task["purpose"] for task in _drawn(wsal, fitted)} == {"audit", "explore"}
    assert "uncertain" in {task["purpose"] for task in _drawn(wsal, fitted, "--strategy", "entropy")}
    assert "hunt" in {task["purpose"] for task in _drawn(wsal, fitted, "--hunt", "spam")}


def test_a_strategy_that_does_not_exist_is_refused_with_those_that_do(wsal, fitted):
    said = wsal("next", "--strategy", "entropi", code=2, cwd=fitted).stderr
    assert "unknown strategy 'entropi'; there are default, random, " in said
    assert "did you mean 'entropy'" in said


def test_settings_with_an_unknown_strategy_name_their_file(wsal, fitted):
    with (fitted / "wsal.toml").open("a", encoding="utf-8") as file:
        file.write('[selection]\nstrategy = "best"\n')
    for verb in ("next", "check", "status"):
        said = wsal(verb, code=2, cwd=fitted).stderr
        assert "wsal.toml" in said
        assert "[selection] strategy: unknown strategy 'best'" in said


def test_a_classic_strategy_does_not_hunt(wsal, fitted):
    said = wsal("next", "--strategy", "entropy", "--hunt", "spam", code=2, cwd=fitted).stderr
    assert "the strategy entropy does not hunt for spam" in said
