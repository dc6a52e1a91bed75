"""``wsal track``: runs in MLflow, with its real client and a file store."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from wsal.interop.mlflow_runs import TrackedRun, log_run
from wsal.project import Project

pytest.importorskip("mlflow")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # MLflow asks for it; no server is needed then
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    return (tmp_path / "mlruns").as_uri()


def client(uri):
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=uri)


def test_a_run_is_logged_once_with_figures_intervals_and_files(wsal, project, store):
    gold = pd.read_csv(Path(__file__).parents[2] / "examples/messages/gold.csv").set_index("id")["label"]
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    opened = Project.open(project)
    for _ in range(2):
        for task in opened.tasks(20, rng=0, new=True):
            opened.answer(task, gold[task.item_id], annotator="ana")
    wsal("fit", cwd=project)
    first = json.loads(wsal("track", store, "--json", "--no-report", cwd=project).stdout)
    wsal("estimate", cwd=project)
    second = json.loads(wsal("track", store, "--json", cwd=project).stdout)
    assert first["mlflow_run"] == second["mlflow_run"]
    assert second["metrics"] > first["metrics"]
    run = client(store).get_run(second["mlflow_run"])
    assert run.info.status == "FINISHED"
    assert run.data.tags["wsal.run"] == second["run"]
    assert run.data.params["labels"] == "ham, spam"
    assert run.data.metrics["counts/items"] == 428
    points = [name for name in run.data.metrics if f"{name} low" in run.data.metrics]
    assert any(name.startswith("class balance/") for name in points)
    for name in points:
        value = run.data.metrics[name]
        assert run.data.metrics[f"{name} low"] <= value <= run.data.metrics[f"{name} high"]
    files = {file.path for file in client(store).list_artifacts(second["mlflow_run"])}
    assert files == {"run-card.json", "report.html"}
    assert "ana" not in json.dumps([run.data.params, run.data.tags])


def test_names_that_mlflow_refuses_are_made_plain_and_stay_apart(store):
    run = TrackedRun("fit-1", {"größe": "1"}, {"a%": 1.0, "a&": 2.0, "nothing": float("nan")}, {}, ())
    logged = client(store).get_run(log_run(run, uri=store, experiment="x"))
    assert logged.data.metrics == {"a_": 1.0, "a_ 2": 2.0}
    assert logged.data.params == {"gr__e": "1"}


def test_what_mlflow_refuses_is_one_error(wsal, project, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    assert "wsal apply" in wsal("track", (tmp_path / "m").as_uri(), cwd=project, code=2).stderr
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    refused = wsal("track", "nonsense://x", "--no-report", cwd=project, code=2).stderr
    assert "MLflow at nonsense://x does not take the run" in refused
