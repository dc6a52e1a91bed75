"""A snapshot of the items: what a data file held when it was read, so that it need not be parsed again.

Parsing a million texts and checking their ids takes longer than a rule takes to vote on them. So the columns are kept
as Arrow keeps them in memory, beside the cache of votes, and mapped into memory the next time. The snapshot is used
if the file is the same one, to the nanosecond of its last change, and if the snapshot still has the fingerprint that
the items had: every byte of it is hashed whenever it is used. Removing it costs nothing but time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.errors import StoreError
from wsal.items import Items, read_items
from wsal.items.columns import Column
from wsal.store.files.atomic import write_atomically

__all__ = ["read_through_snapshot"]

_NAME: Final = "items.arrow"
_KEY: Final = b"wsal"
_LEAST: Final = 8 << 20  # bytes; smaller files are read as quickly as their snapshot
# A file that changes twice within one tick of the clock has one date. As Git does, nothing this young is believed.
_SETTLED_AFTER_NS: Final = 2_000_000_000


def read_through_snapshot(
    folder: Path, path: Path, *, id_column: str | None = None, text: str | None = None, least: int = _LEAST
) -> Items:
    """Read items as `wsal.items.read_items` does, from their snapshot where there is one of the file as it is now.

    Parameters
    ----------
    folder : Path
        Where the snapshot is kept, one at a time; made when first written to. One that cannot be written is none.
    path : Path
        The data: Parquet, CSV or JSON lines.
    id_column, text : str, optional
        As `read_items`.
    least : int
        Bytes that the file has at least to be worth a snapshot.

    Raises
    ------
    DataError
        As `read_items`.

    Notes
    -----
    O(bytes) to hash; no cell is parsed, and no Python object made but for ids.
    """
    about = _about(path, id_column, text)
    if about is None or about["state"]["size"] < least:
        return read_items(path, id_column=id_column, text=text)
    kept = _read(folder / _NAME, about)
    if kept is not None:
        return kept
    settled = max(about["state"]["changed"], about["state"]["written"]) < time.time_ns() - _SETTLED_AFTER_NS
    items = read_items(path, id_column=id_column, text=text)
    if settled and _about(path, id_column, text) == about:
        with suppress(StoreError):  # it costs time alone
            _write(folder / _NAME, items, about)
    return items


def _about(path: Path, id_column: str | None, text: str | None) -> dict[str, Any] | None:
    """Say what a snapshot is of: which file in which state, read how; None where the file cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return {
        "v": 1,
        "wsal": version("wsal"),
        "source": str(path.resolve()),
        "state": {
            "device": found.st_dev,
            "inode": found.st_ino,
            "size": found.st_size,
            "written": found.st_mtime_ns,
            "changed": found.st_ctime_ns,  # which nobody can set back
        },
        "id": id_column,
        "text": text,
    }


def _write(place: Path, items: Items, about: Mapping[str, object]) -> None:
    import pyarrow as pa

    if any(isinstance(column.cells, tuple) for column in items.data.values()):
        return  # dates, records and mixed cells have no column of Arrow
    described = {
        **about,
        "columns": [items.id_column, items.text_column],
        "notes": items.notes,
        "n_items": items.n_items,
        "fingerprint": items.fingerprint,
    }
    batch = pa.record_batch({name: column.cells for name, column in items.data.items()})
    batch = batch.replace_schema_metadata({_KEY: json.dumps(described).encode()})

    def write(part: Path) -> None:
        with pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)

    write_atomically(place, write)


def _read(place: Path, about: Mapping[str, object]) -> Items | None:
    """Return what a snapshot holds; None where it is of something else, is not there, or is damaged."""
    import pyarrow as pa

    if not place.is_file():
        return None
    try:
        batch = pa.ipc.open_file(pa.memory_map(str(place))).get_batch(0)
        described = json.loads(batch.schema.metadata[_KEY])
        if any(described[key] != value for key, value in about.items()):
            return None
        batch.validate(full=True)
        columns = {name: Column(batch.column(name)) for name in batch.schema.names}
        id_column, text_column = described["columns"]
        items = Items(
            _ids(columns, id_column, described["n_items"]),
            columns,
            id_column,
            text_column,
            tuple(described["notes"]),
        )
        return items if items.fingerprint == described["fingerprint"] else None
    except Exception:  # noqa: BLE001  # a damaged file can raise anything, and the items are read again
        return None


def _ids(columns: Mapping[str, Column], id_column: str | None, n_items: int) -> NDArray[Any]:
    """Return the ids of items of a file, which are texts; row numbers where no column holds them."""
    texts = map(str, range(n_items)) if id_column is None else columns[id_column].cells.to_pylist()
    ids = np.array(list(texts), dtype=object)
    ids.flags.writeable = False
    return ids
