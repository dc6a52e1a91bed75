"""What is known of an item that was drawn: the outcome of its answers, kept beside each of its draws."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, bindparam, select, update

from wsal.store.ddl.tables import answers, draws, item_text
from wsal.store.ledger.statements import select_in
from wsal.types import ItemId

__all__ = ["NOTHING", "OPEN", "LastWord", "last_words", "settle"]

T = TypeVar("T")

OPEN = "open"
"""The outcome of a draw whose item nobody has answered."""

_STANDING = (
    select(answers.c.item, answers.c.annotator, answers.c.outcome, answers.c.seq)
    .where(answers.c.item.in_(bindparam("wanted", expanding=True)), answers.c.undone_by.is_(None))
    .order_by(answers.c.seq, answers.c.position)
)
_DRAWN = (
    "SELECT draws.item, draws.draw_id, draws.fresh, draws.outcome, batches.seq "
    "FROM draws JOIN batches ON batches.batch = draws.batch WHERE draws.item IN"
)
_SETTLE = update(draws).where(draws.c.draw_id == bindparam("wanted")).values(outcome=bindparam("known"))


class LastWord(NamedTuple):
    """What is known of an item, and the row of the ledger that said the last of it."""

    outcome: str
    seq: int


NOTHING = LastWord(OPEN, 0)
"""Nobody said anything yet, or all was taken back."""


def settle(connection: Connection, items: AbstractSet[ItemId]) -> None:
    """Write what is known of items to their draws."""
    drawn = list(select_in(connection, _DRAWN, [item_text(item) for item in _in_order(items)]))
    said = last_words(connection, {json.loads(draw.item) for draw in drawn}) if drawn else {}
    changes = []
    for draw in drawn:
        last = said.get(json.loads(draw.item), NOTHING)
        # Only a label settles every draw; another word closes those that were there when it was said.
        asks_again = last.outcome != "label" and draw.fresh and draw.seq > last.seq
        known = OPEN if asks_again else last.outcome
        if known != draw.outcome:
            changes.append({"wanted": draw.draw_id, "known": known})
    if changes:
        connection.execute(_SETTLE, changes)


def last_words(connection: Connection, items: AbstractSet[ItemId]) -> dict[ItemId, LastWord]:
    """Return what is known of items: a label wins over any reason for giving none, then the last word."""
    words: dict[ItemId, dict[str, LastWord]] = {}
    for chunk in _in_chunks(_in_order(items)):
        for item, annotator, outcome, seq in connection.execute(_STANDING, {"wanted": chunk}):
            of_item = words.setdefault(item, {})
            of_item.pop(annotator, None)  # so that the last word stands last
            of_item[annotator] = LastWord(outcome, seq)
    return {item: _weigh(list(of_item.values())) for item, of_item in words.items()}


def _weigh(words: Sequence[LastWord]) -> LastWord:
    label = any(word.outcome == "label" for word in words)
    return LastWord("label" if label else words[-1].outcome, words[-1].seq)


def _in_order(items: AbstractSet[ItemId]) -> list[ItemId]:
    return sorted(items, key=lambda item: (isinstance(item, str), item))


def _in_chunks(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Cut values into lists that fit into one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
