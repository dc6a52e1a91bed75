"""Second looks: items that a second person is asked blindly, and items that people disagree about."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

import numpy as np

from wsal.audit import AnswerGiven, BatchDrawn, DrawRecord
from wsal.store import ADJUDICATE, AnswerRow, DrawRow, Leases
from wsal.types import ItemId

__all__ = ["second_looks"]


def second_looks(
    given: Iterable[AnswerGiven],
    draws: Mapping[str, DrawRow],
    leases: Leases,
    *,
    share: float,
    rng: np.random.Generator,
) -> tuple[BatchDrawn, ...]:
    """Draw what new labels call for: a blind second answer to a share of them, a judge where people differ.

    Parameters
    ----------
    given : iterable of AnswerGiven
        New labels.
    draws : mapping of str to DrawRow
        The draws that asked, by id.
    leases : Leases
    share : float
        Probability that a second person is asked; it is the draw's propensity.
    rng : Generator

    Notes
    -----
    The draw is made when the first answer is there, so that no draw waits for an item that nobody answered.
    """
    labels = [answer for answer in given if answer.draw_id in draws]
    if not labels:
        return ()
    items = {answer.item for answer in labels}
    others = _standing(leases.answers_to(items))
    settled = leases.adjudicated(items)
    batches = []
    for answer in labels:
        draw = draws[answer.draw_id or ""]
        differ = any(
            label != answer.label
            for who, label in others.get(answer.item, {}).items()
            if who != answer.annotator
        )
        if differ and answer.item not in settled and draw.stratum != ADJUDICATE:
            settled.add(answer.item)
            batches.append(_ask(draw, "people disagree about this item", stratum=ADJUDICATE, p=None))
        elif draw.purpose != "overlap" and share > 0 and rng.random() < share:
            batches.append(_ask(draw, "a second look at an item that somebody answered", stratum="", p=share))
    return tuple(batches)


def _standing(answers: Iterable[AnswerRow]) -> dict[ItemId, dict[str, str]]:
    """Return the label that each person gave each item."""
    found: dict[ItemId, dict[str, str]] = {}
    for answer in answers:
        if answer.undone_by is None and answer.label is not None:
            found.setdefault(answer.item, {})[answer.annotator] = answer.label
    return found


def _ask(draw: DrawRow, reason: str, *, stratum: str, p: float | None) -> BatchDrawn:
    batch = f"batch-{uuid.uuid4().hex[:12]}"
    record = DrawRecord(
        BatchDrawn.draw_id(batch, 0),
        draw.item,
        "overlap",
        stratum=stratum,
        p=p,
        reason=reason,
        group_size=draw.group_size,
    )
    return BatchDrawn(batch, draw.run, (record,))
