"""What ``wsal apply --dry-run`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from wsal.cli.options import echo_json, note, say, table

if TYPE_CHECKING:
    from wsal.project.rules.dry_run import ClassEffect, DryRun

__all__ = ["show_dry_runs"]


def show_dry_runs(runs: Iterator[DryRun], *, json_: bool) -> None:
    """Print each as soon as it is known: the sample, then all; as JSON, both at the end."""
    if json_:
        found = [asdict(run) for run in runs]
        echo_json({"sample": found[0] if len(found) > 1 else None, "all": found[-1]})
        return
    for i, run in enumerate(runs):
        if i == 0:
            for text in run.notes:
                note(text)
        _show(run)
    say("nothing was saved; `wsal apply` makes it so")


def _show(run: DryRun) -> None:
    if run.estimates is None:
        counts = f"{run.gained} rows gained, {run.lost} lost, {run.flipped} flipped, {run.kept} as before"
        say(f"rule {run.rule} on all {run.n_items} items, against run {run.run}: {counts}")
    else:
        counts = ", ".join(
            f"{kind} {limits.value:.0f} ({limits.low:.0f} to {limits.high:.0f})"
            for kind, limits in run.estimates.items()
        )
        say(
            f"rule {run.rule}, estimated for all {run.n_items} items from a sample of {run.n_seen} "
            f"(95 % limits): rows {counts}"
        )
    if run.also:
        say(f"rules that refer to it change with it: {', '.join(run.also)}")
    heads = ["class", "votes of the rule", "items voted for it"]
    fitted = run.estimates is None
    where = "all items" if fitted else f"the sample of {run.n_seen}"
    table(
        f"Before and after, in {where}",
        [*heads, "most probable label"] if fitted else heads,
        [_effect(effect, fitted=fitted) for effect in run.classes],
        numeric=3 if fitted else 2,
    )
    if run.examples and fitted:
        rows = [(str(e.item), e.before or "–", e.after or "–", e.text) for e in run.examples]
        table("Some of the rows", ["item", "before", "after", "text"], rows)


def _effect(effect: ClassEffect, *, fitted: bool) -> list[str]:
    pairs = [(effect.votes_before, effect.votes_after), (effect.covered_before, effect.covered_after)]
    if fitted and effect.labels_before is not None and effect.labels_after is not None:
        pairs.append((effect.labels_before, effect.labels_after))
    return [effect.label, *(f"{before} → {after}" for before, after in pairs)]
