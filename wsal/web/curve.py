"""The learning curve of a project: the accuracy of each run that was estimated, as places on a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wsal.project import KeptEstimate

__all__ = ["Curve", "CurvePoint", "curve_of"]


@dataclass(frozen=True)
class CurvePoint:
    """A run, in per cent of the drawing: how far right, and how far down its accuracy and its limits are."""

    n_trained: int
    x: float
    y: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """A drawing of accuracies from 0 (below) to 1 (above) over answers.

    Parameters
    ----------
    points : tuple of CurvePoint
        The last estimate of each number of answers.
    line : str
        Through the points, as an SVG polyline has it.
    """

    points: tuple[CurvePoint, ...]
    line: str


def curve_of(estimates: Sequence[KeptEstimate]) -> Curve | None:
    """Place the accuracies; None where fewer than two numbers of answers were estimated.

    Parameters
    ----------
    estimates : sequence of KeptEstimate
    """
    graded = {one.n_trained: one.accuracy for one in estimates if one.accuracy is not None}
    if len(graded) < 2:
        return None
    first, last = min(graded), max(graded)

    def down(share: float) -> float:
        return round(100 * (1 - share), 2)

    points = tuple(
        CurvePoint(
            n,
            round(4 + 92 * (n - first) / (last - first), 2),
            None if figure.value is None else down(figure.value),
            down(figure.low),
            down(figure.high),
        )
        for n, figure in sorted(graded.items())
    )
    return Curve(points, " ".join(f"{p.x},{p.y}" for p in points if p.y is not None))
