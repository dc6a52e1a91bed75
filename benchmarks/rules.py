"""Rules: one pass beside a loop over ``re`` and Snorkel's applier; rows for Python functions beside Snorkel's.

Documents are passages of the shared texts: whole short texts, and long ones cut at spaces into passages of at most 200
characters, again and again with other beginnings until there are enough, of which 100,000 are drawn. Rules are 50
published regexes of two sets (every other one, by their order) and 50 keyword rules on words of the texts themselves
(ranks 200, 220, … by frequency). Votes are compared with those of ``re``; the peers see a sample, and their speed is
that on the sample.

CPU seconds on one thread, each engine in a process of its own, so that its peak memory is its own. The first run is
that of rules just loaded (patterns compiled, automata made, modules imported), "again" the same call once more.
Run: ``WSAL_SHARED_DATA=… python benchmarks/rules.py [--documents 100000] [--sample 3000]``
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is loaded

import numpy as np
import pandas as pd
from targets import at_least, at_most, shared_data

import wsal
from wsal.items import read_items
from wsal.lf.conditions.keywords import keyword_pattern

SETS = ("youtube", "sms", "trec", "imdb_cosine", "cuad_clauses")
LENGTH = 200
OFFSETS = sorted(range(0, LENGTH, 5), key=lambda i: (i % 100, i % 50, i % 25, i))
LABELS = ["no", "yes"]
ROW_RUNS = 5


def passages(n: int, root: Path) -> list[str]:
    """Return n passages of the shared texts."""
    texts = [
        text
        for name in SETS
        for split in ("train", "valid", "test")
        for text in pd.read_parquet(root / name / f"{split}.parquet")["text"]
    ]
    found = [text for text in texts if 0 < len(text) <= LENGTH]
    longer = [text for text in texts if len(text) > LENGTH]
    for offset in OFFSETS:
        for text in longer:
            rest = text[offset:]
            while rest:
                cut = len(rest) if len(rest) <= LENGTH else max(rest.rfind(" ", 0, LENGTH), 0) or LENGTH
                found.append(rest[:cut])
                rest = rest[cut:].lstrip()
        if len(found) >= n and offset:
            break
    if len(found) < n:
        sys.exit(f"there are only {len(found)} passages; ask for fewer with --documents")
    # Every k-th would leave some sets out of small samples; a fixed permutation does not.
    order = np.random.default_rng(7).permutation(len(found))[:n]
    return [found[i] for i in order]


def patterns(documents: list[str], root: Path) -> dict[str, re.Pattern[str]]:
    """Return 100 rules by name: what ``re`` would be asked."""
    rules: dict[str, re.Pattern[str]] = {}
    for name in ("sms", "trec"):
        written = json.loads((root / name / "meta.json").read_text(encoding="utf-8"))["lf_names"]
        rules |= {f"regex {name} {j}": re.compile(written[j]) for j in range(0, 50, 2)}
    counts = Counter(word for text in documents for word in set(re.findall(r"[^\W\d_]{3,}", text.lower())))
    common = [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    words = common[200:1200:20]
    return rules | {f"keyword {word}": keyword_pattern(word, any_case=True) for word in words}


def as_pack(rules: dict[str, re.Pattern[str]], folder: Path) -> Path:
    """Write the rules as a pack."""
    listed = []
    for name, pattern in rules.items():
        kind, _, word = name.partition(" ")
        when = {"keywords": [word]} if kind == "keyword" else {"regex": pattern.pattern}
        listed.append({"id": name, "label": "yes", "when": when})
    path = folder / "pack.yaml"
    path.write_text(json.dumps({"wsal": 1, "labels": LABELS, "rules": listed}), encoding="utf-8")
    return path


def by_wsal(documents: list[str], rules: dict[str, re.Pattern[str]]) -> tuple[list[float], np.ndarray]:
    """Apply the pack twice."""
    with tempfile.TemporaryDirectory() as folder:
        path = as_pack(rules, Path(folder))
        start = time.process_time()
        lfs = wsal.load_rules(path)
        print(
            f"  reading and checking the pack: {time.process_time() - start:.2f} s, not counted below",
            flush=True,
        )
    items = read_items(pd.DataFrame({"id": range(len(documents)), "text": documents}))
    seconds = []
    for _ in range(2):
        start = time.process_time()
        votes = wsal.apply(lfs, items)
        seconds.append(time.process_time() - start)
    return seconds, votes.to_numpy() == 1


def by_re(documents: list[str], rules: dict[str, re.Pattern[str]]) -> tuple[list[float], np.ndarray]:
    """Ask every pattern about every document."""
    searches = [pattern.search for pattern in rules.values()]
    start = time.process_time()
    found = [[search(text) is not None for search in searches] for text in documents]
    return [time.process_time() - start], np.array(found)


def by_snorkel(documents: list[str], rules: dict[str, re.Pattern[str]]) -> tuple[list[float], np.ndarray]:
    """Apply Snorkel's PandasLFApplier to a function for each pattern."""
    from snorkel.labeling import LabelingFunction, PandasLFApplier

    def function(pattern: re.Pattern[str]):
        return lambda x: 1 if pattern.search(x.text) else -1

    applier = PandasLFApplier([LabelingFunction(name, function(pattern)) for name, pattern in rules.items()])
    frame = pd.DataFrame({"text": documents})
    start = time.process_time()
    votes = applier.apply(frame, progress_bar=False)
    return [time.process_time() - start], votes == 1


def rows_by_wsal(documents: list[str], n_lfs: int) -> tuple[list[float], np.ndarray]:
    """Apply functions that look at one cell of each row."""
    lfs = [wsal.LabelingFunction(f"f{j}", lambda x, c=str(j): 1 if c in x.text else -1) for j in range(n_lfs)]
    items = read_items(pd.DataFrame({"id": range(len(documents)), "text": documents}))
    seconds = []
    for _ in range(ROW_RUNS):
        start = time.process_time()
        votes = wsal.apply(lfs, items, labels=LABELS)
        seconds.append(time.process_time() - start)
    return seconds, votes.to_numpy() == 1


def rows_by_snorkel(documents: list[str], n_lfs: int) -> tuple[list[float], np.ndarray]:
    """Apply the same functions with Snorkel."""
    from snorkel.labeling import LabelingFunction, PandasLFApplier

    lfs = [LabelingFunction(f"f{j}", lambda x, c=str(j): 1 if c in x.text else -1) for j in range(n_lfs)]
    frame = pd.DataFrame({"text": documents})
    start = time.process_time()
    votes = PandasLFApplier(lfs).apply(frame, progress_bar=False)
    return [time.process_time() - start], votes == 1


def rows_by_call(documents: list[str], n_lfs: int) -> tuple[list[float], np.ndarray]:
    """Call the same functions on the texts themselves: what there is without any overhead."""
    functions = [lambda text, c=str(j): 1 if c in text else -1 for j in range(n_lfs)]
    seconds = []
    for _ in range(ROW_RUNS):
        start = time.process_time()
        votes = [[f(text) for text in documents] for f in functions]
        seconds.append(time.process_time() - start)
    return seconds, np.array(votes).T == 1


def apart(engine, documents: list[str], given) -> tuple[list[float], np.ndarray, float]:
    """Run an engine in a process of its own; return CPU seconds, what it found, and MiB that its peak added."""
    ours, theirs = multiprocessing.Pipe()

    def run() -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds, found = engine(documents, given)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        theirs.send((seconds, np.packbits(found, axis=0), peak / 1024))

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    theirs.close()
    try:
        seconds, packed, peak = ours.recv()
    except EOFError:
        sys.exit(f"{engine.__name__} ended without a result")
    child.join()
    return seconds, np.unpackbits(packed, axis=0, count=len(documents)).astype(bool), peak


def report(
    name: str, result: tuple[list[float], np.ndarray, float], n: int, base: list[float] | None
) -> list[float]:
    """Print a line; return documents a CPU second, in each run."""
    seconds, _, peak = result
    speeds = [n / s for s in seconds]
    ratio = "" if base is None else f"   wsal: {base[0] / speeds[0]:.0f} ×, again {base[1] / speeds[0]:.0f} ×"
    again = f", again {speeds[1]:10,.0f}" if len(speeds) > 1 else " " * 18
    print(f"  {name:22}{n:8,} documents  {speeds[0]:10,.0f} a second{again}   +{peak:5.0f} MiB{ratio}")
    return speeds


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=3_000, help="documents that the slow peers see")
    arguments = parser.parse_args()
    root = shared_data()
    documents = passages(arguments.documents, root)
    sample = documents[: arguments.sample]
    rules = patterns(documents, root)
    try:
        snorkel = version("snorkel")
    except PackageNotFoundError:
        snorkel = None
        print("snorkel is not installed: its rows are missing")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, google-re2 "
        f"{version('google-re2')}, pandas {version('pandas')}, snorkel {snorkel}; one thread, CPU time"
    )
    other = np.mean([not text.isascii() for text in documents])
    print(
        f"{len(documents):,} documents, {np.mean([len(t) for t in documents]):.0f} characters each, "
        f"{100 * other:.1f} % not ASCII; {len(rules)} rules"
    )
    print("\nkeywords and regexes", flush=True)
    ours = apart(by_wsal, documents, rules)
    speed = report("wsal.apply", ours, len(documents), None)
    loop = apart(by_re, sample, rules)
    by_loop = report("loop over re.search", loop, len(sample), speed)
    same = np.array_equal(ours[1][: len(sample)], loop[1])
    if snorkel:
        theirs = apart(by_snorkel, sample, rules)
        by_applier = report("Snorkel's applier", theirs, len(sample), speed)
        same = same and np.array_equal(loop[1], theirs[1])
    print(f"  {100 * ours[1].mean():.2f} % hits; votes on the sample are equal: {'yes' if same else 'NO'}")
    what = f"{len(rules)} rules, {len(documents):,} documents, first call"
    if snorkel:
        at_least(f"{what}, over Snorkel's applier", speed[0] / by_applier[0], 150, "×")
    at_least(f"{what}, over a loop over re", speed[0] / by_loop[0], 50, "×")
    print("\n10 functions in Python, a row each call")
    n_lfs = 10
    ours = apart(rows_by_wsal, documents, n_lfs)
    speed = report("wsal.apply", ours, len(documents), None)
    plain = apart(rows_by_call, documents, n_lfs)
    report("calls on bare texts", plain, len(documents), None)
    same_rows = np.array_equal(ours[1], plain[1])
    if snorkel:
        theirs = apart(rows_by_snorkel, sample, n_lfs)
        by_applier = report("Snorkel's applier", theirs, len(sample), speed)
        same_rows = same_rows and np.array_equal(plain[1][: len(sample)], theirs[1])
    middle, least = (
        1e6 * (sum_up(ours[0]) - sum_up(plain[0])) / (n_lfs * len(documents))
        for sum_up in (statistics.median, min)
    )
    print(
        f"  overhead of wsal, {ROW_RUNS} runs: median {middle:.2f} µs a call, of the quickest runs {least:.2f} µs; "
        f"votes are equal: {'yes' if same_rows else 'NO'}"
    )
    at_most(f"functions in Python, overhead of a call, median of {ROW_RUNS} runs", middle, 0.4, "µs")
    if snorkel:
        at_least("functions in Python, over Snorkel's applier", speed[0] / by_applier[0], 10, "×")
    if not (same and same_rows):
        sys.exit("votes differ")


if __name__ == "__main__":
    main()
