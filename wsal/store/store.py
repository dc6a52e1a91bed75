"""Store: the ledger and its tables, written together or not at all."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, overload

from sqlalchemy import Engine

from wsal.audit import Event, Head, LedgerRow, RunApplied, RunFitted, VerificationReport
from wsal.labels import HumanLabels
from wsal.store.connect import is_read_only, reading, require_writable, writing
from wsal.store.failures import shown
from wsal.store.ledger.class_changes import read_class_changes
from wsal.store.ledger.erasing import Erasure, PersonRow, erase_person, list_people
from wsal.store.ledger.group_commit import GroupCommit, Seqs
from wsal.store.ledger.people import People, read_people
from wsal.store.ledger.projections import Projector, clear
from wsal.store.ledger.reading import (
    human_labels,
    latest_answers,
    ledger_entry,
    ledger_rows,
    read_answers,
    read_draws,
    read_head,
    read_rules,
    read_runs,
)
from wsal.store.ledger.rows import AnswerRow, ClassChangeRow, DrawRow, LedgerEntry, RuleRow, RunKind, RunRow
from wsal.store.verification import projection_findings, require_chain, verify_engine
from wsal.store.workbench.accounts import Accounts
from wsal.store.workbench.leases import Leases
from wsal.types import LabelSpace

__all__ = ["Store"]

_PAGE = 1000  # rows read in one transaction, so that a slow reader holds nothing up


class Store:
    """An open store; get one from `open_store`.

    Safe to share between threads, whose appends are gathered into common transactions; another process opens its own.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    root : Path
        The project's folder, which the paths in the ledger are relative to.
    """

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._writer = GroupCommit(engine)
        # A store that nobody closed leaves no thread behind.
        self._ending = weakref.finalize(self, self._writer.close)
        self.root = root
        self.accounts = Accounts(engine)
        self.leases = Leases(engine)

    @property
    def engine(self) -> Engine:
        """The database, for checks that read it."""
        return self._engine

    @property
    def url(self) -> str:
        """Where the store is, without a password."""
        return shown(self._engine.url)

    @property
    def read_only(self) -> bool:
        """Whether it was opened to be read alone, since its file or folder cannot be written."""
        return is_read_only(self._engine)

    def require_writable(self) -> None:
        """See that it was not opened to be read alone, before long work whose result would be lost.

        Raises
        ------
        StoreError
            It was.
        """
        require_writable(self._engine)

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; what was appended stays, and what was submitted is written first."""
        self._writer.close()
        self._engine.dispose()

    # Writing

    def append(self, event: Event) -> int:
        """Write an event and what it changes; on disk when this returns.

        Parameters
        ----------
        event : Event
            One whose ``event_id`` was appended before is not written again.

        Returns
        -------
        int
            Its row in the ledger.

        Raises
        ------
        StoreError
            It contradicts the store (see `append_many`), or the store cannot be written.
        LedgerError
            The ledger was tampered with: nothing is added to it.
        DataError
            This version of wsal does not know the kind of event.
        """
        return self.append_many((event,))[0]

    def append_many(self, events: Sequence[Event]) -> tuple[int, ...]:
        """Write several events in one transaction: all of them or none.

        Parameters
        ----------
        events : sequence of Event

        Returns
        -------
        tuple of int
            Their rows in the ledger.

        Raises
        ------
        StoreError
            An ``event_id`` stands for another event already; a run, batch or draw is there already; an answer
            names a draw that is not of its item; an undoing names no answer, or one that was undone; or the
            store cannot be written. Nothing was written then.
        """
        return self.submit(events).result()

    def submit(self, events: Sequence[Event]) -> Future[Seqs]:
        """Hand events over to be written as `append_many` does, and return at once.

        What other threads append at the same time is written in the same transaction, with one write to the disk;
        if it fails, these events are written all the same.

        Parameters
        ----------
        events : sequence of Event

        Returns
        -------
        concurrent.futures.Future
            Their rows in the ledger once they are on disk, or what `append_many` would raise. In a coroutine:
            ``await asyncio.wrap_future(store.submit(events))``.
        """
        if not events:
            nothing: Future[Seqs] = Future()
            nothing.set_result(())
            return nothing
        return self._writer.submit(events)

    def rebuild(self) -> None:
        """Make the tables of people's work anew from the ledger.

        Raises
        ------
        LedgerError
            The ledger itself does not verify.
        """
        with writing(self._engine) as connection:
            require_chain(connection)
            clear(connection)
            projector = Projector(connection)
            for row in ledger_rows(connection):
                projector.add(row.seq, ledger_entry(row).event)
            projector.flush()

    def erase_person(self, name: str, *, actor: str) -> Erasure:
        """Destroy a person's name and key; see `wsal.store.ledger.erasing`.

        Raises
        ------
        InputError
            There is no such person.
        """
        return erase_person(self._engine, name, actor=actor)

    # Reading

    def people(self) -> tuple[PersonRow, ...]:
        """Return the people whose names are known, by name."""
        return list_people(self._engine)

    def head(self) -> Head:
        """Return the last row of the ledger: its number and hash.

        Raises
        ------
        LedgerError
            Rows were cut off at its end.
        """
        with reading(self._engine) as connection:
            return read_head(connection)

    def events(self, kind: str | None = None, *, after: int = 0) -> Iterator[LedgerEntry]:
        """Read events in order, as a stream that never blocks a writer.

        Parameters
        ----------
        kind : str, optional
            Only these; see `wsal.audit.KINDS`.
        after : int
            Only rows behind this one.

        Raises
        ------
        LedgerError
            A row holds no event.
        """
        wanted = None if kind is None else f'"kind":"{kind}"'.encode()
        while True:
            page, people = self._page(after)
            for row in page:
                # The bytes are searched first, because most rows are of other kinds and need not be read.
                if wanted is None or wanted in row.body:
                    entry = ledger_entry(row)
                    if kind is None or entry.event.kind == kind:
                        yield replace(entry, event=people.reveal(entry.event))
            if len(page) < _PAGE:
                return
            after = page[-1].seq

    def answers(self, *, current: bool = True, as_of: int | None = None) -> tuple[AnswerRow, ...]:
        """Read answers in the order of the ledger.

        Parameters
        ----------
        current : bool
            Only those that stand: the last of each annotator on each item that was not undone. False: all.
        as_of : int, optional
            As they stood after this row of the ledger.
        """
        with reading(self._engine) as connection:
            given = tuple(read_answers(connection, as_of=as_of))
        return latest_answers(given) if current else given

    def human_labels(self, labels: LabelSpace | Sequence[str], *, as_of: int | None = None) -> HumanLabels:
        """Return the answers that stand and have a label, as models take them.

        Raises
        ------
        InputError
            An answer's label is no class of the task.
        """
        return human_labels(self.answers(as_of=as_of), LabelSpace.of(labels))

    def draws(self) -> tuple[DrawRow, ...]:
        """Read all draws in the order of their batches, with what is known of their items."""
        with reading(self._engine) as connection:
            return read_draws(connection)

    def rules(self, *, current: bool = True) -> tuple[RuleRow, ...]:
        """Read rules by name: those of the last load, or with ``current=False`` every version there was."""
        with reading(self._engine) as connection:
            return tuple(rule for rule in read_rules(connection) if rule.current or not current)

    @overload
    def runs(self, kind: Literal["run_applied"]) -> tuple[RunRow[RunApplied], ...]: ...
    @overload
    def runs(self, kind: Literal["run_fitted"]) -> tuple[RunRow[RunFitted], ...]: ...
    @overload
    def runs(self, kind: RunKind | None = None) -> tuple[RunRow[RunApplied | RunFitted], ...]: ...
    def runs(self, kind: RunKind | None = None) -> tuple[RunRow[RunApplied | RunFitted], ...]:
        """Read runs in order: ``"run_applied"``, ``"run_fitted"``, or both."""
        with reading(self._engine) as connection:
            return read_runs(connection, kind)

    @overload
    def latest_run(self, kind: Literal["run_applied"]) -> RunRow[RunApplied] | None: ...
    @overload
    def latest_run(self, kind: Literal["run_fitted"]) -> RunRow[RunFitted] | None: ...
    @overload
    def latest_run(self, kind: RunKind) -> RunRow[RunApplied | RunFitted] | None: ...
    def latest_run(self, kind: RunKind) -> RunRow[RunApplied | RunFitted] | None:
        """Read the newest run of a kind; None where there is none."""
        with reading(self._engine) as connection:
            return next(iter(read_runs(connection, kind, last=True)), None)

    def class_changes(self) -> tuple[ClassChangeRow, ...]:
        """Read what was changed about the classes, in order."""
        with reading(self._engine) as connection:
            return read_class_changes(connection)

    # Checking

    def check_projections(self) -> tuple[str, ...]:
        """Compare the tables with a rebuild from the ledger; return the differences in words."""
        with reading(self._engine) as connection:
            return tuple(finding.message for finding in projection_findings(connection))

    def verify(self) -> VerificationReport:
        """Check everything: guards, hash chain, tables, and the files that the ledger names."""
        return verify_engine(self._engine, self.root)

    def _page(self, after: int) -> tuple[list[LedgerRow], People]:
        with reading(self._engine) as connection:
            return list(ledger_rows(connection, after=after, limit=_PAGE)), read_people(connection)
