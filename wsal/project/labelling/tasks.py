"""Tasks: from draws to what a person sees."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from wsal.audit import BatchDrawn, DrawRecord
from wsal.items import Items
from wsal.selection import Batch
from wsal.store import DrawRow
from wsal.types import ABSTAIN, ItemId
from wsal.votes import VoteMatrix

__all__ = [
    "BLIND_PURPOSES",
    "Task",
    "as_batch_drawn",
    "fields_of",
    "first_field",
    "hints_of",
    "task_of",
    "tasks_of",
]

BLIND_PURPOSES: Final = frozenset({"audit", "overlap"})
"""Whoever answers items of these purposes is not shown what the rules say: it would colour the answer."""


@dataclass(frozen=True)
class Task:
    """An item that a person is asked to label.

    Parameters
    ----------
    item_id : str or int
    batch, draw_id : str
        The draw that asks.
    purpose : str
        ``audit``, ``uncertain``, ``mislead``, ``hunt`` or ``explore``.
    reason : str
        In words.
    group_size : int
        Items alike.
    gain : float
        Expected number of labels put right.
    propensity : float, optional
        Probability of a single draw of the item; None where it was no random draw.
    fields : mapping
        What to show.
    hints : tuple of str
        What the rules say of it.
    shown_sha256 : str
        Hash of ``fields``.
    """

    item_id: ItemId
    batch: str
    draw_id: str
    purpose: str
    reason: str
    group_size: int
    gain: float
    propensity: float | None
    fields: Mapping[str, Any]
    hints: tuple[str, ...]
    shown_sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return the task for JSON; what the rules say of a blind item stays hidden until it is answered."""
        values = {"item": self.item_id, **asdict(self)}
        del values["item_id"]
        if self.purpose in BLIND_PURPOSES:
            values["hints"] = []
        return values


def as_batch_drawn(
    batch: Batch,
    *,
    run: str,
    hunt: tuple[str, ...] = (),
    certifies: bool = False,
    within: tuple[str, ...] = (),
) -> BatchDrawn:
    """Turn a batch into the event that records it, with every draw."""
    name = f"batch-{uuid.uuid4().hex[:12]}"
    told = {
        item: (reason, gain, size)
        for item, reason, gain, size in zip(
            batch.item_ids, batch.reasons, batch.gains, batch.group_sizes, strict=True
        )
    }
    draws = []
    for position, draw in enumerate(batch.draws):
        reason, gain, size = told.get(draw.item_id, ("", None, 1))
        draws.append(
            DrawRecord(
                BatchDrawn.draw_id(name, position),
                draw.item_id,
                draw.purpose,
                draw.stratum,
                None if math.isnan(draw.propensity) else draw.propensity,
                fresh=draw.fresh,
                reason=reason,
                gain=None if gain is None or math.isnan(gain) else gain,
                group_size=size,
            )
        )
    return BatchDrawn(name, run, tuple(draws), hunt, certifies, within)


def tasks_of(draws: Sequence[DrawRow], items: Items, votes: VoteMatrix) -> tuple[Task, ...]:
    """Show draws to a person; draws of items that left the data ask no longer."""
    rows = {item: row for row, item in enumerate(items.item_ids.tolist())}
    return tuple(
        task_of(draw, items, rows[draw.item], votes)
        for draw in draws
        if draw.item in rows and votes.find(draw.item) is not None
    )


def task_of(draw: DrawRow, items: Items, row: int, votes: VoteMatrix) -> Task:
    """Show a draw to a person; ``row`` is that of its item."""
    fields = fields_of(items, row)
    return Task(
        item_id=draw.item,
        batch=draw.batch,
        draw_id=draw.draw_id,
        purpose=draw.purpose,
        reason=draw.reason,
        group_size=draw.group_size,
        gain=0.0 if draw.gain is None else draw.gain,
        propensity=draw.p,
        fields=fields,
        hints=hints_of(votes, draw.item),
        shown_sha256=_hash_of(fields),
    )


def fields_of(items: Items, row: int) -> dict[str, Any]:
    """Return what a person sees of an item: its text first, then the other columns; None where missing."""
    cells = {name: _shown(cell) for name, cell in items.row(row).items() if name != items.id_column}
    if items.text_column in cells:
        return {items.text_column: cells.pop(items.text_column)} | cells
    return cells


def first_field(items: Items, row: int) -> str:
    """Return what a person sees of an item first, as text."""
    return str(next(iter(fields_of(items, row).values()), ""))


def _hash_of(fields: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what was shown."""
    # Escaped to ASCII, so that any text can be hashed, also one with broken characters.
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def hints_of(votes: VoteMatrix, item: ItemId) -> tuple[str, ...]:
    """Say in words what each rule votes on an item."""
    row = votes.values[votes.row_of(item)].tolist()
    return tuple(
        f"{name} says {votes.labels.name(vote)}"
        for name, vote in zip(votes.lf_names, row, strict=True)
        if vote != ABSTAIN
    )


def _shown(cell: object) -> Any:  # noqa: ANN401  # JSON
    if cell is None or isinstance(cell, str | int | bool):
        return cell
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    return str(cell)
