"""Group commit: one thread writes for all, so that callers at the same time share one transaction.

A commit costs a write to the disk that is waited for. Callers who come while one is under way are written
together by the next, and each is told only when its events are on disk.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from wsal.audit import Event
from wsal.errors import WsalError
from wsal.store.connect import writing
from wsal.store.failures import meaning
from wsal.store.ledger.appending import append_events, move_head
from wsal.store.ledger.reading import read_head

__all__ = ["GroupCommit", "Seqs"]

Seqs: TypeAlias = tuple[int, ...]
"""Rows of the ledger."""

_MOST: Final = 2000  # events in one transaction, so that nobody waits for long
_LINGER: Final = 0.005  # seconds that callers are waited for at most


@dataclass(frozen=True, eq=False)
class _Request:
    """Events of one caller, to be written together or not at all."""

    events: tuple[Event, ...]
    done: Future[Seqs] = field(default_factory=Future)


class GroupCommit:
    """Writes what many threads append; its own thread starts with the first of it.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()  # guards all that follows
        self._waiting: deque[_Request] = deque()
        self._wanted = 1  # the thread is woken when so many wait, not for each: waking it stops all others

    def submit(self, events: Sequence[Event]) -> Future[Seqs]:
        """Hand events over and return at once.

        Parameters
        ----------
        events : sequence of Event
            Written in one transaction: all of them or none.

        Returns
        -------
        Future
            Their rows of the ledger, once they are on disk; or the error that kept them from it.
        """
        request = _Request(tuple(events))
        with self._changed:
            self._waiting.append(request)
            if (
                self._thread is None or not self._thread.is_alive()
            ):  # not alive: a child process has no threads
                # A daemon: what nobody was told of may be lost with the process, and a store that nobody closed
                # does not keep it alive.
                self._thread = threading.Thread(target=self._run, name="wsal-ledger", daemon=True)
                self._thread.start()
            elif len(self._waiting) >= self._wanted:
                self._changed.notify()
        return request.done

    def close(self) -> None:
        """Write what was handed over, and end the thread; a later `submit` starts another."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        n_served, linger = 0, 0.0
        while (group := self._gather(n_served, linger)) is not None:
            start = time.monotonic()
            _write(self._engine, group)
            n_served, linger = len(group), min(_LINGER, (time.monotonic() - start) / 2)

    def _gather(self, n_served: int, linger: float) -> list[_Request] | None:
        """Collect the callers of the next transaction; None where the thread is to end.

        Those who were just served often come back at once, so they are waited for, though no longer than half of what
        the last commit took: else the callers fall into two halves, each of which waits for the other's commit.
        A single caller never waits.
        """
        with self._changed:
            self._wait_for(1, None)
            if n_served + len(self._waiting) > 2:
                self._wait_for(n_served + len(self._waiting), linger)
            if not self._waiting:
                return None
            group: list[_Request] = []
            n_events = 0
            while self._waiting and n_events < _MOST:
                n_events += _take(group, self._waiting.popleft())
            return group

    def _wait_for(self, n: int, timeout: float | None) -> None:
        self._wanted = n
        me = threading.current_thread()  # no longer the thread of this writer once it is to end
        self._changed.wait_for(lambda: len(self._waiting) >= n or self._thread is not me, timeout)
        self._wanted = 1


def _take(group: list[_Request], request: _Request) -> int:
    """Put a request into a group and return its number of events; one that was cancelled is dropped."""
    if not request.done.set_running_or_notify_cancel():
        return 0
    group.append(request)
    return len(request.events)


class _RefusedError(Exception):
    """Events of at least one caller contradict the store."""


def _write(engine: Engine, group: Sequence[_Request]) -> None:
    """Write a group, and tell each caller what became of its events once they are on disk."""
    results: Sequence[Seqs | Exception]
    try:
        try:
            results = _together(engine, group)
        except _RefusedError:
            results = _apart(engine, group)
    except Exception as error:  # noqa: BLE001  # whatever it is, nothing was written and each caller is told
        results = [error] * len(group)
    for request, result in zip(group, results, strict=True):
        if isinstance(result, Exception):
            request.done.set_exception(result)
        else:
            request.done.set_result(result)


def _together(engine: Engine, group: Sequence[_Request]) -> list[Seqs]:
    """Append the events of all callers as if they were one."""
    with writing(engine) as connection:
        old = read_head(connection)
        try:
            seqs, new = append_events(connection, old, [e for request in group for e in request.events])
        except (WsalError, DBAPIError) as error:
            if len(group) == 1:
                raise
            raise _RefusedError from error
        if new != old:
            move_head(connection, old, new)
    shares, start = [], 0
    for request in group:
        shares.append(seqs[start : start + len(request.events)])
        start += len(request.events)
    return shares


def _apart(engine: Engine, group: Sequence[_Request]) -> list[Seqs | Exception]:
    """Append the events of each caller by themselves, still in one transaction; those that fail are left out."""
    results: list[Seqs | Exception] = []
    with writing(engine) as connection:
        old = head = read_head(connection)
        for request in group:
            try:
                with _savepoint(connection):
                    seqs, head = append_events(connection, head, request.events)
                results.append(seqs)
            except (WsalError, DBAPIError) as error:
                if not _open(connection):
                    raise
                results.append(meaning(engine.url, error) if isinstance(error, DBAPIError) else error)
        if head != old:
            move_head(connection, old, head)
    return results


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """Undo what the block wrote if it fails, and nothing else."""
    savepoint = connection.begin_nested()
    try:
        yield
    except BaseException:
        if _open(connection):  # else there is nothing left to undo, and trying would hide the error
            savepoint.rollback()
        raise
    savepoint.commit()


def _open(connection: Connection) -> bool:
    """Whether the transaction still stands: an error as that of a full disk ends it."""
    if connection.invalidated:
        return False
    driver: Any = connection.connection.dbapi_connection
    return connection.dialect.name != "sqlite" or bool(driver.in_transaction)
