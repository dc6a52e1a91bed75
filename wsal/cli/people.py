"""``wsal annotators`` and ``wsal review``: how reliable people are, and answers that want a second look."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, note, open_project, percent, say, table

if TYPE_CHECKING:
    from wsal.analysis import Contradiction
    from wsal.analysis.contradictions import Method
    from wsal.project import Annotators, Contradicted

__all__ = ["annotators", "review"]

_RULES = 3


@click.command()
@as_json
@click.pass_obj
def annotators(folder: Path, *, json_: bool) -> None:
    """Say how far people agree beyond chance, and how often each is right, with 95 % intervals."""
    report = open_project(folder).annotators()
    for text in report.notes:
        note(text)
    if json_:
        echo_json(asdict(report))
        return
    _draw_annotators(report)


def _draw_annotators(report: Annotators) -> None:
    for measure in report.agreement:
        say(
            f"{measure.coefficient} {measure.estimate:.2f} ({measure.low:.2f} to {measure.high:.2f}): "
            f"{measure.n_people} people, {measure.n_items} items with two answers or more"
        )
    if not report.people:
        return
    table(
        "how often people are right (95 % interval), from items that others answered, too",
        ("person", "answers", "shared", "agree", "right", "right on audit items", "counts"),
        [
            (
                one.annotator or "(not known)",
                str(one.n_answers),
                str(one.n_overlaps),
                "–" if one.agreement is None else percent(one.agreement),
                _interval(one.accuracy, one.low, one.high) if one.n_overlaps else "–",
                _interval(one.audit_accuracy, one.audit_low, one.audit_high),
                f"{report.weights.get(one.annotator, 1.0):.2f}",
            )
            for one in report.people
        ],
        numeric=6,
    )
    if not report.weights:
        say("answers to one item count alike: two people with ten shared answers are needed to weigh them")


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return "–"
    return f"{percent(value)} ({100 * low:.0f}–{100 * high:.0f})"


@click.command()
@click.option(
    "--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Answers to list."
)
@click.option(
    "--at-least",
    type=click.FloatRange(0),
    default=2.0,
    show_default=True,
    help="Log odds against the answer, in nats; 2 are odds of about seven to one.",
)
@click.option(
    "--by",
    type=click.Choice(["evidence", "cleanlab"]),
    default="evidence",
    show_default=True,
    help="Votes and other people; or confident learning by cleanlab, on labels that have not seen the answer.",
)
@click.option("--queue", is_flag=True, help="Put them into the queue of whoever did not answer them.")
@click.option("--ask", "ask_", is_flag=True, help="Ask at the keyboard for a second opinion on them.")
@click.option("--annotator", default=None, help="Who is asked; the login name where not given.")
@as_json
@click.pass_obj
def review(  # noqa: PLR0913  # one argument for each option
    folder: Path,
    *,
    most: int,
    at_least: float,
    by: str,
    queue: bool,
    ask_: bool,
    annotator: str | None,
    json_: bool,
) -> None:
    """List the answers, given or imported, that strong evidence without them contradicts, rule by rule.

    With --queue, `wsal label` and the web ask for them again; with --ask somebody is asked now. Both answers stand.
    """
    if ask_ and (json_ or queue):
        raise click.UsageError("--ask is a talk at the keyboard: it prints no JSON and queues nothing")
    project = open_project(folder)
    method: Method = "confident learning" if by == "cleanlab" else "evidence"
    if queue:
        queued = project.second_opinions(None, n=most, at_least=at_least, by=method)
        if json_:
            echo_json([task.to_dict() for task in queued])
        else:
            say(
                f"{len(queued)} items queued for a second opinion: `wsal label` by somebody who did not answer them"
            )
        return
    if ask_:
        from wsal.cli.label import ask
        from wsal.config import user_name

        who = annotator or user_name()
        tasks = project.second_opinions(who, n=most, at_least=at_least, by=method)
        if not tasks:
            say(f"nothing to review for {who}: no contradicted answer of somebody else")
            return
        say(f"{ask(project, tasks, who)} answers kept; run `wsal fit` to use them")
        return
    found = project.contradictions(at_least=at_least, by=method)
    if json_:
        echo_json([one.to_dict() for one in found[:most]])
        return
    _draw_review(found, most, at_least)


def _draw_review(found: tuple[Contradicted, ...], most: int, at_least: float) -> None:
    if not found:
        say(f"no answer has evidence of {at_least:g} nats or more against it (`--at-least` says how much)")
        return
    table(
        f"{len(found)} answers that evidence contradicts"
        + (f", the first {most}" if len(found) > most else ""),
        ("item", "answer", "by", "on", "evidence", "why it was given", "log odds"),
        [
            (
                str(one.contradiction.item_id),
                one.contradiction.label,
                one.contradiction.annotator or "–",
                one.time[:10],
                f"{one.contradiction.better}: {_evidence(one.contradiction)}",
                one.rationale or "–",
                f"{one.contradiction.log_odds:+.1f}",
            )
            for one in found[:most]
        ],
        numeric=1,
    )
    for line in _against(found):
        say(line)
    say(
        "`wsal review --queue` has somebody else asked for them, `--ask` asks now; an answer may be right all the same"
    )


def _evidence(one: Contradiction) -> str:
    """Say who speaks, each rule with its part in nats where that is known."""
    parts = dict(one.by_rule)
    said = [
        f"{vote} ({parts[name]:+.1f})" if (name := vote.rsplit(" says ", 1)[0]) in parts else vote
        for vote in one.votes
    ]
    return "; ".join((*said, *one.others)) or "the features"


def _against(found: tuple[Contradicted, ...]) -> list[str]:
    """Say which rules contradict answers most: they, or the answers, are wrong."""
    total: dict[str, list[float]] = {}
    for one in found:
        for rule, nats in one.contradiction.by_rule:
            if nats > 0:
                total.setdefault(rule, []).append(nats)
    most = sorted(total.items(), key=lambda pair: -sum(pair[1]))[:_RULES]
    return [f"{rule} speaks against {len(nats)} of them, {sum(nats):.1f} nats in all" for rule, nats in most]
