"""Errors of a part, told with their place: file, row group, row and id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wsal.errors import DataError, LabelingFunctionError
from wsal.items import Items
from wsal.items.parts import Batch, ItemPart

__all__ = ["at_its_place"]


@contextmanager
def at_its_place(part: ItemPart, batch: Batch, vote: Callable[[Items], None]) -> Iterator[None]:
    """Tell an error of the block with the item that it is about.

    Parameters
    ----------
    part : ItemPart
    batch : Batch
        What the block votes on.
    vote : callable
        Votes on some of the items again, and raises again if the culprit is among them.

    Raises
    ------
    LabelingFunctionError
        With the part.
    DataError
        With the part, the row in it and the id.
    """
    try:
        yield
    except LabelingFunctionError as error:
        raise LabelingFunctionError(
            error.lf_name, error.item_id, error.cause, where=part.name
        ) from error.cause
    except DataError as error:
        raise _placed(error, part, batch, vote) from error


def _placed(error: DataError, part: ItemPart, batch: Batch, vote: Callable[[Items], None]) -> DataError:
    """Find the first item that the error comes from: by halves, as an error stays when items are added behind."""
    low, high, last = 0, batch.items.n_items, error
    if _error_of(vote, batch.items.part(0, high)) is None:
        return DataError(f"{part.name}: {error.message}", location=error.location, hint=error.hint)
    while high - low > 1:
        middle = (low + high) // 2
        if _error_of(vote, batch.items.part(low, middle)) is None:
            low = middle
        else:
            high = middle
    last = _error_of(vote, batch.items.part(low, high)) or error
    row = batch.first_row + low + 1
    # The message counts rows from the one item that it was asked about.
    message = last.message.replace("row 1 holds", f"row {row} holds", 1)
    item_id = batch.items.item_ids[low]
    item = item_id if isinstance(item_id, str) else int(item_id)
    return DataError(
        f"item {item!r} ({part.name}, row {row}): {message}", location=last.location, hint=last.hint
    )


def _error_of(vote: Callable[[Items], None], items: Items) -> DataError | None:
    try:
        vote(items)
    except DataError as error:
        return error
    return None
