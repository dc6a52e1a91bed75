"""What the steps of a project report: frozen, and ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from wsal.types import ItemId

if TYPE_CHECKING:
    from wsal.evidence import Evidence
    from wsal.project.stopping import Stopping
    from wsal.store import AnswerRow

__all__ = ["ApplyRun", "CheckReport", "Export", "FitRun", "ImportReport", "RuleRow", "Status", "Task", "Why"]


@dataclass(frozen=True)
class CheckReport:
    """Rules that could be loaded, and the tests of theirs that failed."""

    n_rules: int
    n_tests: int
    failures: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApplyRun:
    """A run of `wsal apply`. Coverage, overlap and conflict are shares of the n items."""

    run_id: str
    n_items: int
    n_lfs: int
    n_patterns: int
    coverage: float
    overlap: float
    conflict: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FitRun:
    """A run of `wsal fit`; counts are of items.

    Parameters
    ----------
    run_id, votes_run : str
    n_items, n_answers, n_unlabelled : int
        Items, answered items, items without a label: nothing speaks for any, or the best ones tie.
    label_counts : mapping of str to int
        Items by most probable label.
    sources : mapping of str to int
        Items by where their label comes from.
    n_iter : int
        Steps of the label model.
    stop_reason : str
        Why it stopped.
    notes : tuple of str
    trust : str
        Whether to trust the label model over majority vote, in a sentence; empty where no rule voted.
    n_findings : int
        What the trust report found about the rules.
    """

    run_id: str
    votes_run: str
    n_items: int
    n_answers: int
    n_unlabelled: int
    label_counts: Mapping[str, int]
    sources: Mapping[str, int]
    n_iter: int
    stop_reason: str
    notes: tuple[str, ...] = ()
    trust: str = ""
    n_findings: int = 0


@dataclass(frozen=True)
class Status:
    """Where a project stands; ``answers`` counts by purpose, imported ones under the empty text.

    ``stopping`` is there where labels were fitted.
    """

    name: str
    labels: tuple[str, ...]
    votes: ApplyRun | None
    labels_run: FitRun | None
    answers: Mapping[str, int]
    n_open: int
    n_events: int
    head: str
    advice: str
    stopping: Stopping | None = None


@dataclass(frozen=True)
class RuleRow:
    """A rule of the last run. Shares are of all items; answers are counts on chosen items."""

    name: str
    polarity: tuple[str, ...]
    author: str
    why: str
    fingerprint: str | None
    coverage: float
    overlaps: float
    conflicts: float
    n_answered: int
    n_right: int


@dataclass(frozen=True)
class Task:
    """An item that a person is asked to label.

    Parameters
    ----------
    item_id : str or int
    batch, draw_id : str
        The draw that asks.
    purpose : str
        ``audit``, ``uncertain``, ``mislead``, ``hunt`` or ``explore``.
    reason : str
        In words.
    group_size : int
        Items alike.
    gain : float
        Expected number of labels put right.
    propensity : float, optional
        Probability of a single draw of the item; None where it was no random draw.
    fields : mapping
        What to show.
    hints : tuple of str
        What the rules say of it.
    shown_sha256 : str
        Hash of ``fields``.
    """

    item_id: ItemId
    batch: str
    draw_id: str
    purpose: str
    reason: str
    group_size: int
    gain: float
    propensity: float | None
    fields: Mapping[str, Any]
    hints: tuple[str, ...]
    shown_sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return the task for JSON; what the rules say of an audit item stays hidden until it is answered."""
        values = {"item": self.item_id, **asdict(self)}
        del values["item_id"]
        if self.purpose == "audit":
            values["hints"] = []
        return values


@dataclass(frozen=True)
class ImportReport:
    """Answers read from a file: new ones, and ones that were known."""

    n_new: int
    n_known: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """A file of labels."""

    path: str
    format: str
    run_id: str
    n_items: int
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Why:
    """The evidence for an item's label, with the item itself and what people answered, up to the run."""

    evidence: Evidence
    answers: tuple[AnswerRow, ...]
    fields: Mapping[str, Any]
    run_id: str
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence for JSON, with the answers in full, the run, and the item's fields."""
        answers = [
            {
                "label": answer.label,
                "annotator": answer.annotator,
                "purpose": answer.purpose,
                "rationale": answer.rationale,
                "time": answer.time,
                "hints_shown": answer.hints_shown,
            }
            for answer in self.answers
        ]
        return self.evidence.to_dict() | {
            "answers": answers,
            "run": self.run_id,
            "fields": dict(self.fields),
            "notes": list(self.notes),
        }
