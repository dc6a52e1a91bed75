"""The past: what the events of a ledger say, put in order once so that lineage can be read off it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from wsal.audit.answer_payloads import AnswerGiven, AnswersImported, AnswerUndone
from wsal.audit.class_payloads import ClassesChanged, given_id
from wsal.audit.events import KINDS, Event
from wsal.audit.findings import GENESIS
from wsal.audit.payloads import (
    DataLoaded,
    EndModelTrained,
    Exported,
    Payload,
    ProjectCreated,
    RulesLoaded,
    RuleVersion,
    RunApplied,
    RunFitted,
)
from wsal.types import ItemId

__all__ = ["Answered", "Happened", "LedgerLine", "Past", "read_past"]

P = TypeVar("P")
P_co = TypeVar("P_co", covariant=True)


class LedgerLine(Protocol):
    """An event with its place in the ledger, as `wsal.store.Store.events` yields it."""

    @property
    def seq(self) -> int:
        """Row, from 1."""
        ...

    @property
    def hash(self) -> str:
        """Of the row."""
        ...

    @property
    def event(self) -> Event:
        """What happened."""
        ...


@dataclass(frozen=True)
class Happened(Generic[P_co]):
    """Something that happened, when, by whose hand, and where the ledger says so."""

    seq: int
    hash: str
    time: str
    actor: str
    what: P_co


@dataclass(frozen=True)
class Answered:
    """What a person said of an item.

    Parameters
    ----------
    event_id : str
    item : str or int
    label : str, optional
        None for every outcome but ``label``.
    annotator, purpose, rationale : str
        Empty where unknown.
    hints_shown : bool, optional
        Whether votes were visible before the answer; None where it was imported, as nobody knows.
    draw_id : str, optional
    seconds : float, optional
    imported_from, imported_time : str
        The file that it came from, and the time that the file says; empty where it was given to wsal.
    given_as : str
        The name of the class when the answer was given, where it has another since.
    """

    event_id: str
    item: ItemId
    label: str | None
    annotator: str
    purpose: str
    rationale: str
    hints_shown: bool | None
    draw_id: str | None = None
    seconds: float | None = None
    imported_from: str = ""
    imported_time: str = ""
    given_as: str = ""


@dataclass(eq=False)
class Past:
    """What the events of a ledger say.

    Parameters
    ----------
    project : str
    labels : tuple of str
        Of the project when it began.
    genesis, head : str
        Hashes of the first and the last row; ``genesis`` names the ledger.
    head_seq : int
    runs : dict of str to Happened
        Runs of `apply` and `fit`, and trainings, by id.
    rules : dict of (name, fingerprint) to Happened
        When a version was first loaded, and by whom.
    data : dict of str to Happened
        The last time that data of a fingerprint were read.
    answers : list of Happened
        In the order of the ledger.
    undone : dict of str to int
        Row that took an answer back, by its ``event_id``.
    exports, class_changes : list of Happened
    """

    project: str = ""
    labels: tuple[str, ...] = ()
    genesis: str = GENESIS
    head: str = GENESIS
    head_seq: int = 0
    runs: dict[str, Happened[RunApplied | RunFitted | EndModelTrained]] = field(default_factory=dict)
    rules: dict[tuple[str, str], Happened[RuleVersion]] = field(default_factory=dict)
    data: dict[str, Happened[DataLoaded]] = field(default_factory=dict)
    answers: list[Happened[Answered]] = field(default_factory=list)
    undone: dict[str, int] = field(default_factory=dict)
    exports: list[Happened[Exported]] = field(default_factory=list)
    class_changes: list[Happened[ClassesChanged]] = field(default_factory=list)

    def standing(self, as_of: int) -> tuple[Happened[Answered], ...]:
        """Return the labels that stood after a row: the last of each person on each item, if it is a label.

        Classes that were renamed or merged up to that row have their name of then; where one was split, its answers
        are gone.
        """
        last: dict[tuple[ItemId, str], Happened[Answered]] = {}
        for answer in self.answers:
            undone = self.undone.get(answer.what.event_id)
            if answer.seq > as_of or (undone is not None and undone <= as_of):
                continue
            named = self._named(answer, as_of)
            if named is not None:
                key = answer.what.item, answer.what.annotator
                last.pop(key, None)
                last[key] = named
        return tuple(answer for answer in last.values() if answer.what.label is not None)

    def _named(self, answer: Happened[Answered], as_of: int) -> Happened[Answered] | None:
        label = answer.what.label
        for changed in self.class_changes:
            if label is not None and answer.seq < changed.seq <= as_of:
                label = changed.what.becomes(label)
                if label is None:
                    return None
        if label == answer.what.label:
            return answer
        return replace(answer, what=replace(answer.what, label=label, given_as=answer.what.label or ""))


def read_past(lines: Iterable[LedgerLine]) -> Past:
    """Read a ledger.

    Parameters
    ----------
    lines : iterable of LedgerLine
        All of them, in order; read once, as a stream.

    Notes
    -----
    O(events). Rows of kinds that a later wsal wrote are passed over: they cannot change what is known here.
    """
    past = Past()
    for line in lines:
        if past.head_seq == 0:
            past.genesis = line.hash
        past.head, past.head_seq = line.hash, line.seq
        if line.event.kind in KINDS:
            _take(past, line)
    return past


def _take(past: Past, line: LedgerLine) -> None:
    def happened(what: P) -> Happened[P]:
        return Happened(line.seq, line.hash, line.event.time, line.event.actor, what)

    match line.event.payload():
        case ProjectCreated() as created:
            past.project, past.labels = created.name, created.labels
        case RulesLoaded() as loaded:
            for rule in loaded.rules:
                past.rules.setdefault((rule.name, rule.fingerprint), happened(rule))
        case DataLoaded() as data:
            past.data[data.fingerprint] = happened(data)
        case RunApplied() | RunFitted() | EndModelTrained() as run:
            past.runs[run.run] = happened(run)
        case ClassesChanged() as changed:
            past.class_changes.append(happened(changed))
        case Exported() as exported:
            past.exports.append(happened(exported))
        case AnswerUndone() as undone:
            past.undone[given_id(undone.supersedes)] = line.seq
        case other:
            past.answers += [happened(answer) for answer in _answers(other)]


def _answers(what: Payload) -> Iterable[Answered]:
    """Return the answers of an event; none where it is of a kind that holds none."""
    if isinstance(what, AnswersImported):
        return _imported(what)
    return (_given(what),) if isinstance(what, AnswerGiven) else ()


def _given(given: AnswerGiven) -> Answered:
    return Answered(
        event_id=given.event_id,
        item=given.item,
        label=given.label,
        annotator=given.annotator,
        purpose=given.purpose,
        rationale=given.rationale,
        hints_shown=given.hints_shown,
        draw_id=given.draw_id,
        seconds=given.seconds,
    )


def _imported(imported: AnswersImported) -> Iterable[Answered]:
    for answer in imported.answers:
        yield Answered(
            event_id=answer.event_id,
            item=answer.item,
            label=answer.label,
            annotator=answer.annotator,
            purpose="",
            rationale=answer.rationale,
            hints_shown=None,
            imported_from=imported.path,
            imported_time=answer.time or "",
        )
