"""Do near duplicates have the same label? Training splits of the shared sets, by threshold.

WSAL_SHARED_DATA=… python benchmarks/near_duplicates.py
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from targets import shared_data

from wsal.features.duplicates import text_duplicates

SETS = ("youtube", "sms", "trec", "imdb_cosine", "cuad_clauses")
THRESHOLDS = (0.6, 0.7, 0.8, 0.9)


def main() -> None:
    """Print a line for each set and threshold."""
    root = shared_data()
    for name in SETS:
        frame = pd.read_parquet(root / name / "train.parquet")
        gold = frame["label"].to_numpy()
        for threshold in THRESHOLDS:
            groups = text_duplicates(frame["text"].tolist(), threshold=threshold)
            first = groups.exact == np.arange(groups.n_items)
            leader = np.full(groups.n_items, -1)
            heads = first & (groups.similarity == 1.0)  # of a group found around one text, that text itself
            leader[groups.codes[heads]] = np.flatnonzero(heads)
            near = np.flatnonzero(first & (groups.similarity < 1.0))
            same = gold[near] == gold[leader[groups.codes[near]]]
            mixed = sum(
                len(set(gold[groups.exact == row])) > 1 for row in np.unique(groups.exact[groups.has_exact])
            )
            print(
                f"{name:13} threshold {threshold}: {groups.n_items} texts, {groups.n_spare_exact} exact copies "
                f"({mixed} groups of them with different labels), {len(near)} near duplicates, "
                f"{same.mean() if len(same) else float('nan'):.3f} of them with the label of their leader"
            )


if __name__ == "__main__":
    main()
