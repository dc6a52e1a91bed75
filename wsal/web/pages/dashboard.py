"""The Dashboard: where the project stands and what to do next, for everybody who is signed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from wsal.project import overview
from wsal.store import Tally
from wsal.web.access import Person, allow
from wsal.web.bench import bench_of
from wsal.web.curve import curve_of
from wsal.web.reader import Missing
from wsal.web.rendering import draw
from wsal.web.trust_words import say_finding, say_trust

__all__ = ["router"]

router = APIRouter(tags=["dashboard"])


@router.get("/dashboard", response_class=HTMLResponse, include_in_schema=False)
def page(request: Request, person: Annotated[Person, allow()]) -> HTMLResponse:
    """Draw the page; whoever may not read results sees progress alone, so that nothing colours answers."""
    bench = bench_of(request)
    tally = bench.desk.tally()
    values: dict[str, Any] = {
        "own": _by_purpose(one for one in tally if one.annotator == person.name),
        "team": _by_purpose(tally),
        "waiting": bench.desk.store.leases.n_waiting(),
        "disputed": bench.desk.store.leases.n_disputed(),
    }
    if "read" not in person.scopes:
        return draw(request, "dashboard_own.html", **values)
    look = bench.reader.ask(("overview",), overview)
    return draw(
        request,
        "dashboard.html",
        look=look,
        missing=isinstance(look, Missing),
        errand=bench.errands.last("estimate"),
        random=bench.errands.last("random"),
        trust=say_trust(look.trust) if not isinstance(look, Missing) and look.trust else None,
        findings=[say_finding(one) for one in look.trust.findings]
        if not isinstance(look, Missing) and look.trust
        else [],
        curve=None if isinstance(look, Missing) else curve_of(look.estimates),
        progress=_by_person(tally),
        **values,
    )


@dataclass(frozen=True)
class _Progress:
    """What somebody answered: labels by purpose, and how often something else."""

    person: str
    labels: dict[str, int]
    others: int


def _by_person(tally: Iterable[Tally]) -> list[_Progress]:
    people: dict[str, _Progress] = {}
    for one in tally:
        row = people.setdefault(one.annotator, _Progress(one.annotator, {}, 0))
        if one.outcome == "label":
            row.labels[one.purpose] = row.labels.get(one.purpose, 0) + one.n
        else:
            people[one.annotator] = replace(row, others=row.others + one.n)
    return [people[name] for name in sorted(people)]


def _by_purpose(tally: Iterable[Tally]) -> dict[str, int]:
    """Count labels by purpose; other outcomes are no labels."""
    counts: dict[str, int] = {}
    for one in tally:
        if one.outcome == "label":
            counts[one.purpose] = counts.get(one.purpose, 0) + one.n
    return dict(sorted(counts.items()))
