"""Tables of the workbench: who may work, who is signed in, and who was handed which item for now.

None of them is a projection: passwords and sessions do not belong in a ledger that nothing can be removed from, and
a lease is over in minutes.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text

from wsal.store.ddl.tables import ItemIdText, metadata

__all__ = ["access_log", "accounts", "api_tokens", "invitations", "leases", "sessions"]

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("created", Float, nullable=False),
    Column("disabled", Float),
)
"""People; without a password until they followed their invitation."""

invitations = Table(
    "invitations",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("until", Float, nullable=False),
)
"""Links that set a password once, by the SHA-256 of their secret."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("until", Float, nullable=False),
    Index("sessions_account", "account"),
)
"""Signed-in browsers, by the SHA-256 of the session's id."""

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("until", Float, nullable=False),
    Index("api_tokens_account", "account"),
)
"""Tokens of programs, by the SHA-256 of their secret; scopes are separated by spaces."""

access_log = Table(
    "access_log",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", Float, nullable=False),
    Column("what", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("access_log_time", "time"),
)
"""Who signed in, failed to, made a token or changed an account."""

leases = Table(
    "leases",
    metadata,
    Column("draw_id", Text, primary_key=True),
    Column("item", ItemIdText, nullable=False),
    Column("annotator", Text, nullable=False),
    Column("until", Float, nullable=False),
    Index("leases_item", "item"),
)
"""Draws that one person was handed, and nobody else is for now."""
