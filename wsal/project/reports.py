"""What the steps of a project report: frozen, and ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsal.project.columns import columns_of_rule
from wsal.types import ItemId

if TYPE_CHECKING:
    from wsal.evidence import Evidence
    from wsal.lf.searches import PatternEngine
    from wsal.project.stopping import Stopping
    from wsal.store import AnswerRow

__all__ = [
    "ApplyRun",
    "CheckReport",
    "Export",
    "FitRun",
    "ImportReport",
    "RuleRow",
    "Status",
    "Why",
]


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
class ImportReport:
    """Answers read from a file: new ones, and ones that were known."""

    n_new: int
    n_known: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """A file of labels, and the description beside it; files for other tools have none."""

    path: str
    format: str
    run_id: str
    n_items: int
    sha256: str
    description: str | None
    notes: tuple[str, ...] = ()


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

    def without(self, rules: Sequence[str]) -> Evidence:
        """Return the evidence without some rules; see `Evidence.without`.

        Raises
        ------
        InputError
            There is no such rule.
        """
        names = tuple(self.evidence.lf_names)
        return self.evidence.without(*(name for rule in rules for name in columns_of_rule(rule, names)))

    def _repr_html_(self) -> str:
        from wsal.markup import block, table

        fields = table(["field", "value"], self.fields.items(), n_rows=len(self.fields))
        return self.evidence._repr_html_() + block(
            f"Run {self.run_id}", fields, notes=self.notes
        )  # IPython's name

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
            "decisive": self.evidence.decisive.to_dict(),
            "answers": answers,
            "run": self.run_id,
            "fields": dict(self.fields),
            "notes": list(self.notes),
            "copied_from": list(self.copied_from),
        }
