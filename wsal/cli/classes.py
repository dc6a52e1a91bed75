"""``wsal classes``: a change of mind about the classes, said before it is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say, table

if TYPE_CHECKING:
    from wsal.audit import ClassChange
    from wsal.project import ClassPlan, SplitRules

__all__ = ["classes"]

F = TypeVar("F", bound=Callable[..., Any])

_SHOWN = 20  # rules that are listed in words; JSON lists all


def _shared(function: F) -> F:
    """Add the options that every change takes."""
    for option in (
        click.option("--reason", default="", help="Why; the ledger keeps it."),
        click.option("--yes", is_flag=True, help="Do it without asking."),
        as_json,
    ):
        function = option(function)
    return function


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def classes(ctx: click.Context, *, json_: bool) -> None:
    """List the classes with their answers, and what was changed about them.

    `add`, `rename`, `merge` and `split` say first what they would do. On a terminal they ask; in a pipe they do
    nothing unless --yes is given.
    """
    if ctx.invoked_subcommand is not None:
        return
    history = open_project(ctx.obj).history
    answers = [a.label for a in history.store.answers() if a.label is not None]
    counts = {name: answers.count(name) for name in history.labels}
    changes = history.store.class_changes()
    if json_:
        told = [
            {"seq": c.seq, "time": c.time, "by": c.actor, "what": str(c.change), "reason": c.change.reason}
            for c in changes
        ]
        echo_json({"classes": counts, "changes": told})
        return
    table("", ("class", "answers"), [(name, str(count)) for name, count in counts.items()], numeric=1)
    for c in changes:
        why = f": {c.change.reason}" if c.change.reason else ""
        say(f"row {c.seq}, {c.time[:10]}, {c.actor}: {c.change}{why}")


@classes.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@_shared
@click.pass_obj
def add(folder: Path, *, names: tuple[str, ...], reason: str, yes: bool, json_: bool) -> None:
    """Add classes at the end of the list."""
    _change(folder, "add", (), names, _How(reason, yes, json_))


@classes.command()
@click.argument("old")
@click.argument("new")
@_shared
@click.pass_obj
def rename(folder: Path, *, old: str, new: str, reason: str, yes: bool, json_: bool) -> None:
    """Call the class OLD by the name NEW."""
    _change(folder, "rename", (old,), (new,), _How(reason, yes, json_))


@classes.command()
@click.argument("old", metavar="CLASS CLASS...", nargs=-1, required=True)
@click.option("--into", required=True, help="The class that they become: one of them, or a new name.")
@_shared
@click.pass_obj
def merge(folder: Path, *, old: tuple[str, ...], into: str, reason: str, yes: bool, json_: bool) -> None:
    """Make one class of several."""
    _change(folder, "merge", old, (into,), _How(reason, yes, json_))


@classes.command()
@click.argument("old", metavar="CLASS")
@click.argument("new", metavar="PART PART...", nargs=-1, required=True)
@click.option(
    "--rule",
    "rules",
    metavar="ID=PART",
    multiple=True,
    help="Which part a rule of the class votes for; may be repeated.",
)
@click.option(
    "--set-aside", is_flag=True, help="Take the other rules of the class out, into a file beside the pack."
)
@_shared
@click.pass_obj
def split(  # one parameter an option
    folder: Path,
    /,
    *,
    old: str,
    new: tuple[str, ...],
    rules: tuple[str, ...],
    set_aside: bool,
    **how: Any,  # noqa: ANN401  # as declared above
) -> None:
    """Make several classes of one; its answers are asked for again, never guessed."""
    from wsal.project import SplitRules

    by_rule = dict(map(_rule, rules))
    _change(folder, "split", (old,), new, _How(**how, rules=SplitRules(by_rule, set_aside)))


def _rule(text: str) -> tuple[str, str]:
    name, equals, label = text.rpartition("=")
    if not (name and equals and label):
        raise click.UsageError(f"--rule {text!r} is not of the form ID=PART")
    return name, label


@dataclass(frozen=True)
class _How:
    """What every change is told."""

    reason: str
    yes: bool
    json_: bool
    rules: SplitRules | None = None


def _change(folder: Path, change: ClassChange, old: Sequence[str], new: Sequence[str], how: _How) -> None:
    from wsal.project import carry_out, plan_classes

    if change == "merge" and len(old) == 1:
        raise click.UsageError("name two classes at least; `wsal classes rename` changes the name of one")
    if change == "split" and len(new) == 1:
        raise click.UsageError("name two parts at least; `wsal classes rename` changes the name of a class")
    history = open_project(folder).history
    plan = plan_classes(history, change, old, new, reason=how.reason, rules=how.rules)
    if not how.json_:
        _draw(plan)
    done = how.yes or (not how.json_ and not plan.undecided and _asked())
    if done:
        carry_out(plan, history)
    if how.json_:
        echo_json(_tree(plan) | {"done": done})
    else:
        say(f"done: {plan.change}" if done else "nothing was changed; --yes does it")


def _asked() -> bool:
    """Ask on a terminal; anywhere else nobody says yes."""
    return sys.stdin.isatty() and sys.stdout.isatty() and click.confirm("Do this?", default=False)


def _draw(plan: ClassPlan) -> None:
    say(f"{plan.change}; the classes would be {', '.join(plan.change.labels)}")
    for name, count in plan.answers.items():
        to = plan.change.becomes(name)
        say(
            f"answers: {count} say {name}; "
            + (f"they would say {to}" if to else "they would count for nothing")
        )
    if plan.n_again:
        say(
            f"items to look at again: {plan.n_again}, in the queue of `wsal label` (after a first `wsal fit`)"
        )
    if plan.n_decided:
        say(f"items that keep another person's label, and are not asked again: {plan.n_decided}")
    for name, count in plan.votes.items():
        say(f"votes: {count} for {name} in the last run of `wsal apply`, which stays as it is")
    _draw_rules(plan)
    say("files: wsal.toml")
    for pack in plan.packs:
        say(f"files: {pack.path}")
        for text in pack.changes:
            say(f"  line {text}")
    for text in plan.notes:
        note(text)


def _draw_rules(plan: ClassPlan) -> None:
    for use in plan.rules[:_SHOWN]:
        value = "" if use.value is None else f", for the value {use.value}"
        say(f"rule {use.rule} votes for {use.label}{value}: {use.location}")
    if len(plan.rules) > _SHOWN:
        say(f"… and {len(plan.rules) - _SHOWN} rules more; --json lists all")
    for name in plan.by_hand:
        say(f"rule {name} takes its classes from code or data: see to it yourself")
    if plan.undecided:
        say(f"not decided: {', '.join(plan.undecided)}; say --rule ID=PART for each, or --set-aside")


def _tree(plan: ClassPlan) -> dict[str, Any]:
    return {
        "change": plan.change.change,
        "old": list(plan.change.old),
        "new": list(plan.change.new),
        "classes": list(plan.change.labels),
        "answers": dict(plan.answers),
        "n_again": plan.n_again,
        "n_decided": plan.n_decided,
        "queued": list(plan.queued),
        "votes": dict(plan.votes),
        "rules": [{"rule": u.rule, "label": u.label, "place": str(u.location)} for u in plan.rules],
        "by_hand": list(plan.by_hand),
        "undecided": list(plan.undecided),
        "files": {str(pack.path): list(pack.changes) for pack in plan.packs},
        "notes": list(plan.notes),
    }
