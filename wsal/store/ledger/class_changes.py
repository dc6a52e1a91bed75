"""Changes of the classes in the tables: which there were, and what they make of the answers.

An answer keeps the name that was given to it. A change takes it back and, unless the class was split, puts it
there again under its new name, both as of the row of the change. So a run reads the answers that it had, under the
names of its time, and everything else reads the new ones; and the ledger's own rows are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from wsal.audit import ClassesChanged, Event, canonical, parse, read_record, renamed_id
from wsal.store.ddl.tables import answers, runs
from wsal.store.failures import store_error
from wsal.store.ledger.outcomes import settle
from wsal.store.ledger.people import read_people
from wsal.store.ledger.rows import ClassChangeRow

__all__ = ["change_classes", "read_class_changes", "require_classes"]

_CHANGES = select(runs).where(runs.c.kind == ClassesChanged.kind).order_by(runs.c.seq)
# In the words of the driver: it runs for every answer, see `wsal.store.ledger.statements`.
_LAST = f"SELECT seq, data FROM runs WHERE kind = '{ClassesChanged.kind}' ORDER BY seq DESC LIMIT 1"  # noqa: S608  # our own word
_STANDING = select(answers).where(answers.c.undone_by.is_(None)).order_by(answers.c.seq, answers.c.position)
_TAKE_BACK = (
    update(answers).where(answers.c.event_id == bindparam("wanted")).values(undone_by=bindparam("by"))
)


def change_classes(connection: Connection, seq: int, event: Event, changed: ClassesChanged) -> None:
    """Write a change of the classes, and what it makes of the answers.

    Notes
    -----
    All standing answers of a person to an item go over together, so that the last of them stays the last.
    O(answers that stand).
    """
    connection.execute(
        insert(runs),
        {
            "run": f"classes-{seq}",
            "kind": event.kind,
            "seq": seq,
            "time": event.time,
            "actor": event.actor,
            "data": canonical(event.data).decode(),
        },
    )
    if not changed.gone:
        return
    standing = [dict(row) for row in connection.execute(_STANDING).mappings()]
    touched = {(row["item"], row["annotator"]) for row in standing if row["label"] in changed.gone}
    moved = [row for row in standing if (row["item"], row["annotator"]) in touched]
    if changed.change == "split":
        last = {(row["item"], row["annotator"]): row["label"] for row in moved}
        # With the last answer of a person go those that it had replaced, else one of them would come back.
        moved = [
            row
            for row in moved
            if row["label"] in changed.gone or last[row["item"], row["annotator"]] in changed.gone
        ]
    if not moved:
        return
    connection.execute(_TAKE_BACK, [{"wanted": row["event_id"], "by": seq} for row in moved])
    if changed.change == "split":
        settle(connection, {row["item"] for row in moved})
    else:
        connection.execute(insert(answers), _renamed(moved, seq, changed))


def read_class_changes(connection: Connection) -> tuple[ClassChangeRow, ...]:
    """Read the changes of the classes, in order."""
    people = read_people(connection)
    return tuple(
        ClassChangeRow(row.seq, row.time, people.name(row.actor), _payload(row.data))
        for row in connection.execute(_CHANGES)
    )


def require_classes(connection: Connection, labels: AbstractSet[str]) -> None:
    """See that answers name classes that there still are.

    Raises
    ------
    StoreError
        Somebody changed the classes while this process still had the old ones.
    """
    last = connection.exec_driver_sql(_LAST).first() if labels else None
    if last is None:
        return
    changed = _payload(last.data)
    for label in sorted(labels - set(changed.labels)):
        raise store_error(
            f"{label!r} is no class any more: row {last.seq} of the ledger says: {changed}",
            "open the project again (restart `wsal serve`), and answer with one of the classes of now: "
            + ", ".join(changed.labels),
        )


def _renamed(moved: Sequence[dict[str, Any]], seq: int, changed: ClassesChanged) -> list[dict[str, Any]]:
    return [
        row
        | {
            "event_id": renamed_id(row["event_id"], seq),
            "seq": seq,
            "position": position,
            "label": None if row["label"] is None else changed.becomes(row["label"]),
        }
        for position, row in enumerate(moved)
    ]


def _payload(data: str) -> ClassesChanged:
    return read_record(ClassesChanged, parse(data.encode()), where=ClassesChanged.kind)
