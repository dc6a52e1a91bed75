"""Items with several labels: how the share of items that have each label changes labels that rules alone made.

    python benchmarks/notices.py

Fits the example `examples/notices` (written for wsal, with its rules) without answers, with and without
``class_balance``, and prints the share of all 48 notices for which each label is right.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from wsal.project import MultiLabelProject

EXAMPLE = Path(__file__).parents[1] / "examples" / "notices"
SHARES = "class_balance = [0.42, 0.42, 0.31]\nmulti_label"


def shares_right(folder: Path) -> dict[str, float]:
    """Apply and fit a project, and return for each label the share of items for which it is right."""
    project = MultiLabelProject.open(folder)
    project.apply()
    project.fit()
    project.export(folder / "labels.csv")
    gold = pd.read_csv(EXAMPLE / "gold.csv").set_index("id")
    made = pd.read_csv(folder / "labels.csv").set_index("id").loc[gold.index]
    return {label: float((made[label] == (gold[label] == "yes")).mean()) for label in gold.columns}


def main() -> None:
    """Print a line for each setting."""
    for name, setting in (("rules alone", "multi_label"), ("class_balance given", SHARES)):
        with TemporaryDirectory() as where:
            folder = Path(shutil.copytree(EXAMPLE, Path(where, "notices")))
            settings = folder / "wsal.toml"
            settings.write_text(settings.read_text(encoding="utf-8").replace("multi_label", setting))
            right = shares_right(folder)
        print(f"{name:<22}" + "   ".join(f"{label} {share:.2f}" for label, share in right.items()))


if __name__ == "__main__":
    main()
