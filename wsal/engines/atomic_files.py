"""Files that are there whole or not at all, with several writers and when a process is killed."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

__all__ = ["sweep", "write_atomically", "written_atomically"]

_PREFIX: Final = ".part-"
_LEFT_OVER_AFTER: Final = 3600.0  # seconds


def sweep(folder: Path) -> None:
    """Remove what killed processes left half written; nobody writes at one file for an hour."""
    before = time.time() - _LEFT_OVER_AFTER
    for part in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another process was quicker, or the folder may only be read
            if part.stat().st_mtime < before:
                part.unlink()


def write_atomically(place: Path, content: bytes) -> None:
    """Write bytes beside their place, flush them to the disk, and rename."""
    with written_atomically(place) as part:
        part.write_bytes(content)


@contextmanager
def written_atomically(place: Path) -> Iterator[Path]:
    """Give a path beside a place; what the block wrote there is flushed and renamed when it ends without an error."""
    handle, name = tempfile.mkstemp(prefix=_PREFIX, dir=place.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)  # mkstemp made it readable by its owner alone; another machine's user may read it
        _flush(part)
        part.replace(place)
        _flush(place.parent)  # the name is an entry of its folder, which is flushed by itself
    except BaseException:  # also Ctrl-C
        part.unlink(missing_ok=True)
        raise


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
