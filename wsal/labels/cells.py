"""The cells of a table of answers, read with errors that name the row."""

from __future__ import annotations

from typing import Any

import numpy as np

from wsal.errors import DataError, did_you_mean
from wsal.types import MAX_CLASSES, ItemId, LabelSpace, as_item_id, is_missing

__all__ = ["class_index", "read_item", "read_label", "read_propensity"]


def read_item(cell: object, row: int) -> ItemId:
    """Read an item's id; `row` is named in the error."""
    item = as_item_id(cell)
    if item is None:
        what = "no item" if is_missing(cell) else f"the item {cell!r} ({type(cell).__name__})"
        raise DataError(
            f"row {row} of the answers has {what}", hint="an item's id is a text or a whole number"
        )
    return item


def read_label(cell: Any, row: int, labels: LabelSpace | None) -> int:  # noqa: ANN401  # a frame's cells are anything
    """Read a label: the name of a class, or its index."""
    if is_missing(cell):
        raise DataError(f"row {row} of the answers has no label", hint="leave out rows without an answer")
    known = labels.names if labels is not None else ()
    if isinstance(cell, str) and cell in known:
        return known.index(cell)
    if isinstance(cell, str):
        listed = f"unknown label {cell!r}; the labels are {', '.join(known)}"
        raise DataError(
            f"row {row} of the answers: {listed if known else f'the label {cell!r} is no class index'}",
            hint=did_you_mean(cell, known) if known else "pass the labels, so that names can be read",
        )
    value = class_index(cell)
    if value is None or value >= (len(known) or MAX_CLASSES):
        raise DataError(
            f"row {row} of the answers: the label {cell!r} is no class index",
            hint=f"write 0..{(len(known) or MAX_CLASSES) - 1}, or the name of a label",
        )
    return value


def class_index(value: Any) -> int | None:  # noqa: ANN401  # checked here
    """Read a class index; 1.0 is one, as pandas writes whole numbers so where a column has gaps."""
    if isinstance(value, float | np.floating) and np.isfinite(value) and value == int(value):
        value = int(value)
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return int(value) if whole and value >= 0 else None


def read_propensity(cell: Any, row: int, column: str) -> float:  # noqa: ANN401  # as above
    """Read the probability of an item's draw; NaN where there was no random draw."""
    if is_missing(cell):
        return np.nan
    if column == "draw" and isinstance(cell, str):
        raise DataError(
            f"row {row} of the answers has the draw {cell!r}: a draw's id does not say how probable it was",
            hint="add a column propensity: the probability of the item's draw, empty where it was not random",
        )
    try:
        chance = np.nan if isinstance(cell, bool | np.bool_) else float(cell)
    except (TypeError, ValueError, OverflowError):
        chance = np.nan
    if not 0 < chance <= 1:
        raise DataError(
            f"row {row} of the answers has the {column} {cell!r}, which is no probability of a draw",
            hint="write a number above 0 and at most 1, or leave it empty where there was no random draw",
        )
    return chance
