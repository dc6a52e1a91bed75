"""``wsal serve``: the workbench in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from wsal.cli.options import say

__all__ = ["serve"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any that is free."
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="A name that browsers may use for this server; may be repeated.",
)
@click.pass_obj
def serve(folder: Path, *, host: str, port: int, allow_host: tuple[str, ...]) -> None:
    """Open the project in the browser: people label, with accounts. Nothing leaves this machine.

    The first start prints a link that makes you the admin. Other addresses than this machine's own are refused
    until an admin has a password.
    """
    from wsal.web import serve as run

    run(folder, host=host, port=port, hosts=allow_host, say=say)
