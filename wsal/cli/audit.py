"""``wsal audit``: is the past as it was written."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json

__all__ = ["audit"]


@click.group()
def audit() -> None:
    """Check that the past was not changed."""


@audit.command()
@as_json
@click.pass_obj
def verify(folder: Path, *, json_: bool) -> None:
    """Check every event's hash, the tables made from them, the guards, and every file that the ledger names.

    Exit code 0: nothing was changed; 1: something was, and it is said what.
    """
    from wsal.project import verify_project

    report = verify_project(folder)
    if json_:
        echo_json({"ok": report.ok, **asdict(report)})
    else:
        click.echo(str(report), err=not report.ok)
    if not report.ok:
        sys.exit(1)
