"""The files of a part: its items with the number of their pattern, its patterns, and hashes of its ids.

Each is written beside its place and renamed. The file of the items comes last and names the others by their hashes, so
where it is, the part is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.engines.atomic_files import written_atomically
from wsal.errors import DataError, StoreError
from wsal.types import VoteArray
from wsal.votes import LFFailure

__all__ = [
    "PARTS",
    "ItemsWriter",
    "PartFile",
    "PartReceipt",
    "items_path",
    "read_ids",
    "read_pattern_numbers",
    "read_patterns_file",
    "receipt_of",
    "sha256_of_file",
    "storing",
    "write_id_hashes",
    "write_patterns",
]

PARTS: Final = "parts"
"""Folder of the files of parts, inside the folder of votes."""

_KEY: Final = b"wsal"


@dataclass(frozen=True)
class PartFile:
    """A file, named relative to the folder of votes, and its hash."""

    path: str
    sha256: str


@dataclass(frozen=True)
class PartReceipt:
    """What is known of a part whose votes are written.

    Parameters
    ----------
    key : str
        What its votes depend on: the content of the part, the functions with their fingerprints, the labels.
    n_items, n_patterns : int
    patterns : PartFile
        p rows of votes in the order of their numbers, and counts.
    id_hashes : PartFile or None
        Sorted 64-bit hashes of the ids; None where ids are row numbers.
    failures : tuple of LFFailure
    """

    key: str
    n_items: int
    n_patterns: int
    patterns: PartFile
    id_hashes: PartFile | None
    failures: tuple[LFFailure, ...] = ()

    @property
    def items(self) -> str:
        """Where the items with the numbers of their patterns are."""
        return items_path(self.key)

    def to_data(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> PartReceipt:
        """Read what `to_data` wrote."""
        hashes = data["id_hashes"]
        return cls(
            data["key"],
            data["n_items"],
            data["n_patterns"],
            PartFile(**data["patterns"]),
            None if hashes is None else PartFile(**hashes),
            tuple(LFFailure(**failure) for failure in data["failures"]),
        )


def items_path(key: str) -> str:
    """Name the file of the items of a part."""
    return f"{PARTS}/{key[:32]}.parquet"


@contextmanager
def storing(folder: Path, what: str = "votes") -> Iterator[None]:
    """Say of an error of the disk that votes, or what else, cannot be kept, and what to do.

    Raises
    ------
    StoreError
    """
    import pyarrow as pa

    try:
        yield
    except OSError as error:  # Arrow's errors of input and output are such
        raise StoreError(
            f"{what} cannot be kept in {folder}: {error.strerror or error}\n"
            "  hint: see that the folder can be written and the disk has room"
        ) from error
    except pa.ArrowException as error:
        raise StoreError(f"{what} cannot be kept in {folder}: {error}") from error


class ItemsWriter:
    """Writes the items of a part, batch by batch, each with the number of its pattern.

    Parameters
    ----------
    path : Path
        A temporary file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None
        self.n_items = 0

    def add(self, item_ids: NDArray[Any], codes: NDArray[np.int32]) -> None:
        """Write a batch: ids of shape (n,), texts or whole numbers, and codes of shape (n,)."""
        import pyarrow as pa

        kind = pa.int64() if item_ids.dtype.kind == "i" else pa.large_string()
        try:
            ids = pa.array(item_ids, kind)
        except (pa.ArrowException, TypeError) as error:
            raise DataError(
                "the ids of a part are neither all texts nor all whole numbers that fit into 64 bits",
                hint="make them texts",
            ) from error
        batch = pa.table({"id": ids, "pattern": pa.array(codes, pa.int32())})
        self._open(batch.schema).write_table(batch)
        self.n_items += len(codes)

    def close(self, receipt: PartReceipt | None) -> None:
        """End the file; the receipt goes into its footer."""
        import pyarrow as pa

        writer = self._open(pa.schema({"id": pa.large_string(), "pattern": pa.int32()}))
        if receipt is not None:
            writer.add_key_value_metadata({_KEY: json.dumps(receipt.to_data())})
        writer.close()

    def _open(self, schema: Any) -> Any:  # noqa: ANN401  # pyarrow.Schema, pyarrow.parquet.ParquetWriter
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, schema, compression="zstd")
        return self._writer


def write_patterns(folder: Path, key: str, votes: VoteArray, counts: NDArray[np.int64]) -> PartFile:
    """Write the patterns of a part: column ``count``, and ``0`` to ``m - 1``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {"count": pa.array(counts, pa.int64())}
    columns |= {str(j): pa.array(np.ascontiguousarray(votes[:, j])) for j in range(votes.shape[1])}
    relative = f"{PARTS}/{key[:32]}.patterns.parquet"
    with written_atomically(folder / relative) as part:
        pq.write_table(pa.table(columns), part, compression="zstd")
        digest = sha256_of_file(part)
    return PartFile(relative, digest)


def write_id_hashes(folder: Path, key: str, hashes: NDArray[np.uint64]) -> PartFile:
    """Write the hashes of a part's ids, sorted, so that a range of them can be read alone."""
    relative = f"{PARTS}/{key[:32]}.ids.npy"
    with written_atomically(folder / relative) as part:
        with part.open("wb") as file:  # given a path, NumPy would put .npy at its end
            np.save(file, np.sort(hashes), allow_pickle=False)
        digest = sha256_of_file(part)
    return PartFile(relative, digest)


def read_patterns_file(path: Path) -> tuple[VoteArray, NDArray[np.int64]]:
    """Return the patterns of a part, shape (p, m), and their counts, shape (p,)."""
    table = _read(path)
    counts = table.column("count").to_numpy()
    columns = [table.column(str(j)).to_numpy() for j in range(table.num_columns - 1)]
    votes = np.stack(columns, axis=1) if columns else np.zeros((len(counts), 0), dtype=np.int8)
    return np.ascontiguousarray(votes, dtype=np.int8), counts


def read_ids(path: Path) -> NDArray[Any]:
    """Return the ids of a part."""
    return np.asarray(_read(path, ["id"]).column("id").to_numpy(zero_copy_only=False))


def read_pattern_numbers(path: Path) -> NDArray[np.int32]:
    """Return the number of each item's pattern, shape (n,)."""
    return np.asarray(_read(path, ["pattern"]).column("pattern").to_numpy(), dtype=np.int32)


def receipt_of(path: Path) -> PartReceipt | None:
    """Return the receipt in the file of a part's items; None where there is no file or it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return PartReceipt.from_data(json.loads(file.metadata.metadata[_KEY]))
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError):
        return None


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, columns: list[str] | None = None) -> Any:  # noqa: ANN401  # pyarrow.Table
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path).read(columns)
    except (pa.ArrowException, OSError) as error:
        raise StoreError(
            f"{path} cannot be read: {error}\n  hint: apply the rules again; parts that are whole are kept"
        ) from error
