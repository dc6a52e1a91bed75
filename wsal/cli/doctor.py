"""``wsal doctor``: what is the matter, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, for_each_label, say, table

__all__ = ["doctor"]


@click.command()
@click.option("--no-python", is_flag=True, help="Do not load rules that run code.")
@as_json
@click.pass_obj
@for_each_label
def doctor(folder: Path, *, no_python: bool, json_: bool) -> None:
    """Look at this installation, and at the project here, if there is one. Nothing is changed.

    Exit code 0: nothing fails, though there may be notes; 1: there are problems.
    """
    from wsal.project import examine

    readings = list(examine(folder, allow_python=not no_python))
    problems = sum(reading.state == "problem" for reading in readings)
    if json_:
        echo_json({"ok": not problems, "readings": [asdict(reading) for reading in readings]})
    else:
        rows = [
            (reading.area, "" if reading.state == "ok" else reading.state, _words(reading.says, reading.cure))
            for reading in readings
        ]
        table("", ("area", "", "what"), rows)
        notes = sum(reading.state == "note" for reading in readings)
        say(f"{problems} problems, {notes} notes")
    if problems:
        click.get_current_context().exit(1)


def _words(says: str, cure: str) -> str:
    return f"{says}\n→ {cure}" if cure else says
