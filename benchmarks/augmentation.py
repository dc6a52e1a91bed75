"""Do synthetic items help? End models with and without them, on the same items, by seed.

Two sets. *comments*: YouTube comments (shared data, where present) with soft labels by wsal's label model from
the published rules, no human answers; words are dropped, or neighbours swapped. *digits*: scikit-learn's
images with their true labels; images are moved by one pixel, or thickened. Each seed draws other training
items and makes other copies; both models are judged on the same items, of which no copy is in training.
A difference is in points of accuracy (100·share), mean over seeds ± its standard error.
Run: ``python benchmarks/augmentation.py [--seeds 20] [--out benchmarks/results/augmentation.txt]``
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is loaded

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from wsal import LabelModel, VoteMatrix
from wsal.features import RandomPolicy, SyntheticItems, augment, transformation_function
from wsal.items import Items, read_items
from wsal.training import NoiseAware, SoftLogistic, TrainingSet

SHARED = Path(os.environ.get("WSAL_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@transformation_function()
def drop_word(x, rng):
    """Leave out one word of five, at random."""
    words = x.text.split()
    kept = [word for word in words if rng.random() > 0.2]
    x.text = " ".join(kept) if kept else x.text
    return x


@transformation_function()
def swap_neighbours(x, rng):
    """Swap two neighbouring words."""
    words = x.text.split()
    if len(words) < 2:
        return None
    at = int(rng.integers(len(words) - 1))
    words[at : at + 2] = words[at + 1], words[at]
    x.text = " ".join(words)
    return x


@transformation_function()
def move(x, rng):
    """Move an image by one pixel along one side."""
    image = np.reshape(x.pixels, (8, 8))
    step, axis = int(rng.choice([-1, 1])), int(rng.integers(2))
    moved = np.roll(image, step, axis=axis)
    edge = 0 if step == 1 else -1
    if axis == 0:
        moved[edge] = 0
    else:
        moved[:, edge] = 0
    x.pixels = moved.ravel().tolist()
    return x


@transformation_function()
def thicken(x, rng):
    """Spread some ink to the neighbours."""
    image = np.reshape(x.pixels, (8, 8)).astype(float)
    side = np.roll(image, int(rng.choice([-1, 1])), axis=int(rng.integers(2)))
    x.pixels = np.minimum(16, np.maximum(image, 0.5 * side)).ravel().tolist()
    return x


def comments() -> tuple[Items, np.ndarray, Items, np.ndarray] | None:
    """Read the comments: training items with soft labels, test items with gold that are not in training."""
    if not (SHARED / "youtube").is_dir():
        return None
    train, test = (pd.read_parquet(SHARED / "youtube" / f"{split}.parquet") for split in ("train", "test"))
    test = test[~test["text"].isin(set(train["text"]))]
    votes = train.filter(regex=r"^lf_\d+$").to_numpy()
    covered = (votes >= 0).any(axis=1)
    matrix = VoteMatrix.from_array(votes, labels=["ham", "spam"])
    soft = LabelModel().fit(matrix).predict_proba(matrix)
    return _items(train[covered]), soft[covered], _items(test), test["label"].to_numpy()


def digits() -> tuple[Items, np.ndarray, Items, np.ndarray]:
    """Read the images: two thirds to train on, with their true labels, one third to test."""
    from sklearn.datasets import load_digits

    source = load_digits()
    held = np.random.default_rng(0).random(len(source.data)) < 1 / 3
    frame = pd.DataFrame({"pixels": source.data.tolist()})
    return _items(frame[~held]), np.eye(10)[source.target[~held]], _items(frame[held]), source.target[held]


def _items(frame: pd.DataFrame) -> Items:
    kept = frame[[column for column in ("text", "pixels") if column in frame]].reset_index(drop=True)
    return read_items(kept.assign(id=[f"i{row}" for row in kept.index]))


def texts(items: Items | SyntheticItems) -> list[str]:
    """Return what a text model reads."""
    return [str(text) for text in items.column("text")]


def pixels(items: Items | SyntheticItems) -> np.ndarray:
    """Return what an image model reads."""
    return np.array([list(row) for row in items.column("pixels")], dtype=float).reshape(-1, 64)


def play(
    data: tuple[Items, np.ndarray, Items, np.ndarray],
    read: Callable,
    functions: list,
    model: NoiseAware,
    *,
    size: int,
    seed: int,
) -> tuple[float, float]:
    """Train on some items without and with synthetic ones; return both accuracies in points."""
    items, soft, test, gold = data
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(items.n_items, size=min(size, items.n_items), replace=False))
    made = augment(
        items, functions, policy=RandomPolicy(n_per_original=3, sequence_length=2), rows=rows, rng=rng
    )
    everything = read(items)
    inputs = [everything[row] for row in rows] if isinstance(everything, list) else everything[rows]
    plain = TrainingSet(inputs, soft[rows])
    augmented = plain.with_synthetic(read(made), np.searchsorted(rows, made.parents))
    scores = []
    for training in (plain, augmented):
        fitted = model.fit(training.inputs, training.soft, weights=training.item_weights, rng=seed)
        scores.append(100 * float(np.mean(fitted.predict_proba(read(test)).argmax(axis=1) == gold)))
    return scores[0], scores[1]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path, help="write the table to this file, too")
    options = parser.parse_args()
    seeds = options.seeds
    lines: list[str] = []

    def tell(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    linear = NoiseAware(
        make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10))
    )
    forest = NoiseAware(RandomForestClassifier(100))
    plans = [
        ("comments, TF-IDF + logistic", comments(), texts, [drop_word, swap_neighbours], linear),
        ("digits, logistic", digits(), pixels, [move, thicken], NoiseAware(SoftLogistic())),
        ("digits, random forest", digits(), pixels, [move, thicken], forest),
    ]
    tell(f"{seeds} seeds; 3 synthetic items a parent, two functions drawn for each; accuracy in points")
    tell(f"{'set and model':30} {'items':>6} {'without':>8} {'with':>8} {'difference':>16}")
    for title, data, read, functions, model in plans:
        if data is None:
            tell(f"{title:30} left out: no shared data at {SHARED}")
            continue
        for size in (50, 200, 1000):
            pairs = np.array([play(data, read, functions, model, size=size, seed=s) for s in range(seeds)])
            gain = pairs[:, 1] - pairs[:, 0]
            error = gain.std(ddof=1) / np.sqrt(seeds)
            without, with_ = pairs.mean(axis=0)
            tell(f"{title:30} {size:6} {without:8.2f} {with_:8.2f} {gain.mean():+8.2f} ± {error:.2f}")

    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
