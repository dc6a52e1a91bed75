"""``wsal export``: the labels as a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, open_any, say
from wsal.labels import TiePolicy

__all__ = ["export"]


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    metavar="NAME",
    help="parquet, csv or jsonl, from the name if not given; or that of another tool: label-studio, prodigy, doccano, "
    "argilla, crowd, cleanlab, hugging-face, sample-weights, spacy, wrench, label-studio-config.",
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
    """Write id, probabilities, label, source and run of every item to PATH (.parquet, .csv or .jsonl).

    PATH.croissant.json beside it says how the labels came about: metadata in the form of MLCommons Croissant.

    Where the data is read in parts, PATH is a folder, and gets a Parquet file for each of them.
    """
    written = open_any(folder).export(path, format_=format_, ties=ties, force=force)
    for text in written.notes:
        note(text)
    if json_:
        echo_json(asdict(written))
        return
    say(f"{written.n_items} items to {written.path} (run {written.run_id}, sha256 {written.sha256[:12]}…)")
    if written.description is not None:
        say(f"how they came about: {written.description}")
