"""Partitions of a data frame as parts: what a cluster hands to a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wsal.errors import DataError
from wsal.items.items import Items
from wsal.items.parts.part import BATCH, Batch, typed_column
from wsal.items.reading import read_items

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FramePart", "frame_kinds"]


@dataclass(frozen=True, eq=False)
class FramePart:
    """One partition of a distributed data frame, as a pandas DataFrame.

    Parameters
    ----------
    number : int
        Its place among all partitions, from 0.
    frame : pandas.DataFrame
    id_column : str, optional
        As `wsal.items.read_items`.
    kinds : mapping of str to str
        See `wsal.items.parts.part.typed_column`.
    """

    number: int
    frame: pd.DataFrame
    id_column: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"partition {self.number}"

    @property
    def row_numbers(self) -> bool:
        """False: rows of a partition have no number among all rows, so there is an id column."""
        return False

    @cached_property
    def _items(self) -> Items:
        try:
            items = read_items(self.frame, id_column=self.id_column)
        except DataError as error:
            raise DataError(f"{self.name}: {error.message}", hint=error.hint) from error
        if any("row numbers" in note for note in items.notes):
            raise DataError(
                f"{self.name} has no id column; its columns are {', '.join(items.columns)}",
                hint="name one: id_column=…",
            )
        data = {name: typed_column(column, name, self.kinds) for name, column in items.data.items()}
        return Items(items.item_ids, data, items.id_column, items.text_column)

    def digest(self, columns: tuple[str, ...]) -> str:
        """SHA-256 of the cells of all columns and the ids; see `ItemPart`."""
        if not len(self.frame):
            return "empty"
        missing = [name for name in columns if name not in self._items.columns]
        if missing:
            raise DataError(
                f"{self.name} has no column {missing[0]!r}; there are {', '.join(self._items.columns)}"
            )
        return self._items.fingerprint

    def batches(self, columns: tuple[str, ...]) -> Iterator[Batch]:  # noqa: ARG002  # they are in memory
        """Yield the items in their order; see `ItemPart`."""
        if not len(self.frame):
            return
        for start in range(0, self._items.n_items, BATCH):
            yield Batch(start, self._items.part(start, min(start + BATCH, self._items.n_items)))


def frame_kinds(dtypes: Mapping[str, Any]) -> dict[str, str]:
    """Name what the columns of a data frame with these types are kept as; see `column_kind`."""
    kinds = {}
    for name, dtype in dtypes.items():
        code = getattr(dtype, "kind", "O")
        kinds[str(name)] = {"i": "int64", "u": "int64", "f": "double"}.get(code, str(dtype))
    return kinds
