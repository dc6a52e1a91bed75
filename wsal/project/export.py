"""Labels as a file: id, a probability for each class, the label, its source and the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from wsal.errors import InputError, did_you_mean
from wsal.labels import HumanLabels, SoftLabels, TiePolicy
from wsal.store import write_atomically

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelFile", "overlay_answers", "write_labels"]

_FORMATS: Final = ("parquet", "csv", "jsonl")


@dataclass(frozen=True)
class LabelFile:
    """A file of labels that was written."""

    path: Path
    format: str
    sha256: str


def overlay_answers(soft: SoftLabels, human: HumanLabels) -> tuple[SoftLabels, int]:
    """Put the answers that stand now in place of the labels; return them and how many labels that changed.

    An answer that was taken back after the run leaves its item without a label until the next `fit`.
    """
    shares = human.shares(len(soft.labels))
    probabilities, sources = soft.probabilities.copy(), soft.sources.copy()
    n_changed = 0
    for row, item in enumerate(soft.item_ids.tolist()):
        if item in shares:
            n_changed += bool(sources[row] != "human" or (probabilities[row] != shares[item]).any())
            probabilities[row], sources[row] = shares[item], "human"
        elif sources[row] == "human":
            n_changed += 1
            probabilities[row], sources[row] = 1 / len(soft.labels), "none"
    return replace(soft, probabilities=probabilities, sources=sources), n_changed


def write_labels(
    path: Path,
    soft: SoftLabels,
    *,
    run: str,
    format_: str | None = None,
    ties: TiePolicy,
    force: bool = False,
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

    Raises
    ------
    InputError
        An unknown format, a folder that is not there, or a file that is.
    """
    kind = format_ or path.suffix.lstrip(".").lower()
    if kind not in _FORMATS:
        raise InputError(
            f"unknown format {kind!r} for {path}",
            hint=did_you_mean(kind, _FORMATS) or "name it .parquet, .csv or .jsonl, or give --format",
        )
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}", hint="make it first")
    if path.exists() and not force:
        raise InputError(f"{path} is there already", hint="replace it with --force, or choose another name")
    frame = _frame(soft, run, ties)

    def write(temporary: Path) -> None:
        match kind:
            case "parquet":
                frame.to_parquet(temporary, index=False)
            case "csv":
                frame.to_csv(temporary, index=False, lineterminator="\n")
            case _:
                frame.to_json(temporary, orient="records", lines=True, force_ascii=False, double_precision=15)

    return LabelFile(path.resolve(), kind, write_atomically(path, write))


def _frame(soft: SoftLabels, run: str, ties: TiePolicy) -> pd.DataFrame:
    import pandas as pd

    nothing = soft.sources == "none"
    columns: dict[str, object] = {"id": soft.item_ids.tolist()}
    for y, name in enumerate(soft.labels):
        # Where nothing speaks for an item, its probabilities are unknown, not equal.
        columns[f"p_{name}"] = np.where(nothing, np.nan, soft.probabilities[:, y])
    columns["label"] = [soft.labels.name(y) for y in soft.hard(ties=ties).tolist()]
    columns["source"] = soft.sources.tolist()
    return pd.DataFrame(columns | {"run": run})
