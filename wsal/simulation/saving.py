"""RecordFile: records on disk as they come, so that a simulation that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wsal.errors import DataError, StoreError
from wsal.features import FeatureMatrix
from wsal.simulation.dataset import LabelledDataset
from wsal.simulation.record import Record

__all__ = ["RecordFile", "fingerprint"]

_VERSION = 1


class RecordFile:
    """A file of records: one line that says what they are of, then one JSON object a line.

    Parameters
    ----------
    path : str or Path
        Made where it is missing, with its folders.
    about : mapping of str to JSON values
        What all records share: fingerprint of the data, expert, size of batches, version of wsal. A file that
        says otherwise is refused, so that no two simulations are ever mixed.

    Raises
    ------
    DataError
        The file is of another simulation, or not one of wsal's.
    StoreError
        It cannot be read or written.

    Notes
    -----
    Each record is on disk when `append` returns. A last line that is not whole, as a crash leaves it, is
    written over.
    """

    def __init__(self, path: str | Path, about: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self._head = json.dumps({"wsal_simulation": _VERSION, "about": dict(about)}, sort_keys=True)
        self._records: list[Record] = []
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            known = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}") from None
        whole = known[: known.rfind(b"\n") + 1]
        lines = whole.splitlines()
        if lines:
            self._read(lines)
        self._cut(len(whole), new=not lines)

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record so far."""
        return tuple(self._records)

    def append(self, record: Record) -> None:
        """Keep a record."""
        self._write(json.dumps(record.to_dict(), ensure_ascii=True, allow_nan=False))
        self._records.append(record)

    def _read(self, lines: list[bytes]) -> None:
        try:
            found = [json.loads(line) for line in lines]
        except ValueError:
            raise DataError(
                f"{self.path} is no file of a simulation: it does not hold a JSON object a line"
            ) from None
        if json.dumps(found[0], sort_keys=True) != self._head:
            raise DataError(
                f"{self.path} is of another simulation: {json.dumps(found[0], sort_keys=True)[:200]}",
                hint="name another file, or delete this one",
            )
        self._records = [Record.from_dict(line) for line in found[1:]]

    def _cut(self, length: int, *, new: bool) -> None:
        try:
            with self.path.open("ab") as file:
                file.truncate(length)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from None
        if new:
            self._write(self._head)

    def _write(self, line: str) -> None:
        try:
            with self.path.open("ab") as file:
                file.write(line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from None


def fingerprint(data: LabelledDataset) -> str:
    """Return a SHA-256 of everything that a replay of the data depends on. O(size of the data)."""
    digest = hashlib.sha256()

    def add(*parts: object) -> None:
        digest.update(json.dumps(parts).encode())

    def add_array(array: np.ndarray[Any, Any]) -> None:
        add(str(array.dtype), array.shape)
        digest.update(np.ascontiguousarray(array).tobytes())

    def add_features(features: FeatureMatrix | None) -> None:
        if features is None:
            add(None)
            return
        add(features.matrix.shape)
        matrix = features.matrix
        for array in (
            (matrix,) if isinstance(matrix, np.ndarray) else (matrix.indptr, matrix.indices, matrix.data)
        ):
            add_array(array)

    if data.duplicates is not None:
        add_array(data.duplicates.codes)
        add_array(data.duplicates.exact)
    add(data.name, data.metric, data.votes.labels.names, data.votes.item_ids.tolist())
    for split in (data, data.test):
        if split is not None:
            add_array(split.votes.values)
            add_array(split.gold)
            add_features(split.features)
    return digest.hexdigest()
