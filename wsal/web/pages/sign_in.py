"""Signing in and out, and the link by which a new person chooses a password."""

from __future__ import annotations

import secrets
import time
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.responses import JSONResponse

from wsal.errors import InputError
from wsal.store import Account
from wsal.web.access import Person, allow, scopes_of
from wsal.web.bench import Bench, bench_of
from wsal.web.navigation import home_of
from wsal.web.rendering import draw, draw_message
from wsal.web.secrets import check_password, digest_of, hash_password, new_secret, require_password

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

SESSION_SECONDS: Final = 7 * 24 * 3600
_FORM_SECONDS: Final = 3600
_WATCHED_SECONDS: Final = 900.0
_MOST_FAILURES: Final = 5
_MOST_FROM_ONE_ADDRESS: Final = 50  # a whole office may share one
_FORM_COOKIE: Final = "wsal_form"


@router.get("/login")
def show_login(request: Request, next: str = "") -> Response:  # noqa: A002  # the name in the URL
    """Draw the form."""
    person: Person | None = request.scope["state"].get("person")
    if person is not None:
        return RedirectResponse(_inside(next) or home_of(person), 303)
    return _form(request, "login.html", next=next, name="", problem="")


@router.post("/login")
def log_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=2000)] = "",
    form: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "",  # noqa: A002  # the name in the form
) -> Response:
    """Check the password, and open a session under a new id."""
    bench, address, name = bench_of(request), _address(request), name.strip().lower()

    def again(problem: str, status: int) -> Response:
        return _form(request, "login.html", status=status, next=next, name=name, problem=problem)

    if not _is_ours(request, bench, form):
        return again("The form was out of date. Try once more.", 403)
    by_name, by_address = bench.accounts.failures(
        account=name, address=address, since=time.time() - _WATCHED_SECONDS
    )
    if by_name >= _MOST_FAILURES or by_address >= _MOST_FROM_ONE_ADDRESS:
        bench.accounts.log("throttled", name, address=address)
        response = again("Too many attempts. Wait a quarter of an hour, or ask an admin for a new link.", 429)
        response.headers["retry-after"] = str(round(_WATCHED_SECONDS))
        return response
    account = bench.accounts.get(name)
    known = account.password_hash if account is not None and account.usable else None
    if not check_password(password, known) or account is None:
        bench.accounts.log("failed", name, address=address)
        return again("Name and password do not fit together.", 401)
    return _signed_in(request, bench, account, _inside(next))


@router.post("/logout")
def log_out(request: Request, person: Annotated[Person, allow()]) -> Response:
    """End the session."""
    bench = bench_of(request)
    if person.session:
        bench.accounts.close_session(person.session)
        bench.accounts.log("signed out", person.name, address=_address(request))
    response = JSONResponse({"next": "/login"})
    response.delete_cookie(bench.signing.cookie)
    return response


@router.get("/welcome/{secret}")
def show_welcome(request: Request, secret: str) -> Response:
    """Draw the form that sets a password; looking at it does not use the link up."""
    account = bench_of(request).accounts.invited(digest_of(secret))
    if account is None:
        return draw_message(request, 404, "This link has ended", _ENDED)
    return _form(request, "welcome.html", name=account.name, role=account.role, problem="")


@router.post("/welcome/{secret}")
def set_password(
    request: Request,
    secret: str,
    password: Annotated[str, Form(max_length=2000)] = "",
    again: Annotated[str, Form(max_length=2000)] = "",
    form: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Set the password, end the link, and open a session."""
    bench, digest = bench_of(request), digest_of(secret)
    account = bench.accounts.invited(digest)
    if account is None:
        return draw_message(request, 404, "This link has ended", _ENDED)

    def refuse(problem: str, status: int) -> Response:
        return _form(
            request, "welcome.html", status=status, name=account.name, role=account.role, problem=problem
        )

    if not _is_ours(request, bench, form):
        return refuse("The form was out of date. Try once more.", 403)
    if password != again:
        return refuse("The two passwords differ.", 422)
    try:
        require_password(password, name=account.name)
    except InputError as error:
        return refuse(f"{error.message[0].upper()}{error.message[1:]}. {error.hint or ''}", 422)
    accepted = bench.accounts.accept(digest, hash_password(password))
    if accepted is None:  # somebody else was quicker
        return draw_message(request, 404, "This link has ended", _ENDED)
    bench.accounts.log("set a password", accepted.name, address=_address(request))
    return _signed_in(request, bench, accepted, "")


_ENDED: Final = "It was used, replaced by a newer one, or is more than a day old. Ask an admin for another."


def _signed_in(request: Request, bench: Bench, account: Account, wanted: str) -> Response:
    """Open a session under an id that nobody knew before, and go on."""
    secret = new_secret()
    bench.accounts.open_session(digest_of(secret), account.name, until=time.time() + SESSION_SECONDS)
    bench.accounts.log("signed in", account.name, address=_address(request))
    person = Person(account.name, account.role, scopes_of(account.role))
    response = RedirectResponse(wanted or home_of(person), 303)
    response.set_cookie(
        bench.signing.cookie,
        bench.signing.sign(secret),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    response.delete_cookie(_FORM_COOKIE)
    return response


def _form(request: Request, template: str, *, status: int = 200, **values: str) -> HTMLResponse:
    """Draw a form for somebody who is not signed in, with a token that only this browser can send back."""
    seed = secrets.token_urlsafe(16)
    signing = bench_of(request).signing
    response = draw(request, template, status=status, form=signing.form_token(f"form:{seed}"), **values)
    response.set_cookie(
        _FORM_COOKIE,
        signing.sign(seed),
        max_age=_FORM_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _is_ours(request: Request, bench: Bench, form: str) -> bool:
    seed = bench.signing.read(request.cookies.get(_FORM_COOKIE, ""))
    return seed is not None and bench.signing.is_form_token(form, f"form:{seed}")


def _inside(wanted: str) -> str:
    """Return a path of this server; empty where somebody tries to lead elsewhere."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if plain and "\\" not in wanted else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
