"""selection: which items people should label next, why each one, and with what probability it was drawn.

`select` is the default strategy. It answers with a `Batch`, whose `Draw` records are what unbiased estimates
are made from. How it chooses and why: docs/explanation/selection.md. The classic strategies are found by
`strategy`, all of them and the default by `chooser`; all are in `wsal.selection.strategies`.
"""

from wsal.selection.batch import Batch, Draw, Purpose
from wsal.selection.choosing import DEFAULT_STRATEGY, chooser, strategy_names
from wsal.selection.select import select
from wsal.selection.strategies import QueryStrategy, strategies, strategy

__all__ = [
    "DEFAULT_STRATEGY",
    "Batch",
    "Draw",
    "Purpose",
    "QueryStrategy",
    "chooser",
    "select",
    "strategies",
    "strategy",
    "strategy_names",
]
