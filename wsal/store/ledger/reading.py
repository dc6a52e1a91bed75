"""Queries: from tables to frozen rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, select

from wsal.audit import Event, Head, LedgerRow, RunApplied, RunFitted, parse, read_record
from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.store.ddl.tables import answers, batches, draws, ledger, ledger_head, rules, runs
from wsal.store.failures import ledger_error
from wsal.store.ledger.people import People, read_people
from wsal.store.ledger.rows import AnswerRow, DrawRow, LedgerEntry, RuleRow, RunKind, RunRow
from wsal.types import ItemId, LabelSpace

__all__ = [
    "answer_row",
    "human_labels",
    "latest_answers",
    "ledger_entry",
    "ledger_rows",
    "noted_head",
    "read_answers",
    "read_draws",
    "read_head",
    "read_rules",
    "read_runs",
]

_PAYLOAD: dict[str, type[RunApplied | RunFitted]] = {"run_applied": RunApplied, "run_fitted": RunFitted}
_LAST = select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
_NOTED = select(ledger_head.c.seq, ledger_head.c.hash).where(ledger_head.c.id == 1)


def read_head(connection: Connection) -> Head:
    """Return the last row of the ledger.

    Raises
    ------
    LedgerError
        It is not the row that was written last.
    """
    row = connection.execute(_LAST).first()
    head = Head(row.seq, row.hash) if row else Head()
    noted = noted_head(connection)
    if noted != head:
        last = f"row {noted.seq} with hash {noted.hash}" if noted else "nothing"
        raise ledger_error(
            f"the ledger ends with row {head.seq} and hash {head.hash}, but {last} was written last",
            "run `wsal audit verify`; restore the store from a backup",
        )
    return head


def noted_head(connection: Connection) -> Head | None:
    """Return the head that the last writer noted beside the ledger; None where the note is gone."""
    noted = connection.execute(_NOTED).first()
    return Head(noted.seq, noted.hash) if noted else None


def ledger_rows(connection: Connection, *, after: int = 0, limit: int | None = None) -> Iterator[LedgerRow]:
    """Read the ledger as it is stored, in order, as a stream.

    A value that is not of its column's type (SQLite stores any) comes as an empty one, which does not verify.
    """
    statement = f"SELECT seq, prev_hash, hash, body FROM ledger WHERE seq > {after:d} ORDER BY seq"  # noqa: S608  # a number
    if limit is not None:
        statement += f" LIMIT {limit:d}"
    found = connection.exec_driver_sql(statement, execution_options={"stream_results": True})
    for seq, prev_hash, row_hash, body in found.yield_per(1000):
        yield LedgerRow(
            seq,
            prev_hash if isinstance(prev_hash, str) else "",
            row_hash if isinstance(row_hash, str) else "",
            bytes(body) if isinstance(body, bytes | memoryview) else b"",
        )


def ledger_entry(row: LedgerRow) -> LedgerEntry:
    """Read the event of a row.

    Raises
    ------
    LedgerError
        Its bytes are no event.
    """
    try:
        return LedgerEntry(row.seq, row.hash, Event.from_body(row.body))
    except DataError as error:
        raise ledger_error(
            f"row {row.seq} of the ledger holds no event: {error.message}", "run `wsal audit verify`"
        ) from error


def read_answers(connection: Connection, *, as_of: int | None = None) -> Iterator[AnswerRow]:
    """Read answers in the order of the ledger; with ``as_of``, as they stood after that row."""
    query = (
        select(answers, draws.c.p.label("propensity"))
        .outerjoin(draws, draws.c.draw_id == answers.c.draw_id)
        .order_by(answers.c.seq, answers.c.position)
    )
    if as_of is not None:
        query = query.where(answers.c.seq <= as_of)
    people = read_people(connection)
    for row in connection.execute(query):
        answer = answer_row(row, people)
        if as_of is not None and answer.undone_by is not None and answer.undone_by > as_of:
            answer = replace(answer, undone_by=None)
        yield answer


def answer_row(row: Row[Any], people: People) -> AnswerRow:
    """Return a row of the table of answers, with its draw's ``propensity``; names and texts in plain."""
    fields = _named(row, AnswerRow)
    fields["annotator"], fields["rationale"] = people.name(row.annotator), people.text(row.rationale)
    return AnswerRow(**fields)


def latest_answers(given: Iterable[AnswerRow]) -> tuple[AnswerRow, ...]:
    """Keep the last answer of each annotator on each item that was not undone, in the order of the ledger."""
    last: dict[tuple[ItemId, str], AnswerRow] = {}
    for answer in given:
        if answer.undone_by is None:
            # The key moves to the end, so that the order is that of the answers that stand.
            last.pop((answer.item, answer.annotator), None)
            last[answer.item, answer.annotator] = answer
    return tuple(last.values())


def human_labels(current: Iterable[AnswerRow], labels: LabelSpace) -> HumanLabels:
    """Turn current answers into what models take; only those with a label.

    Raises
    ------
    InputError
        An answer's label is no class of the task.
    """
    given = [(answer, labels.index(answer.label)) for answer in current if answer.label is not None]
    p = [np.nan if answer.propensity is None else answer.propensity for answer, _ in given]
    return HumanLabels(
        tuple(answer.item for answer, _ in given),
        np.array([index for _, index in given], dtype=np.int64),
        tuple(answer.annotator for answer, _ in given),
        tuple(answer.purpose for answer, _ in given),
        np.array(p, dtype=np.float64),
    )


def read_draws(connection: Connection) -> tuple[DrawRow, ...]:
    """Read draws in the order of their batches."""
    query = (
        select(draws).join(batches, batches.c.batch == draws.c.batch).order_by(batches.c.seq, draws.c.draw_id)
    )
    return tuple(DrawRow(**_named(row, DrawRow)) for row in connection.execute(query))


def read_rules(connection: Connection) -> tuple[RuleRow, ...]:
    """Read every version of every rule, by name and then by age."""
    query = select(rules).order_by(rules.c.name, rules.c.first_seq, rules.c.fingerprint)
    last = connection.execute(select(func.max(rules.c.last_seq))).scalar()
    fields = [column.name for column in rules.columns]
    return tuple(
        RuleRow(**{name: row._mapping[name] for name in fields}, current=row.last_seq == last)  # noqa: SLF001  # public, by its documentation
        for row in connection.execute(query)
    )


def read_runs(
    connection: Connection, kind: RunKind | None, *, last: bool = False
) -> tuple[RunRow[RunApplied | RunFitted], ...]:
    """Read runs in the order of the ledger; ``last``: the newest alone."""
    kinds = tuple(_PAYLOAD) if kind is None else (kind,)
    query = select(runs).where(runs.c.kind.in_(kinds))
    query = query.order_by(runs.c.seq.desc()).limit(1) if last else query.order_by(runs.c.seq)
    people = read_people(connection)
    return tuple(
        RunRow(
            row.run,
            row.kind,
            row.seq,
            row.time,
            people.name(row.actor),
            read_record(_PAYLOAD[row.kind], parse(row.data.encode()), where=row.kind),
        )
        for row in connection.execute(query)
    )


def _named(row: Row[Any], record: type[Any]) -> dict[str, Any]:
    return {name: row._mapping[name] for name in record.__dataclass_fields__}  # noqa: SLF001  # public, by its documentation
