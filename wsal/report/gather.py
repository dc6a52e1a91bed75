"""Gather: ask a project everything that a report says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from wsal.audit import KINDS, Sealed, Software, utc_now
from wsal.config import user_name
from wsal.errors import InputError, WsalError
from wsal.project import Project, Status, verify_project
from wsal.project.runs.circumstances import software_here
from wsal.report.parts import AuditReport, Change, Data, Maybe, Unknown
from wsal.report.summary import summarise

__all__ = ["gather"]

T = TypeVar("T")

_IN_WORDS = {
    "answer_given": "answers given",
    "answer_undone": "answers taken back",
    "answers_imported": "files of answers imported",
    "batch_drawn": "batches of items drawn",
    "data_loaded": "times data was read",
    "end_model_trained": "end models trained",
    "estimated": "estimates made",
    "exported": "files of labels exported",
    "guards_restored": "times guards of the ledger were put back",
    "items_returned": "times items set aside were put back",
    "items_set_apart": "times items were said to be no duplicates",
    "project_created": "project made",
    "rules_loaded": "times rules were loaded",
    "run_applied": "times rules voted",
    "run_fitted": "times labels were made",
    "sealed": "seals made",
}


def gather(
    project: Project,
    *,
    by: Sequence[str] = (),
    time: str | None = None,
    seals: Sequence[str | Path] = (),
    public_key: str | Path | None = None,
    allow_python: bool = True,
) -> AuditReport:
    """Ask a project everything that a report says; what cannot be known is there with its reason.

    Parameters
    ----------
    project : Project
    by : sequence of str
        Columns whose values, or bins, are compared for bias.
    time : str, optional
        Column of times to look for drift over.
    seals, public_key
        As for `wsal.project.verify_project`.
    allow_python : bool
        Whether the tests of rules that run code are run.

    Raises
    ------
    InputError
        A column, a seal or a key that is none.

    Notes
    -----
    The estimates are kept in the ledger, as all are that are shown. Labels are cross-fitted for them, which takes as
    long as some fits.
    """
    _require_columns(project, [*by, *([time] if time else [])])
    estimates = _or_why(project.estimate)
    bias = tuple(_or_why(partial(project.bias, by=column)) for column in by)
    rules = _or_why(
        lambda: project.scorecards(allow_python=allow_python).every(time=time), strict=time is not None
    )
    verification = verify_project(project.config.folder, seals=seals, public_key=public_key)
    changed = _or_why(partial(_changes, project))
    sealed_at, sealed_row, changes = ("", 0, ()) if isinstance(changed, Unknown) else changed
    report = AuditReport(
        name=project.config.name,
        purpose=project.config.description,
        labels=project.config.labels.names,
        made_at=utc_now(),
        made_by=user_name(),
        status=_status(project),
        data=_or_why(lambda: _data(project)),
        rules=rules,
        estimates=estimates,
        people=_or_why(project.annotators),
        n_contradicted=_or_why(lambda: len(project.contradictions())),
        costs=project.costs(),
        bias=bias,
        sealed_at=sealed_at,
        sealed_row=sealed_row,
        changes=changes,
        verification=verification,
        n_seals=len(seals),
        software=_software(project),
    )
    return replace(report, summary=summarise(report))


def _or_why(ask: Callable[[], T], *, strict: bool = False) -> Maybe[T]:
    """Return the answer, or why there is none: a project at its beginning lacks much, and files can be damaged.

    Where ``strict``, what was asked for wrongly is an error.
    """
    try:
        return ask()
    except InputError as error:
        if strict:
            raise
        return Unknown(error.message)
    except WsalError as error:
        return Unknown(str(error).splitlines()[0])


def _status(project: Project) -> Status:
    """Return where the project stands; where files of it are damaged, as much as the ledger alone says."""
    found = _or_why(project.status)
    if not isinstance(found, Unknown):
        return found
    head = project.history.store.head()
    return Status(
        project.config.name, project.config.labels.names, None, None, {}, 0, head.seq, head.hash, ""
    )


def _require_columns(project: Project, columns: Sequence[str]) -> None:
    """Refuse a column that is not there, which would otherwise be one of many reasons for a gap in the report."""
    if not columns:
        return
    for column in columns:
        project.items.column(column)


def _data(project: Project) -> Data:
    loaded = project.history.run("run_applied").payload
    return Data(
        project.history.name_of(project.config.data_path),
        loaded.data_fingerprint,
        loaded.n_items,
        project.items.columns,
        len(project.aside()),
    )


def _changes(project: Project) -> tuple[str, int, tuple[Change, ...]]:
    """Return when the ledger notes its last seal, the row that it seals, and what happened after that row."""
    sealed_at, row = "", 0
    store = project.history.store
    for entry in store.events("sealed"):
        seal = entry.event.payload()
        if isinstance(seal, Sealed):
            sealed_at, row = entry.event.time, seal.seq
    counts: dict[str, tuple[int, set[str]]] = {}
    for kind in KINDS:
        for entry in store.events(kind, after=row):
            n, people = counts.get(kind, (0, set()))
            counts[kind] = n + 1, people | {entry.event.actor}
    found = [
        Change(_IN_WORDS.get(kind, kind.replace("_", " ")), n, tuple(sorted(who)))
        for kind, (n, who) in counts.items()
    ]
    return sealed_at, row, tuple(sorted(found, key=lambda one: -one.n))


def _software(project: Project) -> tuple[Software, ...]:
    fitted = project.history.store.latest_run("run_fitted")
    kept = () if fitted is None else fitted.payload.software
    return kept or software_here()
