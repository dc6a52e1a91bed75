"""Batch: the items to label next, and the draws that chose them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from wsal.types import ItemId

__all__ = ["Batch", "Draw", "Purpose"]

Purpose: TypeAlias = Literal["audit", "uncertain", "mislead", "hunt", "explore"]
"""Why an item was chosen: drawn at random to audit the labels; the models cannot decide; the rules may
mislead; it is likely of a rare class; or it shows what answers and rules have not seen: drawn from what no rule
covers, or far from every answered item."""


@dataclass(frozen=True)
class Draw:
    """One draw of one item.

    Parameters
    ----------
    item_id : str or int
    purpose : Purpose
    stratum : str
        The stratum an audit item lies in; empty where there are none.
    propensity : float
        Probability that a single draw of this batch's audit falls on this item; NaN where the item was chosen
        on purpose, not drawn.
    fresh : bool
        Whether the item is in the batch because of this draw. False for an audit draw of an item that is
        already answered, set aside, drawn before, or an exact duplicate of one of these: it costs nothing and
        counts all the same.
    """

    item_id: ItemId
    purpose: Purpose
    stratum: str
    propensity: float
    fresh: bool


@dataclass(frozen=True)
class Batch:
    """Items to label next; entry i of each tuple belongs to item i.

    Parameters
    ----------
    item_ids : tuple of str or int
        All different, none answered. Audit items come first: should people stop in the middle, what is left
        undone is what estimates do not need.
    purposes : tuple of Purpose
    reasons : tuple of str
        In words, for the person who labels. The reason of an audit item says nothing about its votes.
    propensities : tuple of float
        Probability of a single draw of the item; NaN where it was not drawn at random.
    gains : tuple of float
        Expected number of labels, among the unanswered items alike (see `group_sizes`), that are wrong now:
        the sum of 1 − the largest delivered probability. The most that an answer can put right, as far as
        the probabilities can be trusted.
    group_sizes : tuple of int
        Items with the same votes, the item itself and answered ones included; 1 where no rule votes, since
        such items have nothing in common.
    draws : tuple of Draw
        Every draw in order, also those that are not fresh; the fresh ones are the items.

    Examples
    --------
    >>> draw = Draw("a", "audit", "", 0.25, fresh=True)
    >>> batch = Batch(("a",), ("audit",), ("drawn at random",), (0.25,), (0.5,), (1,), (draw,))
    >>> len(batch), batch.to_dict()["purpose"]
    (1, ['audit'])
    """

    item_ids: tuple[ItemId, ...]
    purposes: tuple[Purpose, ...]
    reasons: tuple[str, ...]
    propensities: tuple[float, ...]
    gains: tuple[float, ...]
    group_sizes: tuple[int, ...]
    draws: tuple[Draw, ...]

    def __len__(self) -> int:
        """Return the number of items to label."""
        return len(self.item_ids)

    def _repr_html_(self) -> str:
        from wsal.markup import block, table

        rows = zip(self.item_ids, self.purposes, self.reasons, self.propensities, strict=True)
        return block(
            f"Batch: {len(self)} items to label",
            table(["item", "purpose", "why", "propensity"], rows, n_rows=len(self), numeric=1, most=100),
        )

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the columns of a table with one row an item, as ``pandas.DataFrame`` takes them.

        The columns are ``id, purpose, reason, propensity, gain, group_size``.
        """
        return {
            "id": list(self.item_ids),
            "purpose": list(self.purposes),
            "reason": list(self.reasons),
            "propensity": list(self.propensities),
            "gain": list(self.gains),
            "group_size": list(self.group_sizes),
        }
