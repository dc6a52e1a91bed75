"""Votes in parts: memory that does not grow with the items, and a start after being killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wsal
from wsal.engines import VoteParts

N_RULES = 20

# Reads peak memory in a process of its own, as VmHWM: ru_maxrss is at least that of the process it was forked from.
PROGRAM = """
import json, re, sys, time
import wsal
from wsal.engines import write_soft_labels
pack, items, out = sys.argv[1:]
begin = time.process_time()
votes = wsal.apply(wsal.load_rules(pack), items, out=out)
patterns = votes.patterns()
model = wsal.LabelModel().fit(patterns)
write_soft_labels(votes, model.predict_proba(patterns), out=out + "/labels")
peak = 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
print(json.dumps({"n": votes.n_items, "reused": votes.n_reused, "p": patterns.n_patterns, "peak": peak,
                  "cpu": time.process_time() - begin}))
"""


def write_pack(folder: Path) -> Path:
    rules = [
        f"  - {{id: r{i}, label: {'ham' if i % 2 else 'spam'}, when: {{keywords: [cue{i}]}}}}"
        for i in range(N_RULES - 2)
    ]
    rules.append("  - {id: few, label: ham, when: {number: n, below: 2}}")
    rules.append("  - {id: many, label: spam, when: {number: n, above: 7}}")
    pack = folder / "pack.yaml"
    pack.write_text("wsal: 1\nlabels: [ham, spam]\nrules:\n" + "\n".join(rules) + "\n")
    return pack


def write_items(path: Path, n: int, *, group: int) -> Path:
    """Write n messages of 6 to 17 words, a row group at a time."""
    rng = np.random.default_rng(0)
    words = np.array(
        [f"word{i}" for i in range(2000)] + [f"cue{i}" for i in range(N_RULES)] * 3, dtype=object
    )
    texts = np.array(
        [" ".join(rng.choice(words, size=rng.integers(6, 18))) for _ in range(5_000)], dtype=object
    )
    schema = pa.schema({"id": pa.string(), "text": pa.string(), "n": pa.int64()})
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n, group):
            size = min(group, n - start)
            columns = {
                "id": [f"m{i}" for i in range(start, start + size)],
                "text": texts[rng.integers(0, len(texts), size)],
                "n": rng.integers(0, 10, size),
            }
            writer.write_table(pa.table(columns, schema=schema))
    return path


def measure(pack: Path, items: Path, out: Path) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(pack), str(items), str(out)],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def test_memory_does_not_grow_with_the_items(tmp_path):
    pack = write_pack(tmp_path)
    few = measure(pack, write_items(tmp_path / "few.parquet", 60_000, group=20_000), tmp_path / "few")
    many = measure(pack, write_items(tmp_path / "many.parquet", 300_000, group=20_000), tmp_path / "many")
    assert (few["n"], many["n"]) == (60_000, 300_000)
    # 240,000 items more, whose texts alone take 20 MB and whose cells as Python objects take over 70.
    assert many["peak"] - few["peak"] < 15 * 2**20
    assert many["peak"] < 400 * 2**20


def test_a_row_group_of_any_size_is_read_in_batches(tmp_path):
    pack = write_pack(tmp_path)
    cut = measure(pack, write_items(tmp_path / "cut.parquet", 300_000, group=100_000), tmp_path / "cut")
    whole = measure(pack, write_items(tmp_path / "whole.parquet", 300_000, group=300_000), tmp_path / "whole")
    assert whole["p"] == cut["p"]
    assert whole["peak"] - cut["peak"] < 60 * 2**20  # pages of the row group, and 8 bytes an item


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path):
    pack = write_pack(tmp_path)
    items = write_items(tmp_path / "items.parquet", 120_000, group=5_000)
    out = tmp_path / "votes"
    command = [sys.executable, "-c", PROGRAM, str(pack), str(items), str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 240
        while len(list(out.glob("parts/*.ids.npy"))) < 4 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.kill()
    written = len(list(out.glob("parts/*.ids.npy")))
    assert written < 24, "it was done before it could be killed"
    votes = wsal.apply(wsal.load_rules(pack), items, out=out)
    assert written - 1 <= votes.n_reused < 24
    whole = wsal.apply(wsal.load_rules(pack), items).patterns()
    assert np.array_equal(votes.patterns().votes, whole.votes)
    assert np.array_equal(VoteParts.open(out).patterns().counts, whole.counts)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_ten_million_items_and_twenty_rules_stay_under_two_gibibytes(tmp_path):
    pack = write_pack(tmp_path)
    items = write_items(tmp_path / "items.parquet", 10_000_000, group=250_000)
    found = measure(pack, items, tmp_path / "votes")
    print(found)  # noqa: T201  # the figures of docs/how-to/scale-out.md
    assert found["n"] == 10_000_000
    assert found["peak"] < 2 * 2**30
