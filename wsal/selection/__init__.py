"""selection: which items people should label next, why each one, and with what probability it was drawn.

`select` is the default strategy. It answers with a `Batch`, whose `Draw` records are what unbiased estimates
are made from. How it chooses and why: docs/explanation/selection.md.
"""

from wsal.selection.batch import Batch, Draw, Purpose
from wsal.selection.select import select

__all__ = ["Batch", "Draw", "Purpose", "select"]
