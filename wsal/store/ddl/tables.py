"""The tables of a store: the ledger, and its projections."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

from wsal.types import ItemId

__all__ = [
    "HEAD_REVISION",
    "KNOWN_REVISIONS",
    "PROJECTIONS",
    "VERSION_TABLE",
    "answers",
    "batches",
    "draws",
    "event_ids",
    "item_text",
    "ledger",
    "ledger_head",
    "metadata",
    "people",
    "rules",
    "runs",
]

KNOWN_REVISIONS: Final = ("0001", "0002", "0003")
"""Revisions of the schema, oldest first."""

HEAD_REVISION: Final = KNOWN_REVISIONS[-1]

VERSION_TABLE: Final = "wsal_schema"
"""Where the revision is kept; a name of our own, because PostgreSQL may hold other applications' tables."""


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)


def item_text(item: ItemId) -> str:
    """Return an item id as the tables hold it.

    Examples
    --------
    >>> item_text(7), item_text("7")
    ('7', '"7"')
    """
    return _ENCODER.encode(item)


class ItemIdText(TypeDecorator[ItemId]):
    """An item id as JSON: item 7 and item "7" are two items."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: ItemId | None, dialect: Dialect) -> str | None:
        """Write an id."""
        del dialect
        return None if value is None else item_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> ItemId | None:  # noqa: ANN401  # SQLAlchemy's signature
        """Read an id."""
        del dialect
        return None if value is None else json.loads(value)


metadata = MetaData()

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Events; made by `wsal.store.ddl.ledger`."""

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)
"""One row: the last row of the ledger, so that rows cut off at its end are noticed."""

event_ids = Table(
    "event_ids",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""Ids that clients made: the same id sent again is the same event."""

answers = Table(
    "answers",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("time", Text, nullable=False),
    Column("item", ItemIdText, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("label", Text),
    Column("annotator", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("draw_id", Text),
    Column("shown_sha256", Text),
    Column("rationale", Text, nullable=False),
    Column("hints_shown", Boolean, nullable=False),
    Column("seconds", Float),
    Column("imported", Boolean, nullable=False),
    Column("undone_by", BigInteger),
    Index("answers_item", "item"),
    Index("answers_draw", "draw_id"),
)
"""Every answer ever given; ``undone_by`` is the row of the ledger that took it back."""

batches = Table(
    "batches",
    metadata,
    Column("batch", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("time", Text, nullable=False),
    Column("run", Text, nullable=False),
)

draws = Table(
    "draws",
    metadata,
    Column("draw_id", Text, primary_key=True),
    Column("batch", Text, nullable=False),
    Column("item", ItemIdText, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("p", Float),
    Column("fresh", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("gain", Float),
    Column("group_size", Integer, nullable=False),
    Column("run", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("draws_item", "item"),
    Index("draws_outcome", "outcome"),
    Index("draws_purpose", "purpose"),
)
"""Every draw; ``outcome`` is what is known of its item: ``open``, or an outcome of an answer."""

rules = Table(
    "rules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("file", Text),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
)
"""Every version of every rule, with the first and the last row of the ledger that loaded it."""

runs = Table(
    "runs",
    metadata,
    Column("run", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("time", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("data", Text, nullable=False),
)
"""Runs, and the changes of the classes that lie between them, with the event's data as canonical JSON."""

people = Table(
    "people",
    metadata,
    Column("pseudonym", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("key", LargeBinary, nullable=False),
)
"""Who is behind a pseudonym of the ledger, and the key to what the person wrote; no projection: it can be destroyed."""

PROJECTIONS: Final = (event_ids, answers, batches, draws, rules, runs)
"""Tables that a rebuild makes from the ledger alone."""
