"""Adding rows to the ledger, inside a transaction that alone may write."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update

from wsal.audit import Event, Head, link
from wsal.store.ddl.tables import ledger, ledger_head
from wsal.store.failures import ledger_error, store_error
from wsal.store.ledger.people import read_people
from wsal.store.ledger.projections import Projector
from wsal.store.ledger.statements import insert_rows, select_in

__all__ = ["append_events", "move_head"]

_KNOWN_IDS = "SELECT event_id, seq FROM event_ids WHERE event_id IN"
_BODY = select(ledger.c.body).where(ledger.c.seq == bindparam("wanted"))
_MOVE = (
    update(ledger_head)
    .where(ledger_head.c.seq == bindparam("old_seq"), ledger_head.c.hash == bindparam("old_hash"))
    .values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
)


def append_events(
    connection: Connection, head: Head, events: Sequence[Event]
) -> tuple[tuple[int, ...], Head]:
    """Write events behind the head, and what they change.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of `wsal.store.connect.writing`.
    head : Head
        Read in the same transaction.
    events : sequence of Event

    Returns
    -------
    tuple of int
        The events' rows: new ones, or those that they had already.
    Head
        The head from here on; the caller notes it with `move_head`.

    Raises
    ------
    StoreError
        An event contradicts the store. What was written is to be rolled back.
    """
    there = _known(connection, events)
    people = read_people(connection)
    mine: dict[str, Event] = {}
    seqs, rows = [], []
    projector = Projector(connection)
    for event in events:
        event_id = event.data.get("event_id")
        if isinstance(event_id, str):
            if event_id in there:
                seqs.append(there[event_id])
                written = mine.get(event_id) or people.reveal(_read(connection, seqs[-1]))
                _require_same(written, event, seqs[-1])
                continue
            there[event_id], mine[event_id] = head.seq + 1, event
        protected = people.protect(event)
        body = protected.body()
        new = Head(head.seq + 1, link(head.hash, body))
        rows.append((new.seq, head.hash, new.hash, body))
        projector.add(new.seq, protected)
        seqs.append(new.seq)
        head = new
    projector.flush()
    people.save_new(connection)
    insert_rows(connection, ledger, rows)
    return tuple(seqs), head


def move_head(connection: Connection, old: Head, new: Head) -> None:
    """Note the head beside the ledger, so that rows cut off at its end are noticed.

    Raises
    ------
    LedgerError
        The note is not the old head.
    """
    values = {"old_seq": old.seq, "old_hash": old.hash, "new_seq": new.seq, "new_hash": new.hash}
    if connection.execute(_MOVE, values).rowcount != 1:
        raise ledger_error(f"row {old.seq} is not the last row that was written", "run `wsal audit verify`")


def _known(connection: Connection, events: Sequence[Event]) -> dict[str, int]:
    """Return the rows of those events that are in the ledger already, by the id that their client made."""
    wanted = [found for event in events if isinstance(found := event.data.get("event_id"), str)]
    return dict(select_in(connection, _KNOWN_IDS, wanted))


def _read(connection: Connection, seq: int) -> Event:
    return Event.from_body(connection.execute(_BODY, {"wanted": seq}).scalar_one())


def _require_same(there: Event, event: Event, seq: int) -> None:
    """Refuse another event under a taken id; the time may differ, as it does when a client retries."""
    if (there.kind, there.v, there.actor, there.data) != (event.kind, event.v, event.actor, event.data):
        raise store_error(
            f"the event_id {event.data['event_id']!r} stands for another event already, in row {seq}",
            "an event_id is used once: make a new one with uuid.uuid4()",
        )
