"""``wsal trust``: whether to trust the label model over majority vote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, for_each_label, note, open_project, percent, say, table

if TYPE_CHECKING:
    from wsal.analysis import TrustReport

__all__ = ["trust"]


@click.command()
@as_json
@click.pass_obj
@for_each_label
@click.pass_context
def trust(ctx: click.Context, folder: Path, *, json_: bool) -> None:
    """Say whether to trust the label model of the last `wsal fit` over majority vote, and why.

    Exits with 1 where the verdict is "do not trust".
    """
    report = open_project(folder).trust()
    if json_:
        echo_json(report.to_dict())
    else:
        _draw(report)
    if report.verdict == "do not trust":
        ctx.exit(1)


def _draw(report: TrustReport) -> None:
    say(f"{report.verdict}: {report.sentence}")
    beside = [
        f"{report.n_covered} covered items",
        f"{report.n_answers} answered",
        "class balance given" if report.balance_given else "class balance not given",
        f"labels differ on {percent(report.disputed)}",
    ]
    say(", ".join(beside))
    for text in report.notes:
        note(text)
    table(
        "accuracy above majority vote that is expected on covered items (points; no confidence interval)",
        ("votes are read as", "expected"),
        [
            *((name, f"{100 * gain:+.1f}") for name, gain in report.gains.items()),
            ("mean", f"{100 * report.expected_gain:+.1f}"),
        ],
        numeric=1,
    )
    say(
        f"{len(report.findings)} findings about the rules"
        if report.findings
        else "nothing found about the rules"
    )
    for finding in report.findings:
        say(click.wrap_text(f"{finding.kind}: {finding.text}", width=110, subsequent_indent="    "))
        say(
            click.wrap_text(f"→ {finding.cure}", width=110, initial_indent="    ", subsequent_indent="      ")
        )
