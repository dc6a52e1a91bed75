"""Fingerprints of columns: SHA-256 over what the cells are, never over how they are stored.

Arrow arrays are hashed by their buffers (lengths, values, which cells are missing), after slices and the
garbage under missing cells are taken out. Python objects are hashed by a tagged encoding in which no two
different cells look alike: ``1``, ``1.0``, ``"1"`` and ``True`` all differ, as a labelling function can tell
them apart.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from wsal.arrays import numpy_numbers
from wsal.errors import DataError
from wsal.lf import fingerprint_of
from wsal.types import is_missing

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["column_fingerprint", "encode_cell", "joint_fingerprint"]

_VERSION = b"wsal column 1\n"  # a change of the encoding makes every cached vote a miss, as it should


def column_fingerprint(cells: Any) -> str:  # noqa: ANN401  # pyarrow publishes no types
    """Hash the cells of a column in their order.

    Parameters
    ----------
    cells : pyarrow.Array or tuple of object
        As `Column.cells` keeps them.

    Returns
    -------
    str
        64 hexadecimal digits, the same in every process.

    Raises
    ------
    DataError
        A cell is an object whose content cannot be hashed.

    Notes
    -----
    O(bytes of the column); no Python object a cell for Arrow arrays.
    """
    digest = sha256(_VERSION)
    if isinstance(cells, tuple):
        digest.update(f"objects {len(cells)}\n".encode())
        try:
            for cell in cells:
                digest.update(encode_cell(cell))
        except RecursionError:
            raise DataError("a cell is nested too deeply for a fingerprint", hint="flatten it") from None
    else:
        _hash_array(digest, cells)
    return digest.hexdigest()


def joint_fingerprint(parts: Iterable[tuple[str, str]], n_items: int) -> str:
    """Hash named fingerprints together, whatever their order.

    Parameters
    ----------
    parts : iterable of (name, fingerprint)
    n_items : int
    """
    digest = sha256(f"wsal items 1 {n_items}\n".encode())
    for name, fingerprint in sorted(parts):
        digest.update(encode_cell(name) + fingerprint.encode())
    return digest.hexdigest()


def _hash_array(digest: _Hash, array: Any) -> None:  # noqa: ANN401  # pyarrow publishes no types
    import pyarrow.compute as pc

    kind = str(array.type)
    digest.update(f"{kind.partition('<')[0]} {len(array)} {array.null_count}\n".encode())
    if kind == "null":
        return
    if array.null_count:
        digest.update(np.packbits(numpy_numbers(array.is_valid())).tobytes())
    if kind.startswith("large_list"):
        digest.update(pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False).tobytes())
        _hash_array(digest, array.flatten())
    elif kind == "large_string":
        offsets, data = _text_buffers(pc.fill_null(array, "") if array.null_count else array)
        digest.update(np.diff(offsets).tobytes())
        digest.update(data)
    else:
        whole = pc.fill_null(array, False if kind == "bool" else 0) if array.null_count else array
        numbers = numpy_numbers(whole)
        if kind == "double":  # one NaN (inside a vector) is as good as another
            numbers = np.where(np.isnan(numbers), np.nan, numbers)
        digest.update(np.ascontiguousarray(numbers).tobytes())


def _text_buffers(array: Any) -> tuple[np.ndarray[Any, np.dtype[np.int64]], memoryview]:  # noqa: ANN401  # pyarrow
    """Return the offsets of a large_string array, and exactly the bytes that it covers."""
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    data = memoryview(data_buffer) if data_buffer is not None else memoryview(b"")
    return offsets, data[offsets[0] : offsets[-1]]


def encode_cell(cell: object) -> bytes:
    """Encode a Python object so that different objects give different bytes."""
    scalar = _encode_scalar(cell)
    if scalar is not None:
        return scalar
    if isinstance(cell, list | tuple | np.ndarray):
        return b"l%d:" % len(cell) + b"".join(encode_cell(part) for part in cell)
    if isinstance(cell, Mapping):
        pairs = sorted((encode_cell(key), encode_cell(value)) for key, value in cell.items())
        return b"d%d:" % len(pairs) + b"".join(key + value for key, value in pairs)
    if isinstance(cell, set | frozenset):
        return b"u%d:" % len(cell) + b"".join(sorted(encode_cell(part) for part in cell))
    # Never pickle: the order of a set, and so its pickle, changes from process to process.
    content = fingerprint_of(cell)
    if content is None:
        raise DataError(
            f"a cell of type {type(cell).__qualname__} has no fingerprint that is the same in every process",
            hint="leave the column out, or store what the rules need of it as text or numbers",
        )
    return b"o" + content.encode()


def _encode_scalar(cell: object) -> bytes | None:
    if is_missing(cell):
        return b"n"
    for types, encode in _SCALARS:
        if isinstance(cell, types):
            return encode(cell)
    return None


def _sized(data: bytes) -> bytes:
    return b"%d:" % len(data) + data


_SCALARS: tuple[tuple[tuple[type, ...], Callable[[Any], bytes]], ...] = (
    ((bool, np.bool_), lambda cell: b"b1" if cell else b"b0"),  # before int, which bool is one of
    ((str,), lambda cell: b"s" + _sized(cell.encode("utf-8", "surrogatepass"))),
    ((int, np.integer), lambda cell: b"i%d;" % int(cell)),
    ((float, np.floating), lambda cell: b"f" + struct.pack("<d", cell)),
    ((bytes,), lambda cell: b"y" + _sized(cell)),
    ((date, time), lambda cell: b"t" + _sized(cell.isoformat().encode())),  # a datetime is a date
    ((Decimal,), lambda cell: b"m" + _sized(str(cell).encode())),
)
