"""``wsal diff``: what changed between two runs, and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say, table

if TYPE_CHECKING:
    from wsal.project import ClassCrossing, RunComparison

__all__ = ["diff"]

_KINDS = ("gained", "lost", "flipped", "moved")
_CAUSES = ("data", "rules", "answers", "refit")


@click.command()
@click.argument("run_a", required=False)
@click.argument("run_b", required=False)
@click.option(
    "--min-move",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Items whose label stays have moved where a probability changed by more.",
)
@click.option(
    "--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="List only these; may be repeated."
)
@click.option(
    "--cause", "causes", type=click.Choice(_CAUSES), multiple=True, help="List only these; may be repeated."
)
@click.option("--most", type=click.IntRange(min=0), default=20, show_default=True, help="Items to list.")
@click.option("--start", type=click.IntRange(min=0), default=0, help="Leave out so many items first.")
@click.option(
    "--csv", "csv_", type=click.Path(path_type=Path, dir_okay=False), help="Write all of them to a file."
)
@click.option("--force", is_flag=True, help="Replace a file that is there (--csv).")
@as_json
@click.pass_obj
def diff(  # noqa: PLR0913  # one parameter an option
    folder: Path,
    *,
    run_a: str | None,
    run_b: str | None,
    min_move: float,
    kinds: tuple[str, ...],
    causes: tuple[str, ...],
    most: int,
    start: int,
    csv_: Path | None,
    force: bool,
    json_: bool,
) -> None:
    """Say which labels changed from RUN_A to RUN_B, and whether data, rules, answers or a new fit did it.

    The last two runs of `wsal fit` where none is named; RUN_A and the last one where one is. The beginning of a name
    is enough. Where classes were added, merged or split in between, it is told which label became which.
    """
    from wsal.project import ClassCrossing, diff_runs, write_diff

    compared = diff_runs(open_project(folder).history, run_a, run_b, min_move=min_move)
    if isinstance(compared, ClassCrossing):
        if csv_ is not None or kinds or causes:
            raise click.UsageError(
                f"between {compared.run_a} and {compared.run_b} the classes changed, and no change has a kind or a "
                "cause; without --kind, --cause and --csv it is listed which label became which"
            )
        _cross(compared, start, most, json_=json_)
        return
    rows = compared.rows(kinds, causes)  # type: ignore[arg-type]  # click has checked them
    for text in compared.notes:
        note(text)
    if csv_ is not None:
        write_diff(compared, rows, csv_, force=force)
        note(f"{len(rows)} items to {csv_}")
    page = rows[start : start + most]
    if json_:
        echo_json(compared.to_dict(page) | {"n_listed": len(rows), "start": start})
        return
    _summary(compared)
    if len(page):
        rows_drawn = [
            (str(one.item), one.kind, one.before or "–", one.after or "–", one.cause, "; ".join(one.why))
            for one in compared.changes(page)
        ]
        title = f"Items {start + 1} to {start + len(page)} of {len(rows)}"
        table(title, ("item", "kind", "before", "after", "cause", "why"), rows_drawn)
    if start + len(page) < len(rows) and most:
        say(f"more with --start {start + len(page)}; all with --csv FILE")


def _cross(crossed: ClassCrossing, start: int, most: int, *, json_: bool) -> None:
    if json_:
        echo_json(crossed.to_dict(start, most) | {"start": start})
        return
    say(f"from run {crossed.run_a} to run {crossed.run_b}, the later one")
    for change in crossed.changes:
        say(f"classes: {change}")
    say(f"data: {crossed.n_new} items new, {crossed.n_gone} gone")
    say("the models of the two runs spoke of other classes, so no change can be put down to a cause")
    rows = [
        (
            old or "–",
            new or "–",
            str(n),
            "as the classes changed" if crossed.follows(old, new) else "otherwise",
        )
        for (old, new), n in crossed.counts.items()
    ]
    table("Items of both runs, by label", ("before", "after", "items", "which is"), rows)
    page = crossed.items[start : start + most]
    if page:
        title = f"Items {start + 1} to {start + len(page)} of {len(crossed.items)} whose label is otherwise"
        table(title, ("item", "before", "after"), [(str(i), old or "–", new or "–") for i, old, new in page])
    if page and start + len(page) < len(crossed.items):
        say(f"more with --start {start + len(page)}")


def _summary(compared: RunComparison) -> None:
    say(f"from run {compared.run_a} to run {compared.run_b}")
    say(f"data: {compared.n_new} items new, {compared.n_gone} gone, {compared.n_changed} changed")
    rules = [f"{rule.name} {rule.change}" for rule in compared.rules]
    say(f"rules: {', '.join(rules) or 'none edited, added or removed'}")
    given = Counter(
        "given" if one.before is None else "taken back" if one.after is None else "changed"
        for one in compared.answers
    )
    told = [f"{given[what]} {what}" for what in ("given", "changed", "taken back") if given[what]]
    people = sorted({one.annotator for one in compared.answers if one.annotator})
    by = f" ({', '.join(people)})" if people else ""
    say(f"answers: {', '.join(told) or 'the same'}{by}")
    if compared.settings:
        say(f"settings and software: {', '.join(compared.settings)}")
    counts = compared.counts
    named = [(kind, list(counts[kind].values())) for kind in _KINDS]  # type: ignore[index]  # the same words
    rows = [(kind, *map(str, row), str(sum(row))) for kind, row in named]
    sums = [sum(column) for column in zip(*(row for _, row in named), strict=True)]
    rows.append(("all", *map(str, sums), str(sum(sums))))
    table("Items whose label changed, by what caused it", ("", *_CAUSES, "all"), rows, numeric=5)
    means, n = compared.diff.mean_steps
    if n:
        parts = ", ".join(f"{name} {step:+.4f}" for name, step in zip(_CAUSES, means.tolist(), strict=True))
        say(f"mean change of the probability of the label, over {n} items: {parts}; all {means.sum():+.4f}")
