"""Overview: where a project stands, in one look: votes, labels, quality, agreement, cost and trust."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from wsal.analysis import TrustReport
from wsal.audit import Estimated, FigureRecord
from wsal.errors import InputError, WsalError
from wsal.project.estimates.costs import CostReport
from wsal.project.history import History
from wsal.project.labelling.people import Annotators
from wsal.project.project import Project
from wsal.project.runs.reports import Status

__all__ = ["KeptEstimate", "Overview", "kept_estimates", "overview"]

T = TypeVar("T")


@dataclass(frozen=True)
class KeptEstimate:
    """Estimates of a run, as the ledger keeps them.

    Parameters
    ----------
    run, time, by : str
        The run of `fit`; when and by whom they were made.
    n_trained : int
        Answers that the run learnt from.
    figures : tuple of FigureRecord
    """

    run: str
    time: str
    by: str
    n_trained: int
    figures: tuple[FigureRecord, ...]

    def of(self, *groups: str) -> tuple[FigureRecord, ...]:
        """Return the figures of some groups, in their order."""
        return tuple(figure for group in groups for figure in self.figures if figure.group == group)

    @property
    def accuracy(self) -> FigureRecord | None:
        """The accuracy of the run's labels: certified where it was, else the running estimate."""
        found = self.of("certificate", "labels")
        return next((figure for figure in found if figure.name == "accuracy"), None)


@dataclass(frozen=True)
class Overview:
    """Where a project stands. What cannot be known is None, with the reason in ``why_not``, by the same name.

    Parameters
    ----------
    status : Status or None
    estimates : tuple of KeptEstimate
        The last of each run that was estimated, the oldest first.
    people : Annotators or None
    costs : CostReport or None
    trust : TrustReport or None
    why_not : dict of str to str
    """

    status: Status | None
    estimates: tuple[KeptEstimate, ...]
    people: Annotators | None
    costs: CostReport | None
    trust: TrustReport | None
    why_not: dict[str, str]

    @property
    def current(self) -> KeptEstimate | None:
        """The estimate of the labels that stand now; None where these were not estimated."""
        run = self.status.labels_run.run_id if self.status and self.status.labels_run else None
        return next((one for one in self.estimates if one.run == run), None)


def overview(project: Project) -> Overview:
    """Ask a project all that an overview shows; nothing is computed anew that takes a training.

    Notes
    -----
    O(events of the ledger + n) for n items; estimates are those that were kept, never rates of answers.
    """
    why_not: dict[str, str] = {}

    def ask(name: str, question: Callable[[], T]) -> T | None:
        try:
            return question()
        except InputError as error:
            why_not[name] = error.message
        except WsalError as error:
            why_not[name] = str(error).splitlines()[0]
        return None

    return Overview(
        ask("status", project.status),
        ask("estimates", lambda: kept_estimates(project.history)) or (),
        ask("people", project.annotators),
        ask("costs", project.costs),
        ask("trust", project.trust),
        why_not,
    )


def kept_estimates(history: History) -> tuple[KeptEstimate, ...]:
    """Return the last estimates of each run that the ledger keeps, the oldest first."""
    trained = {run.run: run.payload.n_answers for run in history.store.runs("run_fitted")}
    found: dict[str, KeptEstimate] = {}
    for entry in history.store.events("estimated"):
        made = entry.event.payload()
        if isinstance(made, Estimated):
            found.pop(made.run, None)
            found[made.run] = KeptEstimate(
                made.run, entry.event.time, entry.event.actor, trained.get(made.run, 0), made.figures
            )
    return tuple(found.values())
