"""Fit and soft labels: wsal's LabelModel beside Snorkel's, in one process, on the same votes.

Synthetic votes. CPU seconds of ``fit`` and ``predict_proba`` together, on one thread; patterns are counted in.
Snorkel runs with its defaults where it is installed (``pip install wsal[snorkel]``).
Run: ``python benchmarks/label_model.py [--items 1000000]``
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from importlib.metadata import PackageNotFoundError, version

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is loaded

import numpy as np

from wsal import LabelModel, VoteMatrix
from wsal.testing import share_accuracy

SEED = 7


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


def timed(call):
    """Return what a call returns, and its CPU seconds."""
    start = time.process_time()
    result = call()
    return result, time.process_time() - start


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


def main() -> None:
    """Print one row a model and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200_000)
    n = parser.parse_args().items
    models = {"wsal": ours}
    try:
        models[f"snorkel {version('snorkel')}"] = snorkels
    except PackageNotFoundError:
        print("snorkel is not installed: its column is missing")
    print(
        f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}, seed {SEED}, one thread"
    )
    for size, m, k, coverage in ((n, 50, 5, 0.06), (n, 10, 2, 0.2), (min(n, 20_000), 20, 2, 0.1)):
        L, gold = make_votes(size, m, k, coverage=coverage)
        covered = (L != -1).any(axis=1)
        print(f"\n{size} items, {m} functions, {k} classes, {100 * (L == -1).mean():.0f} % abstain")
        seconds = {}
        for name, fit in models.items():
            soft, seconds[name] = timed(lambda fit=fit, L=L, k=k: fit(L, k))
            right = share_accuracy(soft, gold, rows=covered)
            print(f"  {name:16}{seconds[name]:8.2f} CPU s   accuracy on covered items {right:.3f}")
        for name in list(models)[1:]:
            print(f"  {name} / wsal: {seconds[name] / seconds['wsal']:.1f} × the time")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of the process, all models and data: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
