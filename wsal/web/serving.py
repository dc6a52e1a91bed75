"""Serving: the first admin's link, the refusal to be open to all without accounts, and uvicorn."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wsal.errors import InputError
from wsal.web.pages.people import invite

if TYPE_CHECKING:
    from collections.abc import Callable

    from wsal.web.bench import Bench

__all__ = ["first_link", "is_local", "require_accounts", "serve"]

_FIRST: Final = "admin"


def serve(
    folder: str | Path, *, host: str, port: int, hosts: Iterable[str] = (), say: Callable[[str], None]
) -> None:
    """Serve a project until somebody stops it.

    Parameters
    ----------
    folder : str or Path
    host : str
        Address to listen at.
    port : int
        0 for any that is free.
    hosts : iterable of str
        Names by which browsers may call the server, besides this machine's own.
    say : callable
        Prints a line.

    Raises
    ------
    InputError
        The address is open to others and nobody can sign in yet, or it cannot be listened at; or the data is read
        in parts.
    WsalError
        The project cannot be opened.
    """
    import uvicorn

    from wsal.web.app import create_app

    app = create_app(folder, hosts=(*hosts, host))
    bench: Bench = app.state.bench
    bench.desk.project.require_memory()
    require_accounts(bench, host)
    listening = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{shown}:{listening.getsockname()[1]}"
    link = first_link(bench)
    say(f"{bench.desk.project.config.name}: open {base + (link or '')}")
    if link:
        say("that link makes you the admin; it works once, for a day. Ctrl-C stops the server.")
    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # links hold secrets
        timeout_graceful_shutdown=2,  # pages that listen for news never hang up by themselves
        server_header=False,
        forwarded_allow_ips="127.0.0.1",
    )
    try:
        uvicorn.Server(settings).run(sockets=[listening])
    finally:
        listening.close()


def first_link(bench: Bench) -> str | None:
    """Return the path of a link that makes the first admin; None where somebody can manage people already."""
    people = bench.accounts.all()
    if any(account.role == "admin" and account.usable for account in people):
        return None
    if all(account.name != _FIRST for account in people):
        bench.accounts.add(_FIRST, "admin")
    return invite(bench, _FIRST)


def require_accounts(bench: Bench, host: str) -> None:
    """See that nobody can come in unasked: an address that others reach needs an admin with a password first.

    Raises
    ------
    InputError
        It has none.
    """
    if is_local(host) or any(a.role == "admin" and a.usable for a in bench.accounts.all()):
        return
    raise InputError(
        f"{host} can be reached by others, and nobody can sign in yet",
        hint="start once with `wsal serve` alone, open the link that it prints, and choose a password",
    )


def is_local(host: str) -> bool:
    """Say whether only this machine reaches an address.

    Examples
    --------
    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, number)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        raise InputError(
            f"{host}:{port} cannot be listened at: {error.strerror}", hint="choose another --port or --host"
        ) from error
    return listening
