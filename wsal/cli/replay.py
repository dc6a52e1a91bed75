"""``wsal audit replay``: are the labels what the ledger's own record gives."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say

if TYPE_CHECKING:
    from wsal.audit import Comparison
    from wsal.project import Replay

__all__ = ["replay"]


@click.command(short_help="Compute a run again, and compare.")
@click.argument("run", required=False)
@click.option(
    "--from-rules", is_flag=True, help="Compute the votes again, too, from the kept text of the rules."
)
@as_json
@click.pass_obj
def replay(folder: Path, *, run: str | None, from_rules: bool, json_: bool) -> None:
    """Compute RUN again from what the ledger names, and compare; the last run of `wsal fit` where none is named.

    Nothing is written. Exit code 0: identical, or equal within 1e-9 (another processor); 1: different, or something
    that is needed is gone.
    """
    from wsal.project import replay as replay_run

    history = open_project(folder).history
    with _busy(wanted=not json_ and not from_rules):
        found = replay_run(history, run, from_rules=from_rules, progress=not json_)
    for text in found.notes:
        note(text)
    if json_:
        echo_json({"ok": found.ok, **asdict(found)})
    else:
        _draw(found)
    if not found.ok:
        sys.exit(1)


def _busy(*, wanted: bool) -> AbstractContextManager[object]:
    """Show on a terminal that work goes on."""
    if not (wanted and sys.stderr.isatty()):
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status("computing the run again")


def _draw(found: Replay) -> None:
    say(f"run {found.run}, computed again in {found.seconds:.1f} s")
    if found.votes is not None:
        _say("votes", found.votes)
    if found.labels is not None:
        _say(f"labels (with {found.n_answers} answers)", found.labels)
    for text in found.software_changes:
        say(f"  software: {text}")
    if found.votes is None:
        say("votes: read as they were kept; --from-rules lets the rules of then vote again")


def _say(what: str, found: Comparison) -> None:
    match found.verdict:
        case "identical":
            say(f"{what}: identical, {found.n_items} items")
        case "equal":
            say(f"{what}: equal within 1e-9, {found.n_items} items; largest difference {found.largest:.2g}")
        case "different":
            say(
                f"{what}: DIFFERENT for {found.n_different} of {found.n_items} items; "
                f"largest difference {found.largest:.2g}"
            )
            say(f"  first: {found.first}")
