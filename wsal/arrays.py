"""Between Arrow and NumPy without pandas: pyarrow's own ways import it, which takes a third of a second of a start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["arrow_numbers", "arrow_texts", "numpy_numbers"]


def numpy_numbers(array: Any) -> NDArray[Any]:  # noqa: ANN401  # pyarrow publishes no types
    """Return the whole numbers, numbers or truth values of an Arrow array in which none is missing, read-only.

    Examples
    --------
    >>> import pyarrow as pa
    >>> numpy_numbers(pa.array([True, False, True])[1:]), numpy_numbers(pa.array([1, 2, 3])[1:])
    (array([False,  True]), array([2, 3]))
    """
    rows = slice(array.offset, array.offset + len(array))
    stored = array.buffers()[1] if len(array) else b""
    if str(array.type) == "bool":
        bits = np.unpackbits(np.frombuffer(stored, dtype=np.uint8), count=rows.stop, bitorder="little")
        return bits.view(np.bool_)[rows]
    return np.frombuffer(stored, dtype=array.type.to_pandas_dtype())[rows]


def arrow_numbers(values: NDArray[Any]) -> Any:  # noqa: ANN401  # as above
    """Return numbers as an Arrow array over the same memory.

    Examples
    --------
    >>> arrow_numbers(np.array([1, 2], dtype=np.int8)).to_pylist()
    [1, 2]
    """
    import pyarrow as pa

    stored = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, stored])


def arrow_texts(texts: Sequence[str]) -> Any:  # noqa: ANN401  # as above
    """Return texts as an Arrow array of large_string.

    Raises
    ------
    UnicodeEncodeError
        A text holds half a character.

    Examples
    --------
    >>> arrow_texts(["a", "", "für"]).to_pylist()
    ['a', '', 'für']
    """
    import pyarrow as pa

    joined = "".join(texts)
    stored = joined.encode()
    lengths = map(len, texts) if len(stored) == len(joined) else (len(text.encode()) for text in texts)
    ends = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, len(texts)), out=ends[1:])
    return pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(stored))
