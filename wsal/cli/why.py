"""``wsal why``: the evidence for one item's label, or what hangs on a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, for_each_label, note, open_project, say, table
from wsal.cli.withdrawn import show_withdrawn

if TYPE_CHECKING:
    from wsal.evidence import DecisiveRules, Evidence
    from wsal.project import Why

__all__ = ["draw_why", "fields_in_words", "why"]

_BAR = 20  # characters of the longest bar
_SETS = 5  # of decisive rules, in the table


@click.command()
@click.argument("item", required=False)
@click.option(
    "--for", "for_", metavar="LABEL", help="The class that the terms speak for; the label if not given."
)
@click.option("--against", metavar="LABEL", help="The class it is compared with; the runner-up if not given.")
@click.option(
    "--without", metavar="RULE", multiple=True, help="Also show the evidence without a rule; may be repeated."
)
@click.option(
    "--history", is_flag=True, help="Instead: the item's labels through the runs, and what people did."
)
@click.option(
    "--rule", metavar="RULE", help="Instead of an item: what would change in all labels without a rule."
)
@click.option(
    "--most", type=click.IntRange(min=0), default=20, show_default=True, help="Items listed (--rule)."
)
@click.option(
    "--start", type=click.IntRange(min=0), default=0, help="Leave out so many items first (--rule)."
)
@click.option(
    "--csv",
    "csv_",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all items to a file (--rule).",
)
@click.option("--force", is_flag=True, help="Replace a file that is there (--csv).")
@as_json
@click.pass_obj
@for_each_label
def why(  # noqa: PLR0913  # one parameter an option
    folder: Path,
    *,
    item: str | None,
    for_: str | None,
    against: str | None,
    without: tuple[str, ...],
    history: bool,
    rule: str | None,
    most: int,
    start: int,
    csv_: Path | None,
    force: bool,
    json_: bool,
) -> None:
    """Explain the label of ITEM: every rule, answer and word that spoke, in log odds (nats) that add up.

    With --rule instead of ITEM: every item whose label hangs on the rule, and what it would become.
    """
    if (item is None) == (rule is None):
        raise click.UsageError("name an item, or a rule with --rule")
    if rule is not None:
        if for_ or against or without or history:
            raise click.UsageError(
                "--for, --against, --without and --history go with an item, not with --rule"
            )
        show_withdrawn(
            open_project(folder).withdraw(rule), start=start, most=most, path=csv_, force=force, json_=json_
        )
        return
    if csv_ is not None:
        raise click.UsageError("--csv goes with --rule")
    if history:
        _show_history(folder, str(item), json_=json_)
        return
    if for_ is not None and against is None:
        raise click.UsageError("--for needs --against")
    contrast = (for_, against) if for_ is not None and against is not None else against
    reasons = open_project(folder).why(str(item), contrast=contrast)
    less = reasons.without(without) if without else None
    if json_:
        then = {} if less is None else {"without": {"rules": list(without), **less.to_dict()}}
        echo_json(reasons.to_dict() | then)
        return
    draw_why(reasons)
    if less is not None:
        _draw_without(less, without)


def _show_history(folder: Path, item: str, *, json_: bool) -> None:
    from wsal.project import item_history

    events = item_history(open_project(folder).history, item)
    if json_:
        echo_json({"item": item, "events": [event.to_dict() for event in events]})
        return
    rows = []
    for event in events:
        p = max(event.probabilities.values()) if event.probabilities else None
        best = "" if p is None else f"{100 * p:.1f} %"
        when = event.time[:16].replace("T", " ")
        rows.append((str(event.seq), when, event.actor, event.run, event.text, best))
    table(f"What happened to {item}", ("row", "time", "who", "run or batch", "what", "best"), rows, numeric=1)


def draw_why(reasons: Why) -> None:
    """Draw the evidence for a label as a table with signed bars."""
    evidence = reasons.evidence
    for text in reasons.notes:
        note(text)
    say(fields_in_words(reasons.fields))
    if evidence.contrast is None:
        say("no label: no rule covers this item, nobody answered it, and there is no end model")
        return
    say(_label(evidence))
    for answer in reasons.answers:
        by = f" by {answer.annotator}" if answer.annotator else ""
        because = f": {answer.rationale}" if answer.rationale else ""
        item = f"duplicate {answer.item} " if reasons.copied_from else ""
        say(f"{item}answered {answer.label}{by} ({answer.time[:10]}){because}")
    if reasons.copied_from:
        say("the label is copied from its duplicates; what spoke before:")
    elif reasons.answers:
        say("the answer is the label; what spoke before it:")
    _draw_terms(evidence, "")
    say(_decisive(evidence.decisive, answered=evidence.answered))


def fields_in_words(fields: Mapping[str, object]) -> str:
    """Write an item's fields: a text on lines of its own, short values together."""
    long = {name: str(value) for name, value in fields.items() if isinstance(value, str) and len(value) > 30}
    short = [
        f"{name} {'–' if value is None else value}" for name, value in fields.items() if name not in long
    ]
    lines = [*(f"{name}: {value}" for name, value in long.items()), *([", ".join(short)] if short else [])]
    return "\n".join(click.wrap_text(line, width=110, subsequent_indent="  ") for line in lines)


def _label(evidence: Evidence) -> str:
    names = [
        name for name, p in evidence.probabilities.items() if p >= max(evidence.probabilities.values()) - 1e-9
    ]
    label = evidence.label or f"none, {' and '.join(names)} tie"
    return f"label: {label} ({_shares(evidence.probabilities)})"


def _draw_terms(evidence: Evidence, title: str) -> None:
    a, b = evidence.contrast or ("", "")
    longest = max((abs(term.log_odds) for term in evidence.terms), default=0.0)
    rows = [
        (term.source, term.vote or "", f"{term.log_odds:+.3f}", _bar(term.log_odds, longest))
        for term in evidence.terms
    ]
    rows.append(("sum", "", f"{evidence.log_odds:+.3f}", ""))
    table(f"log odds of {a} against {b} (nats){title}", ("source", "vote", "log odds", ""), rows)


def _draw_without(less: Evidence, rules: Sequence[str]) -> None:
    named = " and ".join(rules)
    if less.label is None and not less.terms:
        say(f"without {named} nothing would speak for any label")
        return
    say(f"without {named}, all else as it is, {_label(less)}")
    _draw_terms(less, f" without {named}")


def _decisive(found: DecisiveRules, *, answered: bool) -> str:
    """Say which rules the label hangs on."""
    if found.n_votes == 0:
        return "no rule votes on this item"
    if not found.smallest:
        if answered:
            return "no rule is decisive: the answer stands whatever the rules say"
        if found.n_votes == 1:
            return "the one rule that votes here is not decisive: the label is the same without it"
        most = "" if found.complete else f" of up to {found.searched}"
        return f"no rule is decisive, and no set{most} of the {found.n_votes} rules that vote here"
    parts = [f"{' + '.join(one.rules)} (then {one.label or 'none'})" for one in found.smallest[:_SETS]]
    rest = f", and {found.n_smallest - _SETS} more" if found.n_smallest > _SETS else ""
    if found.rules:
        return f"decisive, each alone: {', '.join(parts)}{rest}"
    return f"no rule is decisive alone; the smallest sets that are: {', '.join(parts)}{rest}"


def _bar(value: float, longest: float) -> str:
    length = round(_BAR * abs(value) / longest) if longest else 0
    return ("+" if value > 0 else "-") * length


def _shares(probabilities: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * p:.1f} %" for name, p in probabilities.items())
