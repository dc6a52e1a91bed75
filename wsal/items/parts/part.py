"""What a part of the items is, and how columns are kept alike in all parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from wsal.items.columns import Column
from wsal.items.items import Items

__all__ = ["BATCH", "LARGE", "Batch", "ItemPart", "column_kind", "typed_column"]

BATCH: Final = 65_536
"""Items of a part that are in memory at a time, at most."""

LARGE: Final = 5_000_000
"""Items from which a Parquet file is read in parts, unless the user says otherwise: fewer take a few GiB at most."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Consecutive items of a part.

    Parameters
    ----------
    first_row : int
        Row of the first item in its part, from 0.
    items : Items
    """

    first_row: int
    items: Items


class ItemPart(Protocol):
    """Some of the items, to be read where they lie. It can be pickled, and reads nothing before it is asked."""

    @property
    def number(self) -> int:
        """Its place among all parts, from 0."""
        ...

    @property
    def name(self) -> str:
        """What errors call it: ``items/a.parquet, row group 3``."""
        ...

    @property
    def row_numbers(self) -> bool:
        """Whether the ids are row numbers, which cannot stand twice."""
        ...

    def digest(self, columns: tuple[str, ...]) -> str:
        """SHA-256 that changes where the content of these columns or the ids change.

        Raises
        ------
        DataError
            The part cannot be read.
        """
        ...

    def batches(self, columns: tuple[str, ...]) -> Iterator[Batch]:
        """Yield the items in their order, with these columns and the id column.

        Raises
        ------
        DataError
            The part cannot be read, or an id is missing or is no id; with file, row group and row.
        """
        ...


_NUMBERS: Final = frozenset({"int64", "double"})


def column_kind(kind: Any) -> str:  # noqa: ANN401  # pyarrow publishes no types
    """Name what cells of an Arrow type are kept as, whatever their width; see `wsal.items.columns`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> column_kind(pa.int16()), column_kind(pa.large_string()), column_kind(pa.list_(pa.float32()))
    ('int64', 'text', 'list of double')
    """
    import pyarrow.types as pt

    if pt.is_dictionary(kind):
        return column_kind(kind.value_type)
    if pt.is_integer(kind):
        return "int64"
    if pt.is_floating(kind):
        return "double"
    if pt.is_string(kind) or pt.is_large_string(kind) or str(kind) == "string_view":
        return "text"
    if pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind):
        return f"list of {column_kind(kind.value_type)}"
    return str(kind)


def typed_column(column: Column, name: str, kinds: Mapping[str, str]) -> Column:
    """Return a column in which missing numbers look as they do among all items: NaN, not None.

    Parameters
    ----------
    column : Column
        As read from a batch, which may hold no number at all.
    name : str
    kinds : mapping of str to str
        What `column_kind` says of each column of all parts; ``null`` for one that is empty in all.
    """
    import pyarrow as pa

    kind = kinds.get(name)
    if kind not in _NUMBERS or isinstance(column.cells, tuple) or not pa.types.is_null(column.cells.type):
        return column
    return Column(pa.nulls(len(column), pa.int64() if kind == "int64" else pa.float64()))
