"""``wsal costs``: what answers took, and what a target will take."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, for_each_label, note, open_project, say, table

if TYPE_CHECKING:
    from wsal.project import CostReport

__all__ = ["costs"]


@click.command()
@click.option("--rate", type=click.FloatRange(0), help="Money that an hour of a person costs.")
@click.option("--currency", default="EUR", show_default=True, help="Of the rate; it is only printed.")
@click.option(
    "--idle",
    type=click.FloatRange(0, min_open=True),
    default=120.0,
    show_default=True,
    help="Seconds; whoever takes longer for an answer has paused, and so many are counted.",
)
@click.option(
    "--target-accuracy",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Predict what it takes to show this accuracy; as in wsal.toml where not given.",
)
@as_json
@click.pass_obj
@for_each_label
def costs(
    folder: Path,
    *,
    rate: float | None,
    currency: str,
    idle: float,
    target_accuracy: float | None,
    json_: bool,
) -> None:
    """Say what answers took, by person and purpose, and what showing a target accuracy will take."""
    report = open_project(folder).costs(
        rate=rate, currency=currency, idle=idle, target_accuracy=target_accuracy
    )
    if json_:
        echo_json(report.to_dict())
        return
    for text in report.notes:
        note(text)
    if not report.work:
        say("nobody has answered anything yet")
    else:
        _draw(report)
    for line in _ahead(report):
        say(line)


def _draw(report: CostReport) -> None:
    table(
        f"answers, also those taken back; longer than {report.idle:g} s counts as that",
        (
            "purpose",
            "person",
            "answers",
            "timed",
            "minutes",
            "median s",
            report.currency if report.rate else "",
        ),
        [
            (
                one.purpose or "(own choice or imported)",
                one.annotator or "(not known)",
                str(one.n_answers),
                str(one.n_timed),
                f"{one.seconds / 60:.1f}",
                "–" if math.isnan(one.median_seconds) else f"{one.median_seconds:.1f}",
                _money(report, one.seconds),
            )
            for one in report.work
        ],
        numeric=5,
    )
    total = _money(report, report.seconds)
    cut = sum(one.n_cut for one in report.work)
    say(
        f"in all {sum(one.n_answers for one in report.work)} answers, {report.seconds / 60:.1f} minutes"
        + (f", {total} {report.currency}" if total else "")
        + (f"; {cut} of them were cut at {report.idle:g} s" if cut else "")
    )


def _money(report: CostReport, seconds: float) -> str:
    cost = report.money(seconds)
    return "" if cost is None else f"{cost:.2f}"


def _ahead(report: CostReport) -> list[str]:
    """Say what is to come, or why nobody can."""
    left = report.remaining
    if left is None:
        return [f"still to come: not known; {report.basis}"]
    goal = f"to show an accuracy of {100 * left.target:g} %"
    if left.refusal:
        return [f"still to come, {goal}: cannot be said; {left.refusal}", f"it rests on {report.basis}"]
    if left.high == 0:
        return [f"still to come, {goal}: nothing, it is shown", f"it rests on {report.basis}"]
    ahead = report.predicted_seconds()
    time = "; no answer was timed, so nobody can say how long"
    if ahead is not None:
        low, _, high = (seconds / 60 for seconds in ahead)
        money = [report.money(60 * minutes) for minutes in (low, high)]
        time = f", {low:.0f} to {high:.0f} minutes"
        if money[0] is not None and money[1] is not None:
            time += f", {money[0]:.2f} to {money[1]:.2f} {report.currency}"
    draws = (
        f"{left.low} to {left.high} more audit draws ({100 * left.level:g} % prediction interval, "
        f"middle {left.middle})"
    )
    return [f"still to come, {goal}: {draws}{time}", f"it rests on {report.basis}"]
