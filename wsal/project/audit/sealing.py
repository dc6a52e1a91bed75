"""Seals of a project: files that are kept elsewhere, and the keys that sign them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from wsal.audit import (
    SealedFile,
    VerificationReport,
    make_key,
    read_private_key,
    read_public_key,
    read_seal,
)
from wsal.config import find_config, read_config, user_name
from wsal.errors import InputError
from wsal.project.history import History
from wsal.store import SealCheck, make_seal, note_seal, verify_store, write_atomically

__all__ = ["rebuild_project", "seal_project", "verify_project", "write_key"]


def verify_project(
    folder: str | Path = ".", *, seals: Sequence[str | Path] = (), public_key: str | Path | None = None
) -> VerificationReport:
    """Check the ledger of a project, also where its guards are gone so that it cannot be opened.

    Parameters
    ----------
    folder : str or Path
    seals : sequence of str or Path
        Files that `seal_project` wrote, which the ledger must agree with.
    public_key : str or Path, optional
        PEM file of the key that must have signed them.

    Raises
    ------
    InputError
        A file is no seal or no key; or there is a key and no seal.
    """
    if public_key is not None and not seals:
        raise InputError("a public key checks seals, and none was given", hint="name one with --seal FILE")
    trusted = None if public_key is None else read_public_key(_read(public_key), where=str(public_key))
    checks = [SealCheck(read_seal(_read(seal), where=str(seal)), Path(seal).name, trusted) for seal in seals]
    config = read_config(find_config(Path(folder)))
    return verify_store(config.store_url, root=config.folder, seals=checks)


def seal_project(
    history: History, *, out: str | Path | None = None, key: str | Path | None = None
) -> tuple[Path, SealedFile]:
    """Write the last row's number and hash to a file, and note in the ledger that this was done.

    Parameters
    ----------
    history : History
    out : str or Path, optional
        The file; without it ``seal-ROW.json`` in the current folder.
    key : str or Path, optional
        PEM file of a private Ed25519 key, which signs the seal.

    Raises
    ------
    InputError
        The file is there already, or the key is none.
    LedgerError
        The ledger does not verify: what is wrong already is not sealed.
    StoreError
        The project can be read alone, and the ledger could not note the seal.
    """
    history.store.require_writable()
    private = None if key is None else read_private_key(_read(key), where=str(key))
    sealed = make_seal(history.store, project=history.config.name, by=user_name(), key=private)
    path = Path(out) if out is not None else Path(f"seal-{sealed.seal.seq:06d}.json")
    _require_new(path, "seals are kept, not replaced; name another file with --out")

    def write(temporary: Path) -> None:
        temporary.write_bytes(sealed.text())

    write_atomically(path, write)
    note_seal(history.store, sealed)
    return path, sealed


def write_key(path: str | Path) -> tuple[Path, Path]:
    """Make an Ed25519 key; write the private half, for its owner alone, and the public half beside it.

    Raises
    ------
    InputError
        One of the files is there already.
    """
    private_path, public_path = Path(path), Path(f"{path}.pub")
    for there in (private_path, public_path):
        _require_new(there, "a key that was used is needed again; name another file")
    private, public = make_key()
    try:
        # Made for its owner alone from the first byte on, not made so afterwards.
        handle = os.open(private_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(private)
        public_path.write_bytes(public)
    except OSError as error:
        raise InputError(
            f"{error.filename} cannot be written: {error.strerror}",
            hint="name a file in a folder that is there",
        ) from error
    return private_path, public_path


def rebuild_project(history: History) -> int:
    """Make the tables of people's work anew from the ledger; return the number of events that were read.

    Raises
    ------
    LedgerError
        The ledger itself does not verify.
    """
    history.store.rebuild()
    return history.store.head().seq


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", hint="see that the path is right"
        ) from error


def _require_new(path: Path, hint: str) -> None:
    if path.exists():
        raise InputError(f"{path} is there already", hint=hint)
