"""``wsal backup``, ``wsal restore`` and ``wsal migrate``: copies of a project that are known to be right."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, say

__all__ = ["backup", "migrate", "restore"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--without-people", is_flag=True, help="Leave out names of people and the keys to their texts.")
@click.option("--without-data", is_flag=True, help="Leave out the items.")
@as_json
@click.pass_obj
def backup(folder: Path, file: Path, *, without_people: bool, without_data: bool, json_: bool) -> None:
    """Save the ledger, the files that it names, settings, rules and data in FILE, and check what was written."""
    from wsal.project import backup_project

    saved = backup_project(folder, file, people=not without_people, data=not without_data)
    if json_:
        echo_json(asdict(saved))
        return
    say(
        f"{saved.path}: {saved.n_rows} rows of the ledger and {saved.n_files} files, written, read again and compared"
    )
    if saved.people:
        note("it holds names of people and the keys to what they wrote: who is erased later is still in it")
    for text in saved.notes:
        note(text)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", "store_url", default=None, help="Keep the ledger in this database instead (a URL).")
@as_json
def restore(file: Path, directory: Path, *, store_url: str | None, json_: bool) -> None:
    """Make a project in DIRECTORY, which is empty or new, from the backup FILE, and verify it."""
    from wsal.project import restore_project

    made = restore_project(file, directory, store_url=store_url)
    if json_:
        echo_json(asdict(made))
        return
    say(
        f"{made.folder}: {made.n_rows} rows of the ledger and {made.n_files} files, verified; head {made.hash}"
    )
    if made.n_people_left_out:
        note(
            f"{made.n_people_left_out} people stand under pseudonyms: the backup has no names; the ledger records it"
        )
    for text in made.notes:
        note(text)


@click.command()
@click.option("--to", default=None, help="Copy the store to this database (a URL), and use it from now on.")
@click.pass_obj
def migrate(folder: Path, *, to: str | None) -> None:
    """Bring the store of an older wsal up to date; with --to, move it to another database, hashes intact."""
    from wsal.project import migrate_project

    report = migrate_project(folder, to=to)
    say(str(report), err=not report.ok)
    if to is not None:
        say("wsal.toml names the new store; the old one is left as it was")
    if not report.ok:
        sys.exit(1)
