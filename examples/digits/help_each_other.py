"""People and a classifier help each other on real images: what answers are worth, with rules and without.

The first two thirds of the images are labelled: by rules at first, then an expert answers what wsal asks, ten
images at a time (the gold labels play the expert). The last third is held out: nobody is asked about it, no
model is trained on it, no rule was written with sight of it. Shown are means over seeds ± standard errors, in
per cent of images:

- *labels*: the delivered labels of the first two thirds, answered images with their answers;
- *end model*: wsal's own (logistic regression on pixels), on the held-out third;
- *forest*: a random forest trained on the same soft labels by `NoiseAware`, on the held-out third;
- *no rules*: the same end model on the held-out third, trained on answers alone, with questions chosen by its
  own doubts.

Run: ``python help_each_other.py [--seeds 5] [--answers 50,100]``
"""

from __future__ import annotations

import argparse
import runpy
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

import wsal
from wsal.analysis import share_accuracy
from wsal.features import vector_features
from wsal.items import read_items
from wsal.simulation import (
    AnswersAlone,
    LabelledDataset,
    Learner,
    Record,
    TestSplit,
    Wsal,
    replay,
)
from wsal.simulation.record import human_labels
from wsal.training import ANSWER_WEIGHT, NoiseAware

HERE = Path(__file__).resolve().parent
RULES = HERE.parents[1] / "labeling_functions" / "digits"


def read_digits() -> LabelledDataset:
    """Let the rules vote on all images, and hold out the last third."""
    make_data = runpy.run_path(str(HERE / "make_data.py"))
    with tempfile.TemporaryDirectory() as work:
        items_file, gold_file = make_data["write_digits"](Path(work))
        items, gold = read_items(items_file, id_column="id"), pd.read_csv(gold_file)
    votes = wsal.apply(wsal.load_rules(str(RULES)), items)
    y = np.array([votes.labels.index(label) for label in gold["label"]])
    features = vector_features(items.column("pixels"), name="pixels")
    held = np.arange(len(y)) >= 2 * len(y) // 3
    test = TestSplit(votes.select_items(held), y[held], features.rows(held))
    return LabelledDataset("digits", votes.select_items(~held), y[~held], features.rows(~held), test)


def forest(data: LabelledDataset, records: Sequence[Record]) -> float:
    """Train a random forest on what rules and people say after these records; return its accuracy."""
    human = human_labels(question for record in records for question in record.asked)
    model = wsal.LabelModel().fit(data.votes, human=human)
    labels = wsal.deliver(data.votes, model, human=human, features=data.features)
    answered = labels.answers.mask(data.votes.n_items)
    covered = (data.votes.to_numpy() != wsal.ABSTAIN).any(axis=1)
    soft = labels.answers.carried(labels.rule_probabilities)
    weights = np.where(answered, ANSWER_WEIGHT, np.where(covered, 1.0, 0.0))
    fitted = NoiseAware(RandomForestClassifier(200)).fit(data.features, soft, weights=weights, rng=0)
    return share_accuracy(fitted.predict_proba(data.test.features), data.test.gold)


def figures(data: LabelledDataset, seed: int, answers: Sequence[int]) -> list[tuple[float, ...]]:
    """Play one seed; return labels, end model, forest, and people without rules, for each number of answers."""
    with_rules = list(replay(data, Learner("wsal", Wsal()), seed=seed, budgets=answers))
    without = list(replay(data, Learner("no rules", AnswersAlone()), seed=seed, budgets=answers))
    return [
        (one.train, one.test, forest(data, with_rules[: number + 1]), other.test)
        for number, (one, other) in enumerate(zip(with_rules, without, strict=True))
    ]


def table(seeds: int, answers: Sequence[int]) -> list[str]:
    """Play all seeds; return the lines of a table."""
    data = read_digits()
    played = 100 * np.array([figures(data, seed, answers) for seed in range(seeds)])
    means = played.mean(axis=0)
    errors = played.std(axis=0, ddof=1) / np.sqrt(seeds) if seeds > 1 else np.full_like(means, np.nan)
    covered = (data.votes.to_numpy() != wsal.ABSTAIN).any(axis=1).mean()
    head = (
        f"{data.votes.n_items} images to label, rules vote on {covered:.1%}; "
        f"{data.test.votes.n_items} held out; {seeds} seeds; % of images"
    )
    lines = [head, f"{'answers':>8}{'labels':>15}{'end model':>15}{'forest':>15}{'no rules':>15}"]
    for number, asked in enumerate((0, *answers)):
        cells = [
            f"{mean:.1f}" + (f" ± {error:.1f}" if seeds > 1 else "")
            for mean, error in zip(means[number], errors[number], strict=True)
        ]
        lines.append(f"{asked:8}" + "".join(f"{cell:>15}" for cell in cells))
    return lines


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Digits: rules, people and a classifier.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--answers", default="50,100", help="numbers of answers, ascending")
    options = parser.parse_args(arguments)
    print("\n".join(table(options.seeds, [int(number) for number in options.answers.split(",")])))


if __name__ == "__main__":
    main(sys.argv[1:])
