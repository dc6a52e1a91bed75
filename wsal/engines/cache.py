"""Votes computed before, kept by what they depend on: the labelling function and the data it reads."""

from __future__ import annotations

import io
import json
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import numpy as np

from wsal.errors import StoreError
from wsal.types import VoteArray

__all__ = ["DirectoryCache", "GrowingCache", "VoteCache"]

_PART: Final = ".part-"
_SIZES: Final = "sizes.json"
_SIZES_KEPT: Final = 4
_LEFT_OVER_AFTER: Final = 3600.0  # seconds


class VoteCache(Protocol):
    """Where `wsal.apply` keeps columns of votes."""

    def get(self, lf_fingerprint: str, data_fingerprint: str) -> VoteArray | None:
        """Return votes kept before: int8, shape (n,); None where there are none."""
        ...

    def put(self, lf_fingerprint: str, data_fingerprint: str, votes: VoteArray) -> None:
        """Keep votes: int8, shape (n,)."""
        ...


@runtime_checkable
class GrowingCache(VoteCache, Protocol):
    """A cache that also knows how many items its columns had, so that appended items alone are computed."""

    def sizes(self) -> Sequence[int]:
        """Return the lengths of columns kept, the last one kept first; some are enough."""
        ...


class DirectoryCache:
    """Keeps columns of votes as files in a folder; safe with several writers and when the process is killed.

    A file is written beside its place, flushed to the disk and renamed, so that it is there whole or not
    at all; what a killed process left half written is removed when a cache is opened an hour later. A file
    holds the votes with their key (npz, never pickle); one that is damaged, or that holds another key, counts
    as not there. Removing the folder costs nothing but time.

    Parameters
    ----------
    path : str or Path
        Made when first written to.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = DirectoryCache(folder)
    ...     cache.put("lf", "data", np.array([1, -1], dtype=np.int8))
    ...     cache.get("lf", "data"), cache.get("lf", "other data")
    (array([ 1, -1], dtype=int8), None)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        _sweep(self.path)

    def get(self, lf_fingerprint: str, data_fingerprint: str) -> VoteArray | None:
        """Return votes kept before: int8, shape (n,); None where there are none, or the file is damaged."""
        try:
            content = self._file(lf_fingerprint, data_fingerprint).read_bytes()
            # The checksums of the zip format are verified as its members are read.
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                key, votes = stored["key"].tolist(), stored["votes"]
        except Exception:  # noqa: BLE001  # a damaged file can raise anything, and is computed again
            return None
        if (
            key != [lf_fingerprint, data_fingerprint, str(len(votes))]
            or votes.dtype != np.int8
            or votes.ndim != 1
        ):
            return None
        return np.asarray(votes, dtype=np.int8)

    def put(self, lf_fingerprint: str, data_fingerprint: str, votes: VoteArray) -> None:
        """Keep votes: int8, shape (n,).

        Raises
        ------
        StoreError
            The folder cannot be written to.
        """
        place = self._file(lf_fingerprint, data_fingerprint)
        content = io.BytesIO()
        np.savez_compressed(
            content, votes=votes, key=np.array([lf_fingerprint, data_fingerprint, str(len(votes))])
        )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _write_atomically(place, content.getvalue())
            self._remember(len(votes))
        except OSError as error:
            raise StoreError(
                f"votes cannot be kept in {self.path}: {error.strerror}\n"
                "  hint: make the folder writable, name another one, or apply without a cache"
            ) from error

    def sizes(self) -> Sequence[int]:
        """Return the lengths of columns kept, the last one kept first; a few are remembered."""
        try:
            read = json.loads((self.path / _SIZES).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # not there, or damaged: all items are computed
            return ()
        return tuple(n for n in read if type(n) is int and n > 0) if isinstance(read, list) else ()

    def _remember(self, size: int) -> None:
        known = self.sizes()
        if known[:1] != (size,):
            latest = [size, *(n for n in known if n != size)][:_SIZES_KEPT]
            _write_atomically(self.path / _SIZES, json.dumps(latest).encode())

    def _file(self, lf_fingerprint: str, data_fingerprint: str) -> Path:
        return self.path / (sha256(f"{lf_fingerprint}\n{data_fingerprint}".encode()).hexdigest() + ".npz")


def _sweep(folder: Path) -> None:
    """Remove what killed processes left half written; nobody writes at one file for an hour."""
    before = time.time() - _LEFT_OVER_AFTER
    for part in folder.glob(f"{_PART}*"):
        with suppress(OSError):  # another process was quicker, or the folder may only be read
            if part.stat().st_mtime < before:
                part.unlink()


def _write_atomically(place: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=_PART, dir=place.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
        _flush_folder(place.parent)
    except BaseException:  # also Ctrl-C
        part.unlink(missing_ok=True)
        raise


def _flush_folder(folder: Path) -> None:
    """Make the renaming of a file last: it is an entry of its folder, which is flushed by itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
