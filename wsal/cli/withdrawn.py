"""What ``wsal why --rule`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wsal.cli.options import echo_json, note, say, table

if TYPE_CHECKING:
    from wsal.project import RuleWithdrawn

__all__ = ["show_withdrawn"]


def show_withdrawn(
    withdrawn: RuleWithdrawn, *, start: int, most: int, path: Path | None, force: bool, json_: bool
) -> None:
    """Print what would change without a rule, one page of the items, and write all of them where asked for."""
    if path is not None:
        from wsal.project import write_lineage

        write_lineage(withdrawn, path, force=force)
        note(f"{withdrawn.blast.n_decisive} items to {path}")
    if json_:
        echo_json(withdrawn.to_dict(start, most))
        return
    _summary(withdrawn)
    if withdrawn.blast.n_decisive:
        _items(withdrawn, start, most)


def _summary(withdrawn: RuleWithdrawn) -> None:
    blast = withdrawn.blast
    standing = f"; {blast.n_standing} of these labels are answers, which stand" if blast.n_standing else ""
    say(
        f"rule {withdrawn.rule} votes on {blast.n_voted} of {blast.n_items} items (run {withdrawn.run_id}){standing}\n"
        f"without it, all else as it is: {blast.n_decisive} labels change, {blast.n_uncovered} items are covered by no "
        f"rule any more, {blast.n_unlabelled} have no label any more"
    )
    if blast.flows:
        table(
            "Labels that change",
            ("before", "after", "items"),
            [(flow.before or "–", flow.after or "–", str(flow.n_items)) for flow in blast.flows],
            numeric=1,
        )
    means = zip(blast.labels, blast.mean_before.tolist(), blast.mean_after.tolist(), strict=True)
    table(
        "Mean probability over all items that have a label before and after",
        ("class", "before", "after", "change"),
        [(name, f"{p:.4f}", f"{q:.4f}", f"{q - p:+.4f}") for name, p, q in means],
        numeric=3,
    )


def _items(withdrawn: RuleWithdrawn, start: int, most: int) -> None:
    blast = withdrawn.blast
    page = blast.changes(start, most)
    if not page:
        if most:
            say(f"there are only {blast.n_decisive} items")
        return
    p = blast.probabilities_before[start : start + most].max(axis=1)
    q = blast.probabilities_after[start : start + most].max(axis=1)
    rows = [
        (str(item), before or "–", after or "–", f"{100 * x:.1f} %", f"{100 * y:.1f} %" if after else "–")
        for (item, before, after), x, y in zip(page, p.tolist(), q.tolist(), strict=True)
    ]
    title = f"Items {start + 1} to {start + len(page)} of {blast.n_decisive} on which it is decisive"
    table(title, ("item", "before", "after", "best before", "best after"), rows, numeric=2)
    if start + len(page) < blast.n_decisive:
        say(f"more with --start {start + len(page)}; all with --csv FILE")
