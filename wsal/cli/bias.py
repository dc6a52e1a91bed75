"""``wsal bias``: what rules and labels do in one group of items and not in the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, note, open_project, percent, say, table

if TYPE_CHECKING:
    from wsal.analysis import CarriedGap
    from wsal.estimation import Interval
    from wsal.project import BiasReport

__all__ = ["bias"]

_CARRIERS = 3


def _edges(_: click.Context, __: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    if value is None:
        return None
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r} are no numbers with commas between, such as 18,65") from None


@click.command()
@click.option(
    "--by", required=True, metavar="COLUMN", help="The column whose values, or bins, are the groups."
)
@click.option(
    "--bins", type=click.IntRange(2, 50), default=4, show_default=True, help="Bins of a column of numbers."
)
@click.option("--edges", callback=_edges, metavar="A,B,…", help="Cut a column of numbers here instead.")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Of each interval; 1 − level is the chance that anything is flagged where there is nothing.",
)
@click.option("--most", type=click.IntRange(1), default=15, show_default=True, help="Lines of each table.")
@as_json
@click.pass_obj
def bias(  # one argument for each option
    folder: Path,
    *,
    by: str,
    bins: int,
    edges: tuple[float, ...] | None,
    level: float,
    most: int,
    json_: bool,
) -> None:
    """Compare what rules and labels do by group: rates, errors, and which rules carry a gap.

    Exit code 1 where a gap is shown; that is no verdict.
    """
    report = open_project(folder).bias(by=by, bins=bins, edges=edges, level=level)
    if json_:
        echo_json(report.to_dict())
    else:
        draw_bias(report, most)
    if report.flagged or report.flagged_errors:
        click.get_current_context().exit(1)


def draw_bias(report: BiasReport, most: int) -> None:
    """Draw a report on bias; at most so many lines of each table."""
    for text in report.notes:
        note(text)
    groups = ", ".join(f"{name} {size}" for name, size in report.groups)
    say(f"groups by {report.column}: {groups}")
    for text in report.warnings:
        say(f"warning {text}")
    flagged = len(report.flagged)
    chance = f"{100 * (1 - report.level):g} %"
    say(
        f"{flagged} of {len(report.rates)} gaps of rates are shown to be there, {len(report.flagged_errors)} of "
        f"{len(report.errors)} of errors; had no group anything to do with votes, labels and errors, at most {chance} "
        "of such reports would flag any"
    )
    table(
        "rates in percent, gaps in points (interval); ! is shown to be there"
        + (f"; the surest {most} of {len(report.rates)}" if len(report.rates) > most else ""),
        ("", "who says what of whom", "in group", "others", "gap", "NPMI"),
        [
            (
                "!" if one.flagged else "",
                f"{one.subject}: {one.outcome}; {one.group}{' (few items)' if one.is_small else ''}",
                f"{100 * one.rate.value:.1f}",
                f"{100 * one.rate_others.value:.1f}",
                _points(one.gap),
                f"{one.npmi.value:+.2f} ({one.npmi.low:+.2f}…{one.npmi.high:+.2f})",
            )
            for one in report.rates[:most]
        ],
        numeric=4,
    )
    for gap in report.carried:
        say(_carried(gap))
    if report.errors:
        _draw_errors(report, most)
    if report.too_few:
        say(
            f"too few answered audit draws (below 10 in the group or outside it) for {len(report.too_few)} gaps "
            "of errors; `wsal estimate --certify N` draws more"
        )


def _draw_errors(report: BiasReport, most: int) -> None:
    table(
        "errors in percent by audit draws alone; gaps with intervals that hold all together"
        + (f"; {most} of {len(report.errors)}" if len(report.errors) > most else ""),
        ("", "whose errors, in which group", "answers", "in group", "others", "gap"),
        [
            (
                "!" if one.flagged else "",
                f"{one.subject}; {one.group}",
                f"{one.errors.n_answers} / {one.errors.n_answers_others}",
                _share(one.errors.error.low, one.errors.error.high),
                _share(one.errors.error_others.low, one.errors.error_others.high),
                _points(one.errors.gap),
            )
            for one in report.errors[:most]
        ],
        numeric=4,
    )


def _carried(gap: CarriedGap) -> str:
    told = [one for one in gap.carriers if one.carried > 0][:_CARRIERS]
    carriers = "; ".join(
        f"without {one.rule} {100 * one.without:+.1f} ({one.n_changed} labels of the group change)"
        for one in told
    )
    return (
        f"by the rules {gap.label} is {percent(gap.share)} of {gap.group} and {percent(gap.share_others)} of the "
        f"others, {100 * gap.gap:+.1f} points; " + (carriers or "no rule carries it alone")
    )


def _points(gap: Interval) -> str:
    return f"{100 * gap.value:+.1f} ({100 * gap.low:+.1f}…{100 * gap.high:+.1f})"


def _share(low: float, high: float) -> str:
    return f"{100 * low:.1f}–{100 * high:.1f}"
