"""What a simulation plays is what a project does: the same questions, the same labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wsal.project import Project, labelled_dataset
from wsal.simulation import Learner, Wsal, replay

ROOT = Path(__file__).resolve().parents[2]
BALANCE = (0.7, 0.3)
N = 40


def _project(folder: Path, *, balance: str) -> Project:
    Project.create_example(folder)
    gold = pd.read_csv(ROOT / "examples/messages/gold.csv").set_index("id")["label"]
    data = pd.read_csv(folder / "messages.csv")
    data["truth"] = data["id"].map(gold)
    # Near copies, which a project finds and asks about once.
    copies = data.iloc[:20].assign(id="copy-" + data["id"].iloc[:20], text=data["text"].iloc[:20] + " now")
    pd.concat([data, copies]).to_csv(folder / "messages.csv", index=False)
    settings = folder / "wsal.toml"
    settings.write_text(settings.read_text().replace("[task]", f"[task]\n{balance}"))
    project = Project.open(folder)
    project.apply()
    return project


def _worked(project: Project) -> tuple[list[object], np.ndarray]:
    """Work through the loop as people do; return the items asked for, and the labels after that."""
    truth = dict(zip(project.items.item_ids.tolist(), project.items.column("truth"), strict=True))
    asked: list[object] = []
    while len(asked) < N:
        project.fit()
        for task in project.tasks(10, rng=np.random.default_rng([0, 2, len(asked)])):
            project.answer(task, str(truth[task.item_id]), annotator="ana")
            asked.append(task.item_id)
    project.fit()
    return asked, project.soft_labels().probabilities


def _played(project: Project, wsal: Wsal) -> tuple[list[object], np.ndarray]:
    """Play the same, and catch the labels that the last record is made of."""
    last = []

    def make(votes, **given):
        last.append(wsal(votes, **given))
        return last[-1]

    data = labelled_dataset(project, "truth", held_out=0)
    records = list(replay(data, Learner("wsal", make), seed=0, budgets=(N,)))
    return [question.item_id for record in records for question in record.asked], last[-1].soft.probabilities


@pytest.mark.parametrize("balance", [BALANCE, None])
def test_a_replay_asks_what_a_project_asks_and_delivers_what_it_delivers(tmp_path, balance):
    project = _project(tmp_path / "p", balance=f"class_balance = {list(balance)}" if balance else "")
    asked, labels = _worked(project)
    played, simulated = _played(project, Wsal(class_balance=balance))
    assert played == asked
    assert np.abs(labels - simulated).max() < 1e-6
