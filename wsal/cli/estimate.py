"""``wsal estimate``: how good rules and labels are, or why nobody can say yet."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.advice import draw_stopping
from wsal.cli.options import as_json, echo_json, for_each_label, note, open_project, say, say_about, table

if TYPE_CHECKING:
    from wsal.estimation import Estimate
    from wsal.project import Estimates, Figure, OnFold, Project

__all__ = ["estimate"]


_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command()
@click.option(
    "--missed",
    multiple=True,
    metavar="LABEL",
    help="Also: how many items of LABEL a pre-filter misses. May be repeated.",
)
@click.option(
    "--within",
    multiple=True,
    metavar="RULE",
    help="The pre-filter keeps what this rule votes on. May be repeated; without it: any vote for LABEL.",
)
@click.option(
    "--certify",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Freeze the last run, and draw N fresh items for people to grade its labels by.",
)
@click.option(
    "--against-random",
    is_flag=True,
    help="Instead: what the answers as they were chosen taught, beside as many drawn at random.",
)
@click.option("--seed", type=int, default=None, help="Makes the draws of --certify repeatable.")
@click.option(
    "--level",
    type=_SHARE,
    default=0.95,
    show_default=True,
    help="Of the intervals.",
)
@click.option(
    "--target-accuracy", type=_SHARE, help="Say whether labelling can stop: the accuracy that is enough."
)
@click.option("--budget", type=click.IntRange(1), help="The answers that may be spent.")
@click.option(
    "--min-gain", type=_SHARE, help="The share of labels that answers must still be expected to put right."
)
@as_json
@click.pass_obj
@for_each_label
def estimate(  # noqa: PLR0913  # one argument for each option
    folder: Path,
    *,
    missed: tuple[str, ...],
    within: tuple[str, ...],
    certify: int | None,
    against_random: bool,
    seed: int | None,
    level: float,
    target_accuracy: float | None,
    budget: int | None,
    min_gain: float | None,
    json_: bool,
) -> None:
    """Estimate class balance, precision of rules, and quality of labels from the audit draws, with intervals.

    Exit code 1 where there is nothing to estimate from: it is said why, and what sample would be enough.
    """
    if within and not missed:
        raise click.UsageError("--within says what a filter keeps; name the class with --missed LABEL")
    project = open_project(folder)
    if certify is not None:
        _certify(project, certify, seed, json_=json_)
        return
    if against_random:
        _against_random(project, level, json_=json_)
        return
    with _folds(wanted=not json_) as on_fold:
        found = project.estimate(missed=missed, within=within, level=level, on_fold=on_fold)
    advice = project.stopping(target_accuracy=target_accuracy, budget=budget, min_gain=min_gain)
    if json_:
        echo_json(found.to_dict() | {"stopping": asdict(advice)})
    else:
        draw_estimates(found)
        draw_stopping(advice)
    if found.refusal:
        click.get_current_context().exit(1)


def _certify(project: Project, n: int, seed: int | None, *, json_: bool) -> None:
    made = project.certify(n, rng=seed)
    for text in made.notes:
        note(text)
    if json_:
        echo_json(asdict(made))
        return
    say(
        f"run {made.run_id} is frozen: {made.n_draws} draws from all items, {made.n_asked} to be answered\n"
        "next: `wsal label` (what the rules say stays hidden), then `wsal estimate`; a `wsal fit` in between makes "
        "another run, of which the certificate will not speak"
    )


def _against_random(project: Project, level: float, *, json_: bool) -> None:
    with _folds(wanted=not json_) as on_fold:
        found = project.against_random(level=level, on_fold=on_fold)
    if json_:
        echo_json(found.to_dict())
    elif found.refusal:
        say(f"no comparison: {found.refusal}")
    else:
        for text in found.notes:
            note(text)
        table(
            f"Accuracy by {100 * level:g} % intervals, run {found.run_id}",
            ("answers", "as chosen", "at random", "gain in points"),
            [
                (
                    str(point.n_answers),
                    *(
                        f"{100 * share.low:.1f} to {100 * share.high:.1f} %"
                        for share in (point.chosen, point.random)
                    ),
                    f"{100 * point.gain.low:+.1f} to {100 * point.gain.high:+.1f}",
                )
                for point in found.points
            ],
            numeric=4,
        )
    if found.refusal:
        click.get_current_context().exit(1)


def draw_estimates(found: Estimates) -> None:
    """Draw the table of estimates, and what goes with it."""
    for text in found.notes:
        note(text)
    if found.refusal:
        say(f"no accuracy: {found.refusal}")
    else:
        texts = dict.fromkeys(text for f in found.figures for text in _remarks(f))
        marks = {text: i for i, text in enumerate(texts, start=1)}
        rows = [
            (
                _name(f),
                in_words(f.estimate),
                f"{f.estimate.n_draws}",
                f"{f.n_answers}",
                ", ".join(f"{marks[text]}" for text in _remarks(f)),
            )
            for f in found.figures
        ]
        title = (
            f"estimates for {found.n_items} items from {found.n_draws} audit draws with {found.n_answers} answers "
            f"(labels of run {found.run_id})"
        )
        table(title, ("estimate", "interval (point)", "draws", "answers", "see"), rows)
        for text, mark in marks.items():
            say(f"[{mark}] {text}")
        if found.too_few:
            rules = ", ".join(f"{rule} ({n})" for rule, n in found.too_few)
            say_about("too few", f"answered draws for an interval: {rules}")
    for text in found.enough:
        say_about("enough", text)


def _remarks(figure: Figure) -> tuple[str, ...]:
    """Return what makes a figure honest, and what a reader has to know to use it."""
    kept = f"the filter keeps what has {figure.subject}" if figure.group == "filter" else ""
    return tuple(text for text in (figure.design, kept, figure.estimate.note) if text)


def _name(figure: Figure) -> str:
    name = figure.estimate.name
    match figure.group:
        case "labels":
            return f"labels: {name}"
        case "certificate":
            return f"certified: {name}"
        case "rule":
            return f"precision of {figure.subject}"
        case _:
            return name


def in_words(estimate_: Estimate) -> str:
    """Write an interval with its unit, and the point where there is one; short, so that a table fits."""
    factor, digits, unit = (1, 0, "items") if estimate_.unit == "items" else (100, 1, "%")
    low, point, high = (f"{factor * x:.{digits}f}" for x in (estimate_.low, estimate_.value, estimate_.high))
    return f"{low}–{high} {unit}" + ("" if math.isnan(estimate_.value) else f" ({point})")


@contextmanager
def _folds(*, wanted: bool) -> Iterator[OnFold | None]:
    """Show how far cross-fitting is, on a terminal."""
    if not (wanted and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("fitting without each fold of answers", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
