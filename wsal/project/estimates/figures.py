"""What `wsal estimate` reports: frozen, and ready for JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

from wsal.audit import FigureRecord
from wsal.estimation import Estimate

__all__ = ["Certification", "Estimates", "Figure", "Group"]

Group: TypeAlias = Literal["class balance", "rule", "labels", "certificate", "filter"]


@dataclass(frozen=True)
class Certification:
    """A run that was frozen, and the draws that will grade it.

    Parameters
    ----------
    run_id, batch : str
    n_draws, n_asked : int
        Draws made, repeats and hits on answered items included; items that wait for an answer because of them.
    notes : tuple of str
    """

    run_id: str
    batch: str
    n_draws: int
    n_asked: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One line of the table of estimates.

    Parameters
    ----------
    group : Group
    subject : str
        The class, the rule, or the filter.
    estimate : Estimate
    n_answers : int
        Different answered items among the draws that bear on it.
    design : str
        What makes it honest, in words: why no answer grades what it trained.
    graded_run : str
        The run of `fit` whose labels it speaks of; empty where it speaks of none.
    """

    group: Group
    subject: str
    estimate: Estimate
    n_answers: int
    design: str
    graded_run: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the line for JSON; a point that is not there is null."""
        values = asdict(self.estimate)
        values["value"] = None if math.isnan(self.estimate.value) else self.estimate.value
        about = {"n_answers": self.n_answers, "design": self.design, "graded_run": self.graded_run}
        return {"group": self.group, "subject": self.subject} | values | about

    def to_record(self) -> FigureRecord:
        """Return what the ledger keeps of the line."""
        e = self.estimate
        return FigureRecord(
            group=self.group,
            subject=self.subject,
            name=e.name,
            unit=e.unit,
            graded_run=self.graded_run,
            value=None if math.isnan(e.value) else float(e.value),
            low=float(e.low),
            high=float(e.high),
            level=e.level,
            n_draws=e.n_draws,
            n_answers=self.n_answers,
            method=e.method,
            design=self.design,
        )


@dataclass(frozen=True)
class Estimates:
    """What can honestly be said of a project's rules and labels.

    Parameters
    ----------
    run_id : str
        The run of `fit` whose labels are graded.
    n_items, n_draws, n_answers : int
        Items; audit draws, repeats included; different items among these that have an answer.
    figures : tuple of Figure
    too_few : tuple of (str, int)
        Rules with too few answered draws among their votes for an interval worth showing, and how many there are.
    refusal : str
        Why there is no accuracy at all; empty where there is one.
    enough : tuple of str
        What sample would be enough, and for what.
    notes : tuple of str
    """

    run_id: str
    n_items: int
    n_draws: int
    n_answers: int
    figures: tuple[Figure, ...]
    too_few: tuple[tuple[str, int], ...]
    refusal: str
    enough: tuple[str, ...]
    notes: tuple[str, ...]

    def find(self, group: Group, name: str, subject: str | None = None) -> Figure | None:
        """Return the first line of a group whose estimate has a name (and subject)."""
        return next(
            (
                f
                for f in self.figures
                if f.group == group and f.estimate.name == name and subject in (None, f.subject)
            ),
            None,
        )

    def _repr_html_(self) -> str:
        from wsal.markup import block, table

        rows = (
            (
                f"{figure.group}: {figure.estimate.name}",
                figure.subject,
                *_shown(figure.estimate),
                figure.estimate.n_draws,
                figure.n_answers,
            )
            for figure in self.figures
        )
        headings = ["estimate", "of", "interval", "point", "draws", "answers"]
        drawn = table(headings, rows, n_rows=len(self.figures), numeric=4, most=100)
        return block(
            f"Estimates for {self.n_items} items from {self.n_draws} audit draws with {self.n_answers} answers",
            drawn if self.figures else "",
            notes=[text for text in (self.refusal, *self.notes) if text],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(replace(self, figures=())) | {
            "figures": [figure.to_dict() for figure in self.figures],
            "too_few": [{"rule": rule, "n_answers": n} for rule, n in self.too_few],
        }


def _shown(estimate: Estimate) -> tuple[str, str]:
    """Return interval and point for a page: shares in percent, numbers of items whole."""
    from wsal.markup import interval, percent

    if estimate.unit == "share":
        return interval(estimate.low, estimate.high), percent(estimate.value)
    return f"{estimate.low:.0f} to {estimate.high:.0f}", "" if math.isnan(
        estimate.value
    ) else f"{estimate.value:.0f}"
