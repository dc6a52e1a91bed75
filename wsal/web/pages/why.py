"""Why: the evidence for one item's label, its history, and what hangs on a rule; for auditors."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from wsal.evidence import waterfall_of
from wsal.project import BLIND_PURPOSES, Project, item_history, write_lineage
from wsal.web.bench import bench_of
from wsal.web.navigation import ENTRIES
from wsal.web.pages.audit import Auditor
from wsal.web.reader import Missing
from wsal.web.rendering import draw

__all__ = ["router"]

router = APIRouter(tags=["audit"])

_PAGE: Final = 25  # items of a withdrawal
_SETS: Final = 5  # of decisive rules

Named = Annotated[str, Query(max_length=1000)]


@router.get("/audit/why", response_class=HTMLResponse, include_in_schema=False)
def why(
    request: Request,
    person: Auditor,
    item: Named = "",
    without: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006  # FastAPI copies it
    first: Named = "",
    second: Named = "",
) -> HTMLResponse:
    """Draw why an item has its label, also without some rules or by the evidence for two classes, and its history."""
    del person
    reader = bench_of(request).reader
    values: dict[str, Any] = {"item": item, "found": None, "events": (), "blind": False, "less": None}
    if item:
        pair = (first, second) if first and second else None
        found = reader.ask(("why", item, pair), lambda project: project.why(item, contrast=pair))
        values["found"] = found
        values["events"] = reader.ask(("history", item), lambda project: item_history(project.history, item))
        values["blind"] = reader.ask(("blind", item), lambda project: _waits_blind(project, item))
        if not isinstance(found, Missing):
            evidence = found.evidence
            values["fall"] = waterfall_of(evidence.terms)
            values["voters"] = [r.rules[0] for r in evidence.decisive.each]
            if without:
                chosen = tuple(dict.fromkeys(without))
                less = reader.ask(
                    ("less", item, pair, chosen),
                    lambda project: project.why(item, contrast=pair).without(chosen),
                )
                values["less"] = less
                if not isinstance(less, Missing):
                    values["less_fall"] = waterfall_of(less.terms)
    return draw(request, "audit_why.html", without=without, sets=_SETS, **values)


@router.get("/audit/rules", response_class=HTMLResponse, include_in_schema=False)
def rules(
    request: Request,
    person: Auditor,
    rule: Named = "",
    start: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> HTMLResponse:
    """Draw the scorecards of all rules, and what would change in all labels without one."""
    del person
    reader = bench_of(request).reader
    cards = reader.ask(("cards",), lambda project: project.scorecards(allow_python=False).every())
    withdrawn = reader.ask(("withdraw", rule), lambda project: project.withdraw(rule)) if rule else None
    return draw(
        request,
        "audit_rules.html",
        cards=cards,
        rule=rule,
        withdrawn=withdrawn,
        start=start,
        most=_PAGE,
        has_rules_page=any(entry.path == "/rules" for entry in ENTRIES),
    )


@router.get("/audit/rules.csv", include_in_schema=False, responses={404: {}})
def rules_csv(request: Request, person: Auditor, rule: Named) -> Response:
    """Send every item whose label changes without a rule, as a CSV file."""
    del person
    withdrawn = bench_of(request).reader.ask(("withdraw", rule), lambda project: project.withdraw(rule))
    if isinstance(withdrawn, Missing):
        raise HTTPException(404, withdrawn.why)
    with tempfile.TemporaryDirectory(prefix="wsal-lineage-") as folder:
        path = Path(folder) / "lineage.csv"
        write_lineage(withdrawn, path)
        content = path.read_bytes()
    # The name of a rule is anybody's text, so it names no file.
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="lineage.csv"'},
    )


def _waits_blind(project: Project, item: str) -> bool:
    """Whether the item waits for an answer that nothing shall colour."""
    return any(
        str(draw.item) == item and draw.purpose in BLIND_PURPOSES for draw in project.history.open_draws()
    )
