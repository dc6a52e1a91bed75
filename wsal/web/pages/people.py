"""People: accounts, roles, links for new passwords, and the log of who came in; for admins."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from wsal.web.access import ROLES, Person, Role, allow
from wsal.web.bench import Bench, bench_of
from wsal.web.rendering import draw
from wsal.web.secrets import digest_of, new_secret

__all__ = ["LINK_SECONDS", "NAME", "invite", "router"]

router = APIRouter(tags=["people"])

LINK_SECONDS: Final = 24 * 3600
NAME: Final = r"^[a-z0-9][a-z0-9._@-]{0,63}$"

Admin = Annotated[Person, allow("admin")]
Name = Annotated[str, Field(pattern=NAME)]


class NewPerson(BaseModel):
    """A person who shall work here."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    role: Role


class Change(BaseModel):
    """What changes of an account; what is not given stays."""

    model_config = ConfigDict(extra="forbid")
    role: Role | None = None
    disabled: bool | None = None


class Link(BaseModel):
    """The path of a link that sets a password once, within a day."""

    link: str


class Changed(BaseModel):
    """It is done."""

    done: bool = True


@router.get("/people", response_class=HTMLResponse, include_in_schema=False)
def page(request: Request, person: Admin) -> HTMLResponse:
    """Draw the page."""
    del person
    accounts = bench_of(request).accounts
    return draw(
        request, "people.html", people=accounts.all(), roles=tuple(ROLES), log=accounts.logged(most=100)
    )


@router.post("/api/people")
def add(request: Request, body: NewPerson, person: Admin) -> Link:
    """Make an account, and a link by which its owner sets the password."""
    bench = bench_of(request)
    bench.accounts.add(body.name, body.role)
    bench.accounts.log("added", body.name, detail=f"as {body.role}, by {person.name}")
    return Link(link=invite(bench, body.name))


@router.post("/api/people/{name}/link")
def new_link(request: Request, name: Name, person: Admin) -> Link:
    """Make another link for somebody who forgot the password; it works until then as before."""
    bench = bench_of(request)
    account = bench.accounts.get(name)
    if account is None or account.disabled is not None:
        raise HTTPException(404, f"there is no open account {name}")
    bench.accounts.log("invited", name, detail=f"by {person.name}")
    return Link(link=invite(bench, name))


@router.patch("/api/people/{name}")
def change(request: Request, name: Name, body: Change, person: Admin) -> Changed:
    """Change a role, or close or reopen an account; never one's own, so that an admin is left."""
    accounts = bench_of(request).accounts
    if accounts.get(name) is None:
        raise HTTPException(404, f"there is no account {name}")
    if name == person.name:
        raise HTTPException(422, "ask another admin to change your own account")
    if body.role is not None:
        accounts.set_role(name, body.role)
        accounts.log("changed", name, detail=f"role {body.role}, by {person.name}")
    if body.disabled is not None:
        accounts.set_disabled(name, disabled=body.disabled)
        accounts.log("closed" if body.disabled else "reopened", name, detail=f"by {person.name}")
    return Changed()


def invite(bench: Bench, name: str) -> str:
    """Make a link for a person, and return its path."""
    secret = new_secret()
    bench.accounts.invite(digest_of(secret), name, until=time.time() + LINK_SECONDS)
    return f"/welcome/{secret}"
