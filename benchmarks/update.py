"""What one answer costs: labels and next query on patterns of votes, and a query over the scores of a classifier.

One answer: 1,000,000 passages of the shared texts (a third of them stand more than once), 100 rules of `rules.py` whose
labels alternate. From 100 answers on, one more at a time: `LabelModel.fit` on votes and answers, q of every pattern,
and the most uncertain item that is free. Beside it the same model's q for every item with a search through all of them
(no fit), and Snorkel's fit on 20,000 of the items, which takes no answers and starts anew each time.

A query over scores: 1,000,000 rows of 100 probabilities, the ten rows that are most uncertain by three measures. Plain
numpy is the shortest that one would write. The strategy's time is that of the whole call (pool, choice, reasons) on
the scores of a run; scores from outside are checked first, row by row.

CPU milliseconds on one thread, median and range of several. Run: ``WSAL_SHARED_DATA=… python benchmarks/update.py``
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is loaded

import numpy as np
import pandas as pd
from rules import as_pack, passages, patterns
from targets import at_most, shared_data

import wsal
from wsal.items import read_items
from wsal.selection import strategy
from wsal.selection.margin import margins
from wsal.training import deliver

SEED, ANSWERED, ANSWERS, LABELS = 7, 100, 30, ["no", "yes"]
UPDATE_TARGET, QUERY_TARGET = 15.0, 1.2


def _margins(ordered: np.ndarray) -> np.ndarray:
    return ordered[:, -1] - ordered[:, -2]


QUERIES = {
    "margin": ("margin_sampling", lambda p: _margins(np.partition(p, -2, axis=1))),
    "least-confidence": ("least_confident", lambda p: p.max(axis=1)),
    "entropy": ("entropy", lambda p: (p * np.log(p)).sum(axis=1)),
}


def milliseconds(call) -> float:
    """Return the CPU time that a call takes."""
    start = time.process_time()
    call()
    return 1e3 * (time.process_time() - start)


def say(name: str, times: list[float], note: str = "") -> float:
    """Print a line and return the median."""
    middle = statistics.median(times)
    print(f"  {name:46}{middle:10.2f} ms  ({min(times):.2f} to {max(times):.2f}){note}", flush=True)
    return middle


def vote(n: int, root: Path) -> wsal.VoteMatrix:
    """Let 100 rules vote on n passages."""
    documents = passages(n, root)
    with tempfile.TemporaryDirectory() as folder:
        path = as_pack(patterns(documents[:100_000], root), Path(folder))
        pack = json.loads(path.read_text(encoding="utf-8"))
        for j, rule in enumerate(pack["rules"]):
            rule["label"] = LABELS[j % 2]
        path.write_text(json.dumps(pack), encoding="utf-8")
        return wsal.apply(
            wsal.load_rules(path), read_items(pd.DataFrame({"id": range(n), "text": documents}))
        )


def one_answer(votes: wsal.VoteMatrix) -> None:
    """Answer one item after another."""
    rng = np.random.default_rng(SEED)
    found = votes.patterns()
    inverse = found.require_inverse()
    covered = np.flatnonzero(found.covered[inverse])
    answers = {int(i): int(rng.integers(2)) for i in rng.choice(covered, ANSWERED, replace=False)}
    ids = votes.item_ids
    state: dict[str, object] = {}

    def update() -> None:
        human = wsal.HumanLabels.from_pairs(answers)
        model = wsal.LabelModel().fit(votes, human)
        state["model"], state["q"] = model, model.pattern_proba(found)

    def query() -> None:
        scores = np.where(found.covered, margins(state["q"]), np.inf)
        for code in np.argsort(scores, kind="stable")[: ANSWERED + ANSWERS + 1]:
            members = np.flatnonzero(inverse == code)
            free = [i for i in members[: ANSWERED + ANSWERS + 1].tolist() if int(ids[i]) not in answers]
            if free:
                state["next"] = free[0]
                return

    def plain() -> None:
        q = state["model"].predict_proba(votes)
        state["plain"] = int(np.argmin(np.abs(q[:, 1] - q[:, 0])))

    update()
    query()
    times: dict[str, list[float]] = {"updates": [], "queries": [], "plain": []}
    for _ in range(ANSWERS):
        answers[int(ids[state["next"]])] = int(rng.integers(2))
        times["updates"].append(milliseconds(update))
        times["queries"].append(milliseconds(query))
    times["plain"] = [milliseconds(plain) for _ in range(5)]
    print(
        f"\none answer, {votes.n_items:,} items, {votes.n_lfs} rules, {found.n_patterns:,} patterns of votes"
    )
    both = [a + b for a, b in zip(times["updates"], times["queries"], strict=True)]
    say("q of every pattern", times["updates"])
    say("next query", times["queries"])
    middle = say("both", both)
    say("q of every item, search through all, no fit", times["plain"])
    _snorkel(votes)
    at_most("one answer to q and next query", middle, UPDATE_TARGET, "ms")


def _snorkel(votes: wsal.VoteMatrix) -> None:
    try:
        from snorkel.labeling.model import LabelModel as SnorkelLabelModel
    except ImportError:
        print("  snorkel is not installed: its row is missing")
        return
    L = votes.to_numpy()[:20_000]
    model = SnorkelLabelModel(cardinality=2, verbose=False)
    say(
        "Snorkel's fit on 20,000 of the items",
        [milliseconds(lambda: model.fit(L, seed=SEED, progress_bar=False))],
    )


def queries(n: int, k: int, runs: int) -> None:
    """Ask for the ten most uncertain rows."""
    rng = np.random.default_rng(SEED)
    scores = rng.random((n, k)) ** 8
    scores /= scores.sum(axis=1, keepdims=True)
    votes = wsal.VoteMatrix.from_array(np.full((n, 1), -1, dtype=np.int8), labels=[f"c{y}" for y in range(k)])
    model = wsal.LabelModel().fit(votes)
    labels = deliver(votes, model)
    run = replace(labels, end_probabilities=scores)  # as if a run's own classifier had said them
    try:
        from skactiveml.pool import uncertainty_scores
    except ImportError:
        uncertainty_scores = None
        print("  scikit-activeml is not installed: its rows are missing")
    print(f"\nthe 10 most uncertain of {n:,} rows of {k} scores")
    for kind, (their_name, measure) in QUERIES.items():
        chosen: dict[str, set[int]] = {}

        def plain(measure=measure, chosen=chosen) -> None:
            found = measure(scores)
            chosen["numpy"] = set(np.argpartition(found, 10)[:10].tolist())

        def ours(kind=kind, chosen=chosen) -> None:
            batch = strategy(kind)(votes, model, n=10, delivered=run, rng=SEED)
            chosen["wsal"] = set(batch.item_ids)

        def checked(kind=kind, chosen=chosen) -> None:
            batch = strategy(kind)(votes, model, n=10, delivered=labels, probabilities=scores, rng=SEED)
            chosen["wsal, given"] = set(batch.item_ids)

        def theirs(their_name=their_name, chosen=chosen) -> None:
            found = uncertainty_scores(scores, method=their_name)
            chosen["skactiveml"] = set(np.argpartition(-found, 10)[:10].tolist())

        calls = {
            "plain numpy": plain,
            f'wsal, strategy("{kind}")': ours,
            "wsal, scores from outside, checked": checked,
        }
        if uncertainty_scores is not None:
            calls["scikit-activeml, uncertainty_scores"] = theirs
        taken = {name: [] for name in calls}
        for _ in range(runs):  # in turn, so that what else the machine does hits all alike
            for name, call in calls.items():
                taken[name].append(milliseconds(call))
        middles = {name: say(name, times) for name, times in taken.items()}
        same = all(found == chosen["numpy"] for found in chosen.values())
        print(f"  the same ten rows: {'yes' if same else 'NO'}")
        at_most(
            f"{kind} query, over plain numpy",
            middles[f'wsal, strategy("{kind}")'] / middles["plain numpy"],
            QUERY_TARGET,
            "×",
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    root = shared_data()
    peers = []
    for package in ("snorkel", "scikit-activeml"):
        try:
            peers.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            peers.append(f"no {package}")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
        f"{', '.join(peers)}; one thread, CPU time, seed {SEED}"
    )
    one_answer(vote(given.items, root))
    queries(given.items, given.classes, given.runs)


if __name__ == "__main__":
    main()
