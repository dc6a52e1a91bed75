"""Finding the entries of a very long list in texts: looking up runs of words, and the Aho–Corasick automaton.

Entries are one to eight words drawn from a vocabulary of 60,000; texts are sixty words of the same vocabulary, nearly
all without an entry, which is the slow case.
Run: ``python benchmarks/gazetteers.py [--entries 1000000] [--texts 10000]``. CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import platform
import resource
import time

import numpy as np

from wsal.lf.conditions.gazetteer import Gazetteer


def draw(rng: np.random.Generator, n_entries: int, n_texts: int) -> tuple[frozenset[str], list[str]]:
    """Draw entries of two words or more, and texts."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(rng.choice(letters, size=size)) for size in rng.integers(3, 10, size=60_000)]
    entries = set()
    while len(entries) < n_entries:
        lengths = rng.choice([2, 2, 3, 4, 5, 6, 8], size=n_entries - len(entries))
        picked = iter(rng.integers(0, len(words), size=int(lengths.sum())).tolist())
        entries |= {" ".join(words[next(picked)] for _ in range(length)) for length in lengths.tolist()}
    rows = rng.integers(0, len(words), size=(n_texts, 60)).tolist()
    return frozenset(entries), [" ".join(words[i] for i in row) for row in rows]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--texts", type=int, default=10_000)
    given = parser.parse_args()
    entries, texts = draw(np.random.default_rng(0), given.entries, given.texts)
    gazetteer = Gazetteer(entries)
    print(f"{platform.machine()}, Python {platform.python_version()}")
    print(f"{len(entries)} entries of {gazetteer.size} characters")
    start = time.process_time()
    looked_up = [gazetteer.found_by_lookup(text) for text in texts]
    lookup = time.process_time() - start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    gazetteer.build()
    built = time.process_time() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    start = time.process_time()
    found = [gazetteer.found_by_automaton(text) for text in texts]
    automaton = time.process_time() - start
    if found != looked_up:
        raise SystemExit("the two ways differ")
    print(f"looking up runs of words      {len(texts) / lookup:10.0f} texts/s")
    print(f"automaton                     {len(texts) / automaton:10.0f} texts/s")
    print(f"building the automaton        {built:10.1f} s, {grown / 1024:.0f} MiB more at the peak")
    pays = built / (lookup - automaton) * len(texts)
    texts_of_the_size = gazetteer.size / np.mean([*map(len, texts)])
    print(f"building pays from            {pays:10.0f} texts on; it is built at {texts_of_the_size:.0f}")


if __name__ == "__main__":
    main()
