"""Adding a row to the ledger, inside a transaction that alone may write."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from wsal.audit import Event, Head, link
from wsal.store.failures import ledger_error, store_error
from wsal.store.projections import project
from wsal.store.tables import event_ids, ledger, ledger_head

__all__ = ["append_event", "move_head"]

_KNOWN_ID = select(event_ids.c.seq).where(event_ids.c.event_id == bindparam("wanted"))
_BODY = select(ledger.c.body).where(ledger.c.seq == bindparam("wanted"))
_MOVE = (
    update(ledger_head)
    .where(ledger_head.c.seq == bindparam("old_seq"), ledger_head.c.hash == bindparam("old_hash"))
    .values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
)


def append_event(connection: Connection, head: Head, event: Event) -> tuple[int, Head]:
    """Write an event behind the head, and what it changes.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of `wsal.store.connect.writing`.
    head : Head
        Read in the same transaction.
    event : Event

    Returns
    -------
    int
        The event's row: a new one, or the one it had already.
    Head
        The head from here on.

    Raises
    ------
    StoreError
        The event contradicts the store.
    """
    event_id = event.data.get("event_id")
    if isinstance(event_id, str):
        seq = connection.execute(_KNOWN_ID, {"wanted": event_id}).scalar()
        if seq is not None:
            _require_same(connection, seq, event)
            return seq, head
    body = event.body()
    new = Head(head.seq + 1, link(head.hash, body))
    row = {"seq": new.seq, "prev_hash": head.hash, "hash": new.hash, "body": body}
    connection.execute(insert(ledger), row)
    project(connection, new.seq, event)
    return new.seq, new


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


def _require_same(connection: Connection, seq: int, event: Event) -> None:
    """Refuse another event under a taken id; the time may differ, as it does when a client retries."""
    there = Event.from_body(connection.execute(_BODY, {"wanted": seq}).scalar_one())
    if (there.kind, there.v, there.actor, there.data) != (event.kind, event.v, event.actor, event.data):
        raise store_error(
            f"the event_id {event.data['event_id']!r} stands for another event already, in row {seq}",
            "an event_id is used once: make a new one with uuid.uuid4()",
        )
