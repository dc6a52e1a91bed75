"""Whether a file may be written where someone says: the folder is there, and nothing is replaced unasked."""

from __future__ import annotations

from pathlib import Path

from wsal.errors import InputError

__all__ = ["refuse_replacing", "require_folder"]


def require_folder(path: Path) -> None:
    """See that there is a folder to write a file to.

    Raises
    ------
    InputError
        There is none.
    """
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}", hint="make it first")


def refuse_replacing(path: Path, *, force: bool = False) -> None:
    """Refuse to write where something is, unless ``force``.

    Raises
    ------
    InputError
        There is something.
    """
    if path.exists() and not force:
        raise InputError(f"{path} is there already", hint="replace it with --force, or choose another name")
