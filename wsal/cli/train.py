"""``wsal train``: an end model on the labels of the last fit, judged on a hold-out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wsal.cli.options import as_json, echo_json, note, open_project, percent, say, table

if TYPE_CHECKING:
    from wsal.analysis import ProbabilityScore
    from wsal.estimation import Estimate
    from wsal.project import Evaluation, TrainRun

__all__ = ["train"]


@click.command()
@click.option(
    "--model",
    default="logistic",
    show_default=True,
    help="logistic, random-forest, hist-gradient-boosting, or module:factory, a file beside wsal.toml.",
)
@click.option(
    "--input",
    "input_",
    type=click.Choice(["features", "text", "table"]),
    default="features",
    show_default=True,
    help="What the model reads: the features of the settings, the texts, or all columns as a data frame.",
)
@click.option(
    "--held-out",
    type=float,
    default=0.2,
    show_default=True,
    help="Share of the known truth that is held out.",
)
@click.option(
    "--gold", metavar="COLUMN|FILE", help="True labels to judge by; else the answers to audit items."
)
@click.option(
    "--calibrate", type=click.Choice(["temperature", "isotonic"]), help="By audit answers, cross-fitted."
)
@click.option(
    "--augment", metavar="MODULE:NAMES", help="Transformation functions; names with commas between."
)
@click.option(
    "--class-weight", type=click.Choice(["none", "root", "balanced"]), default="none", show_default=True
)
@click.option("--sampling", type=click.Choice(["none", "over", "under"]), default="none", show_default=True)
@click.option("--minimum-confidence", type=float, default=0.0, help="Leave out items with less sure labels.")
@click.option("--resample", is_flag=True, help="Draw examples for a classifier that takes no weights.")
@click.option("--seed", type=int, default=0, show_default=True, help="One seed, one model.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the model and its predictions.")
@click.option("--force", is_flag=True, help="Replace files in --out.")
@as_json
@click.pass_obj
def train(folder: Path, /, *, input_: str, calibrate: str | None, json_: bool, **options: Any) -> None:  # noqa: ANN401  # as declared above
    """Train an end model on the soft labels of the last `wsal fit`, and judge it on items held out."""
    from wsal.project import TrainSettings, train_end_model

    settings = TrainSettings(input=input_, calibration=calibrate, **options)  # type: ignore[arg-type]  # click's choices
    run = train_end_model(open_project(folder), settings, track=_show(wanted=not json_))
    for text in run.notes:
        note(text)
    if json_:
        echo_json(run.to_dict())
        return
    _draw(run)


def _show(*, wanted: bool) -> Any:  # noqa: ANN401  # a `Track`
    def track(steps: range, what: str, /) -> Iterable[int]:
        if not (wanted and sys.stderr.isatty()):
            return steps
        return _with_bar(steps, what)

    return track


def _with_bar(steps: range, what: str) -> Iterator[int]:
    from wsal.engines.progress import new_bars

    with new_bars() as bars:
        yield from bars.track(steps, description=what)


def _draw(run: TrainRun) -> None:
    made = f" and {run.n_synthetic} made from them" if run.n_synthetic else ""
    say(
        f"{run.model} trained on {run.n_trained} of {run.n_items} items{made}; {run.n_held_out} held out "
        f"(run {run.run_id}, labels of {run.labels_run})"
    )
    if run.calibration:
        say(f"calibration: {run.calibration}")
    if run.evaluation is not None:
        _draw_evaluation(run.evaluation, run.labels)
    for name, path in run.files.items():
        say(f"{name}: {path}")


def _draw_evaluation(found: Evaluation, labels: Sequence[str]) -> None:
    by = "true labels" if found.truth == "gold" else "answers to audit items"
    known = found.n_draws - found.n_unanswered
    say(f"judged by {known} {by}; intervals of 95 %")
    table(
        "",
        ("", "share", "interval", "right", "of"),
        [_row(found.accuracy), _row(found.labels_accuracy), *map(_row, (*found.precision, *found.recall))],
        numeric=4,
    )
    say("true class by row, predicted class by column (items):")
    table(
        "",
        ("", *labels),
        [(name, *map(str, row)) for name, row in zip(labels, found.confusion, strict=True)],
        numeric=len(labels),
    )
    for title, scores in (("", found.scores), ("before calibration: ", found.uncalibrated)):
        for score in scores:
            say(title + _score(score))


def _row(found: Estimate) -> tuple[str, ...]:
    interval = f"{percent(found.low)} to {percent(found.high)}"
    return (found.name, percent(found.value), interval, f"{found.n_hits:g}", f"{found.n_draws}")


def _score(score: ProbabilityScore) -> str:
    unit = f" {score.unit}" if score.unit != "share" else ""
    return f"{score.name} {score.value:.3f}{unit} ({score.low:.3f} to {score.high:.3f})"
