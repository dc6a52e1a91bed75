"""Votes computed before, kept by what they depend on: the labelling function and the data it reads."""

from __future__ import annotations

import io
import json
import os
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from wsal.engines.atomic_files import sweep, write_atomically
from wsal.errors import StoreError
from wsal.types import VoteArray
from wsal.votes import CastVotes, VoteColumn, dense

__all__ = ["CastCache", "DirectoryCache", "GrowingCache", "Swept", "VoteCache"]

_SIZES: Final = "sizes.json"
_SIZES_KEPT: Final = 4
_COLUMNS_KEPT: Final = 4  # of one function, on the data of now and of before
_SWEPT_AFTER: Final = 3600.0  # seconds; another process may be about to ask for what is younger


class VoteCache(Protocol):
    """Where `wsal.apply` keeps columns of votes."""

    def get(self, lf_fingerprint: str, data_fingerprint: str) -> VoteArray | None:
        """Return votes kept before: int8, shape (n,); None where there are none."""
        ...

    def put(self, lf_fingerprint: str, data_fingerprint: str, votes: VoteArray) -> None:
        """Keep votes: int8, shape (n,)."""
        ...


@runtime_checkable
class CastCache(VoteCache, Protocol):
    """A cache that can hand out the votes that are cast alone, which are few."""

    def find(self, lf_fingerprint: str, data_fingerprint: str) -> VoteColumn | None:
        """Return votes kept before, as they are kept; None where there are none."""
        ...


@runtime_checkable
class GrowingCache(VoteCache, Protocol):
    """A cache that also knows how many items its columns had, so that appended items alone are computed."""

    def sizes(self) -> Sequence[int]:
        """Return the lengths of columns kept, the last one kept first; some are enough."""
        ...


@dataclass(frozen=True)
class Swept:
    """What a sweep removed, or would: columns of votes, and bytes."""

    n_columns: int
    n_bytes: int


class DirectoryCache:
    """Keeps columns of votes as files in a folder; safe with several writers and when the process is killed.

    A file is written beside its place, flushed to the disk and renamed, so that it is there whole or not
    at all; what a killed process left half written is removed when a cache is opened an hour later. A file
    holds the votes with their key (npz, never pickle), of a column that mostly abstains only the votes that are
    cast; one that is damaged, or that holds another key, counts as not there. Removing the folder costs nothing but
    time; `sweep` removes what nobody will ask for.

    Parameters
    ----------
    path : str or Path
        Made when first written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = DirectoryCache(folder)
    ...     cache.put("lf", "data", np.array([1, -1], dtype=np.int8))
    ...     cache.get("lf", "data"), cache.get("lf", "other data")
    (array([ 1, -1], dtype=int8), None)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._used: set[Path] = set()
        sweep(self.path)

    def get(self, lf_fingerprint: str, data_fingerprint: str) -> VoteArray | None:
        """Return votes kept before: int8, shape (n,); None where there are none, or the file is damaged."""
        found = self.find(lf_fingerprint, data_fingerprint)
        return None if found is None else dense(found)

    def find(self, lf_fingerprint: str, data_fingerprint: str) -> VoteColumn | None:
        """Return votes as they are kept; None where there are none, or the file is damaged."""
        place = self._file(lf_fingerprint, data_fingerprint)
        try:
            # The checksums of the zip format are verified as its members are read.
            with np.load(io.BytesIO(place.read_bytes()), allow_pickle=False) as stored:
                *key, n = stored["key"].tolist()
                if key != [lf_fingerprint, data_fingerprint]:
                    return None
                gaps = stored["gaps"] if "gaps" in stored.files else None
                column = _read(stored["votes"], gaps, int(n))
        except Exception:  # noqa: BLE001  # a damaged file can raise anything, and is computed again
            return None
        self._used.add(place)
        return column

    def put(self, lf_fingerprint: str, data_fingerprint: str, votes: VoteArray) -> None:
        """Keep votes: int8, shape (n,).

        Raises
        ------
        StoreError
            The folder cannot be written to.
        """
        place = self._file(lf_fingerprint, data_fingerprint)
        content = io.BytesIO()
        key = np.array([lf_fingerprint, data_fingerprint, str(len(votes))])
        np.savez_compressed(content, key=key, **_arrays(votes))
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_atomically(place, content.getvalue())
            self._used.add(place)
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

    def sweep(self, lf_fingerprints: Collection[str]) -> Swept:
        """Remove columns that nobody will ask for.

        Those of functions that are not named, and of each named one all but the few written last (the same rule on
        the data as it was before). Nothing goes that is younger than an hour, or that was read or written here. A file
        that cannot be removed stays.

        Parameters
        ----------
        lf_fingerprints : collection of str
            The functions whose votes may be asked for again.

        Returns
        -------
        Swept

        Notes
        -----
        O(files of the folder); none is opened.
        """
        n_columns = n_bytes = 0
        for file, about in self._spare(lf_fingerprints):
            with suppress(OSError):
                file.unlink()
                n_columns, n_bytes = n_columns + 1, n_bytes + about.st_size
        return Swept(n_columns, n_bytes)

    def held(self, lf_fingerprints: Collection[str]) -> tuple[Swept, Swept]:
        """Say how much is kept in all, and how much of it `sweep` would remove; nothing is removed.

        Parameters
        ----------
        lf_fingerprints : collection of str
            As for `sweep`.
        """
        kept, spare = (
            [about.st_size for _, about in found]
            for found in (_files(self.path), self._spare(lf_fingerprints))
        )
        return Swept(len(kept), sum(kept)), Swept(len(spare), sum(spare))

    def _spare(self, lf_fingerprints: Collection[str]) -> list[tuple[Path, os.stat_result]]:
        wanted = {_short(fingerprint) for fingerprint in lf_fingerprints}
        seen: Counter[str] = Counter()
        before = time.time() - _SWEPT_AFTER
        found = []
        for file, about in sorted(_files(self.path), key=lambda found: -found[1].st_mtime):
            lf = file.name.partition("-")[0]
            seen[lf] += 1
            spare = lf not in wanted or seen[lf] > _COLUMNS_KEPT
            if spare and file not in self._used and about.st_mtime < before:
                found.append((file, about))
        return found

    def _remember(self, size: int) -> None:
        known = self.sizes()
        if known[:1] != (size,):
            latest = [size, *(n for n in known if n != size)][:_SIZES_KEPT]
            write_atomically(self.path / _SIZES, json.dumps(latest).encode())

    def _file(self, lf_fingerprint: str, data_fingerprint: str) -> Path:
        return self.path / f"{_short(lf_fingerprint)}-{_short(data_fingerprint)}.npz"


def _short(fingerprint: str) -> str:
    return sha256(fingerprint.encode()).hexdigest()[:32]  # the file says the whole key


def _files(folder: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    for file in folder.glob("*.npz"):
        with suppress(OSError):  # another process was quicker
            found.append((file, file.stat()))
    return found


def _arrays(votes: VoteArray) -> dict[str, Any]:
    """Return what is kept of a column: the votes, or those that are cast and how far each lies from the one before."""
    cast = CastVotes.of(votes)
    if not cast.few:
        return {"votes": votes}
    gaps = np.diff(cast.rows, prepend=0)
    return {"votes": cast.votes, "gaps": gaps.astype(np.min_scalar_type(gaps.max(initial=0)))}


def _read(votes: NDArray[Any], gaps: NDArray[Any] | None, n: int) -> VoteColumn:
    """Turn what `_arrays` kept back into a column.

    Raises
    ------
    ValueError
        The file is none of ours.
    """
    shape = (n,) if gaps is None else gaps.shape
    if votes.dtype != np.int8 or votes.shape != shape or len(shape) != 1:
        raise ValueError("the votes are none, or not as many as they should be")
    if gaps is None:
        return votes
    rows = np.cumsum(gaps, dtype=np.int64)
    if gaps.dtype.kind != "u" or not gaps[1:].all() or (len(rows) and rows[-1] >= n):
        raise ValueError("votes and gaps do not fit")
    return CastVotes(n, rows, votes)
