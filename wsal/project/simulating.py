"""A project whose data holds the truth, as a dataset that a simulation can play."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError, did_you_mean
from wsal.features import DuplicateGroups, FeatureMatrix, find_duplicates
from wsal.lf import Rule
from wsal.project.project import Project
from wsal.project.runs.duplicates import duplicate_settings, feature_settings
from wsal.simulation import Columns, LabelledDataset, TestSplit, encode_split, normalised
from wsal.types import ABSTAIN, Rng, as_generator, is_missing

__all__ = ["labelled_dataset"]


def labelled_dataset(project: Project, gold: str, *, held_out: float = 0.2, rng: Rng = 0) -> LabelledDataset:
    """Take the votes of the last `apply`, the project's features, and a column that holds the truth.

    Parameters
    ----------
    project : Project
    gold : str
        Column of label names; items where it is empty are used but never asked for.
    held_out : float
        Share of items that are held out, drawn at random, to measure the end model on. Those that have the text
        of an item that stays are left out.
    rng : Generator, int or None
        Of the draw.

    Returns
    -------
    LabelledDataset
        Features are those that the settings name, learned from the items that stay.

    Raises
    ------
    InputError
        There is no such column, a cell of it is no label, a rule or the features read it (they would know the
        truth), a share that is none, or nothing was applied yet.
    """
    if not 0 <= held_out < 1:
        raise InputError(
            f"held_out={held_out!r} is no share", hint="write a number from 0 to below 1, as 0.2"
        )
    truth = _truth(project, gold)
    _refuse_leaks(project, gold)
    votes = project.votes()
    if votes.item_ids.tolist() != project.items.item_ids.tolist():
        raise InputError(
            f"{project.config.data_path} changed after the votes were made", hint="run `wsal apply` again"
        )
    out = as_generator(rng).random(votes.n_items) < held_out
    n_out = int(out.sum())
    test_rows = out & (truth != ABSTAIN) & _has_new_text(project, kept=~out)
    notes = []
    if n_out:
        notes.append(
            f"{n_out} of {votes.n_items} items are held out; {test_rows.sum()} of them judge the end model"
        )
    unknown = int((truth[~out] == ABSTAIN).sum())
    if unknown:
        notes.append(f"{unknown} items have no label in column {gold!r}: they are never asked for")
    pool = votes.select_items(~out)
    features, test_features, duplicates = _features(project, pool.item_ids, ~out, test_rows)
    return LabelledDataset(
        project.config.name,
        pool,
        truth[~out],
        features,
        TestSplit(
            votes.select_items(test_rows),
            truth[test_rows],
            test_features,
        )
        if test_rows.any()
        else None,
        notes=tuple(notes),
        duplicates=duplicates,
    )


def _truth(project: Project, gold: str) -> NDArray[np.int64]:
    items, labels = project.items, project.config.labels
    if gold not in items.columns:
        raise InputError(
            f"{project.config.data_path} has no column {gold!r}; there are {', '.join(items.columns)}",
            hint=did_you_mean(gold, items.columns) or "name the column that holds the true labels",
        )
    found = np.full(items.n_items, ABSTAIN, dtype=np.int64)
    for row, cell in enumerate(items.column(gold)):
        if is_missing(cell) or cell == "":
            continue
        if str(cell) not in labels:
            raise InputError(
                f"{project.config.data_path}, item {items.item_ids[row]}: column {gold!r} holds {cell!r}, which is "
                f"no label; the labels are {', '.join(labels)}",
                hint=did_you_mean(str(cell), labels),
            )
        found[row] = labels.index(str(cell))
    return found


def _refuse_leaks(project: Project, gold: str) -> None:
    config = project.config
    if gold in (*config.text_features, *config.numeric_features, config.vector_feature):
        raise InputError(
            f"{config.file}: column {gold!r} is a feature, so the end model would know the truth",
            hint="take it out of [features]",
        )
    for rule in project.labeling_functions():
        if isinstance(rule, Rule) and gold in (rule.fields or ()):
            raise InputError(
                f"rule {rule.name!r} reads column {gold!r}, so it would know the truth",
                location=rule.location,
                hint="take it out of the rules, run `wsal apply`, and simulate again",
            )


def _features(
    project: Project, pool: NDArray[Any], kept: NDArray[np.bool_], test: NDArray[np.bool_]
) -> tuple[FeatureMatrix | None, FeatureMatrix | None, DuplicateGroups | None]:
    """Return the features of the items that stay and of those that judge, and the copies among the former."""
    config, items = project.config, project.items
    settings, copies = feature_settings(config), duplicate_settings(config)
    tables = [
        Columns(int(rows.sum()), {name: _some(items.column(name), rows) for name in items.columns})
        for rows in (kept, test)
    ]
    duplicates = find_duplicates(tables[0], pool, settings, copies) if settings or copies.images else None
    if not settings:
        return None, None, duplicates
    return *encode_split(tables[0], tables[1] if test.any() else None, settings), duplicates


def _some(cells: Sequence[object], rows: NDArray[np.bool_]) -> list[object]:
    return [cell for cell, wanted in zip(cells, rows.tolist(), strict=True) if wanted]


def _has_new_text(project: Project, *, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which items have a text that no item that stays has; all, where items have no text."""
    config = project.config
    names = config.text_features or ((config.text_column,) if config.text_column else ())
    if not names:
        return np.ones(len(kept), dtype=np.bool_)
    columns = [project.items.column(name) for name in names]
    texts = [
        normalised(" ".join("" if is_missing(c) else str(c) for c in row))
        for row in zip(*columns, strict=True)
    ]
    seen = {text for text, stays in zip(texts, kept.tolist(), strict=True) if stays}
    return np.array([text not in seen for text in texts], dtype=np.bool_)
