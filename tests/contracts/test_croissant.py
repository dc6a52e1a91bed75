"""What is written beside an export is Croissant: mlcroissant validates it, and reads the records by it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from wsal.audit import Estimated, FigureRecord
from wsal.audit.croissant import DatasetColumn, DatasetDescription, to_croissant
from wsal.errors import InputError
from wsal.project import Project

mlcroissant = pytest.importorskip("mlcroissant")

ODD = ['say "spam"', "très, bon: 100 %"]


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    """Let nothing be fetched."""
    import socket

    def refuse(*_args, **_more):
        raise AssertionError("a description of data is read without the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a project whose classes have odd names, and whose ids are numbers in one column and odd in another."""
    folder = tmp_path_factory.mktemp("croissant")
    frame = pd.DataFrame(
        {"id": ["a", 'b "2"', "c,3", "ü/4"], "text": ["free", "prize", "hello", "free prize"]}
    )
    frame.to_csv(folder / "messages.csv", index=False)
    project = Project.create(
        folder / "p", data=folder / "messages.csv", labels=ODD, text="text", id_column="id"
    )
    (folder / "p/labeling_functions/rules.yaml").write_text(
        json.dumps(
            {
                "wsal": 1,
                "rules": [{"id": "free: it's", "label": ODD[0], "when": {"keywords": ["free", "prize"]}}],
            }
        )
    )
    project.apply()
    (folder / "answers.csv").write_text('id,label,annotator\na,"say ""spam""",Ana Secret\n')
    project.import_answers(folder / "answers.csv")
    project.fit()
    return folder / "p"


def read(path):
    found = mlcroissant.Dataset(jsonld=path)
    issues = found.metadata.ctx.issues
    assert not issues.errors
    # wsal does not know the licence, was not asked for a citation, and publishes nothing.
    assert len(issues.warnings) == 3
    assert all("is recommended" in str(warning) for warning in issues.warnings)
    return found


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_an_export_is_validated_and_read_by_its_description(folder, tmp_path, format_):
    written = Project.open(folder).export(tmp_path / f"labels.{format_}")
    found = read(written.description)
    records = list(found.records("labels"))
    text = [r["labels/id"].decode() for r in records]
    assert text == ["a", 'b "2"', "c,3", "ü/4"]
    frame = {"csv": pd.read_csv, "parquet": pd.read_parquet, "jsonl": lambda p: pd.read_json(p, lines=True)}[
        format_
    ](written.path)
    shares = [r["labels/p_say%20%22spam%22"] for r in records]
    assert shares == pytest.approx(frame[f"p_{ODD[0]}"].tolist(), nan_ok=True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_the_responsible_ai_fields_say_how_the_labels_came_about_and_name_nobody(folder, tmp_path):
    project = Project.open(folder)
    written = project.export(tmp_path / "labels.csv")
    metadata = read(written.description).metadata
    assert "1 labelling functions voted, on 75.0 % of the items." in metadata.data_annotation_protocol
    assert metadata.annotations_per_item.startswith("1 items have an answer")
    assert "1 of 1 answers are to items that were chosen on purpose" in metadata.data_biases[0]
    assert "was not estimated" in " ".join(metadata.data_limitations)
    assert "free: it's" in metadata.machine_annotation_tools[0]
    assert metadata.version == "1.0.0"
    assert written.run_id in metadata.data_release_maintenance_plan
    assert "Secret" not in (tmp_path / "labels.csv.croissant.json").read_text()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_a_broken_description_is_found(tmp_path):
    columns = (DatasetColumn("id", "i"),)
    described = DatasetDescription(
        "n", "d", "x.csv", "csv", "00", 1, "2026-01-31T00:00:00", "1.0.0", columns, "c", (), (), (), "", (), (), (), (),
        (), "m",
    )  # fmt: skip
    tree = to_croissant(described)
    del tree["distribution"][0]["encodingFormat"]
    (tmp_path / "broken.json").write_text(json.dumps(tree))
    with pytest.raises(mlcroissant.ValidationError):
        mlcroissant.Dataset(jsonld=tmp_path / "broken.json")


def test_the_estimated_accuracy_is_said_with_its_interval(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "p")
    project = Project.open(tmp_path / "p")
    run = project.history.run("run_fitted").run
    figure = FigureRecord(
        "labels", "", "accuracy", "share", run, 0.9, 0.8, 0.97, 0.95, 30, 28, "exact", "audit"
    )
    project.history.append(Estimated(run, 1, (figure,)))
    written = project.export(tmp_path / "labels.csv")
    limits = json.loads(Path(written.description).read_text())["rai:dataLimitations"]
    assert any(
        "from 30 random draws: between 80.0 % and 97.0 % (interval of 95 %)." in said for said in limits
    )


def test_a_description_that_is_there_is_not_replaced_unless_asked(folder, tmp_path):
    project = Project.open(folder)
    beside = tmp_path / "labels.csv.croissant.json"
    beside.write_text("mine")
    with pytest.raises(InputError, match=r"labels\.csv\.croissant\.json is there already"):
        project.export(tmp_path / "labels.csv")
    assert not (tmp_path / "labels.csv").exists()
    project.export(tmp_path / "labels.csv", force=True)
    assert json.loads(beside.read_text())["@type"] == "sc:Dataset"


def test_the_ledger_names_the_description_by_its_hash(folder, tmp_path):
    project = Project.open(folder)
    project.export(folder / "mine.csv", force=True)
    assert project.verify().ok
    beside = folder / "mine.csv.croissant.json"
    beside.write_text(beside.read_text().replace("chosen on purpose", "drawn at random"))
    (finding,) = project.verify().findings
    assert "mine.csv.croissant.json" in finding.message
    project.export(folder / "mine.csv", force=True)
    assert project.verify().ok
