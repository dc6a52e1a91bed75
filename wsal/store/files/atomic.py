"""Files that are there whole or not at all, and the hashes by which the ledger names them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from wsal.audit import FileRef
from wsal.errors import StoreError
from wsal.store.failures import ledger_error, store_error

__all__ = ["checked_path", "sha256_of", "write_atomically"]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, write: Callable[[Path], None], *, mode: int = 0o644) -> str:
    """Write a file so that after a crash it is there whole or not at all.

    Parameters
    ----------
    path : Path
        Its folders are made where they are missing.
    write : callable
        Given the path of a temporary file in the same folder, writes it.
    mode : int
        Who may read it; the temporary file is its owner's alone.

    Returns
    -------
    str
        SHA-256 of its bytes.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    try:
        _make_folders(path.parent)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            digest = sha256_of(temporary)
            temporary.chmod(mode)  # mkstemp made it readable by its owner alone
            _sync(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        raise store_error(
            f"{path} cannot be written: {error.strerror or error}",
            "see that its folder can be written and the disk has room",
        ) from error
    return digest


def checked_path(file: FileRef, root: Path) -> Path:
    """Return the path of a file after comparing its bytes with the ledger's hash.

    Raises
    ------
    StoreError
        There is no such file.
    LedgerError
        Its bytes changed.
    """
    path = root / file.path
    try:
        found = sha256_of(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror or error}\n"
            "  hint: restore it from a backup, or make it anew with `wsal apply` and `wsal fit`"
        ) from error
    if found != file.sha256:
        raise ledger_error(
            f"{path} was changed after it was written: the ledger names sha256 {file.sha256}, it has {found}",
            "restore it from a backup, or make it anew with `wsal apply` and `wsal fit`",
        )
    return path


def _make_folders(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
