"""Compute the table in ``labeling_functions/contracts/README.md``: precision and recall of every rule.

The clauses are those of the shared set ``cuad_clauses`` (see ``WSAL_SHARED_DATA``), whose categories are the gold. A
vote is right where the clause has the rule's category among its own. ``python benchmarks/contract_rules.py`` writes the
table anew; ``--check`` says whether it is what is computed. A test runs the check where the data is there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from targets import shared_data

import wsal
from wsal.estimation.intervals import Interval, clopper_pearson

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "labeling_functions" / "contracts"
BEGIN, END = "<!-- computed by benchmarks/contract_rules.py: begin -->", "<!-- end -->"
SPLITS = ("train", "test")
CATEGORIES: Mapping[str, str] = {
    "governing-law": "Governing Law",
    "insurance": "Insurance",
    "audit-rights": "Audit Rights",
    "anti-assignment": "Anti-Assignment",
    "liability-cap": "Cap On Liability",
    "termination-for-convenience": "Termination For Convenience",
    "license-grant": "License Grant",
    "ip-assignment": "Ip Ownership Assignment",
    "first-refusal": "Rofr-Rofo-Rofn",
    "no-solicit-employees": "No-Solicit Of Employees",
}
"""From the pack's label to the category that the clauses are labelled with."""


@dataclass(frozen=True)
class RuleFigures:
    """What one rule does on one split: counts of clauses."""

    rule: str
    label: str
    votes: int
    right: int
    of_label: int

    @property
    def precision(self) -> Interval:
        """Share of its votes that are right."""
        return clopper_pearson(self.right, self.votes)

    @property
    def recall(self) -> Interval:
        """Share of the clauses of its category that it finds."""
        return clopper_pearson(self.right, self.of_label)


def figures(data: Path, split: str) -> list[RuleFigures]:
    """Apply the pack to a split and count."""
    clauses = pd.read_parquet(data / "cuad_clauses" / f"{split}.parquet")
    gold = [set(json.loads(cats)) for cats in clauses["cats"]]
    rules = wsal.load_rules(str(PACK))
    votes = wsal.apply(rules, clauses[["id", "text"]])
    found = []
    for j, rule in enumerate(rules):
        has = np.array([CATEGORIES[str(rule.label)] in cats for cats in gold])
        speaks = votes.values[:, j] != wsal.ABSTAIN
        found.append(
            RuleFigures(
                rule.name, str(rule.label), int(speaks.sum()), int((speaks & has).sum()), int(has.sum())
            )
        )
    return found


def mean_precision(found: list[RuleFigures]) -> float:
    """Return the mean over the rules that vote at all."""
    return float(np.mean([rule.precision.value for rule in found if rule.votes]))


def table(data: Path) -> str:
    """Return the table in Markdown, with a line of means below."""
    by_split = {split: figures(data, split) for split in SPLITS}
    lines = [
        "| rule | votes for | train: votes | precision | recall | test: votes | precision | recall |",
        "|---|---|---:|---|---|---:|---|---|",
    ]
    for rows in zip(*by_split.values(), strict=True):
        cells = [str(cell) for row in rows for cell in (row.votes, _shown(row.precision), _shown(row.recall))]
        lines.append(f"| {rows[0].rule} | {rows[0].label} | {' | '.join(cells)} |")
    lines.append("")
    for split, found in by_split.items():
        silent = sum(not row.votes for row in found)
        votes, right = sum(row.votes for row in found), sum(row.right for row in found)
        lines.append(
            f"{split}: mean precision of the rules {mean_precision(found):.3f}"
            f" ({silent} of {len(found)} never vote); of all {votes} votes {right / votes:.3f} are right."
        )
    return "\n".join(lines)


def _shown(interval: Interval) -> str:
    if interval.value != interval.value:  # NaN: no votes
        return "–"
    return f"{interval.value:.2f} ({interval.low:.2f}–{interval.high:.2f})"


def with_table(readme: str, computed: str) -> str:
    """Put a table between the marks of a README."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{computed}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the table, or check it; return 1 where the README is out of date."""
    data = shared_data()
    path = PACK / "README.md"
    old = path.read_text(encoding="utf-8")
    new = with_table(old, table(data))
    if old == new:
        return 0
    check = "--check" in arguments
    print(f"{'out of date' if check else 'written'}: {path}")
    if not check:
        path.write_text(new, encoding="utf-8")
    return 1 if check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
