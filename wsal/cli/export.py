"""``wsal export``: the labels as a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say
from wsal.labels import TiePolicy

__all__ = ["export"]


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format", "format_", type=click.Choice(["parquet", "csv", "jsonl"]), help="From the name, if not given."
)
@click.option(
    "--ties",
    type=click.Choice(["abstain", "first", "random"]),
    default="abstain",
    show_default=True,
    help="The label where the best classes tie: none, the first, or one by lot.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@as_json
@click.pass_obj
def export(  # one parameter an option
    folder: Path, *, path: Path, format_: str | None, ties: TiePolicy, force: bool, json_: bool
) -> None:
    """Write id, probabilities, label, source and run of every item to PATH (.parquet, .csv or .jsonl)."""
    written = open_project(folder).export(path, format_=format_, ties=ties, force=force)
    for text in written.notes:
        note(text)
    if json_:
        echo_json(asdict(written))
        return
    say(f"{written.n_items} items to {written.path} (run {written.run_id}, sha256 {written.sha256[:12]}…)")
