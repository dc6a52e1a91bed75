"""``wsal export --format`` and ``wsal import --format``: files of other tools."""

from __future__ import annotations

import json
import shutil

import pytest

from wsal.interop import FORMATS
from wsal.project import Project


@pytest.fixture
def made(wsal, project):
    """Make the example project with votes, answers and labels."""
    wsal("apply", cwd=project)
    (project / "answers.csv").write_text(
        "id,label,annotator,rationale,time\n"
        "m005,ham,ana,an order,2026-01-31T09:30:00+00:00\nm006,ham,ben,,2026-01-31T09:31:00+00:00\n"
    )
    wsal("import", "answers.csv", cwd=project)
    wsal("fit", cwd=project)
    return project


def people(folder):
    kept = Project.open(folder).history.store.answers()
    return {(one.item, one.label, one.annotator, one.rationale) for one in kept}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_and_recorded(name, wsal, made):
    file = f"made{FORMATS[name].suffix}"
    written = json.loads(wsal("export", file, "--format", name, "--json", cwd=made).stdout)
    assert (made / file).stat().st_size > 0
    assert written["format"] == name
    assert "is there already" in wsal("export", file, "--format", name, cwd=made, code=2).stderr
    wsal("export", file, "--format", name, "--force", cwd=made)
    wsal("audit", "verify", cwd=made)


@pytest.mark.parametrize("name", ["label-studio", "prodigy", "argilla", "crowd"])
def test_answers_go_out_and_come_back_into_another_project(name, wsal, made, tmp_path):
    file = f"out{FORMATS[name].suffix}"
    wsal("export", file, "--format", name, cwd=made)
    wsal("init", "second")
    second = tmp_path / "second"
    shutil.copy(made / file, second)
    said = json.loads(wsal("import", file, "--format", name, "--json", cwd=second).stdout)
    assert said["n_new"] == 2
    assert people(second) == people(made)
    again = json.loads(wsal("import", file, "--format", name, "--json", cwd=second).stdout)
    assert (again["n_new"], again["n_known"]) == (0, 2)


def test_bad_formats_and_files_are_one_error(wsal, made):
    assert "label-studoi" in wsal("import", "x", "--format", "label-studoi", cwd=made, code=2).stderr
    assert "there is no file" in wsal("import", "x.json", "--format", "label-studio", cwd=made, code=2).stderr
    assert "written, not read" in wsal("import", "x", "--format", "spacy", cwd=made, code=2).stderr
    said = wsal("export", "x.json", "--format", "label-studoi", cwd=made, code=2).stderr
    assert "label-studio" in said
    (made / "bad.jsonl").write_text('{"text": "Nobody wrote this", "label": ["ham"]}\n')
    assert "line 1: no id" in wsal("import", "bad.jsonl", "--format", "doccano", cwd=made, code=2).stderr
    (made / "label.jsonl").write_text('{"wsal_id": "m001", "label": ["hma"]}\n')
    assert "did you mean" in wsal("import", "label.jsonl", "--format", "doccano", cwd=made, code=2).stderr
