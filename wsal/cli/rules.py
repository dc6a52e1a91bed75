"""``wsal rules``: all rules as a table, or all that is known of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.estimate import in_words
from wsal.cli.options import as_json, echo_json, for_each_label, note, open_project, percent, say, table

if TYPE_CHECKING:
    from wsal.analysis import Drift, DriftTest
    from wsal.project import RuleRow, RunPoint, Scorecard

__all__ = ["draw_rules", "rules"]

_PEERS = 8
_RATE = 0.05


@click.command()
@click.argument("rule", required=False)
@click.option("--time", metavar="COLUMN", help="A column of times: say whether rules drift over it.")
@click.option(
    "--bins", type=click.IntRange(2, 100), default=8, show_default=True, help="Stretches of time for --time."
)
@click.option("--no-python", is_flag=True, help="Do not run the tests of packs that run code.")
@as_json
@click.pass_obj
@for_each_label
def rules(
    folder: Path, *, rule: str | None, time: str | None, bins: int, no_python: bool, json_: bool
) -> None:
    """List the rules of the last `wsal apply`; with RULE, show all that is known of that one."""
    cards = open_project(folder).scorecards(allow_python=not no_python)
    if rule is not None:
        card = cards.of(rule, time=time, bins=bins)
        if json_:
            echo_json(card.to_dict())
        else:
            for line in _lines(card):
                say(line)
            _draw_details(card)
        return
    found = cards.every(time=time, bins=bins)
    if json_:
        echo_json([card.to_dict() for card in found])
        return
    _draw_scorecards(found)


def _draw_scorecards(cards: Sequence[Scorecard]) -> None:
    table(
        "",
        ("rule", "votes", "covers", "conflicts", "only it", "precision", "µs an item"),
        [
            (
                card.name,
                ", ".join(card.polarity) or "–",
                percent(card.coverage),
                percent(card.conflicts),
                str(card.profile.n_alone),
                in_words(card.precision.estimate) if card.precision else "–",
                f"{card.cost.microseconds:.2g}" if card.cost else "–",
            )
            for card in cards
        ],
        numeric=5,
    )
    say(
        "precision is from audit draws, with its 95 % interval; `wsal rules RULE` shows all that is known of one"
    )
    for card in cards:
        if card.drift is not None:
            for test in card.drift.found:
                say(f"drift   {card.name}: {_drift_in_words(card.drift, test)}")
        for failure in card.tests.failures:
            note(f"failed: {failure}")


def _lines(card: Scorecard) -> Iterator[str]:
    """Yield what is said of a rule in lines."""
    profile = card.profile
    yield f"{card.name}: {', '.join(card.polarity) or 'no vote'}; by {card.author or 'an author not named'}"
    if card.why:
        yield f"why        {card.why}"
    said = ", ".join(f"{label} {n}" for label, n in profile.votes.items())
    yield (
        f"votes      {profile.n_votes} of {card.n_items} items, {percent(card.coverage)}"
        + (f" ({said})" if said else "")
        + f"; with others {percent(card.overlaps)}, against others {percent(card.conflicts)}"
    )
    yield f"only it    {profile.n_alone} items have no vote of another rule"
    if card.precision is not None:
        yield (
            f"precision  {in_words(card.precision.estimate)}: 95 % interval from {card.precision.n_answers} "
            f"answers to audit items ({card.precision.design})"
        )
    else:
        yield f"precision  not known: {card.precision_note}"
    if card.n_answered:
        yield (
            f"answers    equal its vote on {card.n_right} of {card.n_answered} items; these were chosen, "
            "and estimate nothing"
        )
    if card.cost is None:
        yield "cost       not known: `wsal apply` has not computed its votes since it keeps what they take"
    else:
        shared = f", shared evenly by {card.cost.n_sharing} rules" if card.cost.n_sharing > 1 else ""
        yield (
            f"cost       {card.cost.microseconds:.3g} µs of CPU an item, {card.cost.cpu_seconds:.3g} s in all"
            f"{shared} (run {card.cost.run})"
        )
    tests = card.tests
    failed = len(tests.failures)
    yield f"tests      {tests.n_tests}, {failed} failed" + (f": {tests.note}" if tests.note else "")
    yield from (f"           failed: {failure}" for failure in tests.failures)


def _draw_details(card: Scorecard) -> None:
    table(
        "versions",
        ("version", "first loaded", "by", "author", "fingerprint"),
        [
            (
                f"{v.number}{' (current)' if v.current else ''}",
                v.first_time[:19],
                v.actor or "–",
                v.author or "–",
                v.fingerprint[:12],
            )
            for v in card.versions
        ],
    )
    if len(card.runs) > 1:
        _draw_runs(card.runs)
    peers = card.profile.peers
    if peers:
        table(
            "rules that vote on the same items"
            + (f", the first {_PEERS} of {len(peers)}" if len(peers) > _PEERS else ""),
            ("rule", "", "together", "equal", "agreement"),
            [
                (
                    peer.name,
                    "beyond what the class explains: one opinion?" if peer.beyond else "",
                    str(peer.together),
                    str(peer.equal),
                    percent(peer.agreement),
                )
                for peer in peers[:_PEERS]
            ],
            numeric=3,
        )
    if card.drift is not None:
        _draw_drift(card.drift)


def _draw_runs(runs: Sequence[RunPoint]) -> None:
    table(
        "runs of apply",
        ("run", "version", "votes", "of items (95 %)", "gained / lost / flipped", "on new items"),
        [
            (
                run.run,
                str(run.version or "–"),
                str(run.n_votes),
                f"{percent(run.rate)} ({100 * run.low:.1f}–{100 * run.high:.1f})",
                f"{run.gained} / {run.lost} / {run.flipped}",
                f"{run.new_votes} of {run.n_new}"
                + (" (drift)" if run.adjusted is not None and run.adjusted <= _RATE else "")
                if run.n_new
                else "–",
            )
            for run in runs
        ],
        numeric=4,
    )


def _draw_drift(drift: Drift) -> None:
    table(
        f"over {drift.column}",
        (drift.column, "items", "votes", "of items (95 %)", "against others"),
        [
            (
                part.name,
                str(part.n_items),
                str(part.n_votes),
                f"{percent(part.rate)} ({100 * part.low:.1f}–{100 * part.high:.1f})",
                str(part.n_conflicts),
            )
            for part in drift.bins
        ],
        numeric=4,
    )
    for test in drift.tests:
        say(f"drift   {_drift_in_words(drift, test)}")
    if not drift.tests:
        say("drift   too few votes for a test")


def _drift_in_words(drift: Drift, test: DriftTest) -> str:
    subject = "how often it votes" if test.what == "votes" else "how often others contradict its votes"
    found = test in drift.found
    return (
        f"{subject} {'differs' if found else 'is not shown to differ'} over {drift.column} (p {test.adjusted:.2g}, "
        f"adjusted over all rules; chi-squared {test.statistic:.1f}, {test.dof} degrees of freedom)"
    )


def draw_rules(rows: Sequence[RuleRow], title: str = "") -> None:
    """Draw the short table of rules; right / answered are counts on chosen items and estimate nothing."""
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
