"""One's own account: the tokens of programs that act for a person."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from wsal.store import ApiToken
from wsal.web.access import Person, Scope, allow
from wsal.web.bench import bench_of
from wsal.web.rendering import draw
from wsal.web.secrets import digest_of, new_secret

__all__ = ["router"]

router = APIRouter(tags=["account"])

_MOST_TOKENS: Final = 50
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class NewToken(BaseModel):
    """What a token is for, what it may do, and for how many days."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    scopes: list[Scope] = Field(min_length=1, max_length=10)
    days: int = Field(30, ge=1, le=366)


class TokenMade(BaseModel):
    """The token; it is shown this once."""

    token: str


class Done(BaseModel):
    """It is done."""

    done: bool = True


@router.get("/account", response_class=HTMLResponse, include_in_schema=False)
def page(request: Request, person: Annotated[Person, allow()]) -> HTMLResponse:
    """Draw the page."""
    return draw(
        request,
        "account.html",
        scopes=sorted(person.scopes),
        tokens=bench_of(request).accounts.tokens(person.name),
        now=time.time(),
    )


@router.post("/api/account/tokens")
def make_token(request: Request, body: NewToken, person: Annotated[Person, allow()]) -> TokenMade:
    """Make a token; a token cannot make others."""
    _require_session(person)
    accounts = bench_of(request).accounts
    beyond = set(body.scopes) - person.scopes
    if beyond:
        raise HTTPException(403, f"{person.name} may not {' or '.join(sorted(beyond))}")
    if len(accounts.tokens(person.name)) >= _MOST_TOKENS:
        raise HTTPException(422, f"there are {_MOST_TOKENS} tokens already; end some")
    secret, now = f"wsal_{new_secret()}", time.time()
    scopes = tuple(sorted(set(body.scopes)))
    token = ApiToken(digest_of(secret), person.name, body.name, scopes, now, now + body.days * 86400)
    accounts.add_token(token)
    accounts.log("made a token", person.name, detail=f"{body.name}: {' '.join(scopes)}")
    return TokenMade(token=secret)


@router.delete("/api/account/tokens/{digest}")
def end_token(request: Request, digest: Digest, person: Annotated[Person, allow()]) -> Done:
    """End one of one's own tokens."""
    _require_session(person)
    accounts = bench_of(request).accounts
    if not accounts.revoke_token(digest, person.name):
        raise HTTPException(404, "there is no such token")
    accounts.log("ended a token", person.name)
    return Done()


def _require_session(person: Person) -> None:
    if not person.session:
        raise HTTPException(403, "tokens are managed by people who are signed in")
