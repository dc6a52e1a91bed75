"""One column of items: its cells in one canonical form, whatever file they came from.

Equal cells are kept alike. Texts, whole numbers, numbers, truth values and vectors (lists of numbers) are
Arrow arrays of one type each; everything else (dates, records, mixed cells) is a tuple of Python objects, as
given. So a column read from CSV, JSONL or Parquet gives the same cells and the same fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from wsal.items.fingerprints import column_fingerprint
from wsal.types import is_missing

__all__ = ["Column"]


@dataclass(frozen=True, eq=False)
class Column:
    """The n cells of one column.

    Make one with `from_values`, `from_arrow` or `from_series`.

    Parameters
    ----------
    cells : pyarrow.Array or tuple of object
        An Arrow array of type large_string, int64, double, bool, null, large_list<int64> or
        large_list<double> where the cells fit into one; the objects themselves where they do not.
    """

    cells: Any

    @classmethod
    def from_values(cls, values: Sequence[object]) -> Column:
        """Take cells as Python objects; None, NaN, pandas.NA and NaT are missing.

        Examples
        --------
        >>> Column.from_values([1, 2.5, None]).values
        (1.0, 2.5, nan)
        >>> Column.from_values(["a", None, 3]).values
        ('a', None, 3)
        """
        import pyarrow as pa

        try:
            array = pa.array(values, from_pandas=True)
        except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
            array = None  # mixed cells, objects Arrow does not know, whole numbers beyond 64 bits
        kept = None if array is None else _canonical(array)
        return cls(kept if kept is not None else _objects(values))

    @classmethod
    def from_arrow(cls, array: Any) -> Column:  # noqa: ANN401  # pyarrow publishes no types
        """Take an Arrow array or chunked array; its chunking, slicing and bit widths leave no trace."""
        kept = _canonical(array)
        return cls(kept) if kept is not None else cls.from_values(array.to_pylist())

    @classmethod
    def from_series(cls, series: Any) -> Column:  # noqa: ANN401  # a pandas Series of any type
        """Take a pandas Series; what its owner writes into it later does not show here."""
        import pyarrow as pa

        if series.dtype == object:
            return cls.from_values(series.tolist())
        if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iuf":
            return cls.from_arrow(pa.array(series.to_numpy(copy=True), from_pandas=True))
        try:
            array = pa.array(series.copy(), from_pandas=True)  # Arrow shares the memory of pandas' Int64
        except pa.ArrowException:  # a type that Arrow does not know, such as complex numbers
            return cls.from_values(series.tolist())
        return cls.from_arrow(array)

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def values(self) -> tuple[object, ...]:
        """The cells as Python objects; a missing cell is None, in a column of numbers NaN (as in pandas)."""
        if isinstance(self.cells, tuple):
            return self.cells
        cells: list[object] = self.cells.to_pylist()
        if self.cells.null_count and str(self.cells.type) in {"int64", "double"}:
            return tuple(float("nan") if cell is None else cell for cell in cells)
        return tuple(cells)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the cells in their order; equal for equal cells, however they are stored."""
        return column_fingerprint(self.cells)

    @cached_property
    def _prefixes(self) -> dict[int, str]:
        return {}

    def fingerprint_of(self, first: int) -> str:
        """SHA-256 over the first cells alone, as the fingerprint of a column that ends there; remembered.

        It is another one where the later cells gave the column its type (a text among numbers).
        """
        if first == len(self):
            return self.fingerprint
        if first not in self._prefixes:
            cells = self.cells[:first]
            part = Column(cells) if isinstance(cells, tuple) else Column.from_arrow(cells)
            self._prefixes[first] = part.fingerprint
        return self._prefixes[first]

    def take(self, rows: Sequence[int]) -> Column:
        """Return the cells of some rows; the type stays."""
        if isinstance(self.cells, tuple):
            return Column(tuple(self.cells[row] for row in rows))
        import pyarrow as pa

        return Column(self.cells.take(pa.array(rows, pa.int64())))


def _canonical(array: Any) -> Any | None:  # noqa: ANN401  # pyarrow publishes no types
    """Return the cells as one contiguous array of the type kept for them; None where no type is."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as pt

    kind = array.type
    if pt.is_dictionary(kind):
        return _canonical(array.cast(kind.value_type))
    if pt.is_floating(kind):
        numbers = _whole(array.cast(pa.float64()))
        kept = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    elif pt.is_integer(kind):
        try:
            kept = _whole(array.cast(pa.int64()))
        except pa.ArrowInvalid:
            return None  # above 2**63 - 1: kept as Python's own whole numbers
    elif pt.is_string(kind) or pt.is_large_string(kind) or str(kind) == "string_view":
        # Cast before the chunks are joined: 32-bit offsets hold 2 GiB.
        kept = _whole(array.cast(pa.large_string()))
    elif pt.is_boolean(kind) or pt.is_null(kind):
        kept = _whole(array)
    elif pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind):
        kept = _vectors(_whole(array))
    else:
        return None
    # A column without a single value has no type to speak of, and files disagree on which one it has.
    return pa.nulls(len(kept)) if kept is not None and kept.null_count == len(kept) else kept


def _vectors(array: Any) -> Any | None:  # noqa: ANN401  # pyarrow publishes no types
    """Return lists of numbers as large_list<int64> or large_list<double>; None for other lists."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as pt

    flat = array.flatten()  # without the lists that are missing
    if flat.null_count or not (pt.is_integer(flat.type) or pt.is_floating(flat.type)):
        return None
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    try:
        numbers = flat.cast(pa.float64() if pt.is_floating(flat.type) else pa.int64())
    except pa.ArrowInvalid:
        return None
    mask = array.is_null()
    return pa.LargeListArray.from_arrays(pa.array(offsets), numbers, mask=mask)


def _whole(array: Any) -> Any:  # noqa: ANN401  # pyarrow publishes no types
    """Return a chunked array as one array."""
    import pyarrow as pa

    if not isinstance(array, pa.ChunkedArray):
        return array
    joined = array.combine_chunks()
    return pa.concat_arrays(joined.chunks) if isinstance(joined, pa.ChunkedArray) else joined


def _objects(values: Sequence[object]) -> tuple[object, ...]:
    return tuple(None if is_missing(value) else value for value in values)
