"""Answers from a file: columns ``id, label[, annotator, rationale, time]``, labels by name."""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wsal.audit import AnswersImported, ImportedAnswer
from wsal.engines import VoteParts
from wsal.errors import DataError, InputError, Location, did_you_mean
from wsal.interop import find_format
from wsal.items import Items, RawTable, read_table
from wsal.project.history import History
from wsal.store import AnswerRow, sha256_of
from wsal.types import ItemId, LabelSpace

__all__ = ["ImportReport", "import_answers", "read_answers", "read_answers_file", "without_known"]

_COLUMNS = ("id", "label", "annotator", "rationale", "time")


@dataclass(frozen=True)
class ImportReport:
    """Answers read from a file: new ones, and ones that were known."""

    n_new: int
    n_known: int
    notes: tuple[str, ...] = ()


def import_answers(
    path: Path,
    items: Items | VoteParts,
    history: History,
    *,
    annotator: str = "",
    format_: str | None = None,
) -> ImportReport:
    """Read answers from a file and keep those that are new: all of them or, if anything is wrong, none.

    Raises
    ------
    DataError
        As for `read_answers_file`.
    """
    read, notes = read_answers_file(path, items, history.config.labels, annotator=annotator, format_=format_)
    new = without_known(read, history.store.answers())
    if new.answers:
        history.append(new)
    return ImportReport(len(new.answers), len(read.answers) - len(new.answers), notes)


def read_answers_file(
    path: Path,
    items: Items | VoteParts,
    labels: LabelSpace,
    *,
    annotator: str = "",
    format_: str | None = None,
) -> tuple[AnswersImported, tuple[str, ...]]:
    """Read and check a file of answers; return them, and notes about columns that are not read.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.jsonl`` or ``.parquet``.
    items : Items or VoteParts
        What may be answered.
    labels : LabelSpace
    annotator : str
        Who answered, where the file does not say.
    format_ : str, optional
        That of another tool; a table with the columns of wsal's own where not given.

    Raises
    ------
    DataError
        The file cannot be read, a column is missing, an item or a label is unknown, or a person answers one
        item twice; with file, line and cure.
    """
    if format_ is None:
        table = read_table(path, texts=frozenset(_COLUMNS))
    elif isinstance(items, Items):
        table = find_format(format_).read(path, items, labels)
    else:
        raise InputError(
            "items in parts are not searched for the texts of another tool",
            hint="write a table of id, label, annotator, rationale and time, and import that",
        )
    return read_answers(table, path, items, labels, annotator=annotator)


def read_answers(
    table: RawTable, path: Path, items: Items | VoteParts, labels: LabelSpace, *, annotator: str = ""
) -> tuple[AnswersImported, tuple[str, ...]]:
    """Check a table of answers that was read from a file; arguments and errors as for `read_answers_file`."""
    for name in ("id", "label"):
        if name not in table.columns:
            raise DataError(
                f"no column {name!r}; there are {', '.join(table.columns)}",
                location=Location(str(path), 1),
                hint=did_you_mean(name, table.columns) or f"answers have the columns {', '.join(_COLUMNS)}",
            )
    known = {str(item): item for item in _there(items, table)}
    answers = tuple(_answers(table, known, labels, annotator))
    notes = (*table.notes, *(_unread(name) for name in table.columns if name not in _COLUMNS))
    return AnswersImported(str(uuid.uuid4()), path.name, sha256_of(path), answers), notes


def without_known(answers: AnswersImported, current: tuple[AnswerRow, ...]) -> AnswersImported:
    """Leave out answers that stand already, word for word: the same file may be imported again."""
    standing = {(row.item, row.annotator): (row.label, row.rationale) for row in current}
    new = tuple(
        answer
        for answer in answers.answers
        if standing.get((answer.item, answer.annotator)) != (answer.label, answer.rationale)
    )
    return AnswersImported(answers.event_id, answers.path, answers.sha256, new)


def _answers(
    table: RawTable, known: Mapping[str, ItemId], labels: LabelSpace, annotator: str
) -> Iterator[ImportedAnswer]:
    seen: dict[tuple[str, str], int] = {}
    columns = {name: table.columns[name].values for name in _COLUMNS if name in table.columns}
    for row in range(table.n_rows):
        where = table.location(row)
        cells = {name: _text(columns[name][row]) if name in columns else "" for name in _COLUMNS}
        item, label = (_as_known(cells[name], names) for name, names in (("id", known), ("label", labels)))
        who = cells["annotator"].strip() or annotator
        if item not in known:
            raise DataError(
                f"{table.name_row(row)}: " + (f"unknown item {item!r}" if item else "no id"),
                location=where,
                hint=did_you_mean(item, list(known)[:10_000]) or "the id is one of the data's id column",
            )
        if label not in labels:
            raise _no_label(label, labels, table.name_row(row), where)
        if (item, who) in seen:
            raise DataError(
                f"{who or 'nobody by name'} answers item {item!r} twice: "
                f"{table.name_row(seen[item, who])} and {table.name_row(row)}",
                location=where,
                hint="keep one of the rows, or name the annotators",
            )
        seen[item, who] = row
        time = cells["time"].strip()
        _check_time(time, where)
        yield ImportedAnswer(
            str(uuid.uuid4()),
            known[item],
            label,
            who,
            rationale=cells["rationale"].strip(),
            time=time or None,
        )


def _no_label(label: str, labels: LabelSpace, row: str, where: Location | None) -> DataError:
    if not label:
        return DataError(f"{row}: no label", location=where, hint="leave out rows without an answer")
    return DataError(
        f"{row}: unknown label {label!r}; the labels are {', '.join(labels)}",
        location=where,
        hint=did_you_mean(label, labels) or "name one of these; `wsal classes` changes them",
    )


def _there(items: Items | VoteParts, table: RawTable) -> Iterable[ItemId]:
    """Return the items that may be answered; of items in parts, those that the file names."""
    if isinstance(items, Items):
        ids: list[ItemId] = items.item_ids.tolist()
        return ids
    cells = {_text(cell) for cell in table.columns["id"].values}
    named = cells | {cell.strip() for cell in cells}
    numbers = {int(cell) for cell in named if cell.isascii() and cell.isdecimal() and len(cell) < 19}
    return items.pattern_of([*sorted(named), *sorted(numbers)])


def _unread(column: str) -> str:
    meant = did_you_mean(column, _COLUMNS)
    return f"column {column!r} is not read" + (f"; {meant}" if meant else "")


def _as_known(cell: str, known: Container[str]) -> str:
    """Take a cell as it is if that is known, else without the spaces around it."""
    return cell if cell in known else cell.strip()


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)  # noqa: PLR0124  # NaN


def _check_time(time: str, where: Location | None) -> None:
    if not time:
        return
    try:
        datetime.fromisoformat(time)
    except ValueError:
        raise DataError(
            f"{time!r} is no time", location=where, hint="write ISO 8601, as in 2026-01-31T09:30:00Z"
        ) from None
