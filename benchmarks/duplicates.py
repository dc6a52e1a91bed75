"""Finding duplicates: time and memory for 100,000 texts and 100,000 vectors.

    python benchmarks/duplicates.py [--texts 100000] [--vectors 100000]

The texts are sentences of random words of a made-up language (Zipf's law, 60 to 200 characters); one in ten is
an exact copy of another, one in ten a copy with one word changed. Prints CPU seconds of one core, items a
second, peak memory, and how many of the copies that were made were found.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from wsal.features.duplicates import DuplicateGroups, text_duplicates, vector_duplicates


def make_texts(n: int, rng: np.random.Generator) -> tuple[list[str], int]:
    """Return n texts, the last fifth of them copies, and how many copies there are."""
    letters = np.array(list("aeioulnrstdkmgpbvhfcyw"))
    words = np.array(["".join(rng.choice(letters, size)) for size in rng.integers(2, 10, 20_000)])
    n_copies = n // 5
    texts = [
        " ".join(words[np.minimum(rng.zipf(1.3, size), 20_000) - 1])
        for size in rng.integers(12, 36, n - n_copies)
    ]
    originals = rng.choice(n - n_copies, n_copies, replace=False)
    for i, row in enumerate(originals.tolist()):
        parts = texts[row].split()
        if i % 2:
            parts[int(rng.integers(len(parts)))] = str(words[int(rng.integers(20_000))])
        texts.append(" ".join(parts))
    return texts, n_copies


def report(what: str, n: int, started: float, groups: DuplicateGroups, n_copies: int) -> None:
    """Print a line."""
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what}: {n} items, {seconds:.1f} s CPU, {n / seconds:,.0f} items/s, peak {peak:,.0f} MB, "
        f"{groups.n_spare} spare items found, {n_copies} copies made"
    )


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--vectors", type=int, default=100_000)
    sizes = parser.parse_args()
    rng = np.random.default_rng(0)
    texts, n_copies = make_texts(sizes.texts, rng)
    started = time.process_time()
    report("texts", sizes.texts, started, text_duplicates(texts), n_copies)
    rows = rng.normal(size=(sizes.vectors, 256))
    n_copies = sizes.vectors // 5
    rows[-n_copies:] = rows[:n_copies] + 0.01 * rng.normal(size=(n_copies, 256))
    started = time.process_time()
    report("vectors of 256 numbers", sizes.vectors, started, vector_duplicates(rows), n_copies)


if __name__ == "__main__":
    main()
