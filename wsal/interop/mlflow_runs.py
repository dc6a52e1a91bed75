"""MLflow: a run of wsal as a run there, with parameters, figures with their intervals, and files."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from wsal.errors import InputError

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

__all__ = ["TrackedRun", "log_run"]

T = TypeVar("T")

_RUN_TAG: Final = "wsal.run"
_NOT_IN_A_NAME: Final = re.compile(r"[^\w\-. :/]", re.ASCII)


@dataclass(frozen=True)
class TrackedRun:
    """What is logged of a run.

    Parameters
    ----------
    name : str
        The run of `wsal fit`; logged once an experiment.
    parameters : mapping of str to str
        What it was made with; they do not change.
    metrics : mapping of str to float
        What came out; NaN is left out.
    tags : mapping of str to str
    files : tuple of Path
        Copied to the server.
    """

    name: str
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    files: tuple[Path, ...]


def log_run(run: TrackedRun, *, uri: str, experiment: str) -> str:
    """Log a run, or what is new of one that was logged before; return its id there.

    Parameters
    ----------
    run : TrackedRun
    uri : str
        Of the tracking server or store, as MLflow takes it.
    experiment : str
        Made where it is missing.

    Raises
    ------
    InputError
        MLflow is not installed, or it refuses; with its own words.
    """
    try:
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient
    except ImportError:
        raise InputError("MLflow is not installed", hint="pip install 'wsal[mlflow]'") from None
    try:
        client = MlflowClient(tracking_uri=uri)
        run_id = _run_id(client, run, experiment)
        for name, value in _as_names(run.metrics).items():
            if math.isfinite(value):
                client.log_metric(run_id, name, value)
        for name, text in {**run.tags, _RUN_TAG: run.name}.items():
            client.set_tag(run_id, name, text)
        for file in run.files:
            client.log_artifact(run_id, str(file))
        client.set_terminated(run_id)
    except (MlflowException, OSError) as error:
        raise InputError(
            f"MLflow at {uri} does not take the run: {getattr(error, 'message', error)}",
            hint="see that the server is there and may be written to",
        ) from error
    return run_id


def _run_id(client: MlflowClient, run: TrackedRun, experiment: str) -> str:
    """Return the id of a run that was logged before, or make one."""
    known = client.get_experiment_by_name(experiment)
    where = client.create_experiment(experiment) if known is None else known.experiment_id
    earlier = client.search_runs([where], f"tags.`{_RUN_TAG}` = '{run.name}'", max_results=1)
    if earlier:
        return str(earlier[0].info.run_id)
    made = str(client.create_run(where, run_name=run.name).info.run_id)
    for name, text in _as_names(run.parameters).items():
        client.log_param(made, name, text)
    return made


def _as_names(values: Mapping[str, T]) -> dict[str, T]:
    """Return values under names that MLflow takes; names that become the same get a number."""
    taken: dict[str, T] = {}
    for name, value in values.items():
        plain = _NOT_IN_A_NAME.sub("_", name).strip("/. ") or "_"
        number = 1
        while plain in taken:
            number += 1
            plain = f"{_NOT_IN_A_NAME.sub('_', name).strip('/. ')} {number}"
        taken[plain] = value
    return taken
