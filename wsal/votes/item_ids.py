"""Item ids of a label matrix: texts or whole numbers, none missing, none twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.types import ItemId, as_item_id, id_array, is_missing, refuse_synthetic

__all__ = ["as_item_ids", "refuse_repeats"]


def as_item_ids(item_ids: Iterable[ItemId] | None, n: int) -> NDArray[Any]:
    """Check item ids and return them as a read-only array of shape (n,).

    Raises
    ------
    DataError
        A wrong number of ids, a missing id, one that is neither a text nor a whole number, or one that stands
        twice.

    Notes
    -----
    int64 where all ids are whole numbers that fit, else Python's own texts and whole numbers, whatever types
    numpy and pandas gave them. No Python object an item for an array of whole numbers.
    """
    if item_ids is None:
        numbers = np.arange(n, dtype=np.int64)
        numbers.flags.writeable = False
        return numbers
    if isinstance(item_ids, np.ndarray) and item_ids.dtype.kind == "i" and item_ids.shape == (n,):
        ids = item_ids.astype(np.int64)
        ordered = np.sort(ids)  # numpy.unique takes sixty times as long
        if (ordered[1:] != ordered[:-1]).all():
            ids.flags.writeable = False
            return ids
    given = item_ids.tolist() if isinstance(item_ids, np.ndarray) else list(item_ids)
    if len(given) != n:
        raise DataError(f"there are {len(given)} item ids for {n} rows")
    if not set(map(type, given)) <= {str, int}:
        given = [_plain_id(item, row) for row, item in enumerate(given)]
    for item in given:
        refuse_synthetic(item)
    if len(set(given)) < n:
        refuse_repeats("item id", given)
    return id_array(given)


def _plain_id(given: object, row: int) -> ItemId:
    item = as_item_id(given)
    if item is not None:
        return item
    if is_missing(given):
        raise DataError(f"item {row + 1} has no id", hint="give every item an id, or leave the ids out")
    raise DataError(
        f"item {row + 1} has the id {given!r} ({type(given).__name__})",
        hint="an id is a text or a whole number",
    )


def refuse_repeats(what: str, names: Iterable[Hashable]) -> None:
    """Refuse a name that stands twice.

    Raises
    ------
    DataError
    """
    seen: dict[Hashable, int] = {}
    for position, name in enumerate(names):
        if name in seen:
            raise DataError(
                f"{what} {name!r} stands twice: at position {seen[name] + 1} and {position + 1}",
                hint=f"every {what} is unique; rename or remove one of them",
            )
        seen[name] = position
