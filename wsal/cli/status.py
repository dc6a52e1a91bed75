"""``wsal status`` and ``wsal rules``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.advice import draw_stopping
from wsal.cli.options import as_json, echo_json, open_project, percent, say, table

if TYPE_CHECKING:
    from wsal.project import RuleRow

__all__ = ["draw_rules", "rules", "status"]


@click.command()
@as_json
@click.pass_obj
def status(folder: Path, *, json_: bool) -> None:
    """Say where the project stands and what to do next."""
    state = open_project(folder).status()
    if json_:
        echo_json(asdict(state))
        return
    say(f"{state.name}: {', '.join(state.labels)}")
    if state.votes is not None:
        v = state.votes
        say(
            f"votes   {v.n_lfs} rules, {v.n_items} items, {percent(v.coverage)} covered, "
            f"{percent(v.conflict)} in conflict (run {v.run_id})"
        )
    if state.labels_run is not None:
        counts = ", ".join(f"{name} {count}" for name, count in state.labels_run.label_counts.items())
        say(
            f"labels  {counts}; without a label {state.labels_run.n_unlabelled} "
            f"(run {state.labels_run.run_id})"
        )
        if state.labels_run.trust:
            say(f"trust   {state.labels_run.trust}; {state.labels_run.n_findings} findings: `wsal trust`")
    by_purpose = ", ".join(f"{count} {name or 'imported'}" for name, count in state.answers.items())
    say(f"answers {sum(state.answers.values())}" + (f" ({by_purpose})" if by_purpose else ""))
    if state.stopping is not None:
        draw_stopping(state.stopping)
    say(f"ledger  {state.n_events} {'event' if state.n_events == 1 else 'events'}, head {state.head[:12]}")
    say(f"next    {state.advice}")


@click.command()
@as_json
@click.pass_obj
def rules(folder: Path, *, json_: bool) -> None:
    """List the rules of the last `wsal apply`: coverage, overlaps, conflicts, agreement with answers."""
    rows = open_project(folder).rules()
    if json_:
        echo_json([asdict(row) for row in rows])
        return
    draw_rules(rows)


def draw_rules(rows: Sequence[RuleRow], title: str = "") -> None:
    """Draw the table of rules; right / answered are counts on chosen items and estimate nothing."""
    table(
        title,
        ("rule", "votes", "author", "covers", "overlaps", "conflicts", "right / answered"),
        [
            (
                row.name,
                ", ".join(row.polarity) or "–",
                row.author or "–",
                percent(row.coverage),
                percent(row.overlaps),
                percent(row.conflicts),
                f"{row.n_right} / {row.n_answered}" if row.n_answered else "–",
            )
            for row in rows
        ],
        numeric=4,
    )
