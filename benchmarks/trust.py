"""Does the verdict of the trust report predict losses to majority vote? Over generated worlds, and on real votes.

    python benchmarks/trust.py [--worlds 400] [--first 10000] [--data /path/to/shared/data]

A world (``wsal.testing.draw_world``) is a case with a label model (LabelModel in three of five, else DawidSkene or
SnorkelModel) and what is known beside the votes: nothing in half of the cases, the balance of covered items in a fifth,
10 to 200 answers on items drawn at random, 5 % of them wrong, in the rest. The model loses if it labels at least a
point fewer of the covered items without an answer rightly than majority vote, ties counted by their share. Readings and
thresholds were chosen on the seeds 0 to 1799; those from 10000 on were first looked at when all of that stood.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wsal.analysis import share_accuracy, trust_report
from wsal.label_models import DawidSkene, LabelModel, MajorityVote, Model, SnorkelModel
from wsal.labels import HumanLabels
from wsal.testing import World, draw_world
from wsal.votes import VoteMatrix

MARGIN = 0.01


@dataclass(frozen=True)
class Case:
    """A generated case: what was known, what the report said, and what was true."""

    seed: int
    style: str
    known: str
    model: str
    verdict: str
    expected: float
    contradictory: bool
    gain: float

    @property
    def loses(self) -> bool:
        """Whether the model lost a point or more."""
        return self.gain <= -MARGIN

    @property
    def predicted_loss(self) -> bool:
        """Whether the report said so."""
        return self.verdict == "do not trust"


def answers_of(world: World, n: int, rng: np.random.Generator) -> HumanLabels:
    """Draw n items and let a person who errs in 5 % of them answer."""
    rows = rng.choice(world.votes.n_items, min(n, world.votes.n_items // 2), replace=False)
    wrong = rng.random(len(rows)) < 0.05
    k = world.votes.n_classes
    labels = np.where(wrong, (world.gold[rows] + rng.integers(1, k, len(rows))) % k, world.gold[rows])
    return HumanLabels.from_frame(
        pd.DataFrame(
            {"item": world.votes.item_ids[rows], "label": labels, "propensity": 1 / world.votes.n_items}
        )
    )


def run_case(seed: int, models: tuple[Model, ...]) -> Case | None:
    """Draw a world, fit a model, ask for the verdict, and compare it with the truth."""
    world, rng = draw_world(seed), np.random.default_rng([seed, 1])
    votes = world.votes
    covered = (votes.values >= 0).any(axis=1)
    if not covered.any():
        return None
    known = str(rng.choice(["votes only", "balance", "answers"], p=[0.5, 0.2, 0.3]))
    model = models[int(rng.choice(len(models), p=[0.6, 0.2, 0.2]))]
    balance = world.balance_of_covered if known == "balance" else None
    n_answers = round(float(np.exp(rng.uniform(np.log(10), np.log(200)))))
    human = answers_of(world, n_answers, rng) if known == "answers" else None
    fitted = model.fit(votes, human, balance)
    report = trust_report(votes, fitted, human, class_balance=balance)
    others = covered.copy()
    if human is not None:
        others[[votes.row_of(item) for item in human.items()]] = False
    ours, majority = (
        share_accuracy(one.predict_proba(votes), world.gold, rows=others)
        for one in (fitted, MajorityVote().fit(votes))
    )
    return Case(
        seed,
        world.style,
        known,
        type(model).__name__,
        report.verdict,
        report.expected_gain,
        report.contradictory,
        ours - majority,
    )


def summary(name: str, cases: list[Case]) -> str:
    """Write one line: how often the verdict is right, beside the base rate."""
    loses = np.array([case.loses for case in cases])
    said = np.array([case.predicted_loss for case in cases])
    right = loses == said
    caught = said[loses].mean() if loses.any() else np.nan
    spared = (~said[~loses]).mean() if (~loses).any() else np.nan
    base = max(loses.mean(), 1 - loses.mean())
    return (
        f"{name:28s} {len(cases):5d} {loses.mean():7.3f} {base:7.3f} {right.mean():8.3f} "
        f"{(caught + spared) / 2:9.3f}   {(loses & said).sum():4d} {(loses & ~said).sum():4d} "
        f"{(~loses & said).sum():4d} {(~loses & ~said).sum():4d}"
    )


HEADER = (
    f"{'cases':28s} {'n':>5s} {'lose':>7s} {'base':>7s} {'right':>8s} {'balanced':>9s}   "
    "loss said/not, no loss said/not"
)


def real_sets(folder: Path) -> Iterator[str]:
    """Report on the shared real sets: what the verdict says and what is true."""
    for path in sorted(folder.iterdir()):
        if not (path / "train.parquet").exists():
            continue
        frame = pd.read_parquet(path / "train.parquet")
        columns = [c for c in frame.columns if c.startswith("lf_")]
        if not columns:
            continue
        gold = frame["label"].to_numpy()
        k = max(int(gold.max()), int(frame[columns].to_numpy().max())) + 1
        votes = VoteMatrix.from_array(frame[columns].to_numpy(), [f"class {y}" for y in range(k)])
        covered = (votes.values >= 0).any(axis=1)
        counts = np.bincount(gold[covered & (gold >= 0)], minlength=k) + 0.5
        majority = share_accuracy(MajorityVote().fit(votes).predict_proba(votes), gold, rows=covered)
        for model in (LabelModel(), DawidSkene(), SnorkelModel()):
            for what, balance in (("votes only", None), ("balance", counts / counts.sum())):
                fitted = model.fit(votes, class_balance=balance)
                report = trust_report(votes, fitted, class_balance=balance)
                gain = share_accuracy(fitted.predict_proba(votes), gold, rows=covered) - majority
                right = (report.verdict == "do not trust") == (gain <= -MARGIN)
                yield (
                    f"{path.name:12s} {type(model).__name__:13s} {what:10s} {report.verdict:14s} "
                    f"expected {100 * report.expected_gain:+6.1f}  true {100 * gain:+6.1f} points  "
                    f"{'right' if right else 'WRONG'}{'  contradictory' if report.contradictory else ''}"
                )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--first", type=int, default=10_000)
    parser.add_argument("--data", type=Path, default=os.environ.get("WSAL_SHARED_DATA"))
    options = parser.parse_args()
    models = (LabelModel(), DawidSkene(), SnorkelModel())
    seeds = range(options.first, options.first + options.worlds)
    cases = [case for seed in seeds if (case := run_case(seed, models)) is not None]
    print(f"seeds {seeds.start} to {seeds.stop - 1}")
    print(HEADER)
    print(summary("all", cases))
    for what in ("known", "model", "style", "contradictory"):
        for value in sorted({getattr(case, what) for case in cases}):
            print(summary(f"{what}: {value}", [case for case in cases if getattr(case, what) == value]))
    ours = [case for case in cases if case.model == "LabelModel" and case.known == "votes only"]
    print(summary("LabelModel, votes only", ours))
    table = pd.crosstab(
        pd.Series([case.verdict for case in cases], name="verdict"),
        pd.cut(
            pd.Series([case.gain for case in cases], name="truth"),
            [-1, -MARGIN, MARGIN, 1],
            labels=["loses", "no difference", "gains"],
        ),
    )
    print(table)
    if options.data is not None:
        print("\n".join(real_sets(Path(options.data))))


if __name__ == "__main__":
    main()
