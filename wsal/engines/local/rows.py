"""One item, as a labelling function in Python is given it: wsal's own row, or a data frame's for Snorkel's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wsal.engines.voted import AnyLF
from wsal.items import Items
from wsal.lf.row import row_maker

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["item_maker"]


def item_maker(lf: AnyLF, items: Items) -> Callable[[int], Any]:
    """Return a function from row number to the item that a labelling function is given.

    Every call makes a new object, so that what one function writes into it no other one sees.
    """
    columns = {name: items.column(name) for name in items.columns}
    if not _is_snorkels(lf):
        return row_maker(columns)
    import pandas as pd

    index = pd.Index(columns, dtype=object)
    cells = list(columns.values())
    item_ids = items.item_ids.tolist()

    def series(i: int) -> pd.Series[Any]:
        return pd.Series([column[i] for column in cells], index=index, name=item_ids[i], dtype=object)

    return series


def _is_snorkels(lf: AnyLF) -> bool:
    """Say whether a function is Snorkel's.

    Snorkel's preprocessors pickle items, set attributes on the copies and memoize by their content, which
    they can for a few types alone; its functions are written for the rows of a data frame. So they get
    such rows.
    """
    return any(kind.__module__.partition(".")[0] == "snorkel" for kind in type(lf).__mro__)
