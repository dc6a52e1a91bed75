"""The app: FastAPI with its pages, behind the gate."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

import wsal
from wsal.errors import InputError, StoreError, WsalError
from wsal.project import Desk, RuleDesk
from wsal.web.access import person_of
from wsal.web.background import Background
from wsal.web.bench import Bench, bench_of
from wsal.web.errands import Errands
from wsal.web.gate import Gate, SafetyRules
from wsal.web.live import Hub
from wsal.web.navigation import home_of
from wsal.web.pages import ROUTERS
from wsal.web.reader import Reader
from wsal.web.rendering import STATIC, draw_message
from wsal.web.secrets import Signing

__all__ = ["LOCAL_HOSTS", "create_app"]

_TITLES: Final = {
    401: "Sign in first",
    403: "This is not open to you",
    404: "There is no such page",
    422: "That cannot be done",
    503: "Not available just now",
}

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def create_app(folder: str | Path, *, hosts: Iterable[str] = (), work: bool = True) -> FastAPI:
    """Make the app of a project.

    Parameters
    ----------
    folder : str or Path
        In the project.
    hosts : iterable of str
        Names by which browsers may call the server, besides this machine's own.
    work : bool
        Whether to start the background process.

    Raises
    ------
    WsalError
        The project cannot be opened.
    """
    desk = Desk(folder)
    desk.project.history.store.require_writable()
    config = desk.project.config
    hub = Hub()
    bench = Bench(
        desk,
        RuleDesk(lambda: desk.project),
        Signing.of_project(config.folder),
        hub,
        Background(config.folder, hub, refit_after=config.refit_after),
        Reader(config.folder),
        Errands(config.folder, hub),
    )

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        if work:
            bench.background.start()
            threading.Thread(target=_warm_up, args=(bench,), name="wsal-warm-up", daemon=True).start()
            if desk.store.latest_run("run_fitted") is None:
                bench.background.ask("apply")
        yield
        bench.background.close()
        bench.errands.close()
        bench.reader.close()
        desk.close()

    app = FastAPI(
        title="wsal", version=wsal.__version__, lifespan=running, docs_url=None, redoc_url=None,
        description="The workbench of a wsal project. Programs send an API token: `Authorization: Bearer …`.",
    )  # fmt: skip
    app.state.bench = bench
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/", _home, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(WsalError, _wsal_error)
    named = {host.lower() for host in hosts} | {socket.gethostname().lower()} | LOCAL_HOSTS
    app.add_middleware(Gate, rules=SafetyRules(bench.accounts, bench.signing, frozenset(named)))
    return app


def _warm_up(bench: Bench) -> None:
    with suppress(WsalError):  # the page of the rules says what is wrong with them
        bench.rules.warm_up()


def _home(request: Request) -> Response:
    return RedirectResponse(home_of(person_of(request)), 303)


def _http_error(request: Request, error: Exception) -> Response:
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    return _say(request, status, str(detail))


def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    # What was sent is not sent back: it may hold a password.
    problems = [{"where": list(one["loc"]), "what": one["msg"]} for one in found]
    words = "; ".join(f"{'.'.join(map(str, p['where']))}: {p['what']}" for p in problems)
    if _is_page(request):
        return _say(request, 422, words)
    return JSONResponse({"error": words, "problems": jsonable_encoder(problems)}, 422)


def _wsal_error(request: Request, error: Exception) -> Response:
    if isinstance(error, StoreError):
        return _say(request, 503, str(error).splitlines()[0])
    if isinstance(error, InputError):
        return _say(request, 422, error.message, hint=error.hint)
    return _say(request, 500, str(error))


def _is_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _say(request: Request, status: int, why: str, *, hint: str | None = None) -> Response:
    bench = bench_of(request)
    why, hint = bench.discreet(why), bench.discreet(hint or "")
    if _is_page(request):
        title = _TITLES.get(status, "That did not work")
        text = f"{why[:1].upper()}{why[1:]}".removesuffix(".") + "."
        if status == 404 and why == "Not Found":
            text = "The address leads nowhere; something may have been moved or mistyped."
        return draw_message(request, status, title, text, hint=hint)
    return JSONResponse({"error": why} | ({"hint": hint} if hint else {}), status)
