"""A run of `train`: an end model on the labels of the last `fit`, judged by items that had no part in it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from wsal.audit import EndModelTrained, FileRef
from wsal.errors import DataError, InputError
from wsal.features import SyntheticItems, augment
from wsal.labels import SoftLabels, hard_labels
from wsal.project.end_models.data import EndModelData
from wsal.project.end_models.report import TrainRun, evaluate
from wsal.project.end_models.settings import TrainSettings, end_model, transformations
from wsal.project.project import Project
from wsal.store import read_arrays, sha256_of, write_arrays, write_json, write_soft_labels
from wsal.training import (
    NoiseAware,
    PortableEndModel,
    TrainingSet,
    calibrate,
    cross_fit,
)
from wsal.training.calibration import Calibration, Temperature
from wsal.types import ABSTAIN, Floats

__all__ = ["Track", "load_end_model", "train_end_model"]

_MODEL: Final = "model.npz"
_PREDICTIONS: Final = "soft_labels.parquet"
_REPORT: Final = "report.json"


class Track(Protocol):
    """Shows how far a long step is."""

    def __call__(self, steps: range, what: str, /) -> Iterable[int]:
        """Yield the steps one after the other."""
        ...


def _untracked(steps: range, what: str, /) -> Iterable[int]:  # noqa: ARG001  # as the protocol says
    return steps


def train_end_model(
    project: Project, settings: TrainSettings | None = None, *, track: Track = _untracked
) -> TrainRun:
    """Train an end model on the labels of the last `fit`, judge it, and keep it.

    Parameters
    ----------
    project : Project
    settings : TrainSettings, optional
    track : Track
        Shows progress.

    Returns
    -------
    TrainRun

    Raises
    ------
    InputError
        Nothing was fitted, the data changed since, or the settings cannot be used.
    DataError
        The labels leave nothing to learn, or too few answers to calibrate by.
    StoreError
        The project can be read alone.

    Notes
    -----
    What is learned is what rules and people say (DESIGN §5: q), without the opinion of the end model of `fit`.
    If people answered held-out items, the labels are made again without these answers. Held-out items and their
    copies take no part in training, nor do items made from them.
    """
    project.history.store.require_writable()
    asked = settings or TrainSettings()
    rng = np.random.default_rng(asked.seed)
    model, source = end_model(asked, project.config)
    functions = transformations(asked, project.config)
    if asked.out is not None:
        _check_out(asked.out, force=asked.force)
    data = EndModelData(project, asked, rng)
    truth, held, notes = data.hold_out()
    labels = data.labels_without(held)
    kept = np.flatnonzero(~held)
    training = data.training_set(labels).rows(kept)
    made, parents = None, np.zeros(0, dtype=np.int64)
    if functions:
        made = augment(project.items, functions, rows=kept[training.item_weights > 0], rng=rng)
        parents = np.searchsorted(kept, made.parents)
        training = training.with_synthetic(data.inputs_of(made), parents)
    for _ in track(range(1), "training"):
        fitted = model.fit(training.inputs, training.soft, weights=training.item_weights, rng=rng)
    calibration = _calibration(data, model, training, kept, parents, track)
    plain = fitted.predict_proba(data.inputs)
    final = plain if calibration is None else calibration.apply(plain)
    evaluation = None
    if truth is not None and (truth.classes != ABSTAIN).any():
        evaluation = evaluate(
            truth,
            project.config.labels,
            probabilities=final,
            plain=None if calibration is None else plain,
            label_codes=hard_labels(labels.unanswered, labels.soft.sources != "none"),
            rng=rng,
        )
    run = TrainRun(
        run_id=f"train-{uuid.uuid4().hex[:12]}",
        labels_run=data.fit_run.run,
        model=asked.model,
        labels=project.config.labels.names,
        n_items=len(held),
        n_trained=int(training.is_real[fitted.rows].sum()),
        n_synthetic=int((~training.is_real[fitted.rows]).sum()),
        n_held_out=int(held.sum()),
        calibration="" if calibration is None else _in_words(calibration),
        evaluation=evaluation,
        notes=(*notes, *_notes_on(made), *_notes_on_truth(held, judged=evaluation is not None)),
    )
    return _keep(run, data, PortableEndModel.of(fitted, run.labels, calibration), final, held, source)


def load_end_model(path: str | Path) -> PortableEndModel:
    """Read an end model that `wsal train` wrote: ``model.npz``, or the folder that it is in.

    Raises
    ------
    InputError
        There is no such file, or it is no end model.
    StoreError
        The file is damaged.
    """
    file = Path(path)
    file = file / _MODEL if file.is_dir() else file
    if not file.is_file():
        raise InputError(
            f"there is no end model {file}",
            hint="only logistic end models are kept: `wsal train --out FOLDER`",
        )
    arrays, about = read_arrays(FileRef(file.name, sha256_of(file)), root=file.parent)
    return PortableEndModel.from_plain(about if isinstance(about, dict) else {}, arrays)


def _calibration(
    data: EndModelData,
    model: NoiseAware,
    training: TrainingSet,
    kept: NDArray[np.int64],
    parents: NDArray[np.int64],
    track: Track,
) -> Calibration | None:
    """Calibrate by cross-fitted scores of the training items that have an audit answer."""
    method = data.settings.calibration
    if method is None:
        return None
    mine = np.zeros(data.project.items.n_items, dtype=np.bool_)
    mine[kept] = True
    truth = data.audit.among(mine)
    known = truth.classes != ABSTAIN
    if not known.any():
        raise DataError(
            "there is no audit answer to calibrate by", hint="answer audit items, or leave --calibrate out"
        )

    def soft_without(fold: NDArray[np.bool_]) -> Floats:
        held = ~mine
        held[kept[fold[: len(kept)]]] = True
        q = data.soft_of(data.labels_without(held))[kept]
        return np.concatenate([q, q[parents]])

    scored = cross_fit(
        model,
        training,
        soft_without=soft_without,
        rng=data.rng,
        track=lambda folds: track(folds, "cross-fitting"),
    )
    rows = np.searchsorted(kept, truth.rows[known])
    answers = np.eye(training.soft.shape[1])[truth.classes[known]]
    return calibrate(scored.probabilities[rows], answers, method=method)


def _in_words(calibration: Calibration) -> str:
    how = f"temperature {calibration.value:.2f}" if isinstance(calibration, Temperature) else "isotonic"
    return f"{how}, from {calibration.n_answers} cross-fitted audit answers"


def _notes_on(made: SyntheticItems | None) -> tuple[str, ...]:
    if made is None:
        return ()
    dropped = f"{made.n_unchanged} copies like their parent were dropped"
    failed = f"{made.n_not_applicable} times a function did not apply"
    return (f"{len(made)} synthetic items were made; {dropped}, and {failed}",)


def _notes_on_truth(held: NDArray[np.bool_], *, judged: bool) -> tuple[str, ...]:
    if judged or not held.any():
        return ()
    return (
        "none of the held-out audit items has an answer, so nothing can be said of how good the model is",
    )


def _keep(
    run: TrainRun,
    data: EndModelData,
    portable: PortableEndModel | None,
    probabilities: Floats,
    held: NDArray[np.bool_],
    source: str | None,
) -> TrainRun:
    """Write the files of the run, then the event that names them, then the copies that were asked for."""
    project, settings = data.project, data.settings
    root, items = project.config.folder, project.items
    sources = np.full(items.n_items, "model")
    predictions = SoftLabels(probabilities, project.config.labels, items.item_ids, sources)
    files = {_PREDICTIONS: write_soft_labels(predictions, root=root, run=run.run_id)}
    if portable is not None:
        about, arrays = portable.to_plain()
        files[_MODEL] = write_arrays(arrays, about, root=root, run=run.run_id, name=_MODEL)
    else:
        run = replace(run, notes=(*run.notes, _not_kept(settings.model)))
    report = run.to_dict() | {
        "settings": {k: str(v) if isinstance(v, Path) else v for k, v in asdict(settings).items()},
        "held_out": items.item_ids[held].tolist(),
    }
    files[_REPORT] = write_json(report, root=root, run=run.run_id, name=_REPORT)
    project.history.append(
        EndModelTrained(
            run=run.run_id,
            labels_run=run.labels_run,
            model=run.model,
            model_sha256=source,
            seed=settings.seed,
            n_trained=run.n_trained,
            n_synthetic=run.n_synthetic,
            n_held_out=run.n_held_out,
            truth="" if run.evaluation is None else run.evaluation.truth,
            files=tuple(files.values()),
        )
    )
    shown = {name: root / file.path for name, file in files.items()}
    if settings.out is not None:
        settings.out.mkdir(parents=True, exist_ok=True)
        for name, path in shown.items():
            shutil.copyfile(path, settings.out / name)
        shown = {name: settings.out / name for name in shown}
    return replace(run, files={name: str(path) for name, path in shown.items()})


def _not_kept(model: str) -> str:
    return (
        f"the model itself is not kept: {model} could only be written as pickle, which runs code when it is read; "
        "its predictions are"
    )


def _check_out(out: Path, *, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file", hint="name a folder with --out")
    there = [name for name in (_MODEL, _PREDICTIONS, _REPORT) if (out / name).exists()]
    if there and not force:
        raise InputError(f"{out} holds {', '.join(there)} already", hint="replace them with --force")
