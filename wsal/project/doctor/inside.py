"""What an open project says of itself: results that are behind, files that nobody needs, and slow rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from wsal.audit import RunApplied
from wsal.engines import Swept
from wsal.items import Items
from wsal.items.parts import ParquetParts
from wsal.lf import LabelingFunction
from wsal.project.doctor.reading import Reading, in_bytes
from wsal.project.history import History
from wsal.project.runs.material import Material
from wsal.project.runs.steps import asked_for_again
from wsal.store import RUNS, files_of_store

__all__ = ["cache_readings", "run_readings", "speed_readings"]

SLOW: Final = 1e-3
"""Seconds of CPU an item: a million items take a quarter of an hour."""

AT_LEAST: Final = 5.0
"""Seconds of CPU in all: starting a library costs more than a few items do."""

_MOST: Final = 5


def run_readings(
    history: History, data: Items | ParquetParts, rules: Sequence[LabelingFunction] | None
) -> Iterator[Reading]:
    """Say whether votes and labels are behind data, rules and answers, and which folders no run needs."""
    applied = history.store.latest_run("run_applied")
    if applied is None:
        yield Reading("runs", "note", "no rule has voted yet", "`wsal apply`")
        return
    behind = list(_behind(applied.payload, data, rules))
    fitted = history.store.latest_run("run_fitted")
    if fitted is None or fitted.payload.votes_run != applied.run:
        behind.append(("there are no labels of the last votes", "`wsal fit`"))
    else:
        then, now = (_answers(history, as_of) for as_of in (fitted.payload.answers_seq, None))
        if then != now:
            behind.append((f"{len(then ^ now)} answers came or went since the last labels", "`wsal fit`"))
    if not behind:
        yield Reading(
            "runs", "ok", f"votes and labels are those of now (runs {applied.run}, {fitted and fitted.run})"
        )
    yield from (Reading("runs", "note", says, cure) for says, cure in behind)
    yield from _left_over(history)


def _answers(history: History, as_of: int | None) -> set[str]:
    return {answer.event_id for answer in history.store.answers(as_of=as_of)}


def _behind(
    applied: RunApplied, data: Items | ParquetParts, rules: Sequence[LabelingFunction] | None
) -> Iterator[tuple[str, str]]:
    if applied.data_fingerprint != data.fingerprint:
        yield "the data changed since the rules voted", "`wsal apply`, then `wsal fit`"
    now = {(rule.name, rule.fingerprint) for rule in rules or ()}
    then = {(rule.name, rule.fingerprint) for rule in applied.rules}
    if rules is not None and now != then:
        names = sorted({name for name, _ in now ^ then})
        shown = ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")
        yield f"rules changed since they voted: {shown}", "`wsal apply`, then `wsal fit`"


def _left_over(history: History) -> Iterator[Reading]:
    """Folders of runs that the ledger does not name: what was killed before it was done."""
    folder = history.config.folder
    named = {Path(file).parent.name for file in files_of_store(history.config.store_url, root=folder)}
    there = {path.name: path for path in (folder / RUNS).glob("*") if path.is_dir()}
    spare = sorted(there.keys() - named)
    if spare:
        n_bytes = sum(f.stat().st_size for name in spare for f in there[name].rglob("*") if f.is_file())
        yield Reading(
            "runs",
            "note",
            f"{len(spare)} folders in {RUNS} belong to no run of the ledger ({in_bytes(n_bytes)}): "
            f"{', '.join(spare[:_MOST])}",
            "stopped halfway, or at work right now; delete those that are older than an hour",
            {"folders": len(spare), "bytes": n_bytes},
        )


def cache_readings(material: Material) -> Iterator[Reading]:
    """Say how much the cache of votes holds, and how much of it nobody will ask for."""
    held, spare = material.cache.held(asked_for_again(material.history))
    figures = {
        "columns": held.n_columns,
        "bytes": held.n_bytes,
        "stale_columns": spare.n_columns,
        "stale_bytes": spare.n_bytes,
    }
    yield Reading("cache", "ok", f"{_columns(held)} of votes", figures=figures)
    if spare.n_columns:
        yield Reading(
            "cache", "note", f"{_columns(spare)} are stale", "the next `wsal apply` removes them", figures
        )


def _columns(swept: Swept) -> str:
    return f"{swept.n_columns} columns ({in_bytes(swept.n_bytes)})"


def speed_readings(history: History) -> Iterator[Reading]:
    """Name the rules that are slow, by the CPU time of the last run that computed each."""
    costs = {
        cost.name: (cost.cpu_seconds / cost.n_items, cost.cpu_seconds)
        for run in history.store.runs("run_applied")
        for cost in run.payload.costs
        if cost.n_items
    }
    applied = history.store.latest_run("run_applied")
    in_force = {rule.name for rule in applied.payload.rules} if applied else set()
    slow = sorted(
        (
            (each, name)
            for name, (each, in_all) in costs.items()
            if each >= SLOW and in_all >= AT_LEAST and name in in_force
        ),
        reverse=True,
    )
    for seconds, name in slow[:_MOST]:
        yield Reading(
            "speed",
            "note",
            f"rule {name} takes {1e3 * seconds:.1f} ms of CPU an item",
            f"`wsal rules {name}` shows its cost; `wsal check` says which patterns need a search of their own",
            {"rule": name, "seconds_per_item": seconds},
        )
    if costs and not slow:
        yield Reading(
            "speed", "ok", f"no rule takes {1e3 * SLOW:.0f} ms of CPU an item and {AT_LEAST:.0f} s in all"
        )
