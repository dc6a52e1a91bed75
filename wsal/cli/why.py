"""``wsal why``: the evidence for one item's label."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say, table

if TYPE_CHECKING:
    from wsal.project import Why

__all__ = ["draw_why", "fields_in_words", "why"]

_BAR = 20  # characters of the longest bar


@click.command()
@click.argument("item")
@as_json
@click.pass_obj
def why(folder: Path, *, item: str, json_: bool) -> None:
    """Explain the label of ITEM: every rule, answer and word that spoke, in log odds (nats) that add up."""
    reasons = open_project(folder).why(item)
    if json_:
        echo_json(reasons.to_dict())
        return
    draw_why(reasons)


def draw_why(reasons: Why) -> None:
    """Draw the evidence for a label as a table with signed bars."""
    evidence = reasons.evidence
    for text in reasons.notes:
        note(text)
    say(fields_in_words(reasons.fields))
    if evidence.contrast is None:
        say("no label: no rule covers this item, nobody answered it, and there is no end model")
        return
    a, b = evidence.contrast
    label = evidence.label or f"none, {a} and {b} tie"
    say(f"label: {label} ({_shares(evidence.probabilities)})")
    for answer in reasons.answers:
        by = f" by {answer.annotator}" if answer.annotator else ""
        because = f": {answer.rationale}" if answer.rationale else ""
        item = f"duplicate {answer.item} " if reasons.copied_from else ""
        say(f"{item}answered {answer.label}{by} ({answer.time[:10]}){because}")
    if reasons.copied_from:
        say("the label is copied from its duplicates; what spoke before:")
    elif reasons.answers:
        say("the answer is the label; what spoke before it:")
    longest = max((abs(term.log_odds) for term in evidence.terms), default=0.0)
    rows = [
        (term.source, term.vote or "", f"{term.log_odds:+.3f}", _bar(term.log_odds, longest))
        for term in evidence.terms
    ]
    rows.append(("sum", "", f"{evidence.log_odds:+.3f}", ""))
    table(
        f"log odds of {a} against {b} (nats)",
        ("source", "vote", "log odds", ""),
        rows,
    )


def fields_in_words(fields: Mapping[str, object]) -> str:
    """Write an item's fields: a text on lines of its own, short values together."""
    long = {name: str(value) for name, value in fields.items() if isinstance(value, str) and len(value) > 30}
    short = [
        f"{name} {'–' if value is None else value}" for name, value in fields.items() if name not in long
    ]
    lines = [*(f"{name}: {value}" for name, value in long.items()), *([", ".join(short)] if short else [])]
    return "\n".join(click.wrap_text(line, width=110, subsequent_indent="  ") for line in lines)


def _bar(value: float, longest: float) -> str:
    length = round(_BAR * abs(value) / longest) if longest else 0
    return ("+" if value > 0 else "-") * length


def _shares(probabilities: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * p:.1f} %" for name, p in probabilities.items())
