"""Backups of a project, restoring one, and moving a store to another database."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from wsal.audit import VerificationReport
from wsal.config import CONFIG_NAME, Config, find_config, read_config, user_name
from wsal.errors import InputError, LedgerError
from wsal.store import (
    backup_store,
    copy_to,
    files_of_store,
    migrate_store,
    open_backup,
    restore_store,
    verify_store,
)

__all__ = ["BackupReport", "RestoreReport", "backup_project", "migrate_project", "restore_project"]

_STORE = re.compile(r"(?ms)^\[store\][^\[]*")
_URL = re.compile(r"(?m)^\s*url\s*=.*$")


@dataclass(frozen=True)
class BackupReport:
    """What was saved: rows of the ledger, files, whether names and keys of people are in it; and what is not."""

    path: str
    n_rows: int
    hash: str
    n_files: int
    people: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RestoreReport:
    """What was restored, and how many people's names did not come with it."""

    folder: str
    n_rows: int
    hash: str
    n_files: int
    n_people_left_out: int
    notes: tuple[str, ...] = ()


def backup_project(
    folder: str | Path, path: str | Path, *, people: bool = True, data: bool = True
) -> BackupReport:
    """Write the ledger, what it names, settings, rules and data into one file, and compare it with what is there.

    Parameters
    ----------
    folder : str or Path
    path : str or Path
        The file; a new one.
    people : bool
        Whether names of people and the keys to their texts go with it.
    data : bool
        Whether the items go with it, as far as they stand in the project's folder.

    Raises
    ------
    InputError
        The file is there already.
    LedgerError
        The project does not verify: what is wrong is not saved as if it were right.
    """
    target = Path(path)
    if target.exists():
        raise InputError(
            f"{target} is there already", hint="backups are kept, not replaced; name another file"
        )
    config = read_config(find_config(Path(folder)))
    if config.multi_label or config.vocabulary is not None:
        raise InputError(
            f"{config.file}: where items have several labels, each label has a store, and a backup holds one",
            hint="copy the whole folder while no wsal works in it",
        )
    notes: list[str] = []
    files = dict(_own_files(config, data=data, notes=notes))
    report = verify_store(config.store_url, root=config.folder)
    if not report.ok:
        raise LedgerError(f"there is nothing to save that could be trusted: {report}")
    files |= {name: config.folder / name for name in files_of_store(config.store_url, root=config.folder)}
    manifest = backup_store(
        config.store_url,
        target,
        root=config.folder,
        project=config.name,
        version=version("wsal"),
        files=files,
        with_people=people,
    )
    return BackupReport(str(target), manifest.seq, manifest.hash, len(files), people, tuple(notes))


def restore_project(path: str | Path, folder: str | Path, *, store_url: str | None = None) -> RestoreReport:
    """Make a project from a backup, and verify it.

    Parameters
    ----------
    path : str or Path
        The backup.
    folder : str or Path
        An empty one, or one that is not there yet.
    store_url : str, optional
        Where the store is to be; without it, where ``wsal.toml`` says.

    Raises
    ------
    InputError
        The folder is not empty, or the file is no backup.
    StoreError
        The store is not empty.
    LedgerError
        The backup was changed, or what was restored does not verify; nothing is left then, but the empty tables in
        a database outside of the folder.
    """
    root = Path(folder)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(f"{root} is not empty", hint="restore into a new folder, and compare")
    new = not root.exists()
    with open_backup(Path(path)) as backup:
        root.mkdir(parents=True, exist_ok=True)
        try:
            n_files = backup.extract(root)
            if store_url is not None:
                set_store_url(root / CONFIG_NAME, store_url)
            config = read_config(root / CONFIG_NAME)
            left_out, report = restore_store(config.store_url, backup, root=root, actor=user_name())
        except BaseException:
            for inner in root.iterdir():
                shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
            if new:
                root.rmdir()
            raise
        return RestoreReport(
            str(root), backup.manifest.seq, backup.manifest.hash, n_files, len(left_out), report.notes
        )


def migrate_project(folder: str | Path, *, to: str | None = None) -> VerificationReport:
    """Bring a store up to date, and with ``to`` copy it to another database and use that from now on.

    The rows of the ledger are copied byte for byte, so hashes and seals stay valid. The old store is left as it is.

    Raises
    ------
    StoreError
        The other store is not empty.
    LedgerError
        The store, or its copy, does not verify; nothing was copied then, and the project uses the old store.
    """
    config = read_config(find_config(Path(folder)))
    migrate_store(config.store_url, root=config.folder)
    report = verify_store(config.store_url, root=config.folder)
    if to is None:
        return report
    if not report.ok:
        raise LedgerError(f"the store is not copied: {report}")
    report = copy_to(config.store_url, to, root=config.folder)
    set_store_url(config.file, to)
    return report


def set_store_url(path: Path, url: str) -> None:
    """Write the URL of the store into ``wsal.toml``; all else stays as it is."""
    text = path.read_text(encoding="utf-8")
    line = f"url = {json.dumps(url)}"
    table = _STORE.search(text)
    if table is None:
        changed = f"{text.rstrip()}\n\n[store]\n{line}\n"
    elif _URL.search(table[0]):
        changed = text[: table.start()] + _URL.sub(lambda _: line, table[0], count=1) + text[table.end() :]
    else:
        changed = (
            text[: table.start()] + table[0].replace("[store]", f"[store]\n{line}", 1) + text[table.end() :]
        )
    path.write_text(changed, encoding="utf-8")


def _own_files(config: Config, *, data: bool, notes: list[str]) -> Iterator[tuple[str, Path]]:
    """Name settings, rules with what stands beside them, and data, as far as they stand in the project's folder."""
    root = config.folder
    yield CONFIG_NAME, config.file
    wanted: list[Path] = []
    for path in config.rule_paths:
        beside = path if path.is_dir() or path.parent == root else path.parent
        wanted += _files_in(beside)
    if data:
        wanted += _files_in(config.data_path)
    for file in wanted:
        if not file.resolve().is_relative_to(root.resolve()):
            notes.append(f"{file} is not in the project's folder, and not in the backup")
        elif "__pycache__" not in file.parts:
            yield file.resolve().relative_to(root.resolve()).as_posix(), file
    if not data:
        notes.append(f"the data ({config.data_path}) is not in the backup")


def _files_in(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path] if path.is_file() else sorted(path.parent.glob(path.name))
