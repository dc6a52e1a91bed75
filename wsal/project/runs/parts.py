"""A project whose data does not fit into memory: rules vote, a model is fitted and labels are written part by part.

Only what grows with the patterns is ever in memory. What needs every item at once (features, duplicates, the end model,
choosing whom to ask) is left out, and the steps that rest on it say so.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, Final

from wsal.analysis import LFAnalysis, trust_report
from wsal.audit import DataLoaded, Exported, FileRef, RuleRef, RulesLoaded, RunApplied, RunFitted
from wsal.engines import VoteParts, apply, write_soft_labels
from wsal.errors import InputError, StoreError
from wsal.items.parts import ParquetParts
from wsal.label_models import LabelModel, PlacedAnswers
from wsal.labels import TiePolicy
from wsal.project.history import History
from wsal.project.rules.loading import load_project_packs, require_columns, rule_version
from wsal.project.runs.circumstances import fit_settings, software_here, write_packs
from wsal.project.runs.fitting import TRUST, balance_note
from wsal.project.runs.material import Material
from wsal.project.runs.reports import ApplyRun, Export, FitRun
from wsal.project.runs.standing import apply_run, failure_notes, parts_fit_run
from wsal.store import (
    PARTS_FOLDER,
    PARTS_MANIFEST,
    RUNS,
    RunRow,
    checked_path,
    read_json,
    sha256_of,
    write_json,
)

__all__ = ["apply_to_parts", "export_parts", "fit_parts"]

_LEFT_OUT: Final = (
    "the data is read in parts: no features, duplicates or end model, labels from rules and answers"
)


def apply_to_parts(
    material: Material,
    parts: ParquetParts,
    *,
    fault_tolerant: bool,
    allow_python: bool,
    progress: bool,
    workers: int,
) -> ApplyRun:
    """Let every rule vote on every part; parts that nothing changed since an earlier run are not computed again.

    Raises
    ------
    InputError
        As `run_apply`; or an id that stands twice.
    LabelingFunctionError
        As `run_apply`.
    """
    history, config = material.history, material.config
    packs = load_project_packs(config, allow_python=allow_python)
    lfs = [rule for pack in packs for rule in pack.rules]
    require_columns(lfs, parts, config.data_path)
    votes = apply(
        lfs,
        parts,
        labels=config.labels,
        fault_tolerant=fault_tolerant,
        progress=progress,
        workers=workers,
        out=config.folder / PARTS_FOLDER,
    )
    with history.new_run("run_applied") as run:
        history.append(
            RulesLoaded(tuple(rule_version(lf) for lf in lfs)),
            DataLoaded(history.name_of(config.data_path), parts.fingerprint, parts.n_items),
            RunApplied(
                run,
                write_json(votes.to_data(), root=config.folder, run=run, name=PARTS_MANIFEST),
                tuple(RuleRef(*pair) for pair in zip(votes.lf_names, votes.lf_fingerprints, strict=True)),
                parts.fingerprint,
                votes.n_items,
                votes.n_lfs,
                votes.patterns().n_patterns,
                LFAnalysis(votes.patterns()).coverage,
                packs=write_packs(packs, history=history, run=run),
                software=software_here(),
            ),
        )
    reused = f"{votes.n_reused} of {len(votes.parts)} parts were voted on before" if votes.n_reused else ""
    notes = (*parts.notes, *failure_notes(votes.failures), *([reused] if reused else []))
    return apply_run(run, votes, notes)


def fit_parts(material: Material, votes_run: str, votes: VoteParts, *, notes: tuple[str, ...] = ()) -> FitRun:
    """Fit the label model on the patterns of all parts, and write the labels part by part."""
    history, config = material.history, material.config
    seq = history.store.head().seq
    human, gone = history.human(votes, as_of=seq)
    balance = config.class_balance
    patterns = votes.patterns()
    answers = PlacedAnswers(human, votes.pattern_of(human.items()))
    model = LabelModel().fit(patterns, human=answers, class_balance=balance)
    trust = None
    if patterns.covered.any():
        trust = trust_report(patterns, model, answers, class_balance=None if balance == "audit" else balance)
    root = config.folder
    with history.new_run("run_fitted") as run:
        written = write_soft_labels(
            votes,
            model.pattern_proba(patterns),
            out=root / RUNS / run / "soft_labels",
            human=human,
            beside={"run": run},
        )
        listed = FileRef(f"{RUNS}/{run}/soft_labels/{written.manifest.path}", written.manifest.sha256)
        files = () if trust is None else (write_json(trust.to_dict(), root=root, run=run, name=TRUST),)
        fitted = RunFitted(
            run=run,
            votes_run=votes_run,
            model=write_json(json.loads(model.to_json()), root=root, run=run),
            soft_labels=listed,
            n_iter=model.n_iter,
            stop_reason=model.stop_reason,
            n_answers=len(human),
            answers_seq=seq,
            class_balance=None if model.class_balance is None else tuple(model.class_balance.tolist()),
            files=files,
            balance_from="audit" if model.audited else "",
            settings=fit_settings(config),
            software=software_here(),
        )
        history.append(fitted)
    kept = read_json(listed, root=root)
    return parts_fit_run(fitted, kept, trust, (*notes, *gone, *balance_note(model), _LEFT_OUT))


def export_parts(
    path: Path,
    run: RunRow[RunFitted],
    history: History,
    *,
    format_: str | None,
    ties: TiePolicy,
    force: bool,
) -> Export:
    """Copy the labels of a run into a folder: a Parquet file a part, and the list of them with their hashes.

    Raises
    ------
    InputError
        The folder holds something already, or what is asked for is not a folder of Parquet files as it was written.
    StoreError
        A file of the run changed, or the folder cannot be written.
    """
    if format_ not in {None, "parquet"} or path.suffix or ties != "abstain":
        raise InputError(
            f"the labels of run {run.run} are in parts: {path} is to be a folder, of Parquet files without ties",
            hint="write `wsal export FOLDER`",
        )
    listed = checked_path(run.payload.soft_labels, history.config.folder)
    kept: Any = read_json(run.payload.soft_labels, root=history.config.folder)
    _make_room(path, listed.name, force=force)
    files = kept["parts"]
    try:
        path.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(listed.parent / file["path"], path / file["path"])
            if sha256_of(path / file["path"]) != file["sha256"]:
                raise StoreError(f"{listed.parent / file['path']} was changed\n  hint: run `wsal fit` again")
        shutil.copyfile(listed, path / listed.name)  # last: where it is, the folder is whole
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror or error}\n  hint: see that the disk has room"
        ) from error
    n_items = sum(file["n_items"] for file in files)
    sha256 = run.payload.soft_labels.sha256
    history.append(Exported(run.run, history.name_of(path / listed.name), sha256, "parquet parts", n_items))
    newer = history.changed_answers(run)
    notes = (f"{newer} answers are newer than run {run.run}: run `wsal fit`",) if newer else ()
    return Export(str(path), "parquet parts", run.run, n_items, sha256, str(path / listed.name), notes)


def _make_room(path: Path, manifest: str, *, force: bool) -> None:
    """See that a folder is empty, or take an earlier export out of it; nothing else is ever removed.

    Raises
    ------
    InputError
        It holds something else, or may not be replaced.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file, not a folder", hint="choose another name")
    held = {file.name for file in path.iterdir()} if path.is_dir() else set()
    if not held:
        return
    ours = {name for name in held if re.fullmatch(r"part-\d{5,}\.parquet", name)} | {manifest}
    if not force or held - ours:
        raise InputError(
            f"{path} is not empty" + (f": it holds {min(held - ours)}" if held - ours else ""),
            hint="choose another name" if held - ours else "replace it with --force, or choose another name",
        )
    for name in held:
        (path / name).unlink()
