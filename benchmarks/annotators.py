"""People: do intervals of reliability cover, do weighted answers help, are wrong answers found? Tables for the docs.

python benchmarks/annotators.py [--data /path/to/shared/data] [--samples 30]
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from wsal.analysis import (
    annotator_reliability,
    annotator_weights,
    find_contradictions,
    log_loss,
    share_accuracy,
)
from wsal.labels import HumanLabels
from wsal.votes import VoteMatrix

CROWDS = {"crowd_rte": 2, "crowd_dog": 4}
RULES = {"youtube": 2, "sms": 2, "trec": 6, "census": 2, "imdb_cosine": 2}


def answers(rows: list[tuple[int, str, int]]) -> HumanLabels:
    """Make answers of rows (item, annotator, class)."""
    return HumanLabels.from_frame(pd.DataFrame(rows, columns=["item", "annotator", "label"]))


def coverage(samples: int) -> Iterator[str]:
    """Draw crowds with known accuracies and count how many intervals hold them."""
    rng = np.random.default_rng(0)
    designs = [
        # items, people, answers an item, classes, how far accuracy differs by class, share of the first class
        (60, 3, 3, 2, 0.0, None),
        (100, 4, 2, 2, 0.0, None),
        (100, 4, 3, 2, 0.0, None),
        (300, 10, 2, 2, 0.0, None),
        (300, 10, 3, 2, 0.0, None),
        (300, 10, 3, 4, 0.0, None),
        (300, 30, 3, 2, 0.0, None),
        (300, 10, 3, 2, 0.1, None),
        (300, 10, 3, 2, 0.1, 0.9),
    ]
    for n, people, each, k, apart, common in designs:
        balance = np.full(k, 1 / k) if common is None else np.array([common, 1 - common])
        covered, width = [], []
        for _ in range(samples):
            gold = rng.choice(k, n, p=balance)
            right = np.clip(
                rng.uniform(0.55, 0.97, (people, 1)) + apart * rng.normal(size=(people, k)), 0.3, 0.99
            )
            rows = [
                (
                    i,
                    str(j),
                    int(gold[i] if rng.random() < right[j, gold[i]] else (gold[i] + rng.integers(1, k)) % k),
                )
                for i in range(n)
                for j in rng.choice(people, each, replace=False).tolist()
            ]
            for one in annotator_reliability(answers(rows), [str(y) for y in range(k)]):
                covered.append(one.low <= right[int(one.annotator)] @ balance <= one.high)
                width.append(one.high - one.low)
        beside = "" if not apart else f"accuracy differs by class{', one of 10 %' if common else ''}"
        yield (
            f"| {n} | {people} | {each} | {k} | {beside} | {np.mean(covered):.3f} | {np.mean(width):.2f} |"
        )


def thinned(L: np.ndarray, each: int, rng: np.random.Generator) -> list[tuple[int, str, int]]:
    """Keep some answers an item, at random."""
    return [
        (i, str(j), int(L[i, j]))
        for i in range(len(L))
        for j in rng.permutation(np.flatnonzero(L[i] >= 0))[:each].tolist()
    ]


def crowds(data: Path) -> Iterator[str]:
    """Compare weighted with plain shares on real crowds, and intervals with gold."""
    for name, k in CROWDS.items():
        frame = pd.read_parquet(data / name / "train.parquet")
        L, gold = frame.filter(like="lf_").to_numpy(), frame["label"].to_numpy()
        labels = [str(y) for y in range(k)]
        for each in (2, 3, 5, 10):
            rng, found, held = np.random.default_rng(0), [], []
            for _ in range(5):
                human = answers(thinned(L, each, rng))
                weighted = human.weighing(annotator_weights(human, labels))
                soft = [np.array(list(one.shares(k).values())) for one in (human, weighted)]
                found.append(
                    [share_accuracy(P, gold) for P in soft] + [log_loss(P, gold, floor=1e-3) for P in soft]
                )
                for one in annotator_reliability(human, labels):
                    own = L[:, int(one.annotator)]
                    held.append(one.low <= (own[own >= 0] == gold[own >= 0]).mean() <= one.high)
            a, b, c, d = np.mean(found, axis=0)
            yield f"| {name} | {each} | {a:.3f} | {b:.3f} | {c:.3f} | {d:.3f} | {np.mean(held):.2f} |"


def contradictions(data: Path) -> Iterator[str]:
    """Make 5 % of 300 random answers wrong and see where they stand in the queue."""
    for name, k in RULES.items():
        frame = pd.read_parquet(data / name / "train.parquet")
        votes = VoteMatrix.from_array(frame.filter(like="lf_").to_numpy(), [str(y) for y in range(k)])
        gold, areas, strong = frame["label"].to_numpy(), [], []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            rows = rng.choice(votes.n_items, 300, replace=False)
            wrong = rng.random(300) < 0.05
            told = np.where(wrong, (gold[rows] + rng.integers(1, k, 300)) % k, gold[rows])
            drawn = {"item": rows, "label": told, "propensity": 1 / votes.n_items}
            found = find_contradictions(votes, HumanLabels.from_frame(pd.DataFrame(drawn)))
            odds = {one.item_id: one.log_odds for one in found}
            covered = (votes.values[rows] >= 0).any(axis=1)
            score = np.array([odds.get(row, -1.0) for row in rows.tolist()])
            bad, good = score[wrong & covered], score[~wrong & covered]
            areas.append(((bad[:, None] > good).mean() + (bad[:, None] == good).mean() / 2).item())
            strong += wrong[score >= 2].tolist()
        share = f"{np.mean(strong):.2f} of {len(strong)}" if strong else "none"
        yield f"| {name} | {min(areas):.2f}–{max(areas):.2f} | {share} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("WSAL_SHARED_DATA"))
    parser.add_argument("--samples", type=int, default=30)
    options = parser.parse_args()
    print("\n".join(coverage(options.samples)))
    if options.data is not None:
        print("\n".join([*crowds(Path(options.data)), *contradictions(Path(options.data))]))


if __name__ == "__main__":
    main()
