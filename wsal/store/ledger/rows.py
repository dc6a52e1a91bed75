"""What the store gives back: frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from wsal.audit import ClassesChanged, Event, Outcome, Purpose, RunApplied, RunFitted
from wsal.types import ItemId

__all__ = [
    "AnswerRow",
    "ClassChangeRow",
    "DrawOutcome",
    "DrawRow",
    "LedgerEntry",
    "RuleRow",
    "RunKind",
    "RunRow",
]

DrawOutcome: TypeAlias = Outcome | Literal["open"]
"""What is known of the item of a draw: an outcome of an answer, or nothing yet."""

RunKind: TypeAlias = Literal["run_applied", "run_fitted"]
"""Runs that computed votes, and runs that fitted a model."""

P_co = TypeVar("P_co", RunApplied, RunFitted, RunApplied | RunFitted, covariant=True)


@dataclass(frozen=True)
class LedgerEntry:
    """An event with its place in the ledger."""

    seq: int
    hash: str
    event: Event


@dataclass(frozen=True)
class AnswerRow:
    """An answer.

    Parameters
    ----------
    seq : int
        Row of the ledger.
    event_id : str
        What an undoing names.
    time : str
    item : str or int
    outcome : {"label", "skip", "unsure", "flag", "not_applicable"}
    label : str, optional
        Name of the class; None for every other outcome than ``label``.
    annotator, purpose : str
        Empty where unknown.
    draw_id : str, optional
    propensity : float, optional
        Probability of the draw that asked; None where there was no random draw.
    shown_sha256 : str, optional
    rationale : str
    hints_shown : bool
    seconds : float, optional
    imported : bool
    undone_by : int, optional
        Row of the ledger that took it back.
    """

    seq: int
    event_id: str
    time: str
    item: ItemId
    outcome: Outcome
    label: str | None
    annotator: str
    purpose: str
    draw_id: str | None
    propensity: float | None
    shown_sha256: str | None
    rationale: str
    hints_shown: bool
    seconds: float | None
    imported: bool
    undone_by: int | None


@dataclass(frozen=True)
class DrawRow:
    """A draw, with what is known of its item; see `wsal.audit.DrawRecord`."""

    draw_id: str
    batch: str
    item: ItemId
    purpose: Purpose
    stratum: str
    p: float | None
    fresh: bool
    reason: str
    gain: float | None
    group_size: int
    run: str
    outcome: DrawOutcome


@dataclass(frozen=True)
class RuleRow:
    """A version of a rule.

    Parameters
    ----------
    name, fingerprint, author, why, source : str
    file : str, optional
    first_seq, last_seq : int
        The first and the last row of the ledger that loaded it.
    current : bool
        Whether the last load of rules held it.
    """

    name: str
    fingerprint: str
    author: str
    why: str
    source: str
    file: str | None
    first_seq: int
    last_seq: int
    current: bool


@dataclass(frozen=True)
class RunRow(Generic[P_co]):
    """A run, with all that its event says of it."""

    run: str
    kind: RunKind
    seq: int
    time: str
    actor: str
    payload: P_co


@dataclass(frozen=True)
class ClassChangeRow:
    """A change of the classes: where the ledger says so, when, by whom, and what."""

    seq: int
    time: str
    actor: str
    change: ClassesChanged
