"""Planted label errors: how many of the most doubted answers are wrong, by wsal's evidence and by confident learning.

    python benchmarks/label_errors.py [--data DIR] [--sets sms,youtube,…] [--answers 300] [--seeds 3]

Draws answers at random from all items of a shared dataset, makes one in twenty wrong, and ranks them all in two
ways: `find_contradictions` (votes without the answer), and `find_label_issues` (cleanlab, on labels cross-fitted in
five folds from votes, answers and TF-IDF or numbers). Prints precision at k, k being the number of planted errors; gold
labels are taken to be right, which they are not always. Needs cleanlab: ``pip install 'wsal[cleanlab]'``.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from targets import shared_data, skip

from wsal.analysis import find_contradictions, find_label_issues
from wsal.estimation import assign_folds
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.simulation.dataset import LabelledDataset
from wsal.simulation.reading import read_dataset
from wsal.training import deliver

FOLDS = 5
SHARE_WRONG = 0.05


def cross_fitted(data: LabelledDataset, human: HumanLabels, rows: np.ndarray) -> np.ndarray:
    """Return the delivered probabilities of the answered items, each by a fit without its fold; shape (n, k)."""
    folds = assign_folds(rows, data.votes.n_items, n_folds=FOLDS)
    found = np.full((data.votes.n_items, data.votes.n_classes), np.nan)
    for fold in range(FOLDS):
        others = human.only({item for item in human.items() if folds[data.votes.row_of(item)] != fold})
        model = LabelModel().fit(data.votes, human=others)
        made = deliver(data.votes, model, human=others, features=data.features)
        found[folds == fold] = made.soft.probabilities[folds == fold]
    return found


def one_seed(data: LabelledDataset, n: int, seed: int) -> tuple[float, float, float, int]:
    """Return precision at k by evidence and by confident learning, and the share and number of all it suspects."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(np.flatnonzero(data.gold >= 0), n, replace=False)
    k = data.votes.n_classes
    wrong = np.arange(n) < round(SHARE_WRONG * n)
    told = np.where(wrong, (data.gold[rows] + rng.integers(1, k, n)) % k, data.gold[rows])
    ids = data.votes.item_ids[rows].tolist()
    frame = pd.DataFrame({"item": ids, "label": told, "propensity": 1 / data.votes.n_items})
    human, planted = HumanLabels.from_frame(frame), {i for i, bad in zip(ids, wrong, strict=True) if bad}
    ours = [one.item_id for one in find_contradictions(data.votes, human)]
    theirs = [one.item_id for one in find_label_issues(data.votes, human, cross_fitted(data, human, rows))]
    at = len(planted)
    return (
        len(planted & set(ours[:at])) / at,
        len(planted & set(theirs[:at])) / at,
        len(planted & set(theirs)) / max(len(theirs), 1),
        len(theirs),
    )


def main() -> None:
    """Run every set, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the shared sets; WSAL_SHARED_DATA without it")
    parser.add_argument("--sets", default="sms,youtube,trec,census")
    parser.add_argument("--answers", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    wanted = parser.parse_args()
    folder = wanted.data or shared_data()
    if find_spec("cleanlab") is None:
        skip("cleanlab is missing: pip install 'wsal[cleanlab]'")
    print("| | evidence, precision at k | confident learning, precision at k | all that it suspects |")
    print("|---|---|---|---|")
    for name in wanted.sets.split(","):
        data = read_dataset(folder / name)
        found = np.array([one_seed(data, wanted.answers, seed) for seed in range(wanted.seeds)])
        ours, theirs, share, size = found.mean(axis=0)
        print(f"| {name} | {ours:.2f} | {theirs:.2f} | {share:.2f} of {size:.0f} |", flush=True)


if __name__ == "__main__":
    main()
