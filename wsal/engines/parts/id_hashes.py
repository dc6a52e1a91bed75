"""Ids as 64-bit hashes: eight bytes an item, by which items are found without reading the ids of all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.engines.parts.files import PartFile
from wsal.types import ItemId, id_array

__all__ = ["holds_any", "id_hashes", "open_hashes"]


def id_hashes(item_ids: NDArray[Any]) -> NDArray[np.uint64]:
    """Hash ids, shape (n,), to 64 bits: the same in every process."""
    from pandas.util import hash_array

    return np.asarray(hash_array(item_ids, categorize=False), dtype=np.uint64)


def open_hashes(folder: Path, file: PartFile) -> NDArray[np.uint64]:
    """Return the sorted hashes of a part's ids; what is not looked at is not read."""
    return np.asanyarray(np.load(folder / file.path, mmap_mode="r", allow_pickle=False))


def holds_any(folder: Path, file: PartFile | None, item_ids: Sequence[ItemId]) -> list[ItemId]:
    """Return the ids that a part may hold; all of them where it keeps no hashes, as ids are row numbers there."""
    if file is None:
        return list(item_ids)
    found: list[ItemId] = []
    table = open_hashes(folder, file)
    for kind in (int, str):
        ids = [item for item in item_ids if isinstance(item, kind)]
        if not ids:
            continue
        hashes = id_hashes(id_array(ids))
        at = np.minimum(np.searchsorted(table, hashes), len(table) - 1)
        found += [item for item, here in zip(ids, (table[at] == hashes).tolist(), strict=True) if here]
    return found
