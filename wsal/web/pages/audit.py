"""Audit: the record and its report, and whether groups are treated alike; for auditors."""

from __future__ import annotations

import json
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse

from wsal.audit import Sealed
from wsal.project import Project
from wsal.store import LedgerEntry
from wsal.web.access import Person, allow
from wsal.web.bench import bench_of
from wsal.web.reader import Missing
from wsal.web.rendering import draw
from wsal.web.telling import tell

__all__ = ["Auditor", "router"]

router = APIRouter(tags=["audit"])

Auditor = Annotated[Person, allow("audit")]

_ROWS: Final = 25  # of the ledger, on a page
_SHOWN: Final = 15  # gaps in a table
_LONG: Final = 200_000  # characters of an event


@router.get("/audit", response_class=HTMLResponse, include_in_schema=False)
def page(
    request: Request, person: Auditor, before: Annotated[int | None, Query(ge=1, lt=2**62)] = None
) -> HTMLResponse:
    """Draw the ledger, its verification, seals and the report."""
    del person
    bench = bench_of(request)
    head = bench.desk.store.head()
    last = head.seq if before is None else min(before - 1, head.seq)
    first = max(last - _ROWS, 0)
    return draw(
        request,
        "audit.html",
        head=head,
        rows=bench.reader.ask(("ledger", first, last), lambda project: _rows(project, first, last)),
        older=first + 1 if first else None,
        newer=before is not None,
        seals=bench.reader.ask(("seals",), _seals),
        verify=bench.errands.last("verify"),
        report=bench.errands.last("report"),
    )


@router.get("/audit/row", response_class=HTMLResponse, include_in_schema=False, responses={404: {}})
def row(request: Request, person: Auditor, seq: Annotated[int, Query(ge=1, lt=2**62)]) -> HTMLResponse:
    """Draw one row of the ledger: in words, all that it holds, and its hash with that of the row before."""
    del person
    bench = bench_of(request)
    last = bench.desk.store.head().seq
    if seq > last:
        raise HTTPException(404, f"the ledger has {last} rows, and no row {seq}")
    found = bench.reader.ask(("row", seq), lambda project: _rows(project, max(seq - 2, 0), seq))
    whole = ""
    if not isinstance(found, Missing):
        whole = json.dumps(dict(found[0][0].event.data), ensure_ascii=False, indent=2, sort_keys=True)
    return draw(request, "audit_row.html", seq=seq, last=last, found=found, whole=whole, most=_LONG)


@router.get("/audit/bias", response_class=HTMLResponse, include_in_schema=False)
def bias(request: Request, person: Auditor, by: Annotated[str, Query(max_length=500)] = "") -> HTMLResponse:
    """Draw what rules and labels do in the groups that a column makes."""
    del person
    bench = bench_of(request)
    columns = bench.reader.ask(("columns",), lambda project: project.items.columns)
    errand = bench.errands.last("bias", by) if by else None
    return draw(request, "audit_bias.html", columns=columns, by=by, errand=errand, most=_SHOWN)


@router.get("/audit/report", response_class=FileResponse, include_in_schema=False, responses={404: {}})
def report(request: Request, person: Auditor) -> FileResponse:
    """Send the report that was written last, as a file to keep."""
    del person
    errands = bench_of(request).errands
    errand = errands.last("report")
    if errand is None or errand.state != "done" or not errands.report.is_file():
        raise HTTPException(404, "no report was written since the server started: have one made first")
    return FileResponse(errands.report, media_type="text/html", filename="report.html")


def _rows(project: Project, first: int, last: int) -> list[tuple[LedgerEntry, str, str]]:
    """Return the rows behind ``first`` up to ``last``, the newest first, each in words."""
    found = []
    for entry in project.history.store.events(after=first):
        if entry.seq > last:
            break
        found.append((entry, *tell(entry.event)))
    return found[::-1]


def _seals(project: Project) -> list[tuple[LedgerEntry, Sealed]]:
    """Return the seals that the ledger notes, the newest first."""
    found = []
    for entry in project.history.store.events("sealed"):
        made = entry.event.payload()
        if isinstance(made, Sealed):
            found.append((entry, made))
    return found[::-1]
