"""The ledger with its guards, and the first projections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from wsal.store.ddl.ledger import GUARDS, LEDGER, PREPARATION

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    connection = op.get_bind()
    name = connection.dialect.name
    for statement in (LEDGER[name], *PREPARATION[name], *(guard.statement for guard in GUARDS[name])):
        connection.exec_driver_sql(statement)
    _make_head()
    _make_answers()
    _make_draws()
    _make_rules_and_runs()


def _make_head() -> None:
    head = op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
    op.create_table(
        "event_ids",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )


def _make_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("annotator", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("draw_id", sa.Text),
        sa.Column("shown_sha256", sa.Text),
        sa.Column("rationale", sa.Text, nullable=False),
        sa.Column("hints_shown", sa.Boolean, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("imported", sa.Boolean, nullable=False),
        sa.Column("undone_by", sa.BigInteger),
    )
    op.create_index("answers_item", "answers", ["item"])


def _make_draws() -> None:
    op.create_table(
        "batches",
        sa.Column("batch", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
    )
    op.create_table(
        "draws",
        sa.Column("draw_id", sa.Text, primary_key=True),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("stratum", sa.Text, nullable=False),
        sa.Column("p", sa.Float),
        sa.Column("fresh", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("gain", sa.Float),
        sa.Column("group_size", sa.Integer, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
    )
    op.create_index("draws_item", "draws", ["item"])


def _make_rules_and_runs() -> None:
    op.create_table(
        "rules",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("file", sa.Text),
        sa.Column("first_seq", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
