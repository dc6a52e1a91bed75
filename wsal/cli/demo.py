"""``wsal demo``: the main job on real data, from rules to exported labels, with a short report."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import click
import numpy as np

from wsal.cli.options import percent, say
from wsal.cli.report import write_report
from wsal.cli.rules import draw_rules
from wsal.cli.why import draw_why
from wsal.project import FitRun, Project
from wsal.report import gather

__all__ = ["demo"]

_EXPERT = "gold label (plays the expert)"


@click.command()
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("wsal-demo"),
    show_default=True,
    help="Where to leave the project.",
)
@click.option("--force", is_flag=True, help="Replace a demo that is there.")
@click.option(
    "--answers", type=click.IntRange(0, 400), default=40, show_default=True, help="Answers to ask for."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random draws.")
def demo(directory: Path, *, force: bool, answers: int, seed: int) -> None:
    """Run the main job on 569 real biopsies and print a report; the project stays in --dir."""
    project, gold = Project.create_demo(directory, force=force)
    say(
        "wsal demo: 569 biopsies of the breast (Wisconsin set, scikit-learn). Rules such as a\n"
        "pathologist could have written vote benign or malignant; people answer what matters most.\n"
        "There is no pathologist here: the gold label of the set plays the expert. Nothing else uses\n"
        "it, but to judge the result.\n"
    )
    checked = project.check()
    say(f"check   {checked.n_rules} rules, {checked.n_tests} tests of rules, {len(checked.failures)} failed")
    votes = project.apply()
    say(
        f"apply   {percent(votes.coverage)} of {votes.n_items} items covered, "
        f"{percent(votes.overlap)} by two or more rules, {percent(votes.conflict)} in conflict, "
        f"{votes.n_patterns} patterns of votes"
    )
    before = project.fit()
    n_asked, n_draws = _ask(project, gold, answers, seed)
    say(f"label   {n_asked} answers in batches of 10, {n_draws} of their draws at random for the audit")
    after = project.fit()
    unasked = gold.keys() - {item for item, source in _sources(project) if source == "human"}
    say(
        f"fit     labels that agree with gold, of the items that nobody answered:\n"
        f"        before the answers {_agreement(project, before, gold, unasked)}, "
        f"after them {_agreement(project, after, gold, unasked)}\n"
    )
    draw_rules(
        project.rules(), "rules, on all items; answers are counts on chosen items, no estimate of precision"
    )
    for title, item in _cases(project, gold):
        say(f"── {title}: item {item}")
        draw_why(project.why(item))
    exported = project.export(project.config.folder / "labels.csv", force=True)
    say(f"audit   {project.verify()}")
    found = gather(project)
    page = write_report(project.config.folder / "report.html", found, force=True)
    say(f"report  {page}: one page for people who were not here (`wsal audit report`); it begins")
    for sentence in found.summary:
        say(click.wrap_text(f"- {sentence}", width=100, initial_indent=" " * 8, subsequent_indent=" " * 10))
    say(f"files   {exported.path}: labels with probabilities and source")
    say(
        f"        {project.config.folder}: wsal.toml, biopsies.csv, labeling_functions/, .wsal/ (store, runs)"
    )
    say(f"next    cd {directory}; wsal status; wsal label; wsal why {_cases(project, gold)[0][1]}")


def _agreement(project: Project, run: FitRun, gold: Mapping[str, str], items: Collection[str]) -> str:
    """Say how many labels of some items agree with gold; an item without a label does not."""
    soft = project.soft_labels(run.run_id)
    names = [soft.labels.name(y) for y in soft.hard(ties="first").tolist()]
    right = sum(
        name == gold[item] for item, name in zip(soft.item_ids.tolist(), names, strict=True) if item in items
    )
    return f"{right} of {len(items)} ({percent(right / len(items))})"


def _sources(project: Project) -> list[tuple[str, str]]:
    soft = project.soft_labels()
    return list(zip(soft.item_ids.tolist(), soft.sources.tolist(), strict=True))


def _ask(project: Project, gold: Mapping[str, str], answers: int, seed: int) -> tuple[int, int]:
    asked, audit = 0, 0
    rng = np.random.default_rng(seed)
    while asked < answers:
        tasks = project.tasks(min(10, answers - asked), rng=rng)
        if not tasks:
            break
        for task in tasks:
            project.answer(task, gold[str(task.item_id)], annotator=_EXPERT)
        asked += len(tasks)
        audit += sum(task.purpose == "audit" for task in tasks)
        if asked < answers:
            project.fit()
    return asked, audit


def _cases(project: Project, gold: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pick three items to explain: a conflict, one no rule covers, and one that is still wrong."""
    soft, votes = project.soft_labels(), project.votes()
    patterns = votes.patterns()
    conflict = ((patterns.tally() > 0).sum(axis=1) > 1)[patterns.require_inverse()]
    covered = patterns.covered[patterns.require_inverse()]
    hard = soft.hard(ties="first")
    truth = np.array([soft.labels.index(gold[item]) for item in soft.item_ids.tolist()])
    free = soft.sources != "human"
    wanted = (
        ("the rules disagree", conflict & free & (hard == truth)),
        ("no rule covers it", ~covered & free),
        ("still wrong (gold says otherwise)", free & (hard >= 0) & (hard != truth)),
    )
    return [(title, str(soft.item_ids[np.flatnonzero(rows)[0]])) for title, rows in wanted if rows.any()]
