"""Accounts of the workbench: people, their invitations, sessions and tokens, and the log of who came in.

Only digests of secrets are kept; making and checking passwords and secrets is the caller's work.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, RowMapping, Table, delete, func, insert, select, update

from wsal.errors import InputError
from wsal.store.connect import reading, writing
from wsal.store.ddl.workbench_tables import access_log, accounts, api_tokens, invitations, sessions

__all__ = ["Access", "Account", "Accounts", "ApiToken"]


@dataclass(frozen=True)
class Account:
    """A person who may work on the project.

    Parameters
    ----------
    name, role : str
    password_hash : str, optional
        None until the person followed an invitation.
    created : float
        Seconds since 1970, UTC.
    disabled : float, optional
        When the account was closed.
    """

    name: str
    role: str
    password_hash: str | None
    created: float
    disabled: float | None

    @property
    def usable(self) -> bool:
        """Whether the person can sign in."""
        return self.password_hash is not None and self.disabled is None


@dataclass(frozen=True)
class ApiToken:
    """A token by which a program acts for a person.

    Parameters
    ----------
    digest, account, name : str
    scopes : tuple of str
    created, until : float
        Seconds since 1970, UTC.
    """

    digest: str
    account: str
    name: str
    scopes: tuple[str, ...]
    created: float
    until: float


@dataclass(frozen=True)
class Access:
    """A line of the access log; ``time`` in seconds since 1970, UTC."""

    time: float
    what: str
    account: str
    address: str
    detail: str


class Accounts:
    """Who may work on a project; get one from `Store.accounts`.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # People

    def all(self) -> tuple[Account, ...]:
        """Return every account by name."""
        with reading(self._engine) as connection:
            return tuple(_account(row) for row in connection.execute(select(accounts)).mappings())

    def get(self, name: str) -> Account | None:
        """Return an account; None where there is none of this name."""
        with reading(self._engine) as connection:
            return _find(connection, name)

    def add(self, name: str, role: str) -> None:
        """Make an account without a password.

        Raises
        ------
        InputError
            The name is taken.
        """
        with writing(self._engine) as connection:
            if _find(connection, name) is not None:
                raise InputError(f"there is an account {name!r} already", hint="choose another name")
            row = {"name": name, "role": role, "created": time.time()}
            connection.execute(insert(accounts), row)

    def set_role(self, name: str, role: str) -> None:
        """Give an account another role."""
        with writing(self._engine) as connection:
            connection.execute(update(accounts).where(accounts.c.name == name).values(role=role))

    def set_disabled(self, name: str, *, disabled: bool) -> None:
        """Close or reopen an account; whoever is signed in by a closed one is out at once."""
        with writing(self._engine) as connection:
            when = time.time() if disabled else None
            connection.execute(update(accounts).where(accounts.c.name == name).values(disabled=when))
            if disabled:
                _sign_out_everywhere(connection, name)
                connection.execute(delete(invitations).where(invitations.c.account == name))

    def set_password(self, name: str, password_hash: str) -> None:
        """Set a password; every session of the account ends."""
        with writing(self._engine) as connection:
            _set_password(connection, name, password_hash)

    # Invitations

    def invite(self, digest: str, name: str, *, until: float) -> None:
        """Keep the digest of a link that sets the account's password once; earlier links end."""
        with writing(self._engine) as connection:
            connection.execute(delete(invitations).where(invitations.c.account == name))
            connection.execute(insert(invitations), {"digest": digest, "account": name, "until": until})

    def invited(self, digest: str) -> Account | None:
        """Return the account that a link invites to; None where the link is unknown, used or too old."""
        with reading(self._engine) as connection:
            return _invited(connection, digest)

    def accept(self, digest: str, password_hash: str) -> Account | None:
        """Set the password of whom a link invites, and end the link; None as `invited`."""
        with writing(self._engine) as connection:
            account = _invited(connection, digest)
            if account is None:
                return None
            connection.execute(delete(invitations).where(invitations.c.digest == digest))
            _set_password(connection, account.name, password_hash)
            return account

    # Sessions and tokens

    def open_session(self, digest: str, name: str, *, until: float) -> None:
        """Keep the digest of a new session; sessions that ended are removed."""
        now = time.time()
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.until < now))
            row = {"digest": digest, "account": name, "created": now, "until": until}
            connection.execute(insert(sessions), row)

    def close_session(self, digest: str) -> None:
        """End a session."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest))

    def by_session(self, digest: str) -> Account | None:
        """Return who is signed in by a session; None where it ended or the account is closed."""
        with reading(self._engine) as connection:
            return _owner(connection, sessions, digest)

    def add_token(self, token: ApiToken) -> None:
        """Keep a token."""
        row = {**vars(token), "scopes": " ".join(token.scopes)}
        with writing(self._engine) as connection:
            connection.execute(insert(api_tokens), row)

    def by_token(self, digest: str) -> tuple[Account, ApiToken] | None:
        """Return whom a token acts for, and the token; None where it ended or the account is closed."""
        with reading(self._engine) as connection:
            account = _owner(connection, api_tokens, digest)
            row = (
                connection.execute(select(api_tokens).where(api_tokens.c.digest == digest)).mappings().first()
            )
            return None if account is None or row is None else (account, _token(row))

    def tokens(self, name: str) -> tuple[ApiToken, ...]:
        """Return the tokens of a person, oldest first."""
        query = select(api_tokens).where(api_tokens.c.account == name).order_by(api_tokens.c.created)
        with reading(self._engine) as connection:
            return tuple(_token(row) for row in connection.execute(query).mappings())

    def revoke_token(self, digest: str, name: str) -> bool:
        """End a token of a person; say whether there was one."""
        mine = (api_tokens.c.digest == digest) & (api_tokens.c.account == name)
        with writing(self._engine) as connection:
            return connection.execute(delete(api_tokens).where(mine)).rowcount > 0

    # The log

    def log(self, what: str, account: str, *, address: str = "", detail: str = "") -> None:
        """Note that somebody came in, failed to, or changed an account."""
        row = {"time": time.time(), "what": what, "account": account, "address": address, "detail": detail}
        with writing(self._engine) as connection:
            connection.execute(insert(access_log), row)

    def logged(self, *, most: int = 200) -> tuple[Access, ...]:
        """Return the last lines of the log, newest first."""
        query = select(access_log).order_by(access_log.c.id.desc()).limit(most)
        with reading(self._engine) as connection:
            return tuple(
                Access(row.time, row.what, row.account, row.address, row.detail)
                for row in connection.execute(query)
            )

    def failures(self, *, account: str, address: str, since: float) -> tuple[int, int]:
        """Count failed attempts to sign in: for an account since it last came in, and from an address."""
        failed = (access_log.c.what == "failed") & (access_log.c.time > since)
        came_in = select(func.max(access_log.c.time)).where(
            access_log.c.account == account, access_log.c.what == "signed in"
        )
        count = select(func.count()).select_from(access_log)
        with reading(self._engine) as connection:
            last = connection.execute(came_in).scalar() or 0.0
            by_account = count.where(failed, access_log.c.account == account, access_log.c.time > last)
            by_address = count.where(failed, access_log.c.address == address)
            return (
                connection.execute(by_account).scalar_one(),
                connection.execute(by_address).scalar_one(),
            )


def _account(row: RowMapping) -> Account:
    return Account(**row)


def _token(row: RowMapping) -> ApiToken:
    return ApiToken(**{**row, "scopes": tuple(str(row["scopes"]).split())})


def _find(connection: Connection, name: str) -> Account | None:
    row = connection.execute(select(accounts).where(accounts.c.name == name)).mappings().first()
    return None if row is None else _account(row)


def _invited(connection: Connection, digest: str) -> Account | None:
    query = select(invitations.c.account).where(
        invitations.c.digest == digest, invitations.c.until > time.time()
    )
    name = connection.execute(query).scalar()
    return None if name is None else _find(connection, name)


def _owner(connection: Connection, table: Table, digest: str) -> Account | None:
    query = select(table.c.account).where(table.c.digest == digest, table.c.until > time.time())
    name = connection.execute(query).scalar()
    account = None if name is None else _find(connection, name)
    return account if account is not None and account.usable else None


def _set_password(connection: Connection, name: str, password_hash: str) -> None:
    query = update(accounts).where(accounts.c.name == name).values(password_hash=password_hash)
    connection.execute(query)
    _sign_out_everywhere(connection, name)


def _sign_out_everywhere(connection: Connection, name: str) -> None:
    for table in (sessions, api_tokens):
        connection.execute(delete(table).where(table.c.account == name))
