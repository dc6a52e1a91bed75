"""Hearing: what a person said at once, checked against the store and against itself, before it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wsal.audit import AnswerGiven, AnswerUndone, Outcome, renamed_id
from wsal.errors import DataError, InputError
from wsal.project.history import History
from wsal.project.labelling.tasks import BLIND_PURPOSES
from wsal.store import AnswerRow, ClassChangeRow, DrawRow, Leases
from wsal.types import LabelSpace

__all__ = ["Classes", "Decision", "Hearing", "Receipt", "Said", "TakenBack"]


@dataclass(frozen=True)
class Decision:
    """What a person said of a task, by an id that the person's program made.

    Parameters
    ----------
    event_id, draw_id : str
    item : str or int
    outcome : {"label", "skip", "unsure", "flag", "not_applicable"}
    label : str, optional
    shown_sha256 : str
        Of the text that was shown.
    rationale : str
    hints_shown : bool
    seconds : float, optional
    classes : int, optional
        Row of the ledger since which the person's classes are in force (see `Classes.since`); where it is not told,
        a class that there still is stands for itself.
    """

    event_id: str
    draw_id: str
    item: str | int
    outcome: Outcome
    label: str | None
    shown_sha256: str
    rationale: str = ""
    hints_shown: bool = False
    seconds: float | None = None
    classes: int | None = None


@dataclass(frozen=True)
class TakenBack:
    """A person takes back what ``supersedes`` names."""

    event_id: str
    supersedes: str


Said: TypeAlias = Decision | TakenBack


@dataclass(frozen=True)
class Receipt:
    """What became of something that was said.

    Parameters
    ----------
    event_id : str
    status : {"kept", "refused"}
        Kept is on disk, whether now or when it was sent before; refused will never be.
    why : str
        Why it was refused, or what became of its label.
    hints : tuple of str
        What the rules said of a blind item that is labelled now.
    """

    event_id: str
    status: Literal["kept", "refused"]
    why: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Classes:
    """The classes that are in force, and how they came to be.

    Parameters
    ----------
    labels : LabelSpace
    changes : tuple of ClassChangeRow
    """

    labels: LabelSpace
    changes: tuple[ClassChangeRow, ...]

    @classmethod
    def of(cls, history: History) -> Classes:
        """Read them from the ledger; the settings may be written a moment later."""
        changes = history.store.class_changes()
        return cls(LabelSpace(changes[-1].change.labels) if changes else history.labels, changes)

    @property
    def since(self) -> int:
        """Row of the ledger of their last change; 0 where there was none."""
        return self.changes[-1].seq if self.changes else 0

    def carried(self, label: str, since: int | None) -> str:
        """Return what a label of an earlier time is called now.

        Parameters
        ----------
        label : str
        since : int, optional
            Row of the ledger since which the classes, of which it is one, were in force.

        Raises
        ------
        InputError
            It never was a class, or it was split: somebody has to look again.
        """
        if since is None and label in self.labels:
            return label
        now = label
        for row in self.changes:
            if since is not None and row.seq <= since:
                continue
            becomes = row.change.becomes(now)
            if becomes is None:
                raise DataError(
                    f"{now!r} was split into {', '.join(row.change.new)}: the item is asked again"
                )
            now = becomes
        self.labels.index(now)
        return now


class Hearing:
    """What a person said at once, checked against the store and against itself.

    Parameters
    ----------
    leases : Leases
    classes : Classes
    annotator : str
    said : sequence of Said
    """

    def __init__(self, leases: Leases, classes: Classes, annotator: str, said: Sequence[Said]) -> None:
        self.annotator = annotator
        self._classes = classes
        decisions = [one for one in said if isinstance(one, Decision)]
        undone = [one.supersedes for one in said if isinstance(one, TakenBack)]
        # Before the answers: what is written in between, by the same sent twice at once, is then no stranger.
        self._rows = leases.rows_of([one.event_id for one in said])
        self._known = self._answers(leases, [*(one.event_id for one in said), *undone])
        drawn = {one.draw_id for one in decisions} | {a.draw_id for a in self._known.values() if a.draw_id}
        self.draws = leases.drawn(drawn)
        blind = {draw.item for draw in self.draws.values() if draw.purpose in BLIND_PURPOSES}
        self._seen = {
            answer.item
            for answer in (leases.answers_to(blind) if blind else ())
            if answer.annotator == annotator and answer.outcome == "label"
        }
        self.events: list[AnswerGiven | AnswerUndone] = []
        self.reopened: list[str] = []
        self.labelled_blind: dict[str, DrawRow] = {}
        self._given: dict[str, AnswerGiven] = {}
        self._taken_back: set[str] = set()
        self._undoings: dict[str, str] = {}

    @property
    def labels(self) -> Iterable[AnswerGiven]:
        """The labels that are new and were not taken back at once."""
        return [
            event
            for event in self._given.values()
            if event.outcome == "label" and event.event_id not in self._taken_back
        ]

    def hear(self, one: Said) -> Receipt:
        """Check one thing that was said, and note the event that it becomes."""
        try:
            if isinstance(one, Decision):
                return Receipt(one.event_id, "kept", self._decide(one))
            self._take_back(one)
        except InputError as error:
            return Receipt(one.event_id, "refused", error.message)
        return Receipt(one.event_id, "kept")

    def _answers(self, leases: Leases, event_ids: Sequence[str]) -> dict[str, AnswerRow]:
        """Read answers by their ids, with those that changes of the classes put in their places."""
        changes = {row.seq for row in self._classes.changes}
        found, wanted = {}, list(event_ids)
        while wanted:
            rows = leases.answers_by_id(wanted)
            found.update(rows)
            wanted = [
                renamed_id(row.event_id, row.undone_by) for row in rows.values() if row.undone_by in changes
            ]
        return found

    def _now(self, event_id: str) -> AnswerRow | AnswerGiven | None:
        """Return an answer as it stands now, whatever its class was called when it was given."""
        row = self._known.get(event_id)
        while row is not None and row.undone_by is not None:
            renamed = self._known.get(renamed_id(row.event_id, row.undone_by))
            if renamed is None:
                break
            row = renamed
        return row or self._given.get(event_id)

    def _decide(self, one: Decision) -> str:
        """Note a decision, and return what became of its label where that is another one now."""
        draw = self.draws.get(one.draw_id)
        if draw is None or draw.item != one.item:
            raise DataError(f"no draw {one.draw_id!r} asked for item {one.item!r}")
        there = self._known.get(one.event_id)
        label = self._label_now(one, there)
        blind = draw.purpose in BLIND_PURPOSES
        answer = AnswerGiven(
            one.event_id,
            draw.item,
            one.outcome,
            self.annotator,
            label=label,
            shown_sha256=one.shown_sha256,
            purpose=draw.purpose,
            draw_id=draw.draw_id,
            rationale=one.rationale,
            hints_shown=draw.item in self._seen if blind else one.hints_shown,
            seconds=one.seconds,
        )
        self._require_same(answer)
        if blind and answer.outcome == "label":
            self.labelled_blind[answer.event_id] = draw
            self._seen.add(draw.item)
        if answer.event_id not in self._known and answer.event_id not in self._given:
            self._given[answer.event_id] = answer
            self.events.append(answer)
        return "" if label == one.label else f"{one.label!r} is {label!r} now"

    def _label_now(self, one: Decision, there: AnswerRow | None) -> str | None:
        """Return what a decision's label is called: on disk where it is there already, else in the classes in force."""
        if one.label is None or (there is not None and there.label == one.label):
            return one.label
        now = self._classes.carried(one.label, one.classes)
        if there is not None and there.label and self._classes.carried(there.label, one.classes) == now:
            return there.label  # kept under a name that has changed again since
        return now

    def _require_same(self, answer: AnswerGiven) -> None:
        there = self._known.get(answer.event_id) or self._given.get(answer.event_id)
        if there is None:
            if answer.event_id in self._rows or answer.event_id in self._undoings:
                raise DataError(f"the event_id {answer.event_id!r} stands for something else already")
            return
        alike = ("annotator", "draw_id", "outcome", "label", "rationale")
        if any(getattr(there, name) != getattr(answer, name) for name in alike):
            raise DataError(f"the event_id {answer.event_id!r} stands for another answer already")

    def _take_back(self, one: TakenBack) -> None:
        there = self._now(one.supersedes)
        if there is None:
            raise DataError(f"there is no answer {one.supersedes!r} to take back")
        if there.annotator != self.annotator:
            raise DataError("this is somebody else's answer")
        if one.event_id in self._known or one.event_id in self._given:
            raise DataError(f"the event_id {one.event_id!r} stands for an answer already")
        by = there.undone_by if isinstance(there, AnswerRow) else None
        other = self._undoings.get(one.event_id, one.supersedes) != one.supersedes
        if other or self._rows.get(one.event_id, by) != by:
            raise DataError(f"the event_id {one.event_id!r} stands for something else already")
        if by is not None or one.supersedes in self._taken_back:
            return  # it is back already; that this was said twice changes nothing
        self._taken_back.add(one.supersedes)
        self._undoings[one.event_id] = one.supersedes
        self.events.append(AnswerUndone(one.event_id, there.event_id))
        if there.draw_id is not None:
            self.reopened.append(there.draw_id)
