"""Digests of items: a number for the content of each, by which two readings of the data are compared item by item."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.items.columns import Column
from wsal.items.fingerprints import encode_cell

__all__ = ["item_digests"]

_MISSING = np.uint64(0x9E3779B97F4A7C15)


def item_digests(columns: Mapping[str, Column], n_items: int) -> NDArray[np.uint64]:
    """Return 64 bits for the cells of each item, shape (n,): equal for equal cells.

    Parameters
    ----------
    columns : mapping of str to Column
        In any order; their names count.
    n_items : int

    Notes
    -----
    A whole number and the same number with a point are equal here. Two different items have equal digests by chance in
    one of 2⁶⁴ cases; digests say what changed, and prove nothing: the fingerprint of the data does. Texts are hashed by
    pandas (SipHash). O(bytes); no Python object a cell but for cells that are no texts, numbers or vectors of numbers.
    """
    total = np.zeros(n_items, dtype=np.uint64)
    for name in sorted(columns):
        own = np.frombuffer(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), np.uint64)
        total = _mixed(total ^ _mixed(_cells(columns[name].cells) ^ own))
    return total


def _cells(cells: Any) -> NDArray[np.uint64]:  # noqa: ANN401  # a tuple, or an Arrow array, which has no types
    import pyarrow.compute as pc

    if isinstance(cells, tuple):
        digests = (blake2b(encode_cell(cell), digest_size=8).digest() for cell in cells)
        return np.frombuffer(b"".join(digests), dtype=np.uint64)
    kind = str(cells.type)
    missing = np.asarray(cells.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)
    if kind == "null":
        return np.full(len(cells), _MISSING)
    if kind.startswith("large_list"):
        found = _lists(cells)
    elif kind == "large_string":
        found = _texts(pc.fill_null(cells, "").to_numpy(zero_copy_only=False))
    else:
        found = _numbers(pc.fill_null(cells, False if kind == "bool" else 0).to_numpy(zero_copy_only=False))
    return np.where(missing, _MISSING, found)


def _texts(values: NDArray[Any]) -> NDArray[np.uint64]:
    from pandas.util import hash_array

    return np.asarray(hash_array(values), dtype=np.uint64)


def _numbers(values: NDArray[Any]) -> NDArray[np.uint64]:
    numbers = values.astype(np.float64) + 0.0  # −0 is 0
    numbers = np.where(np.isnan(numbers), np.nan, numbers)
    found = _mixed(numbers.view(np.uint64))
    if values.dtype.kind == "i":  # beyond 2⁵³ the rest tells whole numbers apart
        with np.errstate(all="ignore"):
            rest = values - numbers.astype(np.int64)
        found = found + rest.astype(np.uint64) * _MISSING
    return found


def _lists(cells: Any) -> NDArray[np.uint64]:  # noqa: ANN401  # as above
    import pyarrow.compute as pc

    lengths = pc.fill_null(pc.list_value_length(cells), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum(lengths)
    flat = _cells(cells.flatten())
    place = np.arange(len(flat)) - np.repeat(ends - lengths, lengths)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_mixed(flat ^ _mixed(place.astype(np.uint64))))])
    return _mixed(sums[ends] - sums[ends - lengths] + lengths.astype(np.uint64))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread bits: the finalizer of splitmix64 (Steele, Lea and Flood 2014, figure 16)."""
    x = values + _MISSING
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
