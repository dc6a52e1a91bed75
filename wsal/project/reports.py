"""What the steps of a project report: frozen, and ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from wsal.types import ItemId

if TYPE_CHECKING:
    from wsal.analysis import Agreement, AnnotatorReliability, Contradiction
    from wsal.evidence import Evidence
    from wsal.lf.searches import PatternEngine
    from wsal.project.stopping import Stopping
    from wsal.store import AnswerRow

__all__ = [
    "BLIND_PURPOSES",
    "Annotators",
    "ApplyRun",
    "AsideItem",
    "CheckReport",
    "Contradicted",
    "DuplicateGroup",
    "DuplicateReport",
    "Export",
    "FitRun",
    "ImportReport",
    "Remark",
    "RuleRow",
    "Status",
    "Task",
    "Why",
]

BLIND_PURPOSES: Final = frozenset({"audit", "overlap"})
"""Whoever answers items of these purposes is not shown what the rules say: it would colour the answer."""


@dataclass(frozen=True)
class CheckReport:
    """Rules that could be loaded, the tests of theirs that failed, and the engine of each pattern."""

    n_rules: int
    n_tests: int
    failures: tuple[str, ...]
    notes: tuple[str, ...] = ()
    engines: tuple[PatternEngine, ...] = ()


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
        """Return the task for JSON; what the rules say of a blind item stays hidden until it is answered."""
        values = {"item": self.item_id, **asdict(self)}
        del values["item_id"]
        if self.purpose in BLIND_PURPOSES:
            values["hints"] = []
        return values


@dataclass(frozen=True)
class DuplicateGroup:
    """Items that are copies of each other.

    Parameters
    ----------
    items : tuple of str or int
    kind : {"exact", "near"}
        ``exact`` where all are exact duplicates.
    similarity : float
        The least one, to the item around which the group was found.
    text : str
        What the first of them shows.
    answers : mapping of item to labels
        What people said of those that they answered.
    """

    items: tuple[ItemId, ...]
    kind: str
    similarity: float
    text: str
    answers: Mapping[ItemId, tuple[str, ...]]

    @property
    def agree(self) -> bool:
        """Whether no two answers in the group differ."""
        return len({label for labels in self.answers.values() for label in labels}) < 2

    def to_dict(self) -> dict[str, Any]:
        """Return the group for JSON."""
        return {
            "items": list(self.items),
            "kind": self.kind,
            "similarity": self.similarity,
            "text": self.text,
            "answers": [{"item": item, "labels": list(said)} for item, said in self.answers.items()],
            "agree": self.agree,
        }


@dataclass(frozen=True)
class DuplicateReport:
    """The duplicates of a project.

    Parameters
    ----------
    looked : bool
        False where the settings say not to look, or name nothing to look at.
    n_items : int
    compared_by : str
        ``texts``, ``vectors``, ``images`` or ``numbers``.
    threshold : float
        Least similarity of near duplicates.
    groups : tuple of DuplicateGroup
        Of two items or more, the largest first.
    n_spare, n_spare_exact : int
        Items that need no answer of their own; those of them whose group has an exact duplicate.
    apart : tuple of str or int
        Items that people set apart.
    """

    looked: bool
    n_items: int
    compared_by: str = ""
    threshold: float = 1.0
    groups: tuple[DuplicateGroup, ...] = ()
    n_spare: int = 0
    n_spare_exact: int = 0
    apart: tuple[ItemId, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "looked": self.looked,
            "n_items": self.n_items,
            "compared_by": self.compared_by,
            "threshold": self.threshold,
            "n_spare": self.n_spare,
            "n_spare_exact": self.n_spare_exact,
            "apart": list(self.apart),
            "groups": [group.to_dict() for group in self.groups],
        }


@dataclass(frozen=True)
class AsideItem:
    """An item that is not asked for.

    Parameters
    ----------
    item_id : str or int
    why : str
        ``unsure twice`` (or more often), ``flagged``, or ``not applicable``.
    said : tuple of Remark
        Who said so, and when.
    """

    item_id: ItemId
    why: str
    said: tuple[Remark, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the item for JSON."""
        return {"item": self.item_id, "why": self.why, "said": [asdict(remark) for remark in self.said]}


@dataclass(frozen=True)
class Remark:
    """What a person said instead of a label."""

    annotator: str
    time: str
    outcome: str
    rationale: str


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


@dataclass(frozen=True)
class Annotators:
    """Who answered, how far they agree, and how often each is right.

    Parameters
    ----------
    people : tuple of AnnotatorReliability
        Empty where fewer than two people answered.
    agreement : tuple of Agreement
        Krippendorff's alpha and Gwet's AC1, where they can be told.
    weights : mapping of str to float
        What an answer of each person counts beside another one on the same item; empty where all count alike.
    notes : tuple of str
    """

    people: tuple[AnnotatorReliability, ...]
    agreement: tuple[Agreement, ...]
    weights: Mapping[str, float]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contradicted:
    """An answer that evidence contradicts, with when and why it was given.

    Parameters
    ----------
    contradiction : Contradiction
    time, rationale, purpose : str
        Of the answer.
    fields : mapping
        What was shown.
    """

    contradiction: Contradiction
    time: str
    rationale: str
    purpose: str
    fields: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        about = {"time": self.time, "rationale": self.rationale, "purpose": self.purpose}
        return asdict(self.contradiction) | about | {"fields": dict(self.fields)}


@dataclass(frozen=True, eq=False)
class Why:
    """The evidence for an item's label, with the item itself and what people answered, up to the run.

    Where the label is copied from answers to duplicates, ``copied_from`` names them, and the answers are theirs.
    """

    evidence: Evidence
    answers: tuple[AnswerRow, ...]
    fields: Mapping[str, Any]
    run_id: str
    notes: tuple[str, ...] = ()
    copied_from: tuple[ItemId, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence for JSON, with the answers in full, the run, and the item's fields."""
        answers = [
            {
                "item": answer.item,
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
            "copied_from": list(self.copied_from),
        }
