"""``wsal apply`` and ``wsal fit``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.dry_run import show_dry_runs
from wsal.cli.options import as_json, echo_json, for_each_label, note, open_project, percent, say

__all__ = ["apply", "fit"]


@click.command()
@click.option(
    "--fault-tolerant", is_flag=True, help="A function that raises abstains there; the count is shown."
)
@click.option("--no-python", is_flag=True, help="Refuse rules that run code.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that vote on parts of the items, for rules that take long.",
)
@click.option(
    "--dry-run",
    metavar="RULE",
    default=None,
    help="Save nothing: show which rows this rule, as it is now written, would gain, lose and flip.",
)
@as_json
@click.pass_obj
@for_each_label
def apply(
    folder: Path, *, fault_tolerant: bool, no_python: bool, workers: int, dry_run: str | None, json_: bool
) -> None:
    """Let every rule vote on every item. Only what changed since the last time is computed."""
    project = open_project(folder)
    if dry_run is not None:
        if fault_tolerant:
            raise click.UsageError("--dry-run stops at the first failure; leave out --fault-tolerant")
        show_dry_runs(project.dry_run(dry_run, allow_python=not no_python, progress=not json_), json_=json_)
        return
    run = project.apply(
        fault_tolerant=fault_tolerant, allow_python=not no_python, progress=not json_, workers=workers
    )
    for text in run.notes:
        note(text)
    if json_:
        echo_json(asdict(run))
        return
    say(
        f"{run.n_lfs} rules voted on {run.n_items} items: {percent(run.coverage)} covered, "
        f"{percent(run.overlap)} by two or more rules, {percent(run.conflict)} in conflict; "
        f"{run.n_patterns} different patterns of votes (run {run.run_id})"
    )


@click.command()
@as_json
@click.pass_obj
@for_each_label
def fit(folder: Path, *, json_: bool) -> None:
    """Turn the votes of the last `wsal apply` and all answers into soft labels."""
    run = open_project(folder).fit()
    for text in run.notes:
        note(text)
    if json_:
        echo_json(asdict(run))
        return
    sources = ", ".join(f"{count} from {name}" for name, count in run.sources.items() if count)
    labels = ", ".join(f"{name} {count}" for name, count in run.label_counts.items())
    say(
        f"labels for {run.n_items} items with {run.n_answers} answers: {sources} (run {run.run_id})\n"
        f"most probable label: {labels}; without a label {run.n_unlabelled}"
    )
    if run.trust:
        say(f"{run.trust}; {run.n_findings} findings about the rules: `wsal trust`")
