"""Who may do what: roles, scopes, and the check that every endpoint declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias, cast, get_args

from fastapi import Depends, HTTPException, Request
from fastapi.security import APIKeyCookie, HTTPBearer

__all__ = ["ROLES", "SCOPES", "SCOPE_WORDS", "Person", "Role", "Scope", "allow", "person_of", "scopes_of"]

Scope: TypeAlias = Literal["label", "adjudicate", "read", "rules", "audit", "admin"]
"""What may be done: answer items, settle disagreements, see rules and results, write rules, see the ledger, and
manage people."""

Role: TypeAlias = Literal["annotator", "expert", "auditor", "admin"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

SCOPE_WORDS: Final[Mapping[Scope, str]] = {
    "label": "label items",
    "adjudicate": "settle disagreements",
    "read": "see rules and results",
    "rules": "write rules",
    "audit": "see the record",
    "admin": "manage people",
}
"""What each scope lets people do, as pages say it."""

ROLES: Final[Mapping[Role, frozenset[Scope]]] = {
    # Whoever labels sees no rules: they would colour the answers.
    "annotator": frozenset({"label"}),
    "expert": frozenset({"label", "adjudicate", "read", "rules"}),
    "auditor": frozenset({"read", "audit"}),
    "admin": frozenset(SCOPES),
}
"""What each role may do."""


@dataclass(frozen=True)
class Person:
    """Who is asking.

    Parameters
    ----------
    name : str
    role : str
    scopes : frozenset of str
        What may be done: by role, and by the token where a program asks.
    session : str
        Digest of the session; empty where a token was used.
    csrf : str
        What forms and scripts of this session send along.
    """

    name: str
    role: str
    scopes: frozenset[Scope]
    session: str = ""
    csrf: str = ""


def scopes_of(role: str) -> frozenset[Scope]:
    """Return what a role may do; nothing for one that a later version of wsal may know."""
    return next((scopes for name, scopes in ROLES.items() if name == role), frozenset())


def person_of(request: Request) -> Person:
    """Return who is asking; `wsal.web.gate` has found out.

    Raises
    ------
    HTTPException
        401: nobody is signed in.
    """
    person = request.scope.get("state", {}).get("person")
    if person is None:
        raise HTTPException(401, "sign in first")
    return cast("Person", person)


# For the OpenAPI document alone: the gate has checked both before an endpoint is reached.
_COOKIE = APIKeyCookie(name="wsal_session", scheme_name="session", auto_error=False)
_TOKEN = HTTPBearer(scheme_name="token", auto_error=False)


def allow(*scopes: Scope) -> Any:  # noqa: ANN401  # FastAPI's Depends
    """Declare that an endpoint is for whoever has one of the scopes; for everybody signed in where none is named.

    The dependency gives the endpoint the `Person`:
    ``def page(person: Annotated[Person, allow("read")]) -> …``.
    """

    def check(
        request: Request,
        _cookie: Annotated[object, Depends(_COOKIE)],
        _token: Annotated[object, Depends(_TOKEN)],
    ) -> Person:
        person = person_of(request)
        if scopes and not person.scopes & set(scopes):
            what = " or ".join(SCOPE_WORDS[scope] for scope in scopes)
            raise HTTPException(403, f"this is for people who may {what}; {person.name} may not")
        return person

    check.scopes = scopes  # type: ignore[attr-defined]  # read by the test that no endpoint forgot
    return Depends(check)
