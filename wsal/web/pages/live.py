"""Live news for open pages, and whether the server is well."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from wsal.web.access import Person, allow
from wsal.web.bench import bench_of

__all__ = ["router"]

router = APIRouter(tags=["server"])


class Health(BaseModel):
    """The server answers, and its store does."""

    status: str


@router.get("/healthz")
def health(request: Request) -> Health:
    """Say that the server is up and can read its store."""
    bench_of(request).desk.store.head()
    return Health(status="ok")


@router.get("/api/events", response_class=StreamingResponse, include_in_schema=False)
async def events(request: Request, person: Annotated[Person, allow()]) -> StreamingResponse:
    """Stream what happens in the background, as server-sent events."""
    del person
    return StreamingResponse(bench_of(request).hub.stream(), media_type="text/event-stream")
