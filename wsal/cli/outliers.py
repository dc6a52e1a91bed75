"""``wsal outliers``: items that lie alone."""

from __future__ import annotations

from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, open_project, percent, say, table

__all__ = ["outliers"]

_SHOWN = 70  # characters of a text


@click.command()
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="Items to list.")
@as_json
@click.pass_obj
def outliers(folder: Path, *, most: int, json_: bool) -> None:
    """List items that lie alone. They are asked for later; they are never dropped, and audit draws fall on them."""
    report = open_project(folder).outliers()
    if json_:
        echo_json(report.to_dict())
        return
    n = len(report.outliers)
    say(
        f"{n} of {report.n_items} items ({percent(n / report.n_items if report.n_items else 0.0)}) lie alone: mean "
        f"cosine to their 10 nearest neighbours below {report.fence:.3f}"
    )
    if n:
        table(
            "",
            ("item", "text", "answers", "label", "density"),
            [
                (
                    str(hit.item_id),
                    " ".join(hit.text.split())[:_SHOWN],
                    ", ".join(hit.answers) or "–",
                    hit.label or "–",
                    f"{hit.score:.3f}",
                )
                for hit in report.outliers[:most]
            ],
            numeric=1,
        )
    if n > most:
        note(f"{n - most} more: --most, or --json for all")
