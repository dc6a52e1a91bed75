"""Opening a store, and the few things that are done to one that cannot be opened."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from wsal.audit import Event, GuardsRestored, VerificationReport
from wsal.store.connect import make_engine, reading, require_file, resolve_url, writing
from wsal.store.ddl.guards import guard_findings, recreate_guards
from wsal.store.failures import ledger_error, shown
from wsal.store.ledger.appending import append_events, move_head
from wsal.store.ledger.reading import read_head
from wsal.store.schema import migrate_schema, require_current_schema
from wsal.store.sealing import SealCheck, seal_findings
from wsal.store.store import Store
from wsal.store.verification import require_chain, verify_engine

__all__ = ["DEFAULT_TIMEOUT", "migrate_store", "open_store", "restore_guards", "verify_store"]

DEFAULT_TIMEOUT: Final = 30.0
"""Seconds that a writer waits for another one."""


def open_store(
    url: str, *, create: bool = False, root: str | Path | None = None, timeout: float = DEFAULT_TIMEOUT
) -> Store:
    """Open a store.

    Parameters
    ----------
    url : str
        ``sqlite:///PATH`` (relative to ``root``, or absolute with four slashes) or
        ``postgresql://user@host/database``.
    create : bool
        Make it where there is none; the last folder of the path may be missing.
    root : str or Path, optional
        The project's folder; the current one where not given.
    timeout : float
        Seconds to wait for a lock that another process holds.

    Returns
    -------
    Store
        Close it, or use it in a ``with`` block.

    Raises
    ------
    StoreError
        A bad URL, no store there, a missing or read-only folder, something else than a store, or a store of
        another version of wsal; the message says which and what to do.
    LedgerError
        The triggers that protect the ledger are missing or changed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with open_store("sqlite:///store.db", create=True, root=folder) as store:
    ...         print(store.head().seq, store.verify().ok)
    0 True
    """
    folder = _folder(root)
    with ExitStack() as stack:
        engine = _engine(url, folder, timeout=timeout, create=create)
        stack.callback(engine.dispose)
        if create:
            migrate_schema(engine)
        else:
            require_current_schema(engine)
        with reading(engine) as connection:
            findings = guard_findings(connection)
        if findings:
            raise ledger_error(
                f"the ledger of {shown(engine.url)} is not protected: {'; '.join(findings)}",
                "find out who changed it and see that `wsal audit verify` names nothing else; "
                "then call wsal.store.restore_guards(url, actor=…)",
            )
        stack.pop_all()
    return Store(engine, folder)


def verify_store(
    url: str,
    *,
    root: str | Path | None = None,
    seals: Sequence[SealCheck] = (),
    timeout: float = DEFAULT_TIMEOUT,
) -> VerificationReport:
    """Check a store, also one that cannot be opened because its guards are gone.

    Parameters
    ----------
    url, root, timeout
        As for `open_store`.
    seals : sequence of SealCheck
        What the ledger is held against.

    Returns
    -------
    VerificationReport
        Guards, hash chain, tables, and the files that the ledger names; ``.ok``, ``.findings``.

    Raises
    ------
    StoreError
        There is no store of this version of wsal at ``url``.
    """
    folder = _folder(root)
    with ExitStack() as stack:
        engine = _engine(url, folder, timeout=timeout)
        stack.callback(engine.dispose)
        require_current_schema(engine)
        held_against = [partial(seal_findings, check=seal) for seal in seals]
        return verify_engine(engine, folder, more=held_against)


def migrate_store(url: str, *, root: str | Path | None = None, timeout: float = DEFAULT_TIMEOUT) -> None:
    """Bring a store of an older version of wsal up to date; does nothing to one that is.

    Raises
    ------
    StoreError
        There is no store at ``url``, or it is of a newer version.
    """
    with ExitStack() as stack:
        engine = _engine(url, _folder(root), timeout=timeout)
        stack.callback(engine.dispose)
        migrate_schema(engine)


def restore_guards(
    url: str, *, actor: str, root: str | Path | None = None, timeout: float = DEFAULT_TIMEOUT
) -> tuple[str, ...]:
    """Put the triggers that protect the ledger back; the ledger says that it was done, and by whom.

    Parameters
    ----------
    url, root, timeout
        As for `open_store`.
    actor : str
        Who does it.

    Returns
    -------
    tuple of str
        What had been missing or changed; empty, and nothing done, where nothing was.

    Raises
    ------
    LedgerError
        The hash chain does not verify, or more than the triggers was changed. Nothing was done then.
    """
    with ExitStack() as stack:
        engine = _engine(url, _folder(root), timeout=timeout)
        stack.callback(engine.dispose)
        require_current_schema(engine)
        with writing(engine) as connection:
            findings = guard_findings(connection)
            if findings:
                require_chain(connection)
                recreate_guards(connection)
                rest = guard_findings(connection)
                if rest:
                    raise ledger_error(
                        f"the ledger of {shown(engine.url)} cannot be mended: {'; '.join(rest)}",
                        "drop what is none of wsal's by hand, or restore the store from a backup",
                    )
                old = read_head(connection)
                restored = Event.of(GuardsRestored(findings), actor=actor)
                _, new = append_events(connection, old, (restored,))
                move_head(connection, old, new)
        return findings


def _folder(root: str | Path | None) -> Path:
    return Path.cwd() if root is None else Path(root)


def _engine(url: str, root: Path, *, timeout: float, create: bool = False) -> Engine:
    resolved = resolve_url(url, root)
    require_file(resolved, create=create)
    return make_engine(resolved, timeout=timeout)
