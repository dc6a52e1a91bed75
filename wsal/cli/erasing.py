"""``wsal people``: whose names the store knows, and erasing a person."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say, table

__all__ = ["people"]


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def people(ctx: click.Context, *, json_: bool) -> None:
    """List the people whose names the store knows; erase one of them."""
    if ctx.invoked_subcommand is not None:
        return
    rows = open_project(ctx.obj).people()
    if json_:
        echo_json([asdict(row) for row in rows])
        return
    if not rows:
        say("nobody yet: people are known from the first event on that they caused")
        return
    table(
        "",
        ["name", "pseudonym in the ledger", "events", "in plain"],
        [[row.name, row.pseudonym, str(row.n_events), str(row.n_in_plain)] for row in rows],
        numeric=2,
    )


@people.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(folder: Path, name: str, *, yes: bool) -> None:
    """Destroy the name and the key of NAME: texts cannot be read any more, labels stay under a pseudonym."""
    from wsal.project import names_left

    project = open_project(folder)
    known = [row.name for row in project.people()]
    if not yes and name in known:  # who is not known is refused by the next call, without a question
        click.confirm(f"Erase {name}? This cannot be undone", abort=True)
    erased = project.erase_person(name)
    say(f"{erased.person.name} is erased; the labels stay, by {erased.person.pseudonym}")
    say(f"row {erased.seq} of the ledger records it, without the name")
    if erased.person.n_in_plain:
        note(
            f"{erased.person.n_in_plain} older events hold the name in plain, as wsal wrote it before; "
            "they cannot be changed"
        )
    left = names_left(project.history, erased.person.name)
    for one in left:
        say(f"the name still stands in {one.place}: {one.remedy}")
    if not left:
        say(
            "the name stands in no other place of the ledger, and in no file of the project that was looked at"
        )
    note(
        "not looked at, and yours to clean: Parquet files and archives, and whatever left the project's folder: "
        "backups that hold the keys, files that were imported, exports, reports and seals"
    )
    for text in erased.notes:
        note(text)
