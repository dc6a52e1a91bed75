"""Labels as a file: id, a probability for each class, the label, its source and the run."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np

from wsal.audit import Exported, RunFitted
from wsal.errors import InputError, did_you_mean
from wsal.features import DuplicateGroups
from wsal.interop import FORMATS, LabelledItems
from wsal.labels import HumanLabels, SoftLabels, TiePolicy
from wsal.project.files.describing import LabelFile, description_path, write_description
from wsal.project.history import History, labels_in_parts
from wsal.project.replacing import refuse_replacing, require_folder
from wsal.project.runs.duplicates import duplicate_of, read_duplicates
from wsal.project.runs.material import Material
from wsal.project.runs.parts import export_parts
from wsal.project.runs.reports import Export
from wsal.store import RunRow, write_atomically
from wsal.types import ItemId

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "StandingLabels",
    "export_labels",
    "overlay_answers",
    "standing_labels",
    "write_checked",
    "write_frame",
    "write_labels",
]

_FORMATS: Final = ("parquet", "csv", "jsonl")


@dataclass(frozen=True, eq=False)
class StandingLabels:
    """The labels of a run of `fit` with the answers that came after it."""

    soft: SoftLabels
    duplicates: DuplicateGroups | None
    notes: tuple[str, ...]


def standing_labels(run: RunRow[RunFitted], history: History) -> StandingLabels:
    """Return the labels of a run of `fit`, answers that came after it among them."""
    human, notes = history.human(history.votes(run.payload.votes_run))
    made = history.soft_labels(run.run)
    kept = read_duplicates(run.payload, made.item_ids, history=history)
    groups = None if kept is None else kept.groups
    soft, n_newer = overlay_answers(made, human, groups)
    if n_newer:
        notes = (*notes, f"{n_newer} labels follow answers newer than run {run.run}: run `wsal fit`")
    return StandingLabels(soft, groups, notes)


def export_labels(
    path: str | Path,
    material: Material,
    *,
    format_: str | None = None,
    ties: TiePolicy = "abstain",
    force: bool = False,
) -> Export:
    """Write the labels of the last `fit` to a file, answers that came after it among them, and record that.

    A table of wsal's own gets a description beside it; files for other tools (`wsal.interop.FORMATS`) do not.

    Raises
    ------
    InputError
        Nothing was fitted yet; or as for `write_labels`; or a description of another file stands beside it.
    StoreError
        The project can be read alone, and who got its labels would not be recorded.
    """
    history = material.history
    history.store.require_writable()
    run = history.run("run_fitted")
    history.require_same_classes(run)
    if labels_in_parts(run.payload):
        return export_parts(Path(path), run, history, format_=format_, ties=ties, force=force)
    foreign = FORMATS.get(format_ or "")
    if foreign is None:
        refuse_replacing(description_path(Path(path)), force=force)
    standing = standing_labels(run, history)
    soft, groups, notes = standing.soft, standing.duplicates, standing.notes
    n_items = len(soft.item_ids)
    if foreign is not None:
        answers = history.store.answers()
        votes = history.votes(run.payload.votes_run)
        given = LabelledItems(material.items, soft, answers, run.run, ties, votes)
        keep = _write_folder if foreign.folder else write_checked
        file = keep(Path(path), foreign.name, partial(foreign.write, given), force=force)
        history.append(Exported(run.run, history.name_of(file.path), file.sha256, file.format, n_items))
        return Export(str(path), file.format, run.run, n_items, file.sha256, None, notes)
    file = write_labels(
        Path(path),
        soft,
        run=run.run,
        format_=format_,
        ties=ties,
        force=force,
        duplicate_of={} if groups is None else duplicate_of(soft, groups),
    )
    beside = write_description(file, soft, columns=file.columns, run=run, history=history)
    history.append(Exported(run.run, history.name_of(file.path), file.sha256, file.format, n_items, beside))
    described = str(description_path(Path(path)))
    return Export(str(path), file.format, run.run, n_items, file.sha256, described, notes)


def overlay_answers(
    soft: SoftLabels, human: HumanLabels, duplicates: DuplicateGroups | None = None
) -> tuple[SoftLabels, int]:
    """Put the answers that stand now in place of the labels; return them and how many labels that changed.

    Exact duplicates follow at once, near ones at the next `fit`. An answer that was taken back after the run
    leaves its item, and the duplicates that had a copy of it, without a label until then.
    """
    shares = human.shares(len(soft.labels))
    told = {row: shares[item] for row, item in enumerate(soft.item_ids.tolist()) if item in shares}
    probabilities, sources = soft.probabilities.copy(), soft.sources.astype("<U9")
    lost = sources == "human"
    if duplicates is not None:
        copies = duplicates.copied(
            np.array(list(told), dtype=np.int64),
            np.array(list(told.values())).reshape(-1, len(soft.labels)),
        )
        exact = copies.weights == 1.0
        lost |= sources == "duplicate"
        lost[copies.rows] &= ~(sources[copies.rows] == "duplicate")
        probabilities[copies.rows[exact]] = copies.shares[exact]
        sources[copies.rows[exact]] = "duplicate"
        lost[copies.rows[exact]] = False
    for row, share in told.items():
        probabilities[row], sources[row], lost[row] = share, "human", False
    probabilities[lost], sources[lost] = 1 / len(soft.labels), "none"
    changed = (sources != soft.sources) | (probabilities != soft.probabilities).any(axis=1)
    return replace(soft, probabilities=probabilities, sources=sources), int(changed.sum())


def write_labels(
    path: Path,
    soft: SoftLabels,
    *,
    run: str,
    format_: str | None = None,
    ties: TiePolicy,
    force: bool = False,
    duplicate_of: Mapping[int, Sequence[ItemId]] | None = None,
) -> LabelFile:
    """Write labels to a file, whole or not at all.

    Parameters
    ----------
    path : Path
    soft : SoftLabels
        n items, k classes.
    run : str
    format_ : {"parquet", "csv", "jsonl"}, optional
        By the name of the file where not given.
    ties : {"abstain", "first", "random"}
        What the label is where the best classes tie; ``abstain`` leaves it empty.
    force : bool
        Replace a file that is there.
    duplicate_of : mapping of row to items, optional
        The answered duplicates that labels are copied from; they become a column, where there are any.

    Raises
    ------
    InputError
        An unknown format, a folder that is not there, or a file that is.
    """
    return write_frame(path, _frame(soft, run, ties, duplicate_of or {}), format_=format_, force=force)


def write_frame(path: Path, frame: pd.DataFrame, *, format_: str | None, force: bool) -> LabelFile:
    """Write a table of labels to a file, whole or not at all; arguments and errors as for `write_labels`."""
    kind = format_ or path.suffix.lstrip(".").lower()
    if kind not in _FORMATS:
        raise InputError(
            f"unknown format {kind!r} for {path}",
            hint=did_you_mean(kind, (*_FORMATS, *FORMATS))
            or f"name it .parquet, .csv or .jsonl, or give --format: {', '.join(FORMATS)}",
        )

    def write(temporary: Path) -> None:
        match kind:
            case "parquet":
                frame.to_parquet(temporary, index=False)
            case "csv":
                frame.to_csv(temporary, index=False, lineterminator="\n")
            case _:
                frame.to_json(temporary, orient="records", lines=True, force_ascii=False, double_precision=15)

    return replace(write_checked(path, kind, write, force=force), columns=tuple(frame.columns))


def write_checked(path: Path, kind: str, write: Callable[[Path], None], *, force: bool) -> LabelFile:
    """Write a file whole or not at all, where none is unless ``force``."""
    require_folder(path)
    refuse_replacing(path, force=force)
    return LabelFile(path.resolve(), kind, write_atomically(path, write), ())


def _write_folder(path: Path, kind: str, write: Callable[[Path], None], *, force: bool) -> LabelFile:
    """Write a folder of files, where none is unless ``force``; files in it that are not written stay.

    Its hash is that of the list of its files with theirs.
    """
    require_folder(path)
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file, not a folder", hint="choose another name")
    if path.exists() and any(path.iterdir()):
        refuse_replacing(path, force=force)
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as temporary:
        write(Path(temporary))
        listed = []
        for made in sorted(Path(temporary).iterdir()):
            digest = write_atomically(path / made.name, partial(shutil.copyfile, made))
            listed.append(f"{digest}  {made.name}\n")
    return LabelFile(path.resolve(), kind, hashlib.sha256("".join(listed).encode()).hexdigest(), ())


def _frame(
    soft: SoftLabels, run: str, ties: TiePolicy, duplicate_of: Mapping[int, Sequence[ItemId]]
) -> pd.DataFrame:
    import pandas as pd

    nothing = soft.sources == "none"
    columns: dict[str, object] = {"id": soft.item_ids.tolist()}
    for y, name in enumerate(soft.labels):
        # Where nothing speaks for an item, its probabilities are unknown, not equal.
        columns[f"p_{name}"] = np.where(nothing, np.nan, soft.probabilities[:, y])
    columns["label"] = [soft.labels.name(y) for y in soft.hard(ties=ties).tolist()]
    columns["source"] = soft.sources.tolist()
    if duplicate_of:
        columns["duplicate_of"] = [
            " ".join(map(str, duplicate_of.get(row, ()))) or None for row in range(len(soft.item_ids))
        ]
    return pd.DataFrame(columns | {"run": run})
