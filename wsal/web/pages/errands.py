"""Errands over HTTP: begin one, and ask what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from wsal.web.access import SCOPE_WORDS, Person, allow
from wsal.web.bench import bench_of
from wsal.web.errands import Errand, ErrandKind
from wsal.web.reader import Missing

__all__ = ["router"]

router = APIRouter(tags=["errands"])

Reading = Annotated[Person, allow("read", "audit")]
Column = Annotated[str, Field(max_length=500)]


class ErrandWanted(BaseModel):
    """What to do; ``subject`` is the column where groups are compared."""

    model_config = ConfigDict(extra="forbid")
    kind: ErrandKind
    subject: Column = ""


class ErrandShown(BaseModel):
    """How far an errand is; ``none`` where nobody asked."""

    state: Literal["none", "running", "done", "failed"]
    began: float | None = None
    why: str = ""


@router.post("/api/errands")
def begin(request: Request, body: ErrandWanted, person: Reading) -> ErrandShown:
    """Begin an errand; quality may be estimated by whoever sees results, the rest is for auditors."""
    if body.kind not in {"estimate", "random"} and "audit" not in person.scopes:
        raise HTTPException(403, f"this is for people who may {SCOPE_WORDS['audit']}; {person.name} may not")
    bench = bench_of(request)
    if body.kind == "bias":
        columns = bench.reader.ask(("columns",), lambda project: project.items.columns)
        if isinstance(columns, Missing):
            raise HTTPException(422, columns.why)
        if body.subject not in columns:
            raise HTTPException(422, f"there is no column {body.subject!r}")
    elif body.subject:
        raise HTTPException(422, "only a comparison of groups has a subject")
    return _shown(bench.errands.start(body.kind, by=person.name, subject=body.subject))


@router.get("/api/errands")
def state(
    request: Request,
    person: Reading,
    kind: ErrandKind,
    subject: Annotated[str, Query(max_length=500)] = "",
) -> ErrandShown:
    """Say how far the last errand of a kind is."""
    del person
    return _shown(bench_of(request).errands.last(kind, subject))


def _shown(errand: Errand | None) -> ErrandShown:
    if errand is None:
        return ErrandShown(state="none")
    return ErrandShown(state=errand.state, began=errand.began, why=errand.why)
