"""``wsal track``: the last run of `fit` in an experiment tracker."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from wsal.cli.options import as_json, echo_json, for_each_label, open_project, say

__all__ = ["track"]


@click.command()
@click.argument("uri")
@click.option("--experiment", default=None, metavar="NAME", help="The name of the task where not given.")
@click.option(
    "--no-report", is_flag=True, help="Do not attach the report, which takes a while on large data."
)
@as_json
@click.pass_obj
@for_each_label
def track(folder: Path, *, uri: str, experiment: str | None, no_report: bool, json_: bool) -> None:
    """Log the last `wsal fit` at an MLflow tracking server or store (URI): settings, figures with intervals, files.

    What `wsal estimate` said of the run is logged with it. The same run logged again gets what is new.
    """
    from dataclasses import replace

    from wsal.cli.report import write_report
    from wsal.interop.mlflow_runs import log_run
    from wsal.project.tracking import tracked_run

    project = open_project(folder)
    with TemporaryDirectory(prefix="wsal-track-") as where:
        run = tracked_run(project, Path(where))
        if not no_report:
            from wsal.report import gather

            page = write_report(Path(where, "report.html"), gather(project), force=False)
            run = replace(run, files=(*run.files, page))
        name = experiment or project.config.name
        logged = log_run(run, uri=uri, experiment=name)
    if json_:
        echo_json({"run": run.name, "experiment": name, "mlflow_run": logged, "metrics": len(run.metrics)})
        return
    say(
        f"{run.name}: {len(run.metrics)} metrics and {len(run.files)} files in experiment {name!r} (run {logged})"
    )
