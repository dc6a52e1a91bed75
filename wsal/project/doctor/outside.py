"""What can be looked at without opening the project: database, ledger, data, rules, keys and disk."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from wsal.audit import VerificationReport
from wsal.config import Config
from wsal.errors import WsalError
from wsal.items import Items
from wsal.items.parts import ParquetParts
from wsal.project.doctor.reading import Reading, State, failed, in_bytes
from wsal.project.rules.loading import check_rules
from wsal.store import RUNS, store_health

__all__ = [
    "data_readings",
    "disk_readings",
    "ledger_readings",
    "rules_readings",
    "secret_readings",
    "store_readings",
]

LONG_LOG: Final = 64_000_000
"""Bytes; SQLite folds its log into the database at 4 MB, unless a reader never ends."""

_LITTLE_ROOM: Final = 1_000_000_000
_NO_ROOM: Final = 100_000_000
_MOST: Final = 3

_SCHEMAS: Final = {
    "older": ("was made by an older wsal", "`wsal backup` first, then `wsal migrate`"),
    "newer": ("was made by a newer wsal than this one", "pip install --upgrade wsal"),
    "absent": ("has no tables", "mend [store] url, or make a project with `wsal init`"),
    "foreign": ("holds tables of something else", "mend [store] url"),
}


def store_readings(config: Config) -> Generator[Reading, None, bool]:
    """Look at the database; return whether more can be read from it."""
    try:
        health = store_health(config.store_url, root=config.folder)
    except WsalError as error:
        runs = config.folder / RUNS
        if "there is no store" in str(error) and not runs.exists():
            yield Reading("store", "note", "there is none yet; the first verb makes it", "`wsal apply`")
        else:
            yield failed("store", error)
        return False
    figures = {"bytes": health.n_bytes, "schema": health.schema, "server": health.server}
    log = health.n_log_bytes or 0
    says = f"{health.url}: {in_bytes(health.n_bytes)}, {health.server}, schema {health.schema}, log {in_bytes(log)}"
    if health.damage:
        yield Reading(
            "store",
            "problem",
            f"damaged: {'; '.join(health.damage[:_MOST])}",
            "`wsal restore` a backup",
            figures,
        )
        return False
    if health.schema != "current":
        what, cure = _SCHEMAS[health.schema]
        yield Reading("store", "problem", f"{health.url} {what}", cure, figures)
        return False
    yield Reading("store", "ok", says, figures=figures | {"log_bytes": log})
    if log > LONG_LOG:
        yield Reading(
            "store",
            "note",
            f"the write-ahead log has grown to {in_bytes(log)}",
            "end processes that have the store open for long; the last one to close it folds the log in",
            {"log_bytes": log},
        )
    return True


def ledger_readings(report: VerificationReport) -> Iterator[Reading]:
    """Say whether the ledger verifies."""
    if report.ok:
        yield Reading("ledger", "ok", str(report).splitlines()[0], figures={"rows": report.head.seq})
        return
    for finding in report.findings[:_MOST]:
        yield Reading("ledger", "problem", finding.message, finding.meaning)
    if len(report.findings) > _MOST:
        more = len(report.findings) - _MOST
        yield Reading("ledger", "problem", f"and {more} more findings", "`wsal audit verify` lists all")


def data_readings(config: Config, data: Items | ParquetParts) -> Iterator[Reading]:
    """Say whether the data has the columns that the settings name."""
    named = {*config.text_features, *config.numeric_features, *config.duplicate_same}
    named |= {name for name in (config.vector_feature, config.image_column) if name}
    absent = sorted(named - set(data.columns))
    yield Reading(
        "data",
        "problem" if absent else "ok",
        f"{config.data_path}: no column {', '.join(absent)}"
        if absent
        else f"{config.data_path}: {data.n_items} items",
        f"there are {', '.join(data.columns)}; mend [features] or [duplicates] in {config.file}"
        if absent
        else "",
        {"items": data.n_items},
    )


def rules_readings(config: Config, data: Items | ParquetParts, *, allow_python: bool) -> Iterator[Reading]:
    """Say whether the rules load, fit the data, and pass their own tests."""
    try:
        report = check_rules(config, data, allow_python=allow_python)
    except WsalError as error:
        yield failed("rules", error)
        return
    says = f"{report.n_rules} rules, {report.n_tests} tests"
    yield Reading("rules", "ok", says, figures={"rules": report.n_rules, "tests": report.n_tests})
    for failure in report.failures[:_MOST]:
        yield Reading("rules", "problem", f"a test fails: {failure}", "mend the rule or its test")
    if len(report.failures) > _MOST:
        yield Reading(
            "rules", "problem", f"and {len(report.failures) - _MOST} more", "`wsal check` lists all"
        )


def secret_readings(folder: Path) -> Iterator[Reading]:
    """Say whether the key that signs sessions can be read by others."""
    key = folder / ".wsal" / "web.key"
    if key.exists() and key.stat().st_mode & 0o077:
        yield Reading("settings", "problem", f"{key} can be read by other users", f"chmod 600 {key}")


def disk_readings(folder: Path) -> Iterator[Reading]:
    """Say how much room there is, and how much the project takes."""
    free = shutil.disk_usage(folder).free
    taken = sum(file.stat().st_size for file in (folder / ".wsal").rglob("*") if file.is_file())
    state: State = "ok"
    if free < _NO_ROOM:
        state = "problem"
    elif free < _LITTLE_ROOM or free < 2 * taken:
        state = "note"
    cure = (
        ""
        if state == "ok"
        else "make room: nothing can be written to a full disk, and runs and backups need some"
    )
    says = f"{in_bytes(free)} free, the project's own files take {in_bytes(taken)}"
    yield Reading("disk", state, says, cure, {"free_bytes": free, "taken_bytes": taken})
