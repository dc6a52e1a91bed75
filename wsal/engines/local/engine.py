"""vote_locally: rules in chunks of items and together, Python functions item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsal.engines.local.python_votes import python_groups, python_votes
from wsal.engines.local.rule_votes import rule_batches, rule_votes
from wsal.engines.progress import Progress
from wsal.engines.voted import AnyLF, Voted
from wsal.items import Items
from wsal.lf import Rule
from wsal.types import LabelSpace

__all__ = ["CHUNK", "vote_locally"]

CHUNK = 8_192
"""Items that rules see at a time; bounds the working memory, and never changes a vote."""


def vote_locally(
    lfs: Sequence[AnyLF],
    items: Items,
    labels: LabelSpace | None,
    *,
    fault_tolerant: bool,
    progress: Progress,
    chunk: int = CHUNK,
) -> Iterator[Voted]:
    """Vote on every item in this process; see `wsal.engines.voted.Engine`.

    Notes
    -----
    Rules that share a pass over a column are finished together, batch by batch; Python functions that share a
    preprocessor likewise, others one by one.
    """
    rules = {position: lf for position, lf in enumerate(lfs) if isinstance(lf, Rule)}
    if labels is not None:
        for batch in rule_batches(rules):
            progress.begin(_title([rules[position].name for position in batch]), items.n_items)
            yield from rule_votes(
                {position: rules[position] for position in batch},
                items,
                labels,
                fault_tolerant=fault_tolerant,
                progress=progress,
                chunk=chunk,
            )
    functions = {position: lf for position, lf in enumerate(lfs) if position not in rules}
    for group in python_groups(functions):
        progress.begin(
            _title([getattr(functions[position], "name", "") for position in group]), items.n_items
        )
        yield from python_votes(
            {position: functions[position] for position in group},
            items,
            labels,
            fault_tolerant=fault_tolerant,
            progress=progress,
            chunk=chunk,
        )


def _title(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
