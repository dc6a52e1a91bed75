"""Ids that stand in two parts, or twice in one, found without holding the ids of all items.

Each part has the sorted 64-bit hashes of its ids in a file. The range of hashes is cut so finely that the hashes of
all parts in one cut fit into memory; equal neighbours among them are looked up as ids, since different ids may share a
hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wsal.engines.parts.files import read_ids
from wsal.engines.parts.id_hashes import id_hashes, open_hashes
from wsal.engines.parts.vote_parts import VotePart
from wsal.errors import DataError
from wsal.types import ItemId

__all__ = ["refuse_repeated_ids"]

_AT_ONCE: Final = 1 << 20
_SPAN: Final = 1 << 64


def refuse_repeated_ids(folder: Path, parts: Sequence[VotePart], *, at_once: int = _AT_ONCE) -> None:
    """See that no id stands twice.

    Parameters
    ----------
    folder : Path
        The folder of votes.
    parts : sequence of VotePart
    at_once : int
        Hashes in memory, about.

    Raises
    ------
    DataError
        One does: with both places.

    Notes
    -----
    O(n log n) time, O(``at_once`` + ids of one part where hashes meet) memory.
    """
    files = [(part, part.receipt.id_hashes) for part in parts]
    hashed = [(part, open_hashes(folder, file)) for part, file in files if file is not None]
    tables = [table for _, table in hashed]
    for low, high in _cuts(sum(map(len, tables)), at_once):
        spans = [_between(table, low, high) for table in tables]
        joined = np.sort(np.concatenate(spans)) if spans else np.zeros(0, dtype=np.uint64)
        for hash_ in np.unique(joined[1:][joined[1:] == joined[:-1]]):
            owners = [part for (part, _), span in zip(hashed, spans, strict=True) if hash_ in span]
            _refuse(folder, owners, hash_)


def _cuts(n: int, at_once: int) -> Iterator[tuple[int, int]]:
    n_cuts = max(1, -(-n // at_once))
    ends = [_SPAN * i // n_cuts for i in range(n_cuts + 1)]
    yield from pairwise(ends)


def _between(table: NDArray[np.uint64], low: int, high: int) -> NDArray[np.uint64]:
    start = np.searchsorted(table, np.uint64(low))
    stop = len(table) if high == _SPAN else np.searchsorted(table, np.uint64(high))
    return np.asarray(table[start:stop])


def _refuse(folder: Path, parts: Sequence[VotePart], hash_: np.uint64) -> None:
    """Compare the ids behind a hash."""
    first: dict[ItemId, str] = {}
    for part in parts:
        ids = read_ids(folder / part.items.path)
        for row in np.flatnonzero(id_hashes(ids) == hash_).tolist():
            item_id = ids[row] if isinstance(ids[row], str) else int(ids[row])
            place = f"{part.name}, row {row + 1}"
            if item_id in first:
                raise DataError(
                    f"id {item_id!r} stands twice: {first[item_id]}; and {place}",
                    hint="an id names one item: rename or remove one of them, or name another id column",
                )
            first[item_id] = place
