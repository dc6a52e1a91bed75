"""Waterfalls: where each term of a sum begins and ends, as places on a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wsal.markup import Html, table

if TYPE_CHECKING:
    from wsal.evidence.evidence import EvidenceTerm

__all__ = ["Step", "Waterfall", "draw_waterfall", "waterfall_of"]

_MARGIN = 0.04  # of the width, at both sides
_FOR: Final = "#3b82c4"  # to be told apart on white and on black, and by those who see no red and green
_AGAINST: Final = "#d9822b"


@dataclass(frozen=True)
class Step:
    """A term, with the left end and the width of its bar, and where the sum stands after it; 0 to 100."""

    source: str
    vote: str | None
    log_odds: float
    left: float
    width: float
    end: float


@dataclass(frozen=True)
class Waterfall:
    """The terms of a sum in a row.

    Parameters
    ----------
    steps : tuple of Step
    zero : float
        Where 0 is, 0 to 100.
    total : Step
        The sum, from 0.
    """

    steps: tuple[Step, ...]
    zero: float
    total: Step


def waterfall_of(terms: Sequence[EvidenceTerm]) -> Waterfall:
    """Place the terms one after another, each beginning where the one before ends.

    Parameters
    ----------
    terms : sequence of EvidenceTerm

    Examples
    --------
    >>> from wsal.evidence import EvidenceTerm
    >>> found = waterfall_of([EvidenceTerm("a", None, 2.0), EvidenceTerm("b", None, -1.0)])
    >>> [(round(step.left), round(step.width), round(step.end)) for step in found.steps]
    [(4, 92, 96), (50, 46, 50)]
    """
    sums = [0.0]
    for term in terms:
        sums.append(sums[-1] + term.log_odds)
    low, high = min(sums), max(sums)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(100 * (_MARGIN + (1 - 2 * _MARGIN) * (value - low) / span), 2)

    def step(source: str, vote: str | None, log_odds: float, begin: float, end: float) -> Step:
        left, right = sorted((place(begin), place(end)))
        return Step(source, vote, log_odds, left, round(max(right - left, 0.6), 2), place(end))

    steps = tuple(
        step(term.source, term.vote, term.log_odds, begin, end)
        for term, begin, end in zip(terms, sums[:-1], sums[1:], strict=True)
    )
    return Waterfall(steps, place(0.0), step("sum", None, sums[-1], 0.0, sums[-1]))


def draw_waterfall(terms: Sequence[EvidenceTerm]) -> str:
    """Draw a sum as a table for notebooks: each term with its figure, and its bar where the one before ends."""
    fall = waterfall_of(terms)
    steps = (*fall.steps, fall.total)
    rows = ((step.source, step.vote, Html(_bar(step, fall.zero)), f"{step.log_odds:+.3f}") for step in steps)
    return table(["source", "vote", "", "log odds"], rows, n_rows=len(steps), numeric=1, most=len(steps))


def _bar(step: Step, zero: float) -> str:
    colour = _FOR if step.log_odds >= 0 else _AGAINST
    return (
        '<svg width="240" height="12" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="{zero}" width=".4" height="12" fill="currentColor" opacity=".4"/>'
        f'<rect x="{step.left}" y="2" width="{step.width}" height="8" fill="{colour}"/></svg>'
    )
