"""``wsal audit replay``: what it prints and how it exits."""

from __future__ import annotations

from dataclasses import replace

from wsal.project import Project
from wsal.store import write_soft_labels


def test_replay_says_identical_and_exits_with_0(wsal, project):
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    said = wsal("audit", "replay", cwd=project)
    assert "labels (with 0 answers): identical, 428 items" in said.stdout
    assert not said.stderr
    said = wsal("audit", "replay", "--from-rules", cwd=project)
    assert "votes: identical, 428 items" in said.stdout


def test_replay_shows_the_first_difference_and_exits_with_1(wsal, project):
    made = Project.open(project)
    made.apply()
    made.fit()
    soft = made.soft_labels()
    p = soft.probabilities[:, ::-1].copy()
    file = write_soft_labels(replace(soft, probabilities=p), root=project, run="fit-003-forged")
    made.history.append(
        replace(made.history.run("run_fitted").payload, run="fit-003-forged", soft_labels=file)
    )
    said = wsal("audit", "replay", cwd=project, code=1)
    assert "DIFFERENT for" in said.stdout
    assert f"first: item {soft.item_ids[0]}, class ham: stored " in said.stdout


def test_replay_before_any_fit_says_what_to_do(wsal, project):
    assert "run `wsal apply` first" in wsal("audit", "replay", cwd=project, code=2).stderr
    assert "there is no run 'nope'" in wsal("audit", "replay", "nope", cwd=project, code=2).stderr
