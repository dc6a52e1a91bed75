"""What runs report, and where they leave a project: frozen, and ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wsal.project.runs.stopping import Stopping

__all__ = [
    "ApplyRun",
    "Export",
    "FitRun",
    "RuleRow",
    "Status",
]


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
class Export:
    """A file of labels, and the description beside it; files for other tools have none."""

    path: str
    format: str
    run_id: str
    n_items: int
    sha256: str
    description: str | None
    notes: tuple[str, ...] = ()
