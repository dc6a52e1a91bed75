"""Projections: the tables of people's work, brought up to date event by event.

The same code runs when an event is appended and when the tables are rebuilt from the ledger, in the order of
the ledger; so what a table holds depends on the ledger alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from wsal.audit import (
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    ClassesChanged,
    Event,
    Payload,
    RulesLoaded,
    RunApplied,
    RunFitted,
    canonical,
)
from wsal.store.ddl.tables import PROJECTIONS, answers, batches, draws, event_ids, item_text, rules, runs
from wsal.store.failures import store_error
from wsal.store.ledger.class_changes import change_classes, require_classes
from wsal.store.ledger.outcomes import NOTHING, OPEN, last_words, settle
from wsal.store.ledger.statements import insert_rows

__all__ = ["Projector", "clear"]

_AT_ONCE = 500  # answers that are gathered before they are written

_ASKING = select(draws.c.item, draws.c.draw_id, draws.c.purpose, draws.c.p).where(draws.c.outcome == OPEN)
_ASKED = select(draws.c.draw_id, draws.c.item).where(draws.c.draw_id.in_(bindparam("wanted", expanding=True)))
_ANSWER = select(answers.c.item, answers.c.undone_by).where(answers.c.event_id == bindparam("wanted"))
_UNDO = update(answers).where(answers.c.event_id == bindparam("wanted")).values(undone_by=bindparam("by"))
_SEEN = (
    update(rules)
    .where(rules.c.name == bindparam("this_name"), rules.c.fingerprint == bindparam("this_fingerprint"))
    .values({c: bindparam(c) for c in ("author", "why", "source", "file", "last_seq")})
)


class Projector:
    """Writes what events change, in the order of the ledger.

    Answers, which most events are, are gathered and written together; whatever else comes writes them first. So
    the tables are up to date after `flush` alone.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that also holds the events.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._given: list[tuple[int, Event, AnswerGiven]] = []

    def add(self, seq: int, event: Event) -> None:
        """Take the next event.

        Parameters
        ----------
        seq : int
            The event's row in the ledger.
        event : Event

        Raises
        ------
        DataError
            This version of wsal does not know the kind of event.
        StoreError
            An event contradicts the store: it undoes what is not there, or names a draw of another item.
        """
        payload = event.payload()
        if isinstance(payload, AnswerGiven):
            self._given.append((seq, event, payload))
            if len(self._given) >= _AT_ONCE:
                self.flush()
            return
        self.flush()
        _project(self._connection, seq, event, payload)

    def flush(self) -> None:
        """Write the answers that were gathered.

        Raises
        ------
        StoreError
            As for `add`.
        """
        if self._given:
            given, self._given = self._given, []
            _answer(self._connection, given)


def _project(connection: Connection, seq: int, event: Event, payload: Payload) -> None:
    match payload:
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
        case ClassesChanged() as changed:
            change_classes(connection, seq, event, changed)
        case _:
            pass  # the other kinds change no table


def clear(connection: Connection) -> None:
    """Empty every projection."""
    for table in PROJECTIONS:
        connection.execute(delete(table))


def _answer(connection: Connection, given: Sequence[tuple[int, Event, AnswerGiven]]) -> None:
    _require_draws(connection, [answer for _, _, answer in given])
    require_classes(connection, {answer.label for _, _, answer in given if answer.label is not None})
    insert_rows(connection, event_ids, [(answer.event_id, seq) for seq, _, answer in given])
    insert_rows(
        connection,
        answers,
        [_answer_row(answer, seq, 0, event.time, imported=False) for seq, event, answer in given],
    )
    settle(connection, {answer.item for _, _, answer in given})


def _answer_row(
    answer: AnswerGiven, seq: int, position: int, time: str, *, imported: bool
) -> tuple[object, ...]:
    """Return an answer as a row of its table: the columns in their order."""
    return (
        answer.event_id,
        seq,
        position,
        time,
        item_text(answer.item),
        answer.outcome,
        answer.label,
        answer.annotator,
        answer.purpose,
        answer.draw_id,
        answer.shown_sha256,
        answer.rationale,
        answer.hints_shown,
        answer.seconds,
        imported,
        None,
    )


def _require_draws(connection: Connection, given: Sequence[AnswerGiven]) -> None:
    """See that each answer to a draw is about the item that was drawn."""
    wanted = sorted({answer.draw_id for answer in given if answer.draw_id is not None})
    if not wanted:
        return
    drawn = {row.draw_id: row.item for row in connection.execute(_ASKED, {"wanted": wanted})}
    for answer in given:
        if answer.draw_id is not None and drawn.get(answer.draw_id) != answer.item:
            there = answer.draw_id in drawn
            was = f"which drew item {drawn[answer.draw_id]!r}" if there else "there is no such draw"
            raise store_error(
                f"answer {answer.event_id!r} for item {answer.item!r} names the draw {answer.draw_id!r}: {was}",
                "append the batch first, and name the draw that asked",
            )


def _import(connection: Connection, seq: int, event: Event, imported: AnswersImported) -> None:
    ids = [imported.event_id, *(answer.event_id for answer in imported.answers)]
    require_classes(connection, {answer.label for answer in imported.answers if answer.label is not None})
    insert_rows(connection, event_ids, [(event_id, seq) for event_id in ids])
    # An answer from a file answers the draw that still asks for its item, too.
    # Sorted here, because databases sort texts in ways of their own. A random draw comes after the others of
    # its item, so that it is the one that is kept.
    found = sorted(connection.execute(_ASKING), key=lambda draw: (draw.p is not None, draw.draw_id))
    asking = {draw.item: draw for draw in found}
    rows = [
        _answer_row(
            AnswerGiven(
                answer.event_id,
                answer.item,
                answer.outcome,
                answer.annotator,
                answer.label,
                purpose=asking[answer.item].purpose if answer.item in asking else "",
                draw_id=asking[answer.item].draw_id if answer.item in asking else None,
                rationale=answer.rationale,
            ),
            seq,
            position,
            answer.time or event.time,
            imported=True,
        )
        for position, answer in enumerate(imported.answers)
    ]
    insert_rows(connection, answers, rows)
    settle(connection, {answer.item for answer in imported.answers})


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
    settle(connection, {answer.item})


def _draw(connection: Connection, seq: int, event: Event, drawn: BatchDrawn) -> None:
    connection.execute(
        insert(batches), {"batch": drawn.batch, "seq": seq, "time": event.time, "run": drawn.run}
    )
    said = last_words(connection, {draw.item for draw in drawn.draws})
    known = {draw.item: said.get(draw.item, NOTHING).outcome for draw in drawn.draws}
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
