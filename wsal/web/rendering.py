"""Drawing pages: Jinja2 with everything escaped, and what every page is given."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from wsal.web.access import SCOPE_WORDS
from wsal.web.bench import bench_of
from wsal.web.navigation import nav_for
from wsal.web.reader import Missing
from wsal.web.wording import COEFFICIENTS, LOGGED, OUTCOMES, PURPOSES, counted

__all__ = ["STATIC", "draw", "draw_message"]

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"
"""The folder of scripts and the style sheet."""

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _percent(share: float | None) -> str:
    return "–" if share is None or math.isnan(share) else f"{100 * share:.1f} %"


def _points(share: float | None) -> str:
    return "–" if share is None or math.isnan(share) else _signed(100 * share, 1)


def _moment(time: str | float) -> str:
    """Return a moment as people write it: 2024-03-01 09:30 UTC; seconds since 1970 are one too."""
    text = time if isinstance(time, str) else datetime.fromtimestamp(time, UTC).isoformat()
    return f"{text[:10]} {text[11:16]} UTC" if len(text) >= 16 else text


def _signed(value: float, digits: int = 3) -> str:
    """Return a number with its sign, and a minus that is one."""
    return f"{value:+.{digits}f}".replace("-", "−")


_TEMPLATES.filters.update(percent=_percent, points=_points, moment=_moment, signed=_signed, counted=counted)
_TEMPLATES.globals.update(
    PURPOSES=PURPOSES, OUTCOMES=OUTCOMES, SCOPE_WORDS=SCOPE_WORDS, COEFFICIENTS=COEFFICIENTS, LOGGED=LOGGED
)
_TEMPLATES.tests["missing"] = lambda part: isinstance(part, Missing)


def draw(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401  # what a template shows
    """Draw a page.

    Parameters
    ----------
    request : Request
    template : str
        Name of a file in ``templates``, which extends ``base.html``.
    status : int
    **values
        What the template shows; all of it is escaped.
    """
    person = request.scope.get("state", {}).get("person")
    bench = bench_of(request)
    text = _TEMPLATES.get_template(template).render(
        person=person,
        nav=nav_for(person),
        path=request.url.path,
        project=bench.desk.project.config.name,
        **values,
    )
    # Half characters, which data may hold, cannot be written in UTF-8.
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def draw_message(request: Request, status: int, title: str, text: str, *, hint: str = "") -> HTMLResponse:
    """Draw a page that says why there is no other one."""
    return draw(request, "message.html", status=status, title=title, text=text, hint=hint, number=status)
