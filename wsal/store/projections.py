"""Projections: the tables of people's work, brought up to date event by event.

The same code runs when an event is appended and when the tables are rebuilt from the ledger, in the order of
the ledger; so what a table holds depends on the ledger alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from wsal.audit import (
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    Event,
    RulesLoaded,
    RunApplied,
    RunFitted,
    canonical,
)
from wsal.store.failures import store_error
from wsal.store.tables import PROJECTIONS, answers, batches, draws, event_ids, rules, runs
from wsal.types import ItemId

__all__ = ["OPEN", "clear", "in_chunks", "project"]

T = TypeVar("T")

OPEN = "open"
"""The outcome of a draw whose item nobody has answered."""

_FOLLOWING = (
    select(answers.c.annotator, answers.c.outcome, answers.c.seq)
    .where(answers.c.item == bindparam("wanted"), answers.c.undone_by.is_(None))
    .order_by(answers.c.seq, answers.c.position)
)
_SETTLE = update(draws).where(draws.c.item == bindparam("wanted")).values(outcome=bindparam("known"))
_REOPEN = update(draws).where(draws.c.draw_id == bindparam("wanted")).values(outcome=OPEN)
_FRESH = (
    select(draws.c.draw_id, batches.c.seq)
    .join(batches, batches.c.batch == draws.c.batch)
    .where(draws.c.item == bindparam("wanted"), draws.c.fresh)
)
_ASKING = select(draws.c.item, draws.c.draw_id, draws.c.purpose, draws.c.p).where(draws.c.outcome == OPEN)
_DRAW = select(draws.c.item).where(draws.c.draw_id == bindparam("wanted"))
_ANSWER = select(answers.c.item, answers.c.undone_by).where(answers.c.event_id == bindparam("wanted"))
_UNDO = update(answers).where(answers.c.event_id == bindparam("wanted")).values(undone_by=bindparam("by"))
_SEEN = (
    update(rules)
    .where(rules.c.name == bindparam("this_name"), rules.c.fingerprint == bindparam("this_fingerprint"))
    .values({c: bindparam(c) for c in ("author", "why", "source", "file", "last_seq")})
)


def project(connection: Connection, seq: int, event: Event) -> None:
    """Write what an event changes.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that also holds the event.
    seq : int
        The event's row in the ledger.
    event : Event

    Raises
    ------
    DataError
        This version of wsal does not know the kind of event.
    StoreError
        The event contradicts the store: it undoes what is not there, or names a draw of another item.
    """
    match event.payload():
        case AnswerGiven() as given:
            _answer(connection, seq, event, given)
        case AnswerUndone() as undone:
            _undo(connection, seq, undone)
        case AnswersImported() as imported:
            _import(connection, seq, event, imported)
        case BatchDrawn() as drawn:
            _draw(connection, seq, event, drawn)
        case RulesLoaded() as loaded:
            _load_rules(connection, seq, loaded)
        case RunApplied() | RunFitted() as run:
            row = {"run": run.run, "kind": event.kind, "seq": seq, "time": event.time, "actor": event.actor}
            connection.execute(insert(runs), row | {"data": canonical(event.data).decode()})
        case _:
            pass  # the other kinds change no table


def clear(connection: Connection) -> None:
    """Empty every projection."""
    for table in PROJECTIONS:
        connection.execute(delete(table))


def in_chunks(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Cut values into lists that fit into one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def _answer(connection: Connection, seq: int, event: Event, given: AnswerGiven) -> None:
    if given.draw_id is not None:
        drawn = connection.execute(_DRAW, {"wanted": given.draw_id}).first()
        if drawn is None or drawn.item != given.item:
            was = "there is no such draw" if drawn is None else f"which drew item {drawn.item!r}"
            raise store_error(
                f"answer {given.event_id!r} for item {given.item!r} names the draw {given.draw_id!r}: {was}",
                "append the batch first, and name the draw that asked",
            )
    connection.execute(insert(event_ids), {"event_id": given.event_id, "seq": seq})
    row = {
        name: getattr(given, name) for name in AnswerGiven.__dataclass_fields__ if name not in ("kind", "v")
    }
    connection.execute(insert(answers), row | _place(seq, 0, event.time, imported=False))
    _settle(connection, given.item)


def _import(connection: Connection, seq: int, event: Event, imported: AnswersImported) -> None:
    ids = [imported.event_id, *(answer.event_id for answer in imported.answers)]
    connection.execute(insert(event_ids), [{"event_id": event_id, "seq": seq} for event_id in ids])
    # An answer from a file answers the draw that still asks for its item, too.
    # Sorted here, because databases sort texts in ways of their own. A random draw comes after the others of
    # its item, so that it is the one that is kept.
    found = sorted(connection.execute(_ASKING), key=lambda draw: (draw.p is not None, draw.draw_id))
    asking = {draw.item: draw for draw in found}
    rows = [
        {
            "event_id": answer.event_id,
            "item": answer.item,
            "purpose": asking[answer.item].purpose if answer.item in asking else "",
            "draw_id": asking[answer.item].draw_id if answer.item in asking else None,
            "outcome": answer.outcome,
            "label": answer.label,
            "annotator": answer.annotator,
            "shown_sha256": None,
            "rationale": answer.rationale,
            "hints_shown": False,
            "seconds": None,
        }
        | _place(seq, position, answer.time or event.time, imported=True)
        for position, answer in enumerate(imported.answers)
    ]
    if rows:
        connection.execute(insert(answers), rows)
    drawn = set(connection.execute(select(draws.c.item).distinct()).scalars())
    for item in {answer.item for answer in imported.answers} & drawn:
        _settle(connection, item)


def _place(seq: int, position: int, time: str, *, imported: bool) -> dict[str, object]:
    return {"seq": seq, "position": position, "time": time, "imported": imported, "undone_by": None}


def _undo(connection: Connection, seq: int, undone: AnswerUndone) -> None:
    answer = connection.execute(_ANSWER, {"wanted": undone.supersedes}).first()
    if answer is None:
        raise store_error(
            f"the answer {undone.supersedes!r} cannot be undone: there is no such answer",
            "undo names the event_id of an answer",
        )
    if answer.undone_by is not None:
        raise store_error(
            f"the answer {undone.supersedes!r} was already undone by row {answer.undone_by} of the ledger",
            "answer again instead; an undoing is not undone",
        )
    connection.execute(insert(event_ids), {"event_id": undone.event_id, "seq": seq})
    connection.execute(_UNDO, {"wanted": undone.supersedes, "by": seq})
    _settle(connection, answer.item)


def _draw(connection: Connection, seq: int, event: Event, drawn: BatchDrawn) -> None:
    connection.execute(
        insert(batches), {"batch": drawn.batch, "seq": seq, "time": event.time, "run": drawn.run}
    )
    known = {item: _known(connection, item) for item in {draw.item for draw in drawn.draws}}
    rows = [
        {
            "draw_id": draw.draw_id,
            "batch": drawn.batch,
            "item": draw.item,
            "purpose": draw.purpose,
            "stratum": draw.stratum,
            "p": draw.p,
            "fresh": draw.fresh,
            "reason": draw.reason,
            "gain": draw.gain,
            "group_size": draw.group_size,
            "run": drawn.run,
            # A fresh draw asks, also for an item that was skipped before, or of which somebody was unsure.
            "outcome": OPEN if draw.fresh and known[draw.item] != "label" else known[draw.item],
        }
        for draw in drawn.draws
    ]
    if rows:
        connection.execute(insert(draws), rows)


def _settle(connection: Connection, item: ItemId) -> None:
    known = _known(connection, item)
    connection.execute(_SETTLE, {"wanted": item, "known": known})
    if known in ("label", OPEN):
        return
    # Only a label settles every draw; another word closes those that were there when it was said.
    last = max(answer.seq for answer in connection.execute(_FOLLOWING, {"wanted": item}))
    for draw in connection.execute(_FRESH, {"wanted": item}).all():
        if draw.seq > last:
            connection.execute(_REOPEN, {"wanted": draw.draw_id})


def _known(connection: Connection, item: ItemId) -> str:
    """Return what is known of an item: a label wins over any reason for giving none, then the last word."""
    last: dict[str, str] = {}
    for annotator, outcome, _ in connection.execute(_FOLLOWING, {"wanted": item}):
        last.pop(annotator, None)
        last[annotator] = outcome
    words: Sequence[str] = list(last.values())
    if "label" in words:
        return "label"
    return words[-1] if words else OPEN


def _load_rules(connection: Connection, seq: int, loaded: RulesLoaded) -> None:
    there = {tuple(row) for row in connection.execute(select(rules.c.name, rules.c.fingerprint))}
    for rule in loaded.rules:
        values = {
            "author": rule.author,
            "why": rule.why,
            "source": rule.source,
            "file": rule.file,
            "last_seq": seq,
        }
        if (rule.name, rule.fingerprint) in there:
            version: dict[str, object] = {"this_name": rule.name, "this_fingerprint": rule.fingerprint}
            connection.execute(_SEEN, values | version)
        else:
            version = {"name": rule.name, "fingerprint": rule.fingerprint, "first_seq": seq}
            connection.execute(insert(rules), values | version)
