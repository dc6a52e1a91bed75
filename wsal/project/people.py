"""People: how reliable they are, and which of their answers want a second look."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from wsal.analysis import (
    Agreement,
    annotator_reliability,
    annotator_weights,
    find_contradictions,
    gwet_ac2,
    krippendorff_alpha,
)
from wsal.audit import BatchDrawn, DrawRecord
from wsal.errors import DataError
from wsal.items import Items
from wsal.labels import HumanLabels
from wsal.project.history import History
from wsal.project.reports import Annotators, Contradicted
from wsal.project.tasks import fields_of
from wsal.types import LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["annotators_of", "contradicted_answers", "second_opinions"]


def annotators_of(human: HumanLabels, labels: LabelSpace) -> Annotators:
    """Report agreement and reliability, as far as the answers tell; second opinions are left out."""
    human = human.without_second_opinions()
    notes: list[str] = []
    agreement: list[Agreement] = []
    for measure in (krippendorff_alpha, gwet_ac2):
        try:
            agreement.append(measure(human) if measure is krippendorff_alpha else gwet_ac2(human, labels))
        except DataError as error:
            notes.append(error.message)
    try:
        people = annotator_reliability(human, labels)
    except DataError as error:
        return Annotators((), tuple(agreement), {}, (error.message,))
    return Annotators(people, tuple(agreement), annotator_weights(human, labels), tuple(dict.fromkeys(notes)))


def contradicted_answers(
    votes: VoteMatrix,
    human: HumanLabels,
    class_balance: Sequence[float] | None,
    *,
    items: Items,
    history: History,
    at_least: float,
) -> tuple[Contradicted, ...]:
    """List the answers that evidence without them contradicts, the strongest first."""
    found = find_contradictions(votes, human, class_balance=class_balance, at_least=at_least)
    answers = {(a.item, a.annotator): a for a in history.store.answers() if a.outcome == "label"}
    rows = {item: row for row, item in enumerate(items.item_ids.tolist())}
    return tuple(
        Contradicted(one, answer.time, answer.rationale, answer.purpose, fields_of(items, rows[one.item_id]))
        for one in found
        for answer in [answers[one.item_id, one.annotator]]
    )


def second_opinions(
    found: Sequence[Contradicted], human: HumanLabels, *, annotator: str, n: int, run: str
) -> BatchDrawn | None:
    """Put contradicted items in front of somebody who did not answer them; None where there are none.

    The draw does not say what was answered or why it is asked again: that would colour the answer.
    """
    own = {item for item, who in zip(human.item_ids, human.annotators, strict=True) if who == annotator}
    items = dict.fromkeys(one.contradiction.item_id for one in found)
    asked = [item for item in items if item not in own][:n]
    if not asked:
        return None
    batch = f"batch-{uuid.uuid4().hex[:12]}"
    return BatchDrawn(
        batch,
        run,
        tuple(
            DrawRecord(
                BatchDrawn.draw_id(batch, position),
                item,
                "overlap",
                reason="a second opinion on an item that somebody answered",
            )
            for position, item in enumerate(asked)
        ),
    )
