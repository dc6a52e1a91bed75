"""The order in which things are looked at; what stands on something broken is left out."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from wsal.config import Config, find_config, read_config
from wsal.errors import WsalError
from wsal.project.audit.sealing import verify_project
from wsal.project.doctor.inside import cache_readings, run_readings, speed_readings
from wsal.project.doctor.outside import (
    data_readings,
    disk_readings,
    ledger_readings,
    rules_readings,
    secret_readings,
    store_readings,
)
from wsal.project.doctor.reading import Reading, failed
from wsal.project.doctor.software import extras_readings, software_readings
from wsal.project.history import History
from wsal.project.rules.loading import load_project_rules
from wsal.project.runs.material import Material, read_data

__all__ = ["examine"]


def examine(folder: str | Path = ".", *, allow_python: bool = True) -> Iterator[Reading]:
    """Look at an installation, and at the project that a folder is in, if there is one.

    Parameters
    ----------
    folder : str or Path
    allow_python : bool
        Whether rules that run code may be loaded.

    Yields
    ------
    Reading
        One by one, since some take a while.

    Notes
    -----
    O(data + ledger + files). Nothing is written; damage of any kind is a reading, never an error.
    """
    yield from software_readings()
    try:
        config = read_config(find_config(Path(folder)))
    except WsalError as error:
        yield from extras_readings()
        yield _no_settings(Path(folder).resolve(), error)
        return
    yield from extras_readings(["postgres"] if config.store_url.startswith("postgresql") else [])
    yield Reading("settings", "ok", f"{config.file}: {config.name} ({', '.join(config.labels)})")
    yield from secret_readings(config.folder)
    yield from disk_readings(config.folder)
    history = yield from _store(config)
    try:
        yield from _contents(config, history, allow_python=allow_python)
    finally:
        if history is not None:
            history.store.close()


def _no_settings(folder: Path, error: WsalError) -> Reading:
    if any((parent / "wsal.toml").exists() for parent in (folder, *folder.parents)):
        return failed("settings", error)
    return Reading("settings", "note", f"there is no project in {folder}", "`wsal init DIR` makes one")


def _store(config: Config) -> Generator[Reading, None, History | None]:
    """Look at the database, and at what the ledger says of itself; open the store if both allow."""
    if not (yield from store_readings(config)):
        return None
    try:
        yield from ledger_readings(verify_project(config.folder))
        return History.open(config)
    except WsalError as error:
        yield failed("store", error)
        return None


def _contents(config: Config, history: History | None, *, allow_python: bool) -> Iterator[Reading]:
    try:
        data = read_data(config)
    except WsalError as error:
        yield failed("data", error)
        return
    yield from data_readings(config, data)
    yield from rules_readings(config, data, allow_python=allow_python)
    if history is None:
        return
    try:
        rules = load_project_rules(config, allow_python=allow_python)
    except WsalError:  # said already
        rules = None
    yield from run_readings(history, data, rules)
    yield from cache_readings(Material(history))
    yield from speed_readings(history)
