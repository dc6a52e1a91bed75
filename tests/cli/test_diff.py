"""``wsal diff`` and ``wsal why --history``: what changed between runs, and why."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pytest

from wsal.project import Project

CAUSES = ["data", "rules", "answers", "refit"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a project with four fits: then answers came, then a rule was edited, then the data changed."""
    folder = tmp_path_factory.mktemp("diff") / "first"
    project = Project.create_example(folder)
    project.apply()
    project.fit()

    answers = folder / "answers.csv"
    answers.write_text("id,label,annotator\nm004,spam,ana\nm010,ham,ben\n", encoding="utf-8")
    project.import_answers(answers)
    project.fit()

    pack = folder / "labeling_functions" / "rules.yaml"
    text = pack.read_text(encoding="utf-8")
    pack.write_text(
        text.replace("[free, ", "[message, the, free, ", 1).replace("at_least: 2", "at_least: 1", 1)
    )
    project.apply()
    answers.write_text("id,label,annotator\nm004,ham,ana\n", encoding="utf-8")
    project.import_answers(answers)
    project.fit()

    data = next(folder.glob("messages.*"))
    frame = pd.read_csv(data, dtype={"id": str}).iloc[1:]
    frame.loc[frame["id"] == "m020", "text"] = "You won a free prize, claim the gift now"
    new = frame.iloc[:1].assign(id="new1", text="Free prize! Claim it now, winner")
    pd.concat([new, frame]).to_csv(data, index=False)
    project = Project.open(folder)
    project.apply()
    project.fit()
    return folder


def _runs(folder):
    return [run.run for run in Project.open(folder).history.store.runs("run_fitted")]


def _json(wsal, folder, *arguments):
    return json.loads(wsal("diff", *arguments, "--json", "--most", "10000", cwd=folder).stdout)


@pytest.mark.parametrize(("a", "b"), [(0, 1), (1, 2), (2, 3), (0, 3), (3, 0)])
def test_the_causes_add_up_for_every_pair_of_runs(wsal, folder, a, b):
    runs = _runs(folder)
    found = _json(wsal, folder, runs[a], runs[b], "--min-move", "0")
    assert sum(sum(row.values()) for row in found["counts"].values()) == len(found["items"])
    for one in found["items"]:
        if one["steps"] is not None:
            whole = one["probability_after"] - one["probability_before"]
            assert sum(one["steps"].values()) == pytest.approx(whole, abs=1e-9)
        assert one["cause"] in CAUSES
        assert one["why"]
    soft = [Project.open(folder).soft_labels(runs[i]) for i in (a, b)]
    labels = [dict(zip(s.item_ids.tolist(), s.hard().tolist(), strict=True)) for s in soft]
    flipped = {i for i in labels[0].keys() & labels[1].keys() if labels[0][i] != labels[1][i]}
    changed = {one["item"] for one in found["items"] if one["kind"] != "moved"}
    assert changed == flipped | (labels[0].keys() ^ labels[1].keys())


def test_answers_alone_are_told_from_the_fit_that_learned_from_them(wsal, folder):
    runs = _runs(folder)
    found = _json(wsal, folder, runs[0], runs[1], "--min-move", "0.001")
    assert found["rules"] == []
    assert {(one["item"], one["after"]) for one in found["answers"]} == {("m004", "spam"), ("m010", "ham")}
    by_item = {one["item"]: one for one in found["items"]}
    assert by_item["m004"]["cause"] == "answers"
    assert "ana answered spam" in by_item["m004"]["why"]
    assert by_item["m004"]["probability_after"] == 1.0
    assert all(one["cause"] in {"answers", "refit"} for one in found["items"])


def test_an_edited_rule_and_a_changed_answer_are_named(wsal, folder):
    runs = _runs(folder)
    found = _json(wsal, folder, runs[1], runs[2], "--min-move", "0")
    assert {"name": "prize-words", "change": "edited"} in found["rules"]
    by_item = {one["item"]: one for one in found["items"]}
    assert by_item["m004"]["kind"] == "flipped"
    assert "ana's answer: spam → ham" in by_item["m004"]["why"]
    voted = [one for one in found["items"] if any("prize-words: no vote → spam" in why for why in one["why"])]
    assert voted
    assert any(one["steps"]["rules"] for one in voted)
    assert all(one["steps"]["data"] == 0 for one in found["items"])


def test_new_gone_and_changed_items_are_matters_of_the_data(wsal, folder):
    found = _json(wsal, folder)  # the last two runs
    assert (found["n_new"], found["n_gone"], found["n_changed"]) == (1, 1, 1)
    why = {one["item"]: (one["kind"], one["cause"], one["why"]) for one in found["items"]}
    assert why["new1"] == ("gained", "data", ["new item"])
    assert why["m001"] == ("lost", "data", ["item gone"])
    assert why["m020"][1:] == ("data", ["its content changed"])


def test_the_list_is_filtered_paged_and_written_in_full(wsal, folder, tmp_path):
    runs = _runs(folder)
    path = tmp_path / "diff.csv"
    flips = ["--kind", "flipped", "--kind", "moved", "--cause", "refit", "--min-move", "0.0001"]
    found = json.loads(
        wsal("diff", runs[0], *flips, "--most", "1", "--csv", str(path), "--json", cwd=folder).stdout
    )
    assert len(found["items"]) == 1
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found["n_listed"] > 1
    assert {row["cause"] for row in rows} == {"refit"}
    assert all(
        sum(float(row[cause]) for cause in CAUSES)
        == pytest.approx(float(row["probability_after"]) - float(row["probability_before"]), abs=1e-9)
        for row in rows
    )
    said = wsal("diff", runs[0], *flips, "--most", "1", cwd=folder).stdout
    assert "more with --start 1" in said
    assert "prize-words edited" in said
    assert "is there already" in wsal("diff", "--csv", str(path), cwd=folder, code=2).stderr


def test_changed_settings_are_named(wsal, project):
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    config = project / "wsal.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[data]", "class_balance = [0.9, 0.1]\n\n[data]"), encoding="utf-8")
    wsal("fit", cwd=project)
    found = _json(wsal, project)
    assert found["settings"] == ["class_balance: None → (0.9, 0.1)"]
    assert {one["cause"] for one in found["items"]} == {"refit"}
    assert "settings and software: class_balance" in wsal("diff", cwd=project).stdout


def test_the_beginning_of_a_name_is_enough(wsal, folder):
    runs = _runs(folder)
    assert _json(wsal, folder, runs[0][:7], runs[1][:7])["run_a"] == runs[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fit-999"], "there is no run of `wsal fit` 'fit-999'"),
        (["fit-"], "several runs begin with 'fit-'"),
        (["--min-move", "2"], "not in the range"),
        (["--cause", "luck"], "is not one of"),
        (["--csv", "nowhere/x.csv"], "there is no folder"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused_with_a_cure(wsal, folder, arguments, said):
    assert said in wsal("diff", *arguments, cwd=folder, code=2).stderr


def test_a_run_is_not_compared_with_itself_nor_a_single_one_with_nothing(wsal, folder, project):
    run = _runs(folder)[1]
    assert "with itself" in wsal("diff", run, run, cwd=folder, code=2).stderr
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    assert "no two runs" in wsal("diff", cwd=project, code=2).stderr
    wsal("fit", cwd=project)
    said = wsal("diff", cwd=project).stdout
    assert "none edited, added or removed" in said
    assert "all all" not in said
    assert sum(sum(row.values()) for row in _json(wsal, project, "--min-move", "0")["counts"].values()) == 0


def test_a_mistyped_run_has_a_suggestion(wsal, folder):
    run = _runs(folder)[0]
    typo = run[:-1] + ("0" if run[-1] != "0" else "1")
    assert f"did you mean '{run}'" in wsal("diff", typo, cwd=folder, code=2).stderr


def test_the_history_of_an_item_tells_its_labels_and_what_caused_them(wsal, folder):
    events = json.loads(wsal("why", "m004", "--history", "--json", cwd=folder).stdout)["events"]
    assert [(event["what"], event["label"]) for event in events] == [
        ("label", events[0]["label"]),
        ("answer", "spam"),
        ("label", "spam"),
        ("answer", "ham"),
        ("label", "ham"),
        ("label", "ham"),
    ]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    assert events[2]["change"]["cause"] == "answers"
    assert "ana answered spam" in events[2]["text"]
    assert events[5]["text"] == "ham from human; as before"
    said = wsal("why", "m001", "--history", cwd=folder).stdout
    assert "the item is gone" in said


def test_the_history_of_an_item_tells_draws_and_what_was_taken_back(wsal, project):
    folder = Project.open(project)
    folder.apply()
    folder.fit()
    task = folder.tasks(3, rng=0)[0]
    event = folder.answer(task, "spam", annotator="ana", rationale="names a prize")
    folder.fit()
    folder.undo(event, annotator="ana")
    folder.fit()
    events = json.loads(wsal("why", task.item_id, "--history", "--json", cwd=project).stdout)["events"]
    assert [e["what"] for e in events] == ["label", "drawn", "answer", "label", "taken back", "label"]
    assert "names a prize" in events[2]["text"]
    assert events[3]["change"]["cause"] == "answers"
    assert events[5]["change"]["cause"] == "answers"
    assert "ana's answer spam was taken back" in events[5]["text"]
    assert events[5]["probabilities"] == pytest.approx(events[0]["probabilities"])


def test_the_history_of_an_item_that_never_was_is_refused(wsal, folder):
    assert "did you mean 'm004'" in wsal("why", "m0004", "--history", cwd=folder, code=2).stderr
