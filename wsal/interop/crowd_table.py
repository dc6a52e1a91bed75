"""Crowd tables: one row an answer, as crowd-kit and cleanlab's multi-annotator tools read them."""

from __future__ import annotations

from pathlib import Path

from wsal.errors import DataError, Location, did_you_mean
from wsal.interop.exchange import (
    ID_KEY,
    ForeignAnswer,
    ItemFinder,
    answer_table,
)
from wsal.interop.outgoing import LabelledItems
from wsal.items import Items, RawTable, read_table
from wsal.types import LabelSpace, is_missing

__all__ = ["read_crowd_table", "write_crowd_table"]

_COLUMNS = ("task", "worker", "label")


def write_crowd_table(made: LabelledItems, path: Path) -> None:
    """Write ``task, worker, label, time, rationale`` for each answer that names a class."""
    import pandas as pd

    rows = [
        (answer.item, answer.annotator, answer.label, answer.time, answer.rationale)
        for row in range(len(made.ids))
        for answer in made.answers_of(row)
        if answer.label is not None
    ]
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, "time", "rationale"])
    frame.to_csv(path, index=False, lineterminator="\n")


def read_crowd_table(path: Path, items: Items, labels: LabelSpace) -> RawTable:  # noqa: ARG001  # every reader's signature
    """Read ``task, worker, label`` from CSV, JSON lines or Parquet; ``time`` and ``rationale`` if they are there.

    Raises
    ------
    DataError
        No such table, a column is missing, or a task that is no item.
    """
    table = read_table(path, texts=frozenset({*_COLUMNS, "time", "rationale", ID_KEY}))
    for name in _COLUMNS:
        if name not in table.columns:
            raise DataError(
                f"no column {name!r}; there are {', '.join(table.columns)}",
                location=Location(str(path), 1),
                hint=did_you_mean(name, table.columns)
                or f"a crowd table has the columns {', '.join(_COLUMNS)}",
            )
    finder = ItemFinder(items)

    def cells(name: str) -> list[str]:
        if name not in table.columns:
            return [""] * table.n_rows
        return ["" if is_missing(cell) else str(cell) for cell in table.columns[name].values]

    columns = (cells(name) for name in (*_COLUMNS, "time", "rationale"))
    answers = [
        ForeignAnswer(
            table.lines[row] if table.lines is not None else row + 1,
            finder.find((task,), None, where=table.name_row(row)),
            label,
            worker,
            rationale,
            time,
        )
        for row, (task, worker, label, time, rationale) in enumerate(zip(*columns, strict=True))
        if label
    ]
    silent = table.n_rows - len(answers)
    return answer_table(path, answers, (f"{silent} rows have no label",) if silent else ())
