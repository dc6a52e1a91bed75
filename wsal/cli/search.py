"""``wsal search``: items that resemble words or examples."""

from __future__ import annotations

from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say, table

__all__ = ["search"]

_SHOWN = 70  # characters of a text


@click.command()
@click.argument("words", nargs=-1)
@click.option("--like", multiple=True, metavar="ITEM", help="An example to resemble; may be repeated.")
@click.option("--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Items to show.")
@click.option("--open", "only_open", is_flag=True, help="Show only items that nobody has answered.")
@click.option(
    "--queue", is_flag=True, help="Put the items shown that nobody answered into the labelling queue."
)
@click.option(
    "--hunt", default=None, metavar="LABEL", help="With --queue: the label that they are looked for."
)
@as_json
@click.pass_obj
def search(  # noqa: PLR0913  # one argument an option
    folder: Path,
    *,
    words: tuple[str, ...],
    like: tuple[str, ...],
    most: int,
    only_open: bool,
    queue: bool,
    hunt: str | None,
    json_: bool,
) -> None:
    """Rank items by how much they resemble WORDS or examples; show votes, labels and answers.

    The score is the cosine of TF-IDF vectors (of the features, where there is no text), 0 to 1. Items found so were
    chosen on purpose: their answers train, and never enter an estimate.
    """
    if hunt is not None and not queue:
        raise click.UsageError("--hunt goes with --queue")
    project = open_project(folder)
    report = project.search(" ".join(words), like=like, most=most, only_open=only_open)
    queued = project.queue([hit.item_id for hit in report.hits], why=report.what, hunt=hunt) if queue else ()
    if json_:
        echo_json(report.to_dict() | {"queued": [task.item_id for task in queued]})
        return
    if report.unknown:
        note(f"in no text: {', '.join(report.unknown)}")
    if report.hits:
        table(
            f"{len(report.hits)} of {report.n_found} items that resemble {report.what}",
            ("item", "text", "answers", "label", "votes", "score"),
            [
                (
                    str(hit.item_id),
                    " ".join(hit.text.split())[:_SHOWN],
                    ", ".join(hit.answers) or "–",
                    hit.label or "–",
                    "; ".join(hit.votes) or "–",
                    f"{hit.score:.2f}",
                )
                for hit in report.hits
            ],
            numeric=1,
        )
    else:
        say(f"no item resembles {report.what}")
    if queue:
        say(f"{len(queued)} items put into the queue: `wsal label`")
