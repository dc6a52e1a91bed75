"""The page: one HTML file, without scripts, that prints, and reads on a telephone and in the dark."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wsal.markup import plain
from wsal.report.parts import AuditReport, Unknown

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["draw_page"]

_HERE: Final = Path(__file__).parent / "templates"
_WIDTH: Final = 200.0  # of a drawn interval, in its own units


def draw_page(report: AuditReport) -> str:
    """Draw a report as one HTML file.

    Parameters
    ----------
    report : AuditReport

    Returns
    -------
    str
        With its style and drawings inside. Text from data, rules and people is escaped, and control characters, with
        which one text can look like another, are replaced.
    """
    return _environment().get_template("report.html").render(report=report)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    found.filters.update(
        percent=_percent, points=_points, at=_at, minutes=_minutes, moment=_moment, sentence=_sentence
    )
    found.tests["unknown"] = lambda part: isinstance(part, Unknown)
    found.tests["nan"] = lambda number: isinstance(number, float) and math.isnan(number)
    return found


def _plain(value: object) -> object:
    """Replace control characters in text; what is already markup was made here."""
    return plain(value) if type(value) is str else value


def _percent(share: float | None) -> str:
    return "–" if share is None or math.isnan(share) else f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:+.1f}"


def _at(share: float) -> str:
    """Return the place of a share on a drawing, in its units."""
    return f"{_WIDTH * min(max(0.0 if math.isnan(share) else share, 0.0), 1.0):.1f}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _moment(time: str) -> str:
    """Return a moment as people write it: 2024-03-01 09:30 UTC."""
    return f"{time[:10]} {time[11:16]} UTC" if len(time) >= 16 else time


def _sentence(text: str) -> str:
    """Make a note a sentence: it begins with a capital and ends with a full stop."""
    said = text.replace("`", "")
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith(('.', '?', '!')) else '.'}"
