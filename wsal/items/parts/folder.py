"""The Parquet files of a folder, and what lies beside them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from wsal.errors import DataError, did_you_mean

__all__ = ["parquet_files", "passed_over"]

_SHOWN: Final = 5


def parquet_files(source: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the Parquet files of a folder (and of the folders in it), sorted; or the one that is named.

    A name ends in ``.parquet``, in whatever case. What begins with ``_`` or ``.`` is passed over, as Spark and Dask
    write notes of their own beside the data.

    Raises
    ------
    DataError
        There is no such file or folder, or no Parquet file in it.
    """
    name = os.fspath(source)
    path = Path(name)
    if path.is_file():
        return (name,)
    if not path.is_dir():
        near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"there is no file or folder {name}",
            hint=did_you_mean(path.name, near) or f"looked in {Path.cwd()}",
        )
    kept = [file for file in _inside(path) if _is_parquet(file)]
    if not kept:
        raise DataError(
            f"there is no Parquet file in the folder {name}", hint="write the items as .parquet files"
        )
    return tuple(str(path / file) for file in kept)


def _inside(folder: Path) -> list[str]:
    """Return the files of a folder that are not notes of Spark or Dask, sorted, as paths in it."""
    files = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return sorted(file.as_posix() for file in files if not any(p.startswith(("_", ".")) for p in file.parts))


def _is_parquet(name: str) -> bool:
    return name.lower().endswith(".parquet")


def passed_over(source: str | os.PathLike[str]) -> tuple[str, ...]:
    """Say which files of a folder are not read, as they are not called Parquet files; nothing where all are read."""
    path = Path(source)
    others = [file for file in _inside(path) if not _is_parquet(file)] if path.is_dir() else []
    if not others:
        return ()
    shown = ", ".join(others[:_SHOWN]) + (f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else "")
    return (f"passed over in {path}, as their names do not end in .parquet: {shown}",)
