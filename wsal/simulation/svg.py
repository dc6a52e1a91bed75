"""Learning curves as an SVG: a file of some kilobytes, no script, readable without colour and by a screen reader."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape as escape_markup
from typing import Final

from wsal.errors import InputError
from wsal.simulation.curve import CurvePoint, LearningCurve, Measure

__all__ = ["draw_curves"]

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 48, 56
_ROW = 20  # of the legend
# Okabe and Ito's colours, told apart with every kind of colour blindness, and all dark enough on white.
_COLOURS: Final = ("#0072B2", "#D55E00", "#007A5A", "#8A4B7E", "#6B5B00", "#333333", "#005F73", "#9B2226")
_DASHES: Final = ("", "7 4", "2 3", "9 3 2 3")
_ROOT: Final = (
    'role="img" aria-labelledby="curves-title curves-desc" '
    'font-family="system-ui, sans-serif" font-size="13" fill="#222"'
)
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS: Final[dict[Measure, str]] = {
    "test": "quality on test items",
    "test_log_loss": "log loss on test items (nats)",
    "test_ece": "calibration error on test items",
    "train": "quality of training labels",
    "train_covered": "quality of training labels, covered items",
    "rules_covered": "quality of the label model, covered items",
    "train_log_loss": "log loss of training labels (nats)",
    "train_ece": "calibration error of training labels",
    "seconds": "CPU time between records (s)",
}


def draw_curves(curves: Sequence[LearningCurve], *, title: str) -> str:
    """Draw curves of one measure, with bars of one standard error.

    The budget runs from left to right as log₂(1 + budget/10).

    Parameters
    ----------
    curves : sequence of LearningCurve
        Of one measure; a curve of nothing but NaN is named in the legend and not drawn.
    title : str

    Returns
    -------
    str
        SVG with ``title`` and ``desc``; the latter says all numbers in words. Lines differ by dash and marker, not by
        colour alone.

    Raises
    ------
    InputError
        No curve, curves of several measures, or nothing to draw in any.
    """
    if len({curve.measure for curve in curves}) != 1:
        raise InputError("a picture shows curves of one measure", hint="draw one picture for each measure")
    known = [(curve, [p for p in curve.points if not math.isnan(p.mean)]) for curve in curves]
    drawn = [point for _, points in known for point in points]
    if not drawn:
        raise InputError(f"there is no {_WORDS[curves[0].measure]} to draw")
    frame = _Frame.around(drawn, rows=len(curves))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {frame.height}" {_ROOT}>',
        f'<title id="curves-title">{_escape(title)}</title>',
        f'<desc id="curves-desc">{_escape(_in_words(known))}</desc>',
        f'<rect width="{_WIDTH}" height="{frame.height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="26" font-size="16">{_escape(title)}</text>',
        *_axes(frame, sorted({point.budget for point in drawn}), _WORDS[curves[0].measure]),
    ]
    for i, (curve, points) in enumerate(known):
        parts += _line(frame, points, i)
        parts += _legend(curve, i, bool(points))
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class _Frame:
    """From budgets and values to places."""

    most: int
    low: float
    high: float
    step: float
    height: int

    @classmethod
    def around(cls, points: Sequence[CurvePoint], *, rows: int) -> _Frame:
        spread = [(p.mean, 0.0 if math.isnan(p.error) else p.error) for p in points]
        low, high = min(m - e for m, e in spread), max(m + e for m, e in spread)
        step = _nice(max(high - low, 1e-3) / 5)
        low, high = math.floor(low / step) * step, math.ceil(high / step) * step
        height = _HEIGHT + _ROW * rows
        return cls(max(p.budget for p in points), low, max(high, low + step), step, height)

    def x(self, budget: int) -> float:
        share = math.log2(1 + budget / 10) / (math.log2(1 + self.most / 10) or 1.0)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _nice(step: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= step * (1 - 1e-9))


def _axes(frame: _Frame, budgets: Sequence[int], words: str) -> Iterator[str]:
    decimals = max(0, -math.floor(math.log10(frame.step)))
    for i in range(round((frame.high - frame.low) / frame.step) + 1):
        value = frame.low + i * frame.step
        y = frame.y(value)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{value:.{decimals}f}</text>'
    bottom, last = _HEIGHT - _BOTTOM, -math.inf
    for budget in budgets:
        x = frame.x(budget)
        yield f'<line x1="{x}" x2="{x}" y1="{bottom}" y2="{bottom + 5}" stroke="#222"/>'
        if x - last >= 28:  # figures must not touch
            yield f'<text x="{x}" y="{bottom + 20}" text-anchor="middle">{budget}</text>'
            last = x
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield f'<text x="{middle}" y="{bottom + 40}" text-anchor="middle">questions answered</text>'
    yield f'<text x="{_LEFT}" y="{_TOP - 4}" font-size="12" fill="#555">{_escape(words)}</text>'


def _line(frame: _Frame, points: Sequence[CurvePoint], i: int) -> Iterator[str]:
    colour = _COLOURS[i % len(_COLOURS)]
    places = [(frame.x(p.budget), frame.y(p.mean)) for p in points]
    joined = " ".join(f"{x},{y}" for x, y in places)
    dash = _DASHES[i % len(_DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    if points:
        yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
    for point, (x, y) in zip(points, places, strict=True):
        if point.error > 0:
            top, low = frame.y(point.mean + point.error), frame.y(point.mean - point.error)
            yield f'<line x1="{x}" x2="{x}" y1="{top}" y2="{low}" stroke="{colour}"/>'
        yield _marker(x, y, i, colour)


def _marker(x: float, y: float, i: int, colour: str) -> str:
    shapes = (
        f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>',
        f'<rect x="{x - 4}" y="{y - 4}" width="8" height="8" fill="{colour}"/>',
        f'<path d="M{x},{y - 5} l5,9 h-10 z" fill="{colour}"/>',
        f'<path d="M{x},{y - 5} l5,5 l-5,5 l-5,-5 z" fill="{colour}"/>',
        f'<circle cx="{x}" cy="{y}" r="4" fill="#fff" stroke="{colour}" stroke-width="2"/>',
    )
    return shapes[i % len(shapes)]


def _legend(curve: LearningCurve, i: int, has_points: bool) -> Iterator[str]:  # noqa: FBT001  # private
    y = _HEIGHT + i * _ROW
    colour, dash = _COLOURS[i % len(_COLOURS)], _DASHES[i % len(_DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    yield f'<line x1="{_LEFT}" x2="{_LEFT + 32}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" stroke-width="2"{dashed}/>'
    yield _marker(_LEFT + 16, y - 4, i, colour)
    missing = "" if has_points else " (nothing to draw)"
    yield f'<text x="{_LEFT + 42}" y="{y}">{_escape(_name(curve))}{missing}</text>'


def _name(curve: LearningCurve) -> str:
    return f"{curve.learner}, {curve.dataset}"


def _in_words(known: Sequence[tuple[LearningCurve, Sequence[CurvePoint]]]) -> str:
    sentences = []
    for curve, points in known:
        said = ", ".join(
            f"{p.mean:.3f}" + ("" if math.isnan(p.error) else f" ± {p.error:.3f}") + f" at {p.budget}"
            for p in points
        )
        sentences.append(f"{_name(curve)}: {said or 'nothing to draw'}.")
    return f"Mean and standard error of {_WORDS[known[0][0].measure]} by questions answered. " + " ".join(
        sentences
    )


def _escape(text: str) -> str:
    """Write text as XML can hold it."""
    return escape_markup(_NOT_XML.sub("\ufffd", text))
