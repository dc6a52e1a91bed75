"""``wsal duplicates``: items that are copies of each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say, table

__all__ = ["duplicates"]

_SHOWN = 60  # characters of a text
_IDS = 4  # items named in a row of the table


@click.group(invoke_without_command=True)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    default=None,
    help="List what this similarity would find; changes nothing.",
)
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="Groups to list.")
@as_json
@click.pass_context
def duplicates(ctx: click.Context, *, threshold: float | None, most: int, json_: bool) -> None:
    """List groups of items that are copies of each other: labelled once, counted once.

    `find = false` under [duplicates] in wsal.toml switches this off. Changes take effect at the next
    `wsal fit`.
    """
    if ctx.invoked_subcommand is not None:
        return
    report = open_project(ctx.obj).duplicates(threshold=threshold)
    if json_:
        echo_json(report.to_dict())
        return
    if not report.looked:
        say("duplicates are not looked for: wsal.toml says find = false, or names no features")
        return
    say(
        f"{len(report.groups)} groups by {report.compared_by} (similarity at least {report.threshold:g}): "
        f"{report.n_spare} of {report.n_items} items need no answer of their own, "
        f"{report.n_spare_exact} of them as exact duplicates"
    )
    if report.apart:
        say(f"set apart: {', '.join(map(str, report.apart))}")
    if report.groups:
        table(
            "",
            ("items", "kind", "text", "answers", "similarity", "size"),
            [
                (
                    _named(group.items),
                    group.kind,
                    " ".join(group.text.split())[:_SHOWN],
                    _answers(group.answers.values(), agree=group.agree),
                    f"{group.similarity:.2f}",
                    str(len(group.items)),
                )
                for group in report.groups[:most]
            ],
            numeric=2,
        )
    if len(report.groups) > most:
        note(f"{len(report.groups) - most} smaller groups are not listed: --most, or --json for all")


@duplicates.command()
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.pass_obj
def split(folder: Path, *, items: tuple[str, ...]) -> None:
    """Set ITEMs apart from their duplicates: they are labelled and counted for themselves."""
    done = open_project(folder).set_apart(items)
    say(f"set apart: {', '.join(map(str, done))}; `wsal fit` uses it, `wsal duplicates join` takes it back")


@duplicates.command()
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.pass_obj
def join(folder: Path, *, items: tuple[str, ...]) -> None:
    """Put ITEMs that were set apart back into the groups that they are found in."""
    done = open_project(folder).set_apart(items, apart=False)
    say(f"joined again: {', '.join(map(str, done))}; `wsal fit` uses it")


def _named(items: tuple[object, ...]) -> str:
    more = f" … (+{len(items) - _IDS})" if len(items) > _IDS else ""
    return ", ".join(map(str, items[:_IDS])) + more


def _answers(answers: Iterable[Sequence[str]], *, agree: bool) -> str:
    labels = sorted({label for said in answers for label in said})
    return (", ".join(labels) or "–") + ("" if agree else " (they differ)")
