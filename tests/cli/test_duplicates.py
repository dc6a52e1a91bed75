"""Duplicates in a project: labelled once, counted once, and all of it reversible."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from wsal.project import Project
from wsal.project.estimates.audit_draws import Audits

PRIZE = "Congratulations, you have won a prize of 1000 pounds, call now to claim it before Friday"
SETTINGS = """\
[task]
name = "spam"
labels = ["ham", "spam"]
[data]
path = "texts.csv"
id = "id"
text = "text"
"""
PACK = """\
wsal: 1
task: spam
labels: [ham, spam]
rules:
  - {id: prize, label: spam, when: {keywords: [prize, won]}}
  - {id: lunch, label: ham, when: {keywords: [lunch, home]}}
"""


@pytest.fixture
def folder(tmp_path):
    """Make a project of 60 texts, some of them copies: a = b exactly, c nearly."""
    texts = [
        f"text number {i} about {'lunch at home' if i % 3 else 'a prize'} and {i * i}" for i in range(57)
    ]
    frame = pd.DataFrame({"id": [*"abc", *(f"t{i}" for i in range(57))]})
    frame["text"] = [PRIZE, PRIZE.upper(), PRIZE.replace("1000", "2000"), *texts]
    frame.to_csv(tmp_path / "texts.csv", index=False)
    (tmp_path / "wsal.toml").write_text(SETTINGS)
    (tmp_path / "labeling_functions").mkdir()
    (tmp_path / "labeling_functions" / "rules.yaml").write_text(PACK)
    project = Project.open(tmp_path)
    project.apply()
    project.fit()
    return tmp_path


def answer(folder, **labels):
    path = folder / "answers.csv"
    pd.DataFrame({"id": list(labels), "label": list(labels.values()), "annotator": "ana"}).to_csv(
        path, index=False
    )
    Project.open(folder).import_answers(path)


def labels(folder):
    soft = Project.open(folder).soft_labels()
    return dict(
        zip(soft.item_ids.tolist(), zip(soft.probabilities[:, 1], soft.sources, strict=True), strict=True)
    )


def test_the_groups_are_listed_with_what_was_answered_in_them(wsal, folder):
    answer(folder, a="ham", c="spam")
    report = json.loads(wsal("duplicates", "--json", cwd=folder).stdout)
    (group,) = [g for g in report["groups"] if "a" in g["items"]]
    assert (group["items"], group["kind"], group["agree"]) == (["a", "b", "c"], "near", False)
    assert {(a["item"], *a["labels"]) for a in group["answers"]} == {("a", "ham"), ("c", "spam")}
    assert (report["n_spare_exact"], report["threshold"], report["compared_by"]) == (1, 0.8, "texts")
    exact = json.loads(wsal("duplicates", "--threshold", "1", "--json", cwd=folder).stdout)
    assert [g["items"] for g in exact["groups"]] == [["a", "b"]]
    said = wsal("duplicates", cwd=folder).stdout
    assert "a, b, c" in said
    assert "they differ" in said


def test_an_answer_is_carried_to_the_duplicates_and_why_and_export_say_so(wsal, folder):
    answer(folder, a="ham")
    wsal("fit", cwd=folder)
    found = labels(folder)
    assert found["b"] == (0.0, "duplicate")
    assert found["c"][1] == "duplicate"
    assert found["c"][0] < 0.5
    why = json.loads(wsal("why", "b", "--json", cwd=folder).stdout)
    assert (why["label"], why["copied_from"], why["answers"][0]["item"]) == ("ham", ["a"], "a")
    assert "duplicate a answered ham by ana" in wsal("why", "c", cwd=folder).stdout
    wsal("export", "labels.csv", cwd=folder)
    frame = pd.read_csv(folder / "labels.csv").set_index("id")
    assert frame.loc[["a", "b", "c"], "source"].tolist() == ["human", "duplicate", "duplicate"]
    assert frame.loc[["b", "c"], "duplicate_of"].tolist() == ["a", "a"]
    assert frame["duplicate_of"].notna().sum() == 2


def test_an_export_after_a_changed_answer_changes_the_copies_too(wsal, folder):
    answer(folder, a="ham")
    wsal("fit", cwd=folder)
    answer(folder, a="spam")
    wsal("export", "labels.csv", cwd=folder)
    frame = pd.read_csv(folder / "labels.csv").set_index("id")
    assert frame.loc[["a", "b"], "label"].tolist() == ["spam", "spam"]
    project = Project.open(folder)
    project.undo(project.history.store.answers()[-1].event_id, annotator="ana")
    project.undo(project.history.store.answers()[-1].event_id, annotator="ana")
    wsal("export", "labels.csv", "--force", cwd=folder)
    frame = pd.read_csv(folder / "labels.csv").set_index("id")
    assert frame.loc[["a", "b", "c"], "source"].tolist() == ["none"] * 3


def test_nobody_is_asked_for_a_copy_of_what_is_answered_or_waits(folder):
    answer(folder, a="ham")
    project = Project.open(folder)
    project.fit()
    purposes = {}
    for seed in range(8):
        purposes |= {task.item_id: task.purpose for task in project.tasks(20, new=True, rng=seed)}
    assert "b" not in purposes
    assert purposes.get("c", "audit") == "audit"
    assert len(purposes) >= 40


def test_items_set_apart_are_labelled_for_themselves_and_can_be_joined_again(wsal, folder):
    answer(folder, a="ham")
    wsal("fit", cwd=folder)
    before = labels(folder)
    wsal("duplicates", "split", "b", cwd=folder)
    assert labels(folder) == before  # what a run delivered stays as it is
    wsal("why", "b", cwd=folder)
    wsal("fit", cwd=folder)
    assert labels(folder)["b"][1] == "rules"
    assert labels(folder)["c"][1] == "duplicate"
    assert json.loads(wsal("duplicates", "--json", cwd=folder).stdout)["apart"] == ["b"]
    assert "has no duplicates" in wsal("duplicates", "split", "b", cwd=folder, code=2).stderr
    wsal("duplicates", "join", "b", cwd=folder)
    wsal("fit", cwd=folder)
    assert labels(folder) == before
    assert "was not set apart" in wsal("duplicates", "join", "b", cwd=folder, code=2).stderr
    assert "there is no item" in wsal("duplicates", "split", "zz", cwd=folder, code=2).stderr
    wsal("audit", "verify", cwd=folder)


def test_switched_off_nothing_is_carried_and_the_labels_are_those_of_plain_items(wsal, folder):
    answer(folder, a="ham")
    settings = folder / "wsal.toml"
    settings.write_text(SETTINGS + "[duplicates]\nfind = false\n")
    wsal("fit", cwd=folder)
    found = labels(folder)
    assert {source for _, source in found.values()} <= {"human", "rules", "model"}
    assert "not looked for" in wsal("duplicates", cwd=folder).stdout
    run = Project.open(folder).history.run("run_fitted").payload
    assert not any(file.path.endswith("/duplicates.npz") for file in run.files)
    settings.write_text(SETTINGS)
    wsal("fit", cwd=folder)
    assert labels(folder)["b"][1] == "duplicate"


def test_a_later_process_reads_the_duplicates_of_the_run_and_looks_again_only_after_a_change(
    wsal, folder, monkeypatch
):
    def never(*_, **__):
        raise AssertionError("looked for duplicates again")

    monkeypatch.setattr("wsal.project.runs.duplicates.find_duplicates", never)
    answer(folder, a="ham")
    wsal("fit", cwd=folder)
    wsal("next", cwd=folder)
    (folder / "wsal.toml").write_text(SETTINGS + "[duplicates]\nthreshold = 0.9\n")
    with pytest.raises(AssertionError, match="looked for duplicates again"):
        Project.open(folder).fit()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("threshold = 0", "`threshold` is a number above 0 and at most 1, got 0"),
        ('find = "no"', "`find` is a true or false"),
        ('same = "text"', "`same` is a list of texts"),
        ("thresold = 0.9", "did you mean 'threshold'?"),
        ('same = ["sender"]', "no column 'sender'"),
        ('images = "text"', "is no image"),
    ],
)
def test_wrong_settings_are_one_clear_error(wsal, folder, line, said):
    (folder / "wsal.toml").write_text(SETTINGS + f"[duplicates]\n{line}\n")
    assert said in wsal("fit", cwd=folder, code=2).stderr


def test_labels_of_a_project_without_duplicates_are_the_same_bit_by_bit(folder):
    frame = pd.read_csv(folder / "texts.csv")
    frame[~frame["id"].isin(["b", "c"])].to_csv(folder / "texts.csv", index=False)
    answer(folder, a="ham", t0="spam", t1="ham")
    made = []
    for settings in (SETTINGS + "[duplicates]\nthreshold = 1\n", SETTINGS + "[duplicates]\nfind = false\n"):
        (folder / "wsal.toml").write_text(settings)
        project = Project.open(folder)
        project.apply()
        project.fit()
        made.append(project.soft_labels().probabilities)
    assert np.array_equal(*made)


def test_a_draw_of_an_exact_duplicate_of_an_answered_item_counts_in_estimates_with_the_copied_answer(folder):
    answer(folder, a="ham")
    project = Project.open(folder)
    project.fit()
    for seed in range(8):
        for task in project.tasks(7, rng=seed):
            project.answer(task, "ham" if "lunch" in str(task.fields["text"]) else "spam", annotator="ana")
    drawn = {draw.item: draw for draw in project.history.store.draws() if draw.purpose == "audit"}
    assert "b" in drawn
    assert not drawn["b"].fresh
    project.fit()
    human, _ = project.history.human(project.votes())
    audits = Audits(project.history, project.votes(), human)
    assert not audits.sample(audits.batches).missing.any()
    assert "b" not in human
    assert not any("wait for an answer" in note for note in project.estimate().notes)
