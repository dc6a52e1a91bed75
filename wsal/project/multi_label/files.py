"""Files about several labels an item: answers in, probabilities out, with a column for each label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from wsal.audit import AnswersImported, Exported
from wsal.errors import DataError, InputError, Location, did_you_mean
from wsal.interop import FORMATS, LabelledSets, find_format
from wsal.items import RawTable, read_table
from wsal.items.columns import Column
from wsal.labels import SoftLabels, TiePolicy
from wsal.project.files.answers import ImportReport, read_answers, without_known
from wsal.project.files.labels import standing_labels, write_checked, write_frame
from wsal.project.history import History
from wsal.project.runs.reports import Export
from wsal.types import ABSTAIN, LabelSpace, absent, is_missing, presence, statements

if TYPE_CHECKING:
    from wsal.project.project import Project

__all__ = ["export_sets", "import_sets"]

_ABOUT: Final = ("annotator", "rationale", "time")
_YES: Final = frozenset({"1", "1.0", "true", "yes"})
_NO: Final = frozenset({"0", "0.0", "false", "no"})


def import_sets(
    path: Path,
    projects: Mapping[str, Project],
    labels: LabelSpace,
    *,
    annotator: str = "",
    format_: str | None = None,
) -> ImportReport:
    """Read which labels items have, and keep the answers that are new: all of them or, if anything is wrong, none.

    A table has ``id`` and a column for each label that was asked about: yes or no (also true/false, 1/0), empty where
    nothing was said. Or it has ``id, label`` with a row for each thing said: ``sports``, ``not sports``. Both may have
    ``annotator, rationale, time``.

    Raises
    ------
    DataError
        The file cannot be read, says nothing about any label, or has a cell that is no answer; or as for
        `wsal.project.files.answers.read_answers_file`.
    """
    items = next(iter(projects.values())).items
    if format_ is None:
        table = read_table(path, texts=frozenset(("id", "label", *_ABOUT, *labels)))
    else:
        table = find_format(format_).read(path, items, labels, several=True)
    if "id" not in table.columns:
        raise DataError(
            f"no column 'id'; there are {', '.join(table.columns)}",
            location=Location(str(path), 1),
            hint="the id says which item is meant",
        )
    said = list(_statements(table, path, labels))
    read: list[tuple[History, AnswersImported]] = []
    n_known = 0
    notes: dict[str, None] = dict.fromkeys(table.notes)
    for label, project in projects.items():
        own = [one for one in said if one.label in presence(label)]
        answers, _ = read_answers(_table(own, table, path), path, items, presence(label), annotator=annotator)
        new = without_known(answers, project.history.store.answers())
        n_known += len(answers.answers) - len(new.answers)
        if new.answers:
            read.append((project.history, new))
    for history, new in read:
        history.append(new)
    unread = [name for name in table.columns if name not in {"id", "label", *_ABOUT, *labels}]
    notes |= dict.fromkeys(f"column {name!r} is not read" for name in unread)
    return ImportReport(sum(len(new.answers) for _, new in read), n_known, tuple(notes))


def export_sets(
    path: Path, projects: Mapping[str, Project], *, format_: str | None, ties: TiePolicy, force: bool
) -> Export:
    """Write ``id`` and, for each label, ``p_LABEL``, ``LABEL`` (true, false or empty), its source and run.

    Answers that came after the last `fit` are in it. Where nothing speaks for or against a label, its cells are empty.

    Raises
    ------
    InputError
        Nothing was fitted yet; the data changed between the runs of two labels; or as for
        `wsal.project.files.labels.write_labels`.
    """
    import pandas as pd

    columns: dict[str, object] = {}
    softs: dict[str, SoftLabels] = {}
    runs: list[tuple[History, str]] = []
    notes: dict[str, None] = {}
    for label, project in projects.items():
        history = project.history
        history.store.require_writable()  # else nobody would know who got the labels
        run = history.run("run_fitted")
        standing = standing_labels(run, history)
        ids = standing.soft.item_ids.tolist()
        if columns.setdefault("id", ids) != ids:
            raise InputError(
                f"the last run of {label!r} has other items than that of {next(iter(projects))!r}",
                hint="run `wsal apply` and `wsal fit` again, for all labels",
            )
        softs[label] = standing.soft
        hard = standing.soft.hard(ties=ties)
        unknown = standing.soft.sources == "none"
        columns[f"p_{label}"] = np.where(unknown, np.nan, standing.soft.probabilities[:, 1])
        columns[label] = pd.array([None if y == ABSTAIN else bool(y) for y in hard.tolist()], dtype="boolean")
        columns[f"source_{label}"] = standing.soft.sources.tolist()
        columns[f"run_{label}"] = run.run
        runs.append((history, run.run))
        notes |= dict.fromkeys(f"{label}: {note}" for note in standing.notes)
    frame = pd.DataFrame(columns)
    named = ", ".join(name for _, name in runs)
    if format_ is not None and format_ in FORMATS:
        answers = {label: project.history.store.answers() for label, project in projects.items()}
        items = next(iter(projects.values())).items
        made = LabelledSets(items, softs, answers, named)
        file = write_checked(path, format_, partial(FORMATS[format_].write, made), force=force)
    else:
        file = write_frame(path, frame, format_=format_, force=force)
    for history, name in runs:
        history.append(Exported(name, str(file.path), file.sha256, file.format, len(frame)))
    return Export(str(path), file.format, named, len(frame), file.sha256, None, tuple(notes))


@dataclass(frozen=True)
class _Said:
    """That a label holds or not, and the row of the table that says so."""

    row: int
    label: str


def _statements(table: RawTable, path: Path, labels: LabelSpace) -> Iterator[_Said]:
    """Yield what a table says: of each row, a statement for each label that it speaks of.

    Raises
    ------
    DataError
        It speaks of no label, or a cell is no answer.
    """
    columns = [label for label in labels if label in table.columns]
    if "label" in table.columns and not columns:
        known = statements(labels)
        for row, cell in enumerate(table.columns["label"].values):
            name = "" if is_missing(cell) else str(cell).strip()
            if name not in known:
                raise DataError(
                    f"{table.name_row(row)}: unknown label {name!r}",
                    location=table.location(row),
                    hint=did_you_mean(name, known) or f"write one of: {', '.join(known)}",
                )
            yield _Said(row, name)
        return
    if not columns:
        raise DataError(
            f"no column is called as a label; there are {', '.join(table.columns)}",
            location=Location(str(path), 1),
            hint=f"a column for each of {', '.join(labels)} with yes or no, or a column 'label'",
        )
    for label in columns:
        for row, cell in enumerate(table.columns[label].values):
            text = "" if is_missing(cell) else str(cell).strip().lower()
            if text in _YES | _NO:
                yield _Said(row, label if text in _YES else absent(label))
            elif text:
                raise DataError(
                    f"{table.name_row(row)}: {cell!r} under {label!r} is neither yes nor no",
                    location=table.location(row),
                    hint="yes or no, true or false, 1 or 0; empty where nothing was said",
                )


def _table(said: Sequence[_Said], table: RawTable, path: Path) -> RawTable:
    """Return statements about one label as the table that a file of answers would be."""
    rows = [one.row for one in said]
    kept = [name for name in ("id", *_ABOUT) if name in table.columns]
    columns = {name: Column.from_values([table.columns[name].values[row] for row in rows]) for name in kept}
    columns["label"] = Column.from_values([one.label for one in said])
    lines = [row + 1 if table.lines is None else table.lines[row] for row in rows]
    return RawTable(columns, len(rows), str(path), lines)
