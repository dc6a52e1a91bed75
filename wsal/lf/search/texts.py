"""Texts: a column of texts as searches want it, without a Python object for each text where that can be avoided.

Texts of ASCII are searched as they are stored. The others are cut into code points, from which an `Alphabet` makes
bytes. A column of Arrow is taken apart by Arrow; a list is taken apart here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.arrays import arrow_numbers, numpy_numbers

__all__ = ["FEW", "ArrowTexts", "Bytes", "ListTexts", "Texts"]

FEW: Final = 2_048
"""Below so many texts, setting up Arrow costs more than it saves."""

_FIRST_BEYOND_ASCII: Final = 128

Bytes: TypeAlias = Any
"""Texts as bytes: a list of ``bytes``, or a pyarrow.LargeBinaryArray without missing values."""


class Texts(ABC):
    """n texts, some of them missing.

    Row numbers are int64 arrays, ascending.
    """

    @abstractmethod
    def __len__(self) -> int:
        """Return n."""

    @abstractmethod
    def __getitem__(self, row: int) -> str:
        """Return one text; an empty one where it is missing."""

    missing: NDArray[np.bool_]
    """Which texts are missing; shape (n,)."""
    empty: NDArray[np.int64]
    """Rows of texts without a character."""
    plain: NDArray[np.int64]
    """Rows of texts of ASCII that are not empty."""
    other: NDArray[np.int64]
    """Rows of all other texts."""

    @property
    @abstractmethod
    def plain_bytes(self) -> Bytes:
        """The texts in rows ``plain``."""

    @abstractmethod
    def other_bytes(self, table: NDArray[np.uint8]) -> Bytes:
        """Return the texts in rows ``other``, a byte for each character, as ``table`` says by code point."""


class ListTexts(Texts):
    """A list of texts and None.

    Parameters
    ----------
    values : sequence of n (str or None)

    Examples
    --------
    >>> texts = ListTexts(["a", None, "", "é"])
    >>> texts.plain.tolist(), texts.other.tolist(), texts.empty.tolist(), texts.plain_bytes
    ([0], [3], [2], [b'a'])
    """

    def __init__(self, values: Sequence[str | None]) -> None:
        self._values = values
        kinds = np.fromiter(
            (3 if v is None else 2 if not v else not v.isascii() for v in values), np.int8, len(values)
        )
        self.plain, self.other, self.empty = (np.flatnonzero(kinds == kind) for kind in range(3))
        self.missing = kinds == 3

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, row: int) -> str:
        return self._values[row] or ""

    @property
    def plain_bytes(self) -> Bytes:
        """The texts of ASCII."""
        encoded = [self[row].encode() for row in self.plain.tolist()]
        if len(encoded) < FEW:
            return encoded
        import pyarrow as pa

        return pa.array(encoded, pa.large_binary())

    def other_bytes(self, table: NDArray[np.uint8]) -> Bytes:
        """Return the other texts, a byte a character."""
        ends, points = self._other_points
        encoded = table[points]
        if len(ends) <= FEW:
            whole = encoded.tobytes()
            return [whole[start:stop] for start, stop in pairwise(ends.tolist())]
        return _binary_array(ends, encoded)

    @cached_property
    def _other_points(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        given = [self[row] for row in self.other.tolist()]
        ends = np.array(list(accumulate(map(len, given), initial=0)), dtype=np.int64)
        return ends, _points("".join(given))


class ArrowTexts(Texts):
    """A column of Arrow.

    Parameters
    ----------
    array : pyarrow.LargeStringArray
        n values.

    Examples
    --------
    >>> import pyarrow as pa
    >>> texts = ArrowTexts(pa.array(["a", None, "", "é"], pa.large_string()))
    >>> texts.plain.tolist(), texts.other.tolist(), texts.empty.tolist(), texts[3], texts[1]
    ([0], [3], [2], 'é', '')
    """

    def __init__(self, array: Any) -> None:  # noqa: ANN401  # pyarrow publishes no types
        self._array = array
        self.missing = numpy_numbers(array.is_null())
        written = ~self.missing & (_lengths(array) > 0)
        ascii_only = _ascii_only(array)
        self.empty = np.flatnonzero(~written & ~self.missing)
        self.plain = np.flatnonzero(written & ascii_only)
        self.other = np.flatnonzero(written & ~ascii_only)

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, row: int) -> str:
        return self._array[row].as_py() or ""

    @property
    def plain_bytes(self) -> Bytes:
        """The texts of ASCII, as they are stored."""
        import pyarrow as pa

        return self._taken(self.plain).cast(pa.large_binary())

    def other_bytes(self, table: NDArray[np.uint8]) -> Bytes:
        """Return the other texts, a byte a character."""
        ends, points = self._other_points
        return _binary_array(ends, table[points])

    def _taken(self, rows: NDArray[np.int64]) -> Any:  # noqa: ANN401  # as above
        return self._array if len(rows) == len(self) else self._array.take(arrow_numbers(rows))

    @cached_property
    def _other_points(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        import pyarrow.compute as pc

        taken = self._taken(self.other)
        ends = np.concatenate([[0], np.cumsum(numpy_numbers(pc.utf8_length(taken)))]).astype(np.int64)
        return ends, _points("".join(taken.to_pylist()))


def _lengths(array: Any) -> NDArray[np.int64]:  # noqa: ANN401  # as above
    """Return the bytes of each text of a LargeStringArray; of a missing one, any number."""
    return np.diff(_offsets(array))


def _offsets(array: Any) -> NDArray[np.int64]:  # noqa: ANN401  # as above
    if not len(array):
        return np.zeros(1, dtype=np.int64)
    return np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]


def _ascii_only(array: Any) -> NDArray[np.bool_]:  # noqa: ANN401  # as above
    """Return which texts are ASCII; one look over all bytes answers for most columns."""
    import pyarrow.compute as pc

    offsets, content = _offsets(array), array.buffers()[2]
    stored = np.frombuffer(content if content is not None else b"", dtype=np.uint8)
    if stored[offsets[0] : offsets[-1]].max(initial=0) < _FIRST_BEYOND_ASCII:
        return np.ones(len(array), dtype=np.bool_)
    found: NDArray[np.bool_] = numpy_numbers(pc.string_is_ascii(array))
    there: NDArray[np.bool_] = numpy_numbers(array.is_valid())
    return found & there


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _binary_array(ends: NDArray[np.int64], content: NDArray[np.uint8]) -> Bytes:
    import pyarrow as pa

    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(content))]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(ends) - 1, buffers)
