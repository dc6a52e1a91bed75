"""Reading labelled datasets from folders: WRENCH's layout, and Parquet files with a ``meta.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features import DuplicateGroups, DuplicateSettings, FeatureMatrix, FeatureSettings, find_duplicates
from wsal.simulation.dataset import LabelledDataset, Metric, TestSplit
from wsal.simulation.duplicates import first_of_their_kind, normalised
from wsal.simulation.encoding import Columns, encode_split
from wsal.types import ABSTAIN, Floats
from wsal.votes import VoteMatrix

__all__ = ["find_datasets", "read_dataset"]

_LF, _NUMBER = re.compile(r"lf_(\d+)"), re.compile(r"f(\d+)")


@dataclass(frozen=True, eq=False)
class _Split:
    """One file: n items with what is known of them; texts or numbers may be missing."""

    ids: list[Any]
    votes: NDArray[np.int64]
    gold: NDArray[np.int64]
    texts: list[str] | None
    numbers: Floats | None

    def rows(self, keep: NDArray[np.bool_]) -> _Split:
        here = np.flatnonzero(keep).tolist()
        return _Split(
            [self.ids[i] for i in here],
            self.votes[keep],
            self.gold[keep],
            None if self.texts is None else [self.texts[i] for i in here],
            None if self.numbers is None else self.numbers[keep],
        )


def find_datasets(folder: str | Path) -> tuple[Path, ...]:
    """Return the folders inside a folder that `read_dataset` can read, by name."""
    inside = sorted(path for path in Path(folder).iterdir() if path.is_dir())
    return tuple(path for path in inside if _layout(path) is not None)


def read_dataset(folder: str | Path, *, drop_duplicates: bool = True) -> LabelledDataset:
    """Read a folder with a training split and, where there is one, a test split.

    Parameters
    ----------
    folder : str or Path
        Either WRENCH's layout, ``train.json`` and ``label.json`` (and ``test.json``); or ``train.parquet`` and
        ``meta.json`` (and ``test.parquet``) with columns ``id, text`` or ``f0…``, ``label, lf_0…``. A validation
        split is not read: nothing here is tuned.
    drop_duplicates : bool
        Leave out training texts that stand before, and test texts that stand in the training split; two texts
        are the same if they agree but for case, spaces and punctuation.

    Returns
    -------
    LabelledDataset
        With the features of `wsal.features`, TF-IDF or standardised numbers, learned from the training items
        alone. ``notes`` says how many items were left out.

    Raises
    ------
    DataError
        The folder holds neither layout, or a file of it is not what it should be; names the file.
    """
    folder = Path(folder)
    layout = _layout(folder)
    if layout is None:
        raise DataError(
            f"{folder} is no dataset",
            hint="it needs train.parquet and meta.json, or WRENCH's train.json and label.json",
        )
    labels, metric = _about_parquet(folder) if layout == "parquet" else _about_wrench(folder)
    read = _parquet_split if layout == "parquet" else _wrench_split
    suffix = "parquet" if layout == "parquet" else "json"
    train = read(folder / f"train.{suffix}")
    test = read(folder / f"test.{suffix}") if (folder / f"test.{suffix}").is_file() else None
    notes: list[str] = []
    if drop_duplicates:
        train, test = _without_duplicates(train, test, notes)
    votes = VoteMatrix.from_array(train.votes, labels, item_ids=train.ids)
    features, test_features, duplicates = _features(train, test, votes)
    return LabelledDataset(
        folder.name,
        votes,
        train.gold,
        features,
        None
        if test is None
        else TestSplit(
            VoteMatrix.from_array(test.votes, labels, item_ids=test.ids), test.gold, test_features
        ),
        metric,
        tuple(notes),
        duplicates,
    )


def _layout(folder: Path) -> str | None:
    for name, files in (
        ("parquet", ("train.parquet", "meta.json")),
        ("wrench", ("train.json", "label.json")),
    ):
        if all((folder / file).is_file() for file in files):
            return name
    return None


def _json(path: Path) -> Any:  # noqa: ANN401  # JSON
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"{path} cannot be read as JSON: {error}") from None


def _about_parquet(folder: Path) -> tuple[list[str], Metric]:
    meta = _json(folder / "meta.json")
    names = meta.get("class_names") if isinstance(meta, dict) else None
    if not isinstance(names, list):
        raise DataError(f"{folder / 'meta.json'} has no list `class_names`")
    return [str(name) for name in names], _metric(meta.get("metric"), len(names))


def _about_wrench(folder: Path) -> tuple[list[str], Metric]:
    given = _json(folder / "label.json")
    try:
        names = [str(given[str(y)]) for y in range(len(given))]
    except (TypeError, KeyError):
        raise DataError(
            f'{folder / "label.json"} is no table of classes like {{"0": "HAM", "1": "SPAM"}}'
        ) from None
    meta = _json(folder / "meta.json") if (folder / "meta.json").is_file() else {}
    return names, _metric(meta.get("metric") if isinstance(meta, dict) else None, len(names))


def _metric(given: object, k: int) -> Metric:
    # F1 of class 1 says nothing of a task with more classes.
    return "f1" if given == "f1" and k == 2 else "acc"


def _parquet_split(path: Path) -> _Split:
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from None
    if "label" not in frame.columns:
        raise DataError(f"{path} has no column `label`; there are {', '.join(map(str, frame.columns[:8]))}")
    votes = _numbered(frame.columns.tolist(), _LF)
    numbers = _numbered(frame.columns.tolist(), _NUMBER)
    if not votes:
        raise DataError(f"{path} has no votes", hint="columns lf_0, lf_1, … hold them")
    return _Split(
        frame["id"].tolist() if "id" in frame.columns else list(range(len(frame))),
        frame[votes].fillna(ABSTAIN).to_numpy(dtype=np.int64),
        frame["label"].fillna(ABSTAIN).to_numpy(dtype=np.int64),
        frame["text"].fillna("").astype(str).tolist() if "text" in frame.columns else None,
        frame[numbers].to_numpy(dtype=np.float64) if numbers else None,
    )


def _numbered(columns: Sequence[object], pattern: re.Pattern[str]) -> list[str]:
    found = [(int(match[1]), match[0]) for name in columns if (match := pattern.fullmatch(str(name)))]
    return [name for _, name in sorted(found)]


def _wrench_split(path: Path) -> _Split:
    given = _json(path)
    try:
        cells = list(given.values())
        votes = np.array([cell["weak_labels"] for cell in cells], dtype=np.int64)
        gold = np.array([cell["label"] for cell in cells], dtype=np.int64)
        data = [cell.get("data", {}) for cell in cells]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is not in WRENCH's layout: {type(error).__name__}: {error}",
            hint='it holds {"0": {"label": 1, "weak_labels": [-1, 1], "data": {"text": "…"}}, …}',
        ) from None
    texts = [str(cell["text"]) for cell in data if isinstance(cell, dict) and "text" in cell]
    numbers = [cell["feature"] for cell in data if isinstance(cell, dict) and "feature" in cell]
    return _Split(
        list(given),
        votes.reshape(len(cells), -1),
        gold,
        texts if len(texts) == len(cells) else None,
        np.array(numbers, dtype=np.float64) if numbers and len(numbers) == len(cells) else None,
    )


def _without_duplicates(train: _Split, test: _Split | None, notes: list[str]) -> tuple[_Split, _Split | None]:
    if train.texts is None:
        return train, test
    keep = first_of_their_kind(train.texts)
    if not keep.all():
        notes.append(f"{(~keep).sum()} of {len(keep)} training items repeat a text and are left out")
    if test is not None and test.texts is not None:
        known = set(map(normalised, train.texts))
        new = np.array([normalised(text) not in known for text in test.texts], dtype=np.bool_)
        if not new.all():
            notes.append(
                f"{(~new).sum()} of {len(new)} test items have a text of the training items and are left out"
            )
            test = test.rows(new)
    return train.rows(keep), test


def _features(
    train: _Split, test: _Split | None, votes: VoteMatrix
) -> tuple[FeatureMatrix | None, FeatureMatrix | None, DuplicateGroups | None]:
    """Return the features of both splits, and what a project would take for copies in the training split."""
    splits = [train] if test is None else [train, test]
    if all(split.texts is not None for split in splits):
        tables = [Columns(len(split.ids), {"text": split.texts or []}) for split in splits]
        settings = FeatureSettings(text=("text",))
    elif all(split.numbers is not None for split in splits):
        tables = [_as_columns(split) for split in splits]
        settings = FeatureSettings(numeric=tuple(tables[0].values))
    else:
        return None, None, None
    found = encode_split(tables[0], tables[1] if test is not None else None, settings)
    return *found, find_duplicates(tables[0], votes.item_ids, settings, DuplicateSettings())


def _as_columns(split: _Split) -> Columns:
    numbers = np.zeros((len(split.ids), 0)) if split.numbers is None else split.numbers
    return Columns(len(split.ids), {f"f{j}": column.tolist() for j, column in enumerate(numbers.T)})
