"""From picks to a batch: reasons, gains, sizes and draws are the same whatever chose the items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wsal.selection.batch import Batch, Draw, Purpose
from wsal.selection.pool import Pool
from wsal.selection.reasons import reason_for

__all__ = ["Pick", "build_batch"]


@dataclass(frozen=True)
class Pick:
    """An item that was chosen.

    Parameters
    ----------
    row : int
    purpose : Purpose
    hunted : int, optional
        The class that the item was hunted for.
    lead : str, optional
        What a strategy says of its choice; what the default says of the purpose, where not given.
    """

    row: int
    purpose: Purpose
    hunted: int | None = None
    lead: str | None = None


def build_batch(pool: Pool, picks: Sequence[Pick], audit_draws: Sequence[Draw]) -> Batch:
    """Put a batch together.

    Parameters
    ----------
    pool : Pool
    picks : sequence of Pick
        Audit items first, in the order of their draws.
    audit_draws : sequence of Draw
        Every draw of the audit, also those that are not fresh.
    """
    propensity = {draw.item_id: draw.propensity for draw in audit_draws}
    ids = tuple(pool.item_id(pick.row) for pick in picks)
    chosen = tuple(
        Draw(item, pick.purpose, "", math.nan, fresh=True)
        for item, pick in zip(ids, picks, strict=True)
        if pick.purpose != "audit"
    )
    return Batch(
        item_ids=ids,
        purposes=tuple(pick.purpose for pick in picks),
        reasons=tuple(
            reason_for(pool, pick.row, pick.purpose, hunted=pick.hunted, lead=pick.lead) for pick in picks
        ),
        propensities=tuple(
            propensity[item] if pick.purpose == "audit" else math.nan
            for item, pick in zip(ids, picks, strict=True)
        ),
        gains=tuple(pool.gain(pick.row) for pick in picks),
        group_sizes=tuple(pool.group_size(pick.row) for pick in picks),
        draws=(*audit_draws, *chosen),
    )
