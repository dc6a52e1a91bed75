"""A batch of items that a person chose, by search or by hand."""

from __future__ import annotations

from collections.abc import Sequence

from wsal.selection.batch import Batch
from wsal.selection.building import Pick, build_batch
from wsal.selection.pool import Choice, Pool

__all__ = ["batch_of"]


def batch_of(pool: Pool, rows: Sequence[int], *, reason: str, hunted: int | None = None) -> Batch:
    """Put chosen items into a batch: those that are free, and one of each group of duplicates.

    Parameters
    ----------
    pool : Pool
    rows : sequence of int
        The most wanted first.
    reason : str
        Why, in words.
    hunted : int, optional
        The class that they are thought to be of: the purpose is then ``hunt``, else ``explore``.

    Returns
    -------
    Batch
        Without audit draws and without propensities: such items never enter an estimate.
    """
    choice, picks = Choice(pool), []
    for row in rows:
        if choice.free[row]:
            choice.take(row)
            picks.append(Pick(row, "explore" if hunted is None else "hunt", hunted, lead=reason))
    return build_batch(pool, picks, ())
