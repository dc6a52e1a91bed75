"""Leases: which draws one person was handed, so that nobody else is asked the same meanwhile."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from wsal.store.connect import reading, writing
from wsal.store.ddl.tables import answers, batches, draws
from wsal.store.ddl.tables import event_ids as known_ids
from wsal.store.ddl.workbench_tables import leases
from wsal.store.ledger.outcomes import OPEN
from wsal.store.ledger.people import read_people
from wsal.store.ledger.reading import answer_row
from wsal.store.ledger.rows import AnswerRow, DrawRow
from wsal.types import ItemId

__all__ = ["ADJUDICATE", "Claim", "Leases", "Tally"]

ADJUDICATE = "adjudicate"
"""The stratum of draws that ask somebody to settle what others disagree about."""

_IN_ORDER = (batches.c.seq, draws.c.draw_id)


@dataclass(frozen=True)
class Tally:
    """How many answers of one outcome a person gave to draws of one purpose; those taken back do not count."""

    annotator: str
    purpose: str
    outcome: str
    n: int


@dataclass(frozen=True)
class Claim:
    """Draws that a person was handed, and those that the person held and that no longer ask this person."""

    draws: tuple[DrawRow, ...]
    lost: tuple[str, ...]


class Leases:
    """Who was handed what; get one from `Store.leases`.

    Parameters
    ----------
    engine : sqlalchemy.Engine

    Notes
    -----
    A claim is one transaction that alone may write, so that two people at two servers never get the same item.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(  # one argument for each thing a person says when asking for more
        self,
        annotator: str,
        n: int,
        *,
        seconds: float,
        adjudicates: bool = False,
        holding: Collection[str] = (),
        done: Collection[str] = (),
    ) -> Claim:
        """Hand a person up to n more draws: first those of an earlier visit, then what nobody holds.

        Parameters
        ----------
        annotator : str
        n : int
        seconds : float
            How long nobody else gets them.
        adjudicates : bool
            Whether the person settles disagreements.
        holding : collection of str
            Draws that the person has in front of them; they are held on.
        done : collection of str
            Draws that the person has answered, though the answer is still on its way.
        """
        now = time.time()
        with writing(self._engine) as connection:
            connection.execute(delete(leases).where(leases.c.until <= now))
            written = read_people(connection).written_as(annotator)
            wanted = _asks(written, adjudicates=adjudicates)
            here = _drawn(connection, and_(wanted, draws.c.draw_id.in_(holding), ~_is_held(but=annotator)))
            found: list[DrawRow] = []
            taken = {draw.item for draw in here} | {d.item for d in _by_id(connection, done)}
            but = {*holding, *done}
            mine = exists().where(leases.c.draw_id == draws.c.draw_id, leases.c.annotator == annotator)
            for wish in (and_(wanted, mine), and_(wanted, ~_is_held())):
                for draw in _drawn(connection, wish, limit=n + len(but) + 100):
                    if len(found) < n and draw.item not in taken and draw.draw_id not in but:
                        found.append(draw)
                        taken.add(draw.item)
            _hold(connection, [*here, *found], annotator, until=now + seconds)
        still = {draw.draw_id for draw in here}
        return Claim(tuple(found), tuple(draw_id for draw_id in holding if draw_id not in still))

    def hold(self, draw_ids: Sequence[str], annotator: str, *, seconds: float) -> None:
        """Hand a person certain draws, whoever held them: an answer was taken back and is asked again."""
        with writing(self._engine) as connection:
            _hold(connection, _by_id(connection, draw_ids), annotator, until=time.time() + seconds)

    def release(self, annotator: str) -> None:
        """Take back what a person holds, who has left."""
        with writing(self._engine) as connection:
            connection.execute(delete(leases).where(leases.c.annotator == annotator))

    def drawn(self, draw_ids: Collection[str]) -> dict[str, DrawRow]:
        """Return draws by their ids; those that there are."""
        with reading(self._engine) as connection:
            return {draw.draw_id: draw for draw in _by_id(connection, draw_ids)}

    def n_waiting(self) -> int:
        """Count the items that ask for a first answer and that nobody holds."""
        query = select(func.count(draws.c.item.distinct())).where(_open(), ~_is_held())
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def n_disputed(self) -> int:
        """Count the items about which people disagree and that nobody has settled yet."""
        query = select(func.count(draws.c.item.distinct())).where(
            draws.c.stratum == ADJUDICATE, ~_is_answered()
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def n_held(self) -> int:
        """Count the draws that people hold and have not answered."""
        answered = exists().where(answers.c.draw_id == leases.c.draw_id, answers.c.undone_by.is_(None))
        query = select(func.count()).select_from(leases).where(leases.c.until > time.time(), ~answered)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def adjudicated(self, items: Collection[ItemId]) -> set[ItemId]:
        """Return those of some items that somebody was asked to settle already."""
        query = select(draws.c.item).where(draws.c.item.in_(items), draws.c.stratum == ADJUDICATE)
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def answers_to(self, items: Collection[ItemId]) -> tuple[AnswerRow, ...]:
        """Read every answer to some items, also those taken back, in the order of the ledger."""
        with reading(self._engine) as connection:
            return _answers(connection, answers.c.item.in_(items))

    def answers_by_id(self, event_ids: Collection[str]) -> dict[str, AnswerRow]:
        """Return answers by their ids; those that there are."""
        with reading(self._engine) as connection:
            return {row.event_id: row for row in _answers(connection, answers.c.event_id.in_(event_ids))}

    def rows_of(self, event_ids: Collection[str]) -> dict[str, int]:
        """Return the rows of the ledger in which ids stand, whatever for; those that there are."""
        query = select(known_ids.c.event_id, known_ids.c.seq).where(known_ids.c.event_id.in_(event_ids))
        with reading(self._engine) as connection:
            return {row.event_id: row.seq for row in connection.execute(query)}

    def last_answers(self, annotator: str, *, most: int, before: int | None = None) -> tuple[AnswerRow, ...]:
        """Read the last answers of a person to tasks that still stand, newest first.

        Parameters
        ----------
        annotator : str
        most : int
        before : int, optional
            Only those in rows of the ledger before this one.
        """
        wanted = and_(
            answers.c.undone_by.is_(None),
            answers.c.draw_id.is_not(None),
            ~answers.c.imported,
        )
        if before is not None:
            wanted = and_(wanted, answers.c.seq < before)
        with reading(self._engine) as connection:
            written = read_people(connection).written_as(annotator)
            return _answers(connection, and_(wanted, answers.c.annotator.in_(written)), newest=most)

    def tally(self) -> tuple[Tally, ...]:
        """Count the answers that stand, by person, purpose and outcome."""
        keys = (answers.c.annotator, answers.c.purpose, answers.c.outcome)
        query = select(*keys, func.count()).where(answers.c.undone_by.is_(None)).group_by(*keys)
        counts: Counter[tuple[str, str, str]] = Counter()
        with reading(self._engine) as connection:
            people = read_people(connection)
            for annotator, purpose, outcome, n in connection.execute(query):
                counts[people.name(annotator), purpose, outcome] += n
        return tuple(sorted((Tally(*key, n) for key, n in counts.items()), key=repr))


def _open() -> ColumnElement[bool]:
    return and_(draws.c.outcome == OPEN, draws.c.fresh, draws.c.purpose != "overlap")


def _is_answered() -> ColumnElement[bool]:
    """Whether an answer to the draw stands; one to its item may have come by another draw."""
    return exists().where(answers.c.draw_id == draws.c.draw_id, answers.c.undone_by.is_(None))


def _asks(annotator: Sequence[str], *, adjudicates: bool) -> ColumnElement[bool]:
    """Whether a draw asks this person: for a first answer, or for a second by somebody who gave none."""
    own = exists().where(answers.c.item == draws.c.item, answers.c.annotator.in_(annotator))
    second = and_(draws.c.purpose == "overlap", ~_is_answered(), ~own)
    if not adjudicates:
        second = and_(second, draws.c.stratum != ADJUDICATE)
    return or_(_open(), second)


def _is_held(*, but: str | None = None) -> ColumnElement[bool]:
    """Whether somebody (or somebody else) holds the item of a draw; an answer ends a lease."""
    answered = exists().where(answers.c.draw_id == leases.c.draw_id, answers.c.undone_by.is_(None))
    held = [leases.c.item == draws.c.item, leases.c.until > literal(time.time()), ~answered]
    if but is not None:
        held.append(leases.c.annotator != but)
    return exists().where(*held)


def _drawn(connection: Connection, wanted: ColumnElement[bool], *, limit: int = 1000) -> list[DrawRow]:
    """Read draws in the order in which they ask."""
    query = select(draws).join(batches, batches.c.batch == draws.c.batch).where(wanted)
    rows = connection.execute(query.order_by(*_IN_ORDER).limit(limit)).mappings()
    return [DrawRow(**row) for row in rows]


def _by_id(connection: Connection, draw_ids: Collection[str]) -> list[DrawRow]:
    rows = connection.execute(select(draws).where(draws.c.draw_id.in_(draw_ids))).mappings()
    return [DrawRow(**row) for row in rows]


def _hold(connection: Connection, drawn: Sequence[DrawRow], annotator: str, *, until: float) -> None:
    for draw in drawn:
        row = {"item": draw.item, "annotator": annotator, "until": until}
        known = update(leases).where(leases.c.draw_id == draw.draw_id).values(**row)
        if connection.execute(known).rowcount == 0:
            connection.execute(insert(leases), {"draw_id": draw.draw_id, **row})


def _answers(
    connection: Connection, wanted: ColumnElement[bool], *, newest: int | None = None
) -> tuple[AnswerRow, ...]:
    query = (
        select(answers, draws.c.p.label("propensity"))
        .outerjoin(draws, draws.c.draw_id == answers.c.draw_id)
        .where(wanted)
    )
    if newest is None:
        query = query.order_by(answers.c.seq, answers.c.position)
    else:
        query = query.order_by(answers.c.seq.desc(), answers.c.position.desc()).limit(newest)
    people = read_people(connection)
    return tuple(answer_row(row, people) for row in connection.execute(query))
