"""What an edit costs: one of many rules changed, or items appended, against voting on everything.

Two packs of rules over one column of texts. ``searches``: keywords and patterns alone, which share one pass, so that
one of them costs far more than a hundredth of all. ``mixed``: six in ten of these, the others tokens, lists and
Python. The times contain reading the items from a data frame. Target: one of 100 rules edited over a
million cached items takes at most 1/20 of the time of all.
Run: ``python benchmarks/incremental.py [--items 1000000] [--rules 100]``. CPU seconds of this process, one run each.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from wsal import load_rules
from wsal.engines import DirectoryCache, apply
from wsal.items import Items, read_items

TARGET = 1 / 20
WORDS = 20_000


def make_items(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw texts of 30 words, with frequencies as in language (Zipf)."""
    vocabulary = np.array([f"w{i}" for i in range(WORDS)], dtype=object)
    drawn = np.minimum(rng.zipf(1.3, size=(n, 30)) - 1, WORDS - 1)
    return pd.DataFrame({"id": np.arange(n), "text": [" ".join(vocabulary[row]) for row in drawn]})


def write_pack(path: Path, n_rules: int, *, mixed: bool, edited: bool) -> None:
    """Write rules; the edited pack has one word more in the first."""
    lines = ["wsal: 1", "labels: [a, b]", "rules:"]
    for j in range(n_rules):
        kind = j % 10 if mixed else j % 2
        lines.append(
            f"  - {{id: r{j}, label: {'ab'[j % 2]}, when: {_condition(kind, 20 + 7 * j, edited=edited and j == 0)}}}"
        )
    path.write_text("\n".join(lines), encoding="utf-8")
    path.with_name("own.py").write_text(
        "def starts(x, *, word):\n    return x.text.startswith(word)\n", encoding="utf-8"
    )


def _condition(kind: int, first: int, *, edited: bool) -> str:
    words = [f"w{first + i}" for i in range(3)] + (["w9999"] if edited else [])
    if kind in {6, 7}:
        return f"{{tokens: [{{LOWER: w{first}}}, {{OP: '?'}}, {{LOWER: w{first + 1}}}]}}"
    if kind == 8:
        return f"{{in_list: [{', '.join(words)}], contains: true}}"
    if kind == 9:
        return f"{{python: 'own:starts', args: {{word: w{first}}}}}"
    return (
        f"{{keywords: [{', '.join(words)}]}}"
        if kind % 2 == 0
        else rf"{{regex: '\bw{first}\b.{{0,20}}\bw{first + 1}\b'}}"
    )


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that a piece of work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=100)
    given = parser.parse_args()
    frame = make_items(given.items, np.random.default_rng(0))
    more = make_items(given.items // 100, np.random.default_rng(1))
    more["id"] += given.items

    def fresh(rows: pd.DataFrame) -> Items:
        return read_items(rows, id_column="id", text="text")

    grown = pd.concat([frame, more], ignore_index=True)
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {given.items} items, {given.rules} rules"
    )
    reading = cpu_seconds(lambda: fresh(frame).fingerprint)
    for mixed in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            pack, cache = Path(folder) / "pack.yaml", DirectoryCache(Path(folder) / "votes")

            def vote(rows: pd.DataFrame, pack: Path = pack, cache: DirectoryCache = cache) -> float:
                return cpu_seconds(lambda: apply(load_rules(pack), fresh(rows), cache=cache))

            write_pack(pack, given.rules, mixed=mixed, edited=False)
            full, again = vote(frame), vote(frame)
            write_pack(pack, given.rules, mixed=mixed, edited=True)
            edit, appended = vote(frame), vote(grown)
        print(f"\n{'mixed' if mixed else 'searches':34}{'CPU s':>10}{'of all':>10}")
        for name, seconds in (
            ("all rules on all items", full),
            ("reading and hashing the items", reading),
            ("nothing changed", again),
            ("one rule edited", edit),
            (f"{len(more)} items appended", appended),
        ):
            print(f"{name:34}{seconds:10.2f}{seconds / full:10.4f}")
        print(
            f"one rule edited: target {TARGET:.4f}, {'met' if edit <= TARGET * full else 'MISSED'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
