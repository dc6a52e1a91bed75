"""``wsal next`` and ``wsal import``: what to label, and answers that were given elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, for_each_label, note, open_any, open_project, say, table

__all__ = ["import_", "next_"]


@click.command(name="next")
@click.option(
    "-n", "n", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Size of a new batch."
)
@click.option("--new", is_flag=True, help="Draw a new batch even if one is open.")
@click.option(
    "--hunt", multiple=True, metavar="LABEL", help="Look for items of a rare label; may be repeated."
)
@click.option(
    "--strategy", default=None, metavar="NAME", help="How to choose: default, or a classic query strategy."
)
@click.option(
    "--within",
    multiple=True,
    metavar="RULE",
    help="Choose only where RULE votes; may be repeated (any of them).",
)
@click.option("--near", multiple=True, metavar="ITEM", help="Choose only near ITEM; may be repeated.")
@click.option("--about", default="", metavar="WORDS", help="Choose only near these words.")
@click.option(
    "--pool",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="How many items are near, with --near and --about.",
)
@click.option("--seed", type=int, default=None, help="Makes the random draws repeatable.")
@as_json
@click.pass_obj
@for_each_label
def next_(  # noqa: PLR0913  # one argument an option
    folder: Path,
    *,
    n: int,
    new: bool,
    hunt: tuple[str, ...],
    strategy: str | None,
    within: tuple[str, ...],
    near: tuple[str, ...],
    about: str,
    pool: int,
    seed: int | None,
    json_: bool,
) -> None:
    """Show the items to label next, and why each was chosen. What is open is shown before more is drawn.

    --within, --near and --about say where items are chosen from on purpose. Audit draws fall on all items.
    """
    from wsal.config import user_name
    from wsal.project import SubPool

    project = open_project(folder)
    queued = () if new else project.queued(user_name())
    chosen = project.tasks(
        n,
        new=new,
        hunt=hunt,
        strategy=strategy,
        within=SubPool(within, about.strip(), near, pool),
        rng=seed,
    )
    tasks = (*queued, *chosen)
    if json_:
        echo_json([task.to_dict() for task in tasks])
        return
    table(
        f"{len(tasks)} items to label" if tasks else "nothing is left to label",
        ("item", "purpose", "why"),
        [(str(task.item_id), task.purpose, task.reason) for task in tasks],
    )


@click.command(name="import")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--annotator", default="", help="Who answered, where the file does not say.")
@click.option(
    "--format",
    "format_",
    metavar="NAME",
    help="That of another tool: label-studio, prodigy, doccano, argilla, crowd; a table of wsal's own if not given.",
)
@as_json
@click.pass_obj
def import_(folder: Path, *, path: Path, annotator: str, format_: str | None, json_: bool) -> None:
    """Read answers from PATH (.csv, .jsonl or .parquet) with columns id, label[, annotator, rationale, time].

    Labels are names. Either every row is taken or none. An answer to an item of an open batch counts for the
    draw that asked.
    """
    result = open_any(folder).import_answers(path, annotator=annotator, format_=format_)
    for text in result.notes:
        note(text)
    if json_:
        echo_json(asdict(result))
        return
    say(f"{result.n_new} answers imported, {result.n_known} known already")
