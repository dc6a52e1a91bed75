"""What people did: draws, answers and undoings, one frozen dataclass for each kind of event."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from wsal.errors import DataError
from wsal.types import ItemId

__all__ = [
    "OUTCOMES",
    "PURPOSES",
    "AnswerGiven",
    "AnswerUndone",
    "AnswersImported",
    "BatchDrawn",
    "DrawRecord",
    "ImportedAnswer",
    "Outcome",
    "Purpose",
    "refuse_repeats",
]

Outcome: TypeAlias = Literal["label", "skip", "unsure", "flag", "not_applicable"]
"""What became of a question: a label, or one of four ways of giving none, which are never mixed up."""

OUTCOMES: Final[tuple[Outcome, ...]] = ("label", "skip", "unsure", "flag", "not_applicable")

Purpose: TypeAlias = Literal["audit", "uncertain", "mislead", "hunt", "explore", "overlap"]
"""Why an item was drawn."""

PURPOSES: Final[tuple[Purpose, ...]] = ("audit", "uncertain", "mislead", "hunt", "explore", "overlap")


@dataclass(frozen=True)
class DrawRecord:
    """One draw of one item.

    Parameters
    ----------
    draw_id : str
        Unique in the store; see `BatchDrawn.draw_id`.
    item : str or int
    purpose : {"audit", "uncertain", "mislead", "hunt", "explore", "overlap"}
    stratum : str
        Empty where there are no strata.
    p : float, optional
        Probability of a single draw of the item; None where there was no random draw.
    fresh : bool
        Whether it had to be asked; False for a repeat or an item already answered, which counts all the same.
    reason : str
        Why this item, in the words that the person who is asked reads.
    gain : float, optional
        Expected number of labels put right by the answer.
    group_size : int
        Items alike.
    """

    draw_id: str
    item: ItemId
    purpose: Purpose
    stratum: str = ""
    p: float | None = None
    fresh: bool = True
    reason: str = ""
    gain: float | None = None
    group_size: int = 1

    def __post_init__(self) -> None:
        if self.p is not None and not 0 < self.p <= 1:
            hint = "write None where there was no random draw" if math.isnan(self.p) else None
            raise DataError(f"draw {self.draw_id!r}: the probability {self.p} is not in (0, 1]", hint=hint)


@dataclass(frozen=True)
class BatchDrawn:
    """Items were drawn to be asked, at a frozen run; every draw is kept, also repeats.

    Parameters
    ----------
    batch, run : str
    draws : tuple of DrawRecord
    hunt : tuple of str
        The classes whose strata the audit draws had, in order; none where they were uniform.
    certifies : bool
        Whether all draws were made to certify the labels of the run, stratified by label.
    within : tuple of str
        In words, the sub-pool that items were chosen from on purpose; draws at random fell on all items.
    """

    kind: ClassVar[str] = "batch_drawn"
    v: ClassVar[int] = 1
    batch: str
    run: str
    draws: tuple[DrawRecord, ...]
    hunt: tuple[str, ...] = ()
    certifies: bool = False
    within: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_repeats("draw", (draw.draw_id for draw in self.draws))

    @staticmethod
    def draw_id(batch: str, position: int) -> str:
        """Name a draw so that names sort in the order of the draws.

        Examples
        --------
        >>> BatchDrawn.draw_id("b7", 3)
        'b7/00003'
        """
        return f"{batch}/{position:05d}"


@dataclass(frozen=True)
class AnswerGiven:
    """A person answered, or said why not.

    Parameters
    ----------
    event_id : str
        Made by the client (a UUID); the same id sent again is the same answer.
    item : str or int
    outcome : {"label", "skip", "unsure", "flag", "not_applicable"}
    annotator : str
    label : str, optional
        Name of the class; with the outcome ``label`` and with no other.
    shown_sha256 : str, optional
        Hash of the text that was shown.
    purpose : str
        As in the draw; empty where the person chose the item.
    draw_id : str, optional
        The draw that asked.
    rationale : str
    hints_shown : bool
        Whether votes were visible before the answer.
    seconds : float, optional
        Time taken.
    """

    kind: ClassVar[str] = "answer_given"
    v: ClassVar[int] = 1
    event_id: str
    item: ItemId
    outcome: Outcome
    annotator: str
    label: str | None = None
    shown_sha256: str | None = None
    purpose: str = ""
    draw_id: str | None = None
    rationale: str = ""
    hints_shown: bool = False
    seconds: float | None = None

    def __post_init__(self) -> None:
        _check_answer(self.event_id, self.item, self.outcome, self.label)
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise DataError(f"answer {self.event_id!r} took {self.seconds} seconds")


@dataclass(frozen=True)
class AnswerUndone:
    """A person took an answer back; the answer stays in the ledger.

    Parameters
    ----------
    event_id : str
        Of the undoing, made by the client.
    supersedes : str
        ``event_id`` of the answer; what the annotator had said of the item before it stands again.
    """

    kind: ClassVar[str] = "answer_undone"
    v: ClassVar[int] = 1
    event_id: str
    supersedes: str

    def __post_init__(self) -> None:
        if not self.event_id:
            raise DataError("an undoing needs an event_id", hint="make one with uuid.uuid4()")


@dataclass(frozen=True)
class ImportedAnswer:
    """An answer that was given elsewhere; ``time`` is as its file says."""

    event_id: str
    item: ItemId
    label: str | None
    annotator: str = ""
    outcome: Outcome = "label"
    rationale: str = ""
    time: str | None = None

    def __post_init__(self) -> None:
        _check_answer(self.event_id, self.item, self.outcome, self.label)


@dataclass(frozen=True)
class AnswersImported:
    """Answers came from a file; they have no draw and so no propensity.

    Parameters
    ----------
    event_id : str
        The same id sent again is the same import.
    path, sha256 : str
        The file, and the hash of its bytes.
    answers : tuple of ImportedAnswer
    """

    kind: ClassVar[str] = "answers_imported"
    v: ClassVar[int] = 1
    event_id: str
    path: str
    sha256: str
    answers: tuple[ImportedAnswer, ...]

    def __post_init__(self) -> None:
        refuse_repeats("event_id", (self.event_id, *(answer.event_id for answer in self.answers)))


def _check_answer(event_id: str, item: ItemId, outcome: str, label: str | None) -> None:
    if not event_id:
        raise DataError(f"the answer for item {item!r} needs an event_id", hint="make one with uuid.uuid4()")
    if outcome not in OUTCOMES:
        raise DataError(f"answer {event_id!r}: {outcome!r} is no outcome; use one of {', '.join(OUTCOMES)}")
    if (outcome == "label") != bool(label):
        raise DataError(
            f"answer {event_id!r} has the outcome {outcome!r} and the label {label!r}",
            hint="the outcome 'label' comes with the name of a class, the others with None",
        )


def refuse_repeats(what: str, names: Iterable[str]) -> None:
    """Refuse a name that stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"{what} {name!r} stands twice")
        seen.add(name)
