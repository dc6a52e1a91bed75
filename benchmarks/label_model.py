"""Fit and soft labels: wsal's LabelModel beside Snorkel's, on the same votes, each in a process of its own.

Synthetic votes. CPU seconds of ``fit`` and ``predict_proba`` together, on one thread, from the raw array on: patterns
are counted in. Memory is what the peak of the process grows by, from the moment when it holds the votes; the votes
themselves are not in it. Snorkel runs with its defaults where it is installed (``pip install wsal[snorkel]``).
Small data are fitted three times, and the median counts.
Run: ``python benchmarks/label_model.py [--shrink 10]``
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is loaded

import numpy as np
from targets import at_least

from wsal import LabelModel, VoteMatrix
from wsal.testing import share_accuracy

SEED = 7
# items, functions, classes, coverage; how many times as fast and as small as Snorkel at least
SIZES = (
    (1_000_000, 50, 5, 0.06, 15, 20),
    (10_000_000, 10, 2, 0.2, 8, 10),
    (100_000, 20, 2, 0.1, 1, None),
    (2_000, 10, 2, 0.2, 1, None),
)
SMALL = 100_000


def make_votes(n: int, m: int, k: int, *, coverage: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw votes of one-class functions that are right in 60 to 90 % of cases; return votes and truth."""
    rng = np.random.default_rng(SEED)
    gold = rng.integers(k, size=n)
    L = np.full((n, m), -1, dtype=np.int8)
    for j in range(m):
        y, right = j % k, rng.uniform(0.6, 0.9)
        p = np.where(gold == y, right, (1 - right) / (k - 1)) * coverage * k
        L[rng.random(n) < p, j] = y
    return L, gold


def ours(L: np.ndarray, k: int) -> np.ndarray:
    """Fit wsal's model from the raw array on, and return soft labels."""
    votes = VoteMatrix.from_array(L, labels=[str(y) for y in range(k)])
    return LabelModel().fit(votes).predict_proba(votes)


def snorkels(L: np.ndarray, k: int) -> np.ndarray:
    """Fit Snorkel's model with its defaults, and return soft labels."""
    from snorkel.labeling.model import LabelModel as SnorkelLabelModel

    model = SnorkelLabelModel(cardinality=k, verbose=False)
    model.fit(L, seed=SEED, progress_bar=False)
    return model.predict_proba(L)


def apart(
    fit: Callable[[np.ndarray, int], np.ndarray], L: np.ndarray, k: int, gold: np.ndarray
) -> tuple[list[float], float, float]:
    """Fit in a process of its own; return CPU seconds, MiB that the peak grew by, and accuracy on covered items."""
    mine, its = multiprocessing.Pipe()

    def run() -> None:
        fit(L[:1_000], k)  # imports, and what is made once
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = []
        for _ in range(3 if len(L) <= SMALL else 1):
            start = time.process_time()
            soft = fit(L, k)
            seconds.append(time.process_time() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        right = share_accuracy(soft, gold, rows=(L != -1).any(axis=1))
        its.send((seconds, peak / 1024, right))

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    its.close()
    try:
        result: tuple[list[float], float, float] = mine.recv()
    except EOFError:
        sys.exit(f"{fit.__name__} ended without a result; it may have run out of memory")
    child.join()
    return result


def main() -> None:
    """Print one row a model and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shrink", type=int, default=1, help="divide the large sizes by this")
    shrink = parser.parse_args().shrink
    models = {"wsal": ours}
    try:
        models[f"snorkel {version('snorkel')}"] = snorkels
    except PackageNotFoundError:
        print("snorkel is not installed: its rows are missing")
    print(
        f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}, seed {SEED}, one thread"
    )
    for n, m, k, coverage, speed, memory in SIZES:
        size = n if n <= SMALL else n // shrink
        L, gold = make_votes(size, m, k, coverage=coverage)
        print(f"\n{size:,} items, {m} functions, {k} classes, {100 * (L == -1).mean():.0f} % abstain")
        found = {}
        for name, fit in models.items():
            seconds, peak, right = apart(fit, L, k, gold)
            found[name] = statistics.median(seconds), peak
            print(
                f"  {name:16}{found[name][0]:10.3f} CPU s  +{peak:7.0f} MiB   accuracy on covered items {right:.3f}",
                flush=True,
            )
        for name in list(models)[1:]:
            what = f"{size:,} × {m}, {k} classes"
            at_least(f"{what}: speed of {name}", found[name][0] / found["wsal"][0], speed, "×")
            if memory is not None:
                at_least(f"{what}: memory of {name}", found[name][1] / found["wsal"][1], memory, "×")


if __name__ == "__main__":
    main()
