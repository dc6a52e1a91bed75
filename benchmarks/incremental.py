"""What an edit costs: one of many rules changed, or items appended, against voting on everything.

Two packs of rules over one column of texts. ``searches``: keywords and patterns alone, which share one pass, so that
one of them costs far more than a hundredth of all. ``mixed``: six in ten of these, the others tokens, lists and
Python. Each is measured twice: votes and their patterns on a data frame, which is read and hashed each time, and
`wsal apply` in a project with a Parquet file, with modules compiled as an installation has them. Target: one of 100
rules edited over a million cached items takes at most 1/20 of the time of all. The mixed pack votes on fewer items,
as a million take it five minutes; what it takes grows with the items.
Run: ``python benchmarks/incremental.py [--items 1000000] [--mixed-items 200000]``. CPU seconds, one run each.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from targets import at_most

from wsal import load_rules
from wsal.engines import DirectoryCache, apply
from wsal.items import Items, read_items
from wsal.lf import Rule

TARGET = 1 / 20
EDIT = "one rule edited"
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
    """Return the CPU time that a piece of work takes, its child processes among it."""
    start = _used()
    work()
    return _used() - start


def _used() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def on_a_frame(frame: pd.DataFrame, n_rules: int, folder: Path, *, mixed: bool) -> dict[str, float]:
    """Vote on a data frame, which has to be read and hashed each time."""
    more = make_items(len(frame) // 100, np.random.default_rng(1))
    more["id"] += len(frame)
    grown = pd.concat([frame, more], ignore_index=True)
    pack, cache = folder / "pack.yaml", DirectoryCache(folder / "votes")

    def vote(rows: pd.DataFrame) -> float:
        return cpu_seconds(lambda: apply(load_rules(pack), _read(rows), cache=cache).patterns())

    seconds = {}
    write_pack(pack, n_rules, mixed=mixed, edited=False)
    seconds["all rules on all items"] = vote(frame)
    seconds["reading and hashing the items"] = cpu_seconds(lambda: _read(frame).fingerprint)
    seconds["reading the pack"] = cpu_seconds(lambda: load_rules(pack))
    seconds["nothing changed"] = vote(frame)
    write_pack(pack, n_rules, mixed=mixed, edited=True)
    edited = load_rules(pack)
    seconds["the edited rule alone, items read"] = _alone(edited[0], _read(frame))
    seconds[EDIT] = vote(frame)
    seconds[f"{len(more):,} items appended"] = vote(grown)
    return seconds


def _read(rows: pd.DataFrame) -> Items:
    return read_items(rows, id_column="id", text="text")


def _alone(rule: Rule, items: Items) -> float:
    return cpu_seconds(lambda: apply([rule], items))


def in_a_project(frame: pd.DataFrame, n_rules: int, folder: Path, *, mixed: bool) -> dict[str, float]:
    """Run `wsal apply` on a Parquet file: starting Python, and keeping the votes, are in it."""
    data, project = folder / "items.parquet", folder / "project"
    frame.to_parquet(data)
    time.sleep(2.5)  # nothing younger is taken for unchanged
    _wsal("init", str(project), "--data", str(data), "--labels", "a,b", "--text", "text", "--id", "id")
    (pack,) = (project / "labeling_functions").glob("*.yaml")

    def vote() -> float:
        return cpu_seconds(lambda: _wsal("apply", cwd=project))

    _wsal("status", cwd=project)  # compiles what was not
    seconds = {"wsal --version": cpu_seconds(lambda: _wsal("--version"))}
    write_pack(pack, n_rules, mixed=mixed, edited=False)
    seconds["all rules on all items"] = vote()
    seconds["nothing changed"] = vote()
    write_pack(pack, n_rules, mixed=mixed, edited=True)
    seconds[EDIT] = vote()
    return seconds


def _wsal(*arguments: str, cwd: Path | None = None) -> None:
    # Without bytecode, every start compiles half a second of wsal.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, "-m", "wsal", *arguments],
        check=True,
        cwd=cwd,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


PLACES = {"frame": on_a_frame, "apply": in_a_project}
TITLES = {"frame": "a data frame", "apply": "wsal apply"}


def table(title: str, seconds: Mapping[str, float]) -> None:
    """Print what was measured, and as shares of the whole."""
    whole = seconds["all rules on all items"]
    print(f"\n{title:42}{'CPU s':>10}{'of all':>10}")
    for name, taken in seconds.items():
        print(f"{name:42}{taken:10.2f}{taken / whole:10.4f}")
    at_most(f"one rule edited, {title}", seconds[EDIT] / whole, TARGET, "of all")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--mixed-items", type=int, default=100_000, help="items for the slow, mixed pack")
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--where", choices=PLACES, action="append", help="measured in all of them without it")
    given = parser.parse_args()
    frame = make_items(given.items, np.random.default_rng(0))
    print(f"{platform.machine()}, Python {platform.python_version()}, {given.rules} rules, CPU time")
    for mixed in (False, True):
        rows = frame.head(given.mixed_items) if mixed else frame
        title = f"{'mixed' if mixed else 'searches'}, {len(rows):,} items"
        for where in given.where or PLACES:
            with tempfile.TemporaryDirectory() as folder:
                seconds = PLACES[where](rows, given.rules, Path(folder), mixed=mixed)
            table(f"{title}, {TITLES[where]}", seconds)


if __name__ == "__main__":
    main()
