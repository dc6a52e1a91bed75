"""Advice about going on, as `wsal status` and `wsal estimate` print it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsal.cli.options import percent, say_about

if TYPE_CHECKING:
    from wsal.project import Place, Stopping

__all__ = ["draw_stopping"]


def draw_stopping(advice: Stopping) -> None:
    """Say which rules for stopping are met, and where answers or rules are worth most."""
    for verdict in advice.verdicts:
        say_about("stop" if verdict.met else "go on", verdict.text)
    if advice.now is not None and advice.ceiling is not None:
        say_about(
            "ceiling",
            f"of labels by pattern, unanswered covered items: the model expects {percent(advice.now)} to be "
            f"right, {percent(advice.ceiling)} at most with more answers (its reckoning, no estimate)",
        )
    for place in advice.label_here:
        hope = (
            f"; answers are expected to put right {place.mendable:.1f} of them at most" if place.known else ""
        )
        say_about("label", f"more here: {_place(place)}{hope}")
    for place in advice.rule_here:
        say_about("rule", f"is wanted here, where items alike differ: {_place(place)}")
    if advice.n_uncovered:
        bare = f", {advice.n_unlabelled} of them have no label" if advice.n_unlabelled else ""
        say_about(
            "rule", f"is wanted for the {advice.n_uncovered} unanswered items that no rule covers{bare}"
        )


def _place(place: Place) -> str:
    left_out = f" ({place.n_chosen} to chosen items, left out)" if place.n_chosen else ""
    wrong = (
        f"{place.wrong:.0f} labels expected wrong ({place.low:.0f} to {place.high:.0f})"
        if place.known
        else "how many labels are wrong cannot be told yet"
    )
    return f"{place.n_items} items ({place.votes}), {place.n_answers} answers{left_out}, {wrong}"
