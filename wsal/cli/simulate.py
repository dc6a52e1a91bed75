"""``wsal simulate``: how good the labels would be after so many answers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from wsal.cli.options import as_json, echo_json, note, open_project, table

if TYPE_CHECKING:
    from wsal.simulation import Expert, LabelledDataset, LearningCurve, Measure, Record, RecordFile

__all__ = ["simulate"]

_BUDGET = "10,20,40,80,160,320"


@click.command()
@click.option("--gold", metavar="COLUMN", help="Column of the project's data that holds the true labels.")
@click.option(
    "--dataset",
    type=click.Path(path_type=Path, file_okay=False),
    help="Instead of a project: a folder in WRENCH's layout, or train.parquet with meta.json.",
)
@click.option(
    "--model", "models", multiple=True, metavar="NAME", help="Label model; may be repeated.  [default: wsal]"
)
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="NAME",
    help="Query strategy; may be repeated.  [default: default, random]",
)
@click.option(
    "--hunt", multiple=True, metavar="LABEL", help="Let the default strategy look for a rare label."
)
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=5, show_default=True, help="Replays of each pair."
)
@click.option(
    "--budget",
    default=_BUDGET,
    show_default=True,
    help="Questions after which quality is measured; one number is where the doubling from 10 ends.",
)
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Questions a batch."
)
@click.option("--noise", type=float, default=0.0, show_default=True, help="Share of answers that are wrong.")
@click.option(
    "--unsure", type=float, default=0.0, show_default=True, help="Share of questions without an answer."
)
@click.option(
    "--held-out",
    type=float,
    default=0.2,
    show_default=True,
    help="Share of a project's items that judge the result.",
)
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw learning curves into this file."
)
@click.option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), help="Keep the records in this file."
)
@click.option("--again", is_flag=True, help="Play everything anew, also what was played before.")
@as_json
@click.pass_obj
def simulate(  # noqa: PLR0913  # one parameter an option
    folder: Path,
    *,
    gold: str | None,
    dataset: Path | None,
    models: tuple[str, ...],
    strategies: tuple[str, ...],
    hunt: tuple[str, ...],
    seeds: int,
    budget: str,
    batch: int,
    noise: float,
    unsure: float,
    held_out: float,
    svg: Path | None,
    save: Path | None,
    again: bool,
    json_: bool,
) -> None:
    """Replay data whose labels are known: every model with every strategy, with an expert who answers by gold.

    Prints how good the labels would be after so many answers: mean and standard error over seeds. What was
    played is kept, so that the same command carries on where it was stopped.
    """
    from wsal import __version__
    from wsal.simulation import Expert, fingerprint, learner_named, learning_curves, replay_all

    expert, budgets = Expert(noise, unsure), _budgets(budget)
    data, balance, home = _data(folder, gold=gold, dataset=dataset, held_out=held_out)
    learners = [
        learner_named(model, strategy, hunt=hunt if strategy == "default" else (), class_balance=balance)
        for model in dict.fromkeys(models or ("wsal",))
        for strategy in dict.fromkeys(strategies or ("default", "random"))
    ]
    for label in hunt:
        data.votes.labels.index(label)
    for text in data.notes:
        note(text)
    about = {
        "data": fingerprint(data),
        "class_balance": balance,
        "noise": noise,
        "unsure": unsure,
        "budgets": budgets,
        "batch": batch,
        "wsal": __version__,
    }
    file = _record_file(about, home=home, save=save, again=again)
    records: list[Record] = []
    with _progress(len(learners) * seeds * (1 + len(budgets)), wanted=not json_) as show:
        for record in replay_all(
            data, learners, file=file, seeds=seeds, expert=expert, budgets=budgets, batch_size=batch
        ):
            records.append(record)
            show(f"{record.learner}, seed {record.seed}, {record.budget} questions", len(records))
    measures: list[Measure] = ["test", "train"] if data.test is not None else ["train"]
    curves = {measure: learning_curves(records, measure) for measure in measures}
    if svg is not None:
        _draw(svg, data, curves[measures[0]])
    if json_:
        echo_json(_as_json(data, expert, curves, records))
        return
    _tables(data, curves, records, seeds=seeds, hunt=hunt)


def _budgets(given: str) -> tuple[int, ...]:
    from wsal.errors import InputError

    try:
        numbers = tuple(int(part) for part in given.split(","))
    except ValueError:
        raise InputError(f"--budget {given!r} is no list of numbers", hint="write 320, or 10,20,40") from None
    if len(numbers) > 1 or numbers[0] < 1:
        return numbers
    last, doubled = numbers[0], 10
    steps = []
    while doubled < last:
        steps.append(doubled)
        doubled *= 2
    return (*steps, last)


def _data(
    folder: Path, *, gold: str | None, dataset: Path | None, held_out: float
) -> tuple[LabelledDataset, tuple[float, ...] | None, Path]:
    """Return what to play, the class balance that is given, and the folder where its records are kept."""
    if (gold is None) == (dataset is None):
        raise click.UsageError("name --gold COLUMN (in a project), or --dataset DIR")
    if dataset is not None:
        from wsal.simulation import read_dataset

        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return read_dataset(dataset), None, Path(cache) / "wsal" / "simulations"
    from wsal.project import labelled_dataset

    project = open_project(folder)
    balance = project.config.class_balance
    data = labelled_dataset(project, str(gold), held_out=held_out)
    return data, None if balance == "audit" else balance, project.config.folder / ".wsal" / "simulations"


def _record_file(about: Mapping[str, object], *, home: Path, save: Path | None, again: bool) -> RecordFile:
    """Open the file of records: one for each kind of simulation, found by what it is about."""
    from wsal.simulation import RecordFile

    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    path = save or home / f"{digest[:16]}.jsonl"
    if again:
        path.unlink(missing_ok=True)
    file = RecordFile(path, about)
    if file.records:
        note(f"{len(file.records)} records are there already in {path}; --again plays them anew")
    return file


class _Bar(Protocol):
    def __call__(self, what: str, done: int) -> None: ...


@contextmanager
def _progress(total: int, *, wanted: bool) -> Iterator[_Bar]:
    """Show a bar on standard error, if it is wanted and a terminal."""
    import sys

    if not (wanted and sys.stderr.isatty()):
        yield lambda what, done: None  # noqa: ARG005  # of the protocol
        return
    from wsal.engines.progress import new_bars

    with new_bars() as bars:
        task = bars.add_task("", total=total)
        yield lambda what, done: bars.update(task, description=what, completed=done)


def _draw(path: Path, data: LabelledDataset, curves: Sequence[LearningCurve]) -> None:
    from wsal.errors import InputError
    from wsal.simulation import draw_curves

    try:
        path.write_text(draw_curves(curves, title=f"Learning curves on {data.name}"), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from None
    note(f"learning curves are in {path}")


_METRIC = {"acc": "accuracy", "f1": "F1 of the second label"}


def _tables(
    data: LabelledDataset,
    curves: dict[Measure, tuple[LearningCurve, ...]],
    records: Sequence[Record],
    *,
    seeds: int,
    hunt: Sequence[str],
) -> None:
    titles = {"test": "end model on items held out", "train": "labels of all items in the pool"}
    over = f"mean and standard error over {seeds} seeds" if seeds > 1 else "one seed: no standard error"
    for measure, drawn in curves.items():
        budgets = sorted({point.budget for curve in drawn for point in curve.points})
        table(
            f"{data.name}: {titles[measure]}, {_METRIC[data.metric]} by questions asked; {over}",
            ("model + strategy", *map(str, budgets)),
            [(curve.learner, *(_cell(curve, budget) for budget in budgets)) for curve in drawn],
            numeric=len(budgets),
        )
    for label in hunt:
        _found(data, records, label)


def _cell(curve: LearningCurve, budget: int) -> str:
    point = curve.at(budget)
    if point is None or point.mean != point.mean:  # NaN
        return "–"
    error = "" if point.n_seeds < 2 else f" ±{point.error:.3f}"
    return f"{point.mean:.3f}{error}"


def _found(data: LabelledDataset, records: Sequence[Record], label: str) -> None:
    """Say how many items of a label were found."""
    from wsal.simulation import mean_and_error

    y = data.votes.labels.index(label)
    there = int((data.gold == y).sum())
    budgets = sorted({record.budget for record in records})
    rows = []
    for learner in dict.fromkeys(record.learner for record in records):
        cells = [
            mean_and_error([r.found[y] for r in records if (r.learner, r.budget) == (learner, budget)])[0]
            for budget in budgets
        ]
        rows.append((learner, *(f"{cell:.1f}" for cell in cells)))
    table(
        f"items of {label} found, of {there}; mean",
        ("model + strategy", *map(str, budgets)),
        rows,
        numeric=len(budgets),
    )


def _as_json(
    data: LabelledDataset,
    expert: Expert,
    curves: dict[Measure, tuple[LearningCurve, ...]],
    records: Sequence[Record],
) -> dict[str, Any]:
    return {
        "dataset": data.name,
        "metric": data.metric,
        "n_items": data.votes.n_items,
        "n_test_items": 0 if data.test is None else data.test.votes.n_items,
        "notes": list(data.notes),
        "noise": expert.noise,
        "unsure": expert.unsure,
        "curves": [curve.to_dict() for drawn in curves.values() for curve in drawn],
        "records": [{k: v for k, v in record.to_dict().items() if k != "asked"} for record in records],
    }
