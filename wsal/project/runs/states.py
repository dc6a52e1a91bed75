"""What a run of `fit` keeps of each item beside its label, so that later runs can be compared with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.audit import FileRef, RunFitted
from wsal.errors import DataError, InputError, did_you_mean
from wsal.evidence import LabelParts, RunState, carried_answers
from wsal.items import Items
from wsal.label_models import Answers
from wsal.project.history import History, labels_in_parts, needs_memory
from wsal.project.runs.duplicates import read_duplicates
from wsal.store import RunRow, read_arrays, write_arrays
from wsal.training import Delivered
from wsal.types import Floats

__all__ = ["fit_named", "read_columns", "read_state", "write_parts"]

_FILE: Final = "parts.npz"


def write_parts(delivered: Delivered, items: Items, *, root: Path, run: str) -> FileRef:
    """Write what the classifiers say of each item, and a digest of each item's content."""
    known = {
        "human_probabilities": delivered.human_probabilities,
        "human_prior": delivered.human_prior,
        "end_probabilities": delivered.end_probabilities,
    }
    arrays: dict[str, NDArray[Any]] = {name: found for name, found in known.items() if found is not None}
    columns = sorted(name for name in items.columns if name != items.id_column)
    try:
        arrays["digests"] = items.digests
    except DataError:  # a cell that cannot be hashed: then only votes can tell whether an item changed
        columns = []
    return write_arrays(arrays, {"columns": columns}, root=root, run=run, name=_FILE)


def fit_named(history: History, name: str) -> RunRow[RunFitted]:
    """Find a run of `fit` by its name, or by the beginning of it that no other has.

    Raises
    ------
    InputError
        There is none, or several begin so.
    """
    history.run("run_fitted")  # says what to do where there is none
    runs = history.store.runs("run_fitted")
    found = [run for run in runs if run.run == name] or [run for run in runs if run.run.startswith(name)]
    if len(found) == 1 and name:
        return found[0]
    if len(found) > 1:
        raise InputError(f"several runs begin with {name!r}: {', '.join(run.run for run in found)}")
    known = [run.run for run in runs]
    raise InputError(
        f"there is no run of `wsal fit` {name!r}",
        hint=did_you_mean(name, known) or f"the last ones are {', '.join(known[-8:])}",
    )


def read_state(history: History, run: RunRow[RunFitted]) -> RunState:
    """Read a run back, as far as runs are compared; features are not needed.

    Raises
    ------
    InputError
        An older wsal made the run, which kept less; or its data is in parts.
    """
    arrays, about = _parts(history, run)
    votes = history.votes(run.payload.votes_run)
    human, _ = history.human(votes, as_of=run.payload.answers_seq)
    kept = read_duplicates(run.payload, votes.item_ids, history=history)
    own = Answers.of(human, votes.n_classes).found_in(votes)

    def floats(name: str) -> Floats | None:
        found = arrays.get(name)
        return None if found is None else np.asarray(found, dtype=np.float64)

    parts = LabelParts(
        votes.n_items,
        floats("human_probabilities"),
        floats("human_prior"),
        float(about.get("trust", 1.0)),  # what an older wsal made its labels with is kept
        floats("end_probabilities"),
        carried_answers(own, None if kept is None else kept.groups),
    )
    return RunState(
        run.run, votes, history.model(run), history.soft_labels(run.run), parts, arrays.get("digests")
    )


def read_columns(history: History, run: RunRow[RunFitted]) -> tuple[str, ...]:
    """Return the columns that the digests of a run's items are of."""
    columns: Iterable[str] = _parts(history, run)[1]["columns"]
    return tuple(columns)


def _parts(history: History, run: RunRow[RunFitted]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    for file in run.payload.files:
        if file.path.endswith(f"/{_FILE}"):
            arrays, tree = read_arrays(file, root=history.config.folder)
            about: Any = tree
            return arrays, about
    if labels_in_parts(run.payload):
        raise needs_memory(history.config)
    raise InputError(
        f"run {run.run} was made by an older wsal, which did not keep what a comparison needs",
        hint="compare later runs; `wsal fit` makes one",
    )
