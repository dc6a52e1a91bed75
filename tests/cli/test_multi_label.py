"""Items with several labels, end to end on the notices written for wsal."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from wsal.project import MultiLabelProject
from wsal.types import LabelSpace, presence, statements

NOTICES = Path(__file__).parents[2] / "examples/notices"
LABELS = ("traffic", "budget", "parks")


@pytest.fixture
def notices(tmp_path):
    return Path(shutil.copytree(NOTICES, tmp_path / "notices"))


@pytest.fixture
def fitted(wsal, notices):
    wsal("apply", cwd=notices)
    wsal("fit", cwd=notices)
    return notices


def test_the_walk_from_init_to_export(wsal, tmp_path):
    wsal(
        "init", "town", "--data", str(NOTICES / "notices.csv"), "--labels", ",".join(LABELS),
        "--text", "text", "--id", "id", "--multi-label",
    )  # fmt: skip
    town = tmp_path / "town"
    shutil.copy(NOTICES / "labeling_functions/rules.yaml", town / "labeling_functions/rules.yaml")
    assert "10 rules, 2 tests, 0 failed" in wsal("check", cwd=town).output
    applied = wsal("apply", cwd=town).output
    assert [line for line in applied.splitlines() if line.startswith("──")] == [
        f"── {name}" for name in LABELS
    ]
    wsal("fit", cwd=town)
    kept = wsal("label", "-n", "12", cwd=town, stdin="1.\n12.\n.\nq")
    assert "3 answers kept" in kept.output
    assert "kept: traffic, budget" in kept.output
    assert "kept: none of the labels" in kept.output
    wsal("fit", cwd=town)
    wsal("export", "labels.parquet", cwd=town)
    frame = pd.read_parquet(town / "labels.parquet")
    assert list(frame.columns[:3]) == ["id", "p_traffic", "traffic"]
    assert len(frame) == 48
    answered = frame[frame.source_traffic == "human"]
    assert len(answered) == 3
    assert (frame.source_budget == "human").sum() == (frame.source_parks == "human").sum() == 3
    assert sorted(answered[list(LABELS)].sum(axis=1)) == [0, 1, 2]
    wsal("--label", "parks", "audit", "verify", cwd=town)


def test_every_rule_votes_in_the_project_of_its_label_alone(wsal, fitted):
    seen = {}
    for label in LABELS:
        rows = json.loads(wsal("--label", label, "rules", "--json", cwd=fitted).output)
        seen |= {row["name"]: row["polarity"] for row in rows}
        assert all(set(row["polarity"]) <= set(presence(label)) for row in rows)
    assert len(seen) == 10
    assert seen["roof-garden"] == ["not parks"]


def test_reading_verbs_gather_json_by_label(wsal, fitted):
    for verb in (("status",), ("why", "n04"), ("rules",), ("next", "-n", "3"), ("audit", "verify")):
        assert tuple(json.loads(wsal(*verb, "--json", cwd=fitted).stdout)) == LABELS
    # without answers there is nothing to estimate from: each label refuses, and so does the whole
    assert tuple(json.loads(wsal("estimate", "--json", cwd=fitted, code=1).stdout)) == LABELS


def test_answers_come_from_a_table_with_a_column_for_each_label_all_or_none(wsal, fitted):
    assert "144 answers imported" in wsal("import", "gold.csv", cwd=fitted).output
    assert "0 answers imported, 144 known already" in wsal("import", "gold.csv", cwd=fitted).output
    (fitted / "wrong.csv").write_text("id,traffic,parks\nn01,no,yes\nn02,no,perhaps\n")
    refused = wsal("import", "wrong.csv", cwd=fitted, code=2).output
    assert "wrong.csv:3" in refused
    assert "'perhaps' under 'parks' is neither yes nor no" in refused
    wsal("fit", cwd=fitted)
    wsal("export", "labels.csv", cwd=fitted)
    gold = pd.read_csv(fitted / "gold.csv").set_index("id")
    made = pd.read_csv(fitted / "labels.csv").set_index("id").loc[gold.index]
    # Exact duplicates have one answer; near ones may follow another, so that labels can tie.
    for label in LABELS:
        said = made[label].notna()
        assert (made.loc[said, label].astype(bool) == (gold.loc[said, label] == "yes")).all()
        assert said.mean() > 0.9


def test_labels_are_not_written_beside_data_that_changed_since(wsal, fitted):
    lines = (fitted / "notices.csv").read_text(encoding="utf-8").splitlines()
    (fitted / "notices.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    refused = wsal("export", "out.jsonl", "--format", "doccano", cwd=fitted, code=2)
    assert "the labels are of other items than the data" in refused.output
    assert not (fitted / "out.jsonl").exists()


def test_every_ledger_is_verified_though_the_first_is_damaged(wsal, fitted):
    with sqlite3.connect(fitted / "labels/traffic/.wsal/store.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
    database.close()
    said = json.loads(wsal("audit", "verify", "--json", cwd=fitted, code=1).stdout)
    assert {label: said[label]["ok"] for label in said} == dict.fromkeys(LABELS, True) | {"traffic": False}
    examined = json.loads(wsal("doctor", "--json", cwd=fitted, code=1).stdout)
    assert {label: examined[label]["ok"] for label in examined} == dict.fromkeys(LABELS, True) | {
        "traffic": False
    }


def test_a_row_for_each_thing_said_is_read_too(wsal, fitted):
    (fitted / "said.csv").write_text("id,label,annotator\nn01,traffic,ana\nn01,not parks,ana\n")
    assert "2 answers imported" in wsal("import", "said.csv", cwd=fitted).output
    (fitted / "unknown.csv").write_text("id,label\nn01,park\n")
    assert "did you mean 'parks'" in wsal("import", "unknown.csv", cwd=fitted, code=2).output
    (fitted / "none.csv").write_text("id,labels\nn01,parks\n")
    assert "no column is called as a label" in wsal("import", "none.csv", cwd=fitted, code=2).output


def test_an_answer_is_taken_back_for_every_label(fitted):
    project = MultiLabelProject.open(fitted)
    task = project.tasks(3)[0]
    project.answer(task, {"parks"}, annotator="ana")
    said = [p.history.store.answers()[0].label for p in project.projects.values()]
    assert said == ["not traffic", "not budget", "parks"]
    assert project.undo_last("ana") is not None
    assert all(not p.history.store.answers() for p in project.projects.values())
    answer = project.answer(task, None, outcome="skip", annotator="ana")
    project.undo(answer, annotator="ana")
    assert all(not p.history.store.answers() for p in project.projects.values())


def test_an_answer_counts_as_a_draw_for_the_labels_that_drew_the_item_alone(fitted):
    project = MultiLabelProject.open(fitted)
    for task in project.tasks(6):
        project.answer(task, (), annotator="ana")
    drawn = {
        label: {d.item for d in p.history.store.draws() if d.fresh} for label, p in project.projects.items()
    }
    for label, p in project.projects.items():
        for answer in p.history.store.answers():
            assert (answer.draw_id is not None) == (answer.item in drawn[label])


def test_what_works_on_one_label_says_how_to_name_it(wsal, fitted):
    refused = wsal("train", cwd=fitted, code=2).output
    assert "--label 'traffic'" in refused
    assert "unknown label 'trafic'" in wsal("--label", "trafic", "status", cwd=fitted, code=2).output
    wsal("init", "one")
    assert "multi_label = true" in wsal("--project", "one", "--label", "spam", "status", code=2).output
    classes = wsal("--label", "parks", "classes", "add", "pools", cwd=fitted, code=2).output
    assert "edit labels under [task]" in classes
    assert "copy the whole folder" in wsal("backup", "b.wsal", cwd=fitted, code=2).output


def test_a_run_of_a_label_is_recomputed_from_its_kept_rules(wsal, fitted):
    replayed = wsal("--label", "parks", "audit", "replay", "--from-rules", cwd=fitted).output
    assert "identical" in replayed


def test_settings_of_several_labels_are_checked(wsal, notices):
    settings = notices / "wsal.toml"
    text = settings.read_text()

    def refused(old, new):
        settings.write_text(text.replace(old, new))
        return wsal("status", cwd=notices, code=2).output

    assert "shares" in refused("multi_label", "class_balance = [0.4, 0.4]\nmulti_label")
    assert "is how rules say" in refused('"parks"]', '"not budget"]')
    assert "a file of its own" in refused("[rules]", '[store]\nurl = "postgresql://x/y"\n[rules]')
    settings.write_text(text.replace("multi_label", "class_balance = [0.4, 0.4, 0.3]\nmulti_label"))
    project = MultiLabelProject.open(notices)
    assert project.projects["parks"].config.class_balance == pytest.approx((0.7, 0.3))
    link = notices / "labels/parks/wsal.toml"
    link.write_text(link.read_text() + '[task]\nname = "x"\n')
    assert "[task] stands beside [label]" in wsal("status", cwd=link.parent, code=2).output


def test_labels_with_any_characters_get_a_folder(wsal, tmp_path):
    labels = ("../up", ".hidden", "a/b", "Straße, nass", "con", "类" * 190, "类" * 189 + "别")
    made = MultiLabelProject.create(
        tmp_path / "odd", data=NOTICES / "notices.csv", labels=labels, text="text", id_column="id"
    )
    folders = {project.config.folder for project in made.projects.values()}
    assert len(folders) == len(labels)
    assert {folder.parent for folder in folders} == {tmp_path / "odd" / "labels"}


def test_one_matrix_over_all_statements_holds_the_votes_of_every_label(fitted):
    from wsal import apply, load_rules

    project = MultiLabelProject.open(fitted)
    space = statements(LabelSpace(LABELS))
    shared = apply(load_rules(fitted / "labeling_functions", labels=space), project.first.items, labels=space)
    for label, own in project.projects.items():
        votes, narrowed = own.votes(), shared.narrowed(presence(label))
        kept = [j for j, name in enumerate(votes.lf_names) if name in narrowed.lf_names]
        assert (votes.values[:, kept] == narrowed.values).all()
        # what the whole matrix leaves out never voted on these items
        assert (votes.values[:, [j for j in range(votes.n_lfs) if j not in kept]] == -1).all()


@pytest.mark.parametrize("name", ["label-studio", "prodigy", "argilla"])
def test_sets_of_labels_go_through_another_tool_and_back(name, wsal, fitted, tmp_path):
    project = MultiLabelProject.open(fitted)
    said = [{"traffic"}, set(), {"budget", "parks"}]
    # each label draws four items, so there are at least three, whichever coincide
    for task, labels in zip(project.tasks(12)[:3], said, strict=True):
        project.answer(task, labels, annotator="ana", rationale="so it is")
    wsal("export", "out.json", "--format", name, cwd=fitted)
    second = Path(shutil.copytree(NOTICES, tmp_path / "second"))
    shutil.copy(fitted / "out.json", second)
    assert "9 answers imported" in wsal("import", "out.json", "--format", name, cwd=second).output
    again = MultiLabelProject.open(second)
    for label in LABELS:
        ours, theirs = (
            {(a.item, a.label, a.annotator, a.rationale) for a in p.projects[label].history.store.answers()}
            for p in (project, again)
        )
        assert ours == theirs
    refused = wsal("export", "x.csv", "--format", "crowd", cwd=fitted, code=2).output
    assert "items have one label each there" in refused
