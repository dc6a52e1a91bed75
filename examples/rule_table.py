"""Compute the table of rules in the READMEs of the example packs: coverage, conflicts, agreement with gold.

``python examples/rule_table.py`` writes the tables anew; ``--check`` says whether they are what is computed.
A test runs the check, so no figure in those READMEs is typed by hand.
"""

from __future__ import annotations

import runpy
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import wsal
from wsal.items import Items, read_items

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- computed by examples/rule_table.py: begin -->", "<!-- end -->"
PACKS = ("messages", "tumours", "digits")
WRITERS = {"tumours": "write_biopsies", "digits": "write_digits"}


def read_example(name: str) -> tuple[Items, dict[str, str]]:
    """Read the items of an example and, by item id, their true labels."""
    folder = ROOT / "examples" / name
    if name == "messages":
        return _read(folder / "messages.csv", folder / "gold.csv")
    make_data = runpy.run_path(str(folder / "make_data.py"))
    with tempfile.TemporaryDirectory() as work:
        return _read(*make_data[WRITERS[name]](Path(work)))


def _read(items_file: Path, gold_file: Path) -> tuple[Items, dict[str, str]]:
    gold = pd.read_csv(gold_file)
    return read_items(items_file, id_column="id"), dict(zip(gold["id"], gold["label"], strict=True))


def rule_table(name: str) -> str:
    """Apply a pack to its example and describe every rule as a row of a Markdown table."""
    items, gold = read_example(name)
    rules = wsal.load_rules(str(ROOT / "labeling_functions" / name))
    votes = wsal.apply(rules, items)
    truth = np.array([votes.labels.index(gold[item]) for item in votes.item_ids.tolist()])
    L = votes.to_numpy()
    lines = ["| rule | votes for | items | coverage | right of these |", "|---|---|---:|---:|---:|"]
    for j, rule in enumerate(votes.lf_names):
        speaks = L[:, j] != wsal.ABSTAIN
        label = votes.labels.name(int(L[speaks, j][0])) if speaks.any() else "–"
        right = f"{np.mean(truth[speaks] == L[speaks, j]):.1%}" if speaks.any() else "–"
        lines.append(f"| {rule} | {label} | {speaks.sum()} | {speaks.mean():.1%} | {right} |")
    covered = (L != wsal.ABSTAIN).any(axis=1)
    overlap = (L != wsal.ABSTAIN).sum(axis=1) > 1
    sides = np.stack([np.equal(L, y).any(axis=1) for y in range(votes.n_classes)]).sum(axis=0) > 1
    sizes = f"{votes.n_items} items, {votes.n_lfs} rules, {votes.patterns().n_patterns} patterns of votes."
    shares = (
        f"At least one rule votes on {covered.mean():.1%} of the items, two or more on {overlap.mean():.1%}; "
        f"on {sides.mean():.1%} they conflict."
    )
    return "\n".join([*lines, "", f"{sizes} {shares}"])


def with_table(readme: str, table: str) -> str:
    """Put a table between the marks of a README."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the tables, or check them; return 1 where a README is out of date."""
    stale = 0
    for name in PACKS:
        path = ROOT / "labeling_functions" / name / "README.md"
        old = path.read_text(encoding="utf-8")
        new = with_table(old, rule_table(name))
        if old != new:
            stale += 1
            print(f"{'out of date' if '--check' in arguments else 'written'}: {path}")
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
