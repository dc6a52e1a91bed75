"""``wsal audit lineage``: what it prints, in every format, and what it refuses."""

from __future__ import annotations

import json

import pytest

from wsal.project import Project


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make an example project with an imported answer, a given one, and an export."""
    folder = tmp_path_factory.mktemp("lineage") / "first"
    project = Project.create_example(folder)
    project.apply()
    project.fit()
    answers = folder / "answers.csv"
    answers.write_text('id,label,annotator,rationale\nm001,spam,ana,"asks for a ""fee"""\n')
    project.import_answers(answers)
    for task in project.tasks(10, rng=0):
        project.answer(task, "ham", annotator="bo", hints_shown=task.purpose != "audit")
    project.fit()
    project.export(folder / "out.csv")
    return folder


def test_the_lineage_of_an_item_shows_its_rules_in_full_and_its_answers(wsal, folder):
    said = wsal("audit", "lineage", "m001", cwd=folder).stdout
    assert said.startswith("item m001: spam (ham 0.0 %, spam 100.0 %)\n  source: human\n")
    assert "answer: spam for m001 by ana" in said
    assert 'imported: asks for a "fee"' in said
    assert "rule known-service votes ham: version " in said
    assert "      when: {in_list: " in said
    assert "prize-words" not in said  # it abstained there
    assert "software: python " in said


def test_the_lineage_of_a_run_lists_rules_people_and_exports(wsal, folder):
    said = wsal("audit", "lineage", cwd=folder).stdout
    assert said.count("  rule ") == 20
    assert "answers: bo 10, ana 1; hints shown for 7" in said
    assert "exported: out.csv by " in said
    applied = Project.open(folder).history.run("run_applied").run
    assert wsal("audit", "lineage", applied, cwd=folder).stdout.startswith(f"run {applied} by ")


@pytest.mark.parametrize("what", [[], ["m001"]])
def test_json_prov_and_openlineage_are_json(wsal, folder, what):
    graph = json.loads(wsal("audit", "lineage", *what, "--json", cwd=folder).stdout)
    assert graph["ledger"]["head"] == Project.open(folder).history.store.head().hash
    prov = json.loads(wsal("audit", "lineage", *what, "--format", "prov", cwd=folder).stdout)
    n_nodes = sum(len(prov[section]) for section in ("entity", "activity", "agent"))
    assert n_nodes == len(graph["nodes"])
    lines = wsal("audit", "lineage", *what, "--format", "openlineage", cwd=folder).stdout.splitlines()
    assert [json.loads(line)["job"]["name"] for line in lines] == ["spam.apply", "spam.fit"]


def test_a_file_is_written_whole_and_not_replaced_unless_asked(wsal, folder, tmp_path):
    out = tmp_path / "prov.json"
    wsal("audit", "lineage", "--format", "prov", "--out", str(out), cwd=folder)
    assert json.loads(out.read_text())["entity"]
    assert "is there already" in wsal("audit", "lineage", "--out", str(out), cwd=folder, code=2).stderr
    wsal("audit", "lineage", "--out", str(out), "--force", cwd=folder)
    assert out.read_text().startswith("run fit-")
    assert "no folder" in wsal("audit", "lineage", "--out", "no/x.json", cwd=folder, code=2).stderr


def test_what_is_neither_a_run_nor_an_item_is_bad_input(wsal, folder, project):
    assert "'m01' is neither a run nor an item" in wsal("audit", "lineage", "m01", cwd=folder, code=2).stderr
    assert "run `wsal apply` first" in wsal("audit", "lineage", cwd=project, code=2).stderr


def test_a_training_has_a_lineage(wsal, folder):
    from wsal.project import TrainSettings, train_end_model

    run = train_end_model(Project.open(folder), TrainSettings(held_out=0.5))
    said = wsal("audit", "lineage", run.run_id, cwd=folder).stdout
    assert said.startswith(f"run {run.run_id} by tester")
    assert "  rule prize-words" in said
