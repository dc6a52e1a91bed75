"""The gate: what every request passes before it reaches a page, and every response before it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import quote, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wsal.store import Accounts
from wsal.web.access import Person, scopes_of
from wsal.web.secrets import Signing, digest_of

__all__ = ["Gate", "SafetyRules"]

MOST_BYTES: Final = 1_000_000
"""Of a request's body."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PUBLIC: Final = ("/healthz", "/openapi.json", "/login", "/favicon.ico")
_PUBLIC_BELOW: Final = ("/static/", "/welcome/")

_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",  # "no-referrer" would send the forms without their origin
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True)
class SafetyRules:
    """What the gate goes by.

    Parameters
    ----------
    accounts : Accounts
    signing : Signing
    hosts : frozenset of str
        Names by which this server may be called; a page of another name that was made to point here is refused.
    """

    accounts: Accounts
    signing: Signing
    hosts: frozenset[str]


class Gate:
    """ASGI middleware: hosts, size of bodies, who is asking, forged requests, and headers of safety.

    Whatever is not public needs a session or a token, whether its endpoint remembered to ask or not.

    Parameters
    ----------
    app : ASGIApp
    rules : SafetyRules
    """

    def __init__(self, app: ASGIApp, rules: SafetyRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    found[name] = value
                found.setdefault("cache-control", "no-store")
            await send(message)

        refusal = await self._refusal(scope, headers)
        if refusal is None and "transfer-encoding" in headers:
            read = await _read(receive)
            if read is None:
                refusal = _Refusal(413, f"the body has more than {MOST_BYTES} bytes")
            else:
                receive = read
        if refusal is None:
            await self._app(scope, receive, send_safely)
        else:
            await refusal.send(scope, headers, send_safely)

    async def _refusal(self, scope: Scope, headers: Headers) -> _Refusal | None:
        refusal = self._malformed(headers)
        unsafe = scope["method"] not in _SAFE_METHODS
        if refusal is None and unsafe and "authorization" not in headers and not _same_origin(headers):
            refusal = _Refusal(403, "the request comes from another site")
        if refusal is not None:
            return refusal
        person = await to_thread.run_sync(self._who, headers)
        scope.setdefault("state", {})["person"] = person
        path: str = scope["path"]
        if path in _PUBLIC or path.startswith(_PUBLIC_BELOW):
            return None
        if person is None:
            return _Refusal(401, "sign in, or send an API token")
        token = headers.get("x-csrf-token", "")
        if unsafe and person.session and not self._rules.signing.is_form_token(token, person.session):
            return _Refusal(403, "the page is out of date: load it again")
        return None

    def _malformed(self, headers: Headers) -> _Refusal | None:
        host, length = headers.get("host", ""), headers.get("content-length", "0")
        if _name_of(host) not in self._rules.hosts:
            return _Refusal(
                400, f"this server is not called {host[:100]!r}; name it with `wsal serve --allow-host`"
            )
        if not (length.isascii() and length.isdecimal()):
            return _Refusal(400, "Content-Length is no number")
        if len(length) > 18 or int(length) > MOST_BYTES:
            return _Refusal(413, f"the body has more than {MOST_BYTES} bytes")
        return None

    def _who(self, headers: Headers) -> Person | None:
        """Find out who is asking: by an API token, or by the cookie of a session."""
        kind, _, secret = headers.get("authorization", "").partition(" ")
        if kind:
            found = self._rules.accounts.by_token(digest_of(secret)) if kind.lower() == "bearer" else None
            if found is None:
                return None
            account, token = found
            return Person(account.name, account.role, scopes_of(account.role) & frozenset(token.scopes))
        session = session_of(headers, self._rules.signing)
        signed_in = self._rules.accounts.by_session(session) if session else None
        if signed_in is None or session is None:
            return None
        csrf = self._rules.signing.form_token(session)
        return Person(signed_in.name, signed_in.role, scopes_of(signed_in.role), session, csrf)


def session_of(headers: Headers, signing: Signing) -> str | None:
    """Return the digest of the session whose cookie a browser sent; None where there is none of ours."""
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    if signing.cookie not in jar:
        return None
    value = signing.read(jar[signing.cookie].value)
    return None if value is None else digest_of(value)


@dataclass(frozen=True)
class _Refusal:
    """An answer of the gate itself."""

    status: int
    why: str

    async def send(self, scope: Scope, headers: Headers, send: Send) -> None:
        if self.status == 401 and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            wanted = scope["path"] + (
                f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            )
            await _send(send, 303, [("location", f"/login?next={quote(wanted, safe='/')}")], b"")
            return
        extra = [("content-type", "application/json")]
        if self.status == 401:
            extra.append(("www-authenticate", "Bearer"))
        if self.status == 413:
            extra.append(("connection", "close"))  # what is left of the body is not read
        await _send(send, self.status, extra, json.dumps({"error": self.why}).encode())


async def _send(send: Send, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _read(receive: Receive) -> Receive | None:
    """Read a body that did not say how long it is; None where it is larger than anybody needs."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break  # whoever sent it has hung up
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        if sum(map(len, parts)) > MOST_BYTES:
            return None
    whole: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def receive_again() -> Message:
        return whole.pop() if whole else await receive()

    return receive_again


def _name_of(host: str) -> str:
    """Return the name in a Host header, without its port.

    Examples
    --------
    >>> _name_of("localhost:8765"), _name_of("[::1]:8765"), _name_of("Example.ORG")
    ('localhost', '::1', 'example.org')
    """
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _same_origin(headers: Headers) -> bool:
    """Say whether a page of this server sent a request; a browser always says so itself."""
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host", "") and urlsplit(origin).scheme in (
            "http",
            "https",
        )
    return headers.get("sec-fetch-site") == "same-origin"
