"""In and out: the interfaces and file formats of other tools.

`FORMATS` is the registry that ``wsal import --format`` and ``wsal export --format`` read; `wsal.interop.snorkel` is
Snorkel's interface.
"""

from __future__ import annotations

from wsal.interop.formats import FORMATS, Format, find_format
from wsal.interop.outgoing import LabelledItems, LabelledSets

__all__ = ["FORMATS", "Format", "LabelledItems", "LabelledSets", "find_format"]
