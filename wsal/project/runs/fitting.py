"""A run of `fit`: what it keeps, and how a later process reads it back."""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from wsal.analysis import TrustReport
from wsal.audit import FileRef, RunFitted
from wsal.errors import DataError, InputError, StoreError
from wsal.features import FeatureMatrix
from wsal.items import Items
from wsal.label_models import FittedLabelModel
from wsal.project.history import History
from wsal.project.runs.circumstances import fit_settings, software_here
from wsal.project.runs.duplicates import FoundDuplicates, read_duplicates
from wsal.project.runs.states import write_parts
from wsal.store import RunRow, read_arrays, read_json, write_arrays, write_json, write_soft_labels
from wsal.training import Delivered, SavedClassifiers, assemble, restore_classifiers, save_classifiers

__all__ = ["TRUST", "balance_note", "read_fit", "read_trust", "require_trust", "write_fit"]

_CLASSIFIERS: Final = "classifiers.npz"
TRUST: Final = "trust.json"
_TOLERANCE: Final = 1e-6  # other processors and other releases of NumPy stay far below it


def balance_note(model: FittedLabelModel) -> tuple[str, ...]:
    """Say which class balance a fit took from the audit; nothing where it took none."""
    if not model.audited or model.class_balance is None or not model.n_audited:
        return ()
    listed = ", ".join(
        f"{name} {share:.3g}" for name, share in zip(model.labels, model.class_balance.tolist(), strict=True)
    )
    origin = f"from {model.n_audited} audit answers"
    return (
        f"class balance of covered items for the model, {origin}: {listed}; `wsal estimate` has intervals",
    )


def write_fit(  # noqa: PLR0913  # all that a run keeps
    delivered: Delivered,
    model: FittedLabelModel,
    trust: TrustReport | None,
    *,
    run: str,
    history: History,
    votes_run: str,
    answers_seq: int,
    items: Items,
    duplicates: FoundDuplicates | None = None,
) -> RunFitted:
    """Write the files of a run of `fit` and return the event that names them, not yet appended."""
    root = history.config.folder
    saved = save_classifiers(delivered.classifiers, delivered.features)
    files = [write_arrays(saved.arrays, saved.about, root=root, run=run, name=_CLASSIFIERS)]
    if trust is not None:
        files.append(write_json(trust.to_dict(), root=root, run=run, name=TRUST))
    if duplicates is not None:
        files.append(duplicates.write(history=history, run=run))
    files.append(write_parts(delivered, items, root=root, run=run))
    return RunFitted(
        run=run,
        votes_run=votes_run,
        model=write_json(json.loads(model.to_json()), root=root, run=run),
        soft_labels=write_soft_labels(delivered.soft, root=root, run=run),
        n_iter=model.n_iter,
        stop_reason=model.stop_reason,
        n_answers=0 if delivered.human is None else len(delivered.human),
        answers_seq=answers_seq,
        class_balance=None if model.class_balance is None else tuple(model.class_balance.tolist()),
        files=tuple(files),
        balance_from="audit" if model.audited else "",
        settings=fit_settings(history.config),
        software=software_here(),
    )


def read_trust(run: RunFitted, *, history: History) -> TrustReport | None:
    """Read the trust report of a run of `fit`; None where no rule voted, or an older wsal made the run."""
    for file in run.files:
        if file.path.endswith(f"/{TRUST}"):
            data = read_json(file, root=history.config.folder)
            return TrustReport.from_dict(data) if isinstance(data, dict) else None
    return None


def require_trust(history: History) -> TrustReport:
    """Read the trust report of the last run of `fit`.

    Raises
    ------
    InputError
        There is none: nothing was fitted yet, no rule voted, or an older wsal made the run.
    """
    run = history.run("run_fitted")
    report = read_trust(run.payload, history=history)
    if report is None:
        raise InputError(
            f"run {run.run} holds no trust report: no rule voted, or an older wsal made it",
            hint="run `wsal fit` again",
        )
    return report


def read_fit(run: RunRow[RunFitted], *, history: History, features: FeatureMatrix | None) -> Delivered:
    """Return what a run of `fit` delivered: read back and put together, not trained again.

    Raises
    ------
    StoreError
        The features are not those of the run, or its labels come out different.
    LedgerError
        A file of the run is not the one that the ledger names.
    """
    votes = history.votes(run.payload.votes_run)
    human, _ = history.human(votes, as_of=run.payload.answers_seq)
    try:
        arrays, about = read_arrays(_classifiers_of(run), root=history.config.folder)
        saved = SavedClassifiers(arrays, about if isinstance(about, dict) else {})
        classifiers = restore_classifiers(saved, features)
    except DataError as error:
        raise _no_way_back(run.run, error.message) from error
    kept = read_duplicates(run.payload, votes.item_ids, history=history)
    delivered = assemble(
        votes,
        history.model(run),
        classifiers,
        human=human,
        features=features,
        duplicates=None if kept is None else kept.groups,
    )
    stored = history.soft_labels(run.run).probabilities
    apart = float(np.abs(delivered.soft.probabilities - stored).max(initial=0.0))
    if not apart <= _TOLERANCE:
        raise _no_way_back(run.run, f"its labels come out different now, by up to {apart:.2g}")
    return delivered


def _classifiers_of(run: RunRow[RunFitted]) -> FileRef:
    for file in run.payload.files:
        if file.path.endswith(f"/{_CLASSIFIERS}"):
            return file
    raise _no_way_back(run.run, "an older wsal made it, which did not keep classifiers")


def _no_way_back(run: str, reason: str) -> StoreError:
    return StoreError(
        f"run {run} cannot be read back: {reason}\n"
        "  hint: settings or software changed since; run `wsal fit` again"
    )
