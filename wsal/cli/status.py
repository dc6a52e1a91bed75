"""``wsal status``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.advice import draw_stopping
from wsal.cli.options import as_json, echo_json, for_each_label, open_project, percent, say, say_about

__all__ = ["status"]


@click.command()
@as_json
@click.pass_obj
@for_each_label
def status(folder: Path, *, json_: bool) -> None:
    """Say where the project stands and what to do next."""
    state = open_project(folder).status()
    if json_:
        echo_json(asdict(state))
        return
    say(f"{state.name}: {', '.join(state.labels)}")
    if state.votes is not None:
        v = state.votes
        say_about(
            "votes",
            f"{v.n_lfs} rules, {v.n_items} items, {percent(v.coverage)} covered, "
            f"{percent(v.conflict)} in conflict (run {v.run_id})",
        )
    if state.labels_run is not None:
        counts = ", ".join(f"{name} {count}" for name, count in state.labels_run.label_counts.items())
        say_about(
            "labels",
            f"{counts}; without a label {state.labels_run.n_unlabelled} (run {state.labels_run.run_id})",
        )
        if state.labels_run.trust:
            n = state.labels_run.n_findings
            found = f"{n} {'finding' if n == 1 else 'findings'}: `wsal trust`"
            say_about("trust", f"{state.labels_run.trust}; {found}")
    by_purpose = ", ".join(f"{count} {name or 'imported'}" for name, count in state.answers.items())
    say_about("answers", f"{sum(state.answers.values())}" + (f" ({by_purpose})" if by_purpose else ""))
    if state.stopping is not None:
        draw_stopping(state.stopping)
    say_about(
        "ledger", f"{state.n_events} {'event' if state.n_events == 1 else 'events'}, head {state.head[:12]}"
    )
    say_about("next", state.advice)
