"""vote_locally: rules in chunks of items and together, Python functions item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsal.engines.local.groups import groups_of
from wsal.engines.progress import Progress
from wsal.engines.voted import AnyLF, Voted
from wsal.items import Items
from wsal.types import LabelSpace

__all__ = ["CHUNK", "vote_locally"]

CHUNK = 8_192
"""Items that labelling functions see at a time; bounds the working memory, and never changes a vote."""


def vote_locally(
    lfs: Sequence[AnyLF],
    items: Items,
    labels: LabelSpace | None,
    *,
    fault_tolerant: bool,
    progress: Progress,
    workers: int = 1,
    chunk: int = CHUNK,
) -> Iterator[Voted]:
    """Vote on every item in this process, or in ``workers`` forks of it; see `wsal.engines.voted.Engine`.

    Notes
    -----
    Rules that share a pass over a column are finished together, batch by batch; Python functions that share a
    preprocessor likewise, others one by one.
    """
    groups = groups_of(lfs, with_rules=labels is not None)
    if workers != 1 or isinstance(workers, bool):
        from wsal.engines.local.workers import check_workers, vote_in_workers

        check_workers(workers)
        yield from vote_in_workers(
            groups,
            items,
            labels,
            fault_tolerant=fault_tolerant,
            progress=progress,
            chunk=chunk,
            workers=workers,
        )
        return
    for group in groups:
        progress.begin(group.title, items.n_items)
        yield from group.vote(
            group.lfs,
            items,
            labels,
            fault_tolerant=fault_tolerant,
            progress=progress,
            chunk=chunk * group.chunks_at_once,
        )
