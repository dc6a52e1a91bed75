"""One item, as a labelling function in Python is given it: wsal's own row, or a data frame's for Snorkel's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from wsal.engines.voted import AnyLF
from wsal.items import Items
from wsal.lf.row import rows_between

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["items_between"]


def items_between(lf: AnyLF, items: Items) -> Callable[[int, int], Iterator[Any]]:
    """Return a function from start and stop to the items between, as a labelling function is given them.

    What one function writes into an item no other one sees, and an item that it keeps stays as it is.
    """
    columns = {name: items.column(name) for name in items.columns}
    if not _is_snorkels(lf):
        return partial(rows_between, columns)
    import pandas as pd

    index = pd.Index(columns, dtype=object)
    cells = list(columns.values())
    item_ids = items.item_ids.tolist()

    def series(start: int, stop: int) -> Iterator[pd.Series[Any]]:
        for i in range(start, stop):
            yield pd.Series([column[i] for column in cells], index=index, name=item_ids[i], dtype=object)

    return series


def _is_snorkels(lf: AnyLF) -> bool:
    """Say whether a function is Snorkel's.

    Snorkel's preprocessors pickle items, set attributes on the copies and memoize by their content, which
    they can for a few types alone; its functions are written for the rows of a data frame. So they get
    such rows.
    """
    return any(kind.__module__.partition(".")[0] == "snorkel" for kind in type(lf).__mro__)
