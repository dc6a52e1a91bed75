"""Items: the data that people and labelling functions look at, read from a frame or a file.

Everything above this room sees items through `Items`: named columns, ids that stand once, and fingerprints
that say whether anything changed.
"""

from __future__ import annotations

from wsal.items.items import Items
from wsal.items.raw import RawTable
from wsal.items.reading import read_items, read_table

__all__ = ["Items", "RawTable", "read_items", "read_table"]
