"""``wsal aside``: items that are not asked for, because nobody could label them."""

from __future__ import annotations

from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, open_project, say, table

__all__ = ["aside"]


@click.command()
@click.option(
    "--put-back", multiple=True, metavar="ITEM", help="Let ITEM be asked for again; may be repeated."
)
@as_json
@click.pass_obj
def aside(folder: Path, *, put_back: tuple[str, ...], json_: bool) -> None:
    """List the items that are not asked for: unsure twice, flagged, or not applicable; who said so, and when."""
    project = open_project(folder)
    back = project.put_back(put_back) if put_back else ()
    listed = project.aside()
    if json_:
        echo_json({"put_back": list(back), "aside": [item.to_dict() for item in listed]})
        return
    if back:
        say(f"asked for again: {', '.join(map(str, back))}")
    if not listed:
        say("no item is set aside")
        return
    table(
        f"{len(listed)} items set aside",
        ("item", "why", "who and when", "rationale"),
        [
            (
                str(item.item_id),
                item.why,
                ", ".join(f"{s.annotator or 'unknown'} {s.time[:16]}" for s in item.said),
                "; ".join(s.rationale for s in item.said if s.rationale),
            )
            for item in listed
        ],
    )
