"""How cost grows: with items, rules, functions and classes; and what a billion items would take.

Each point is a process of its own: CPU seconds of all its threads, and peak memory as the kernel counts it (VmHWM),
from reading Parquet to labels on the disk. Peers run in the same way where they can be expected to end: a loop over the
rows with ``re``, and Snorkel's LabelModel with its defaults. The plan at the end is a simulation: parts are handed to
workers one by one, each takes what a part took here (drawn from the points measured), workers die now and then.
Run: ``python benchmarks/scale.py [--quick] [--svg docs/how-to]``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import heapq
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

ITEMS = (50_000, 100_000, 200_000, 400_000)
RULES = (5, 10, 20, 40, 80)
FUNCTIONS = (10, 20, 40, 80)
CLASSES = (2, 4, 8)
LOOP_ITEMS, LOOP_RULES = 200_000, 40  # a loop over more takes minutes and says nothing new
SNORKEL_FUNCTIONS = 40
GROUP = 50_000  # items of a row group
MANY, MANY_GROUP, MANY_RULES = 10_000_000, 250_000, 20  # more than one would hold in memory
FIT_ITEMS = 200_000
PART = 250_000  # items of a part in the plan
SEED = 0
FONT = 'font-family="system-ui, sans-serif" font-size="13"'
LOOP = "loop over re (votes)"


def write_items(path: Path, n: int, *, group: int = GROUP) -> None:
    """Write n texts of 6 to 17 words (100 bytes on average), in row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(SEED)
    words = np.array(
        [f"word{i}" for i in range(2000)] + [f"cue{i}" for i in range(RULES[-1])] * 2, dtype=object
    )
    texts = np.array(
        [" ".join(rng.choice(words, size=rng.integers(6, 18))) for _ in range(20_000)], dtype=object
    )
    schema = pa.schema({"id": pa.string(), "text": pa.string()})
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n, group):
            size = min(group, n - start)
            ids = [f"m{i}" for i in range(start, start + size)]
            writer.write_table(
                pa.table({"id": ids, "text": texts[rng.integers(0, len(texts), size)]}, schema=schema)
            )


def write_rules(path: Path, n_rules: int) -> None:
    """Write keyword rules, and a regex for every fourth."""
    lines = ["wsal: 1", "labels: [a, b]", "rules:"]
    for j in range(n_rules):
        when = rf"{{regex: '\bcue{j} \w+'}}" if j % 4 == 3 else f"{{keywords: [cue{j}]}}"
        lines.append(f"  - {{id: r{j}, label: {'ab'[j % 2]}, when: {when}}}")
    path.write_text("\n".join(lines), encoding="utf-8")


def in_parts(folder: Path, items: str, n_rules: int) -> dict[str, float]:
    """Vote, fit and write labels in parts."""
    import wsal
    from wsal.engines import write_soft_labels

    write_rules(folder / "pack.yaml", n_rules)
    started = time.process_time()
    votes = wsal.apply(wsal.load_rules(folder / "pack.yaml"), items, out=folder / "votes")
    voted = time.process_time()
    patterns = votes.patterns()
    model = wsal.LabelModel().fit(patterns)
    fitted = time.process_time()
    write_soft_labels(votes, model.predict_proba(patterns), out=folder / "labels")
    return {
        "p": patterns.n_patterns,
        "vote": voted - started,
        "fit": fitted - voted,
        "label": time.process_time() - fitted,
        "disk": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
    }


def in_memory(folder: Path, items: str, n_rules: int) -> dict[str, float]:
    """Do the same with all items in memory."""
    import pandas as pd

    import wsal

    write_rules(folder / "pack.yaml", n_rules)
    votes = wsal.apply(wsal.load_rules(folder / "pack.yaml"), items)
    probabilities = wsal.LabelModel().fit(votes).predict_proba(votes)
    pd.DataFrame(probabilities, index=votes.item_ids).to_parquet(folder / "labels.parquet")
    return {}


def loop(folder: Path, items: str, n_rules: int) -> dict[str, float]:
    """Search for each rule's pattern in each row, with ``re``; votes alone, no model."""
    import pandas as pd

    write_rules(folder / "pack.yaml", n_rules)
    patterns = [rf"\bcue{j} \w+" if j % 4 == 3 else rf"(?i)\bcue{j}\b" for j in range(n_rules)]
    searches = [re.compile(pattern).search for pattern in patterns]
    votes = [[search(text) is not None for search in searches] for text in pd.read_parquet(items)["text"]]
    np.save(folder / "votes.npy", np.array(votes, dtype=np.int8))
    return {}


def label_model(peer: str, m: int, k: int) -> dict[str, float]:
    """Fit and predict on n items by m functions that abstain nine times in ten and are right seven times in ten."""
    rng = np.random.default_rng(SEED)
    truth = rng.integers(0, k, FIT_ITEMS)
    L = np.full((FIT_ITEMS, m), -1, dtype=np.int8)
    for j in range(m):
        votes = rng.random(FIT_ITEMS) < 0.1
        wrong = rng.random(FIT_ITEMS) > 0.7
        L[votes, j] = np.where(wrong, rng.integers(0, k, FIT_ITEMS), truth)[votes]
    started = time.process_time()
    if peer == "snorkel":
        from snorkel.labeling.model import LabelModel as SnorkelLabelModel

        model = SnorkelLabelModel(cardinality=k, verbose=False)
        model.fit(L.astype(np.int64), seed=SEED, progress_bar=False)
        model.predict_proba(L.astype(np.int64))
    else:
        import wsal

        votes_of = wsal.VoteMatrix.from_array(L, [str(y) for y in range(k)])
        wsal.LabelModel().fit(votes_of).predict_proba(votes_of)
    return {"fit": time.process_time() - started}


def point(what: str, given: Sequence[object]) -> dict[str, float]:
    """Measure one point in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--point", json.dumps([what, *given])],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure(what: str, given: Sequence[object]) -> None:
    """Run what a point measures, in the process that was made for it."""
    if what in {"wsal", "snorkel"}:
        extra = label_model(what, *given)
    else:
        works = {"in parts": in_parts, "in memory": in_memory, "loop": loop}
        with tempfile.TemporaryDirectory() as folder:
            extra = works[what](Path(folder), *given)
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    print(json.dumps({"cpu": time.process_time(), "mib": int(peak[1]) / 1024 if peak else 0.0, **extra}))


def plan(
    seconds: Sequence[float], *, n_items: int, workers: int, merge: float, rng: np.random.Generator
) -> float:
    """Simulate the hours that workers take for all parts, if each dies once in a hundred hours.

    A worker that dies loses its part, which another computes from the start, and is back after two minutes.
    """
    left = -(-n_items // PART)
    driver = left * merge
    free = [0.0] * workers
    while left:
        now = heapq.heappop(free)
        took = float(rng.choice(seconds))
        if rng.random() < took / (100 * 3600):
            heapq.heappush(free, now + took * rng.random() + 120)
            continue
        left -= 1
        heapq.heappush(free, now + took)
    return (max(free) + driver) / 3600


def draw(title: str, x_name: str, y_name: str, series: dict[str, list[tuple[float, float]]]) -> str:
    """Draw points on two logarithmic axes; lines differ by dash and mark, not by colour alone."""
    width, height, left, bottom = 720, 420, 70, 70
    xs = [x for line in series.values() for x, _ in line]
    ys = [y for line in series.values() for _, y in line]
    x0, x1 = np.log10(min(xs)), np.log10(max(xs))
    y0, y1 = np.floor(np.log10(min(ys))), np.ceil(np.log10(max(ys)) + 1e-9)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (np.log10(x) - x0) / (x1 - x0) * (width - left - 30)
        up = (np.log10(y) - y0) / (y1 - y0) * (height - bottom - 50)
        return round(left + float(across), 1), round(height - bottom - float(up), 1)

    told = "; ".join(f"{n}: " + ", ".join(f"{x:g} → {y:.3g}" for x, y in line) for n, line in series.items())
    size = f"{width} {height + 20 * len(series)}"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" {FONT} fill="#222">',
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        f'<rect width="{width}" height="{height + 20 * len(series)}" fill="#fff"/>',
        f'<text x="{left}" y="24" font-size="16">{escape(title)}</text>',
        f'<text x="{left}" y="42" fill="#555">{escape(y_name)}</text>',
    ]
    for power in range(int(y0), int(y1) + 1):
        y = place(min(xs), 10.0**power)[1]
        out.append(f'<line x1="{left}" x2="{width - 30}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g}</text>')
    out += [
        f'<text x="{place(x, 10.0**y0)[0]}" y="{height - bottom + 20}" text-anchor="middle">{x:,.0f}</text>'
        for x in sorted(set(xs))
    ]
    out.append(
        f'<text x="{width / 2}" y="{height - bottom + 42}" text-anchor="middle">{escape(x_name)}</text>'
    )
    looks = (("#0072B2", ""), ("#D55E00", "7 4"), ("#007A5A", "2 3"))
    for i, (name, line) in enumerate(series.items()):
        colour, dash = looks[i % len(looks)]
        places = [place(x, y) for x, y in line]
        key = height + 20 * i
        stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        out.append(f'<polyline fill="none" {stroke} points="{" ".join(f"{x},{y}" for x, y in places)}"/>')
        out += [f'<circle cx="{x}" cy="{y}" r="{3 + i}" fill="{colour}"/>' for x, y in places]
        out.append(f'<line x1="{left}" x2="{left + 32}" y1="{key - 4}" y2="{key - 4}" {stroke}/>')
        out.append(f'<text x="{left + 42}" y="{key}">{escape(name)}</text>')
    return "\n".join([*out, "</svg>", ""])


def table(title: str, series: dict[str, list[tuple[float, float]]], unit: str) -> None:
    """Print what a picture draws."""
    print(f"\n{title} ({unit})")
    for name, line in series.items():
        print(f"  {name:<28}" + "".join(f"{x:>10,.0f}: {y:<9.3g}" for x, y in line))


def versions() -> str:
    """Name the machine and what was installed."""
    found = []
    for name in ("wsal", "numpy", "pyarrow", "pandas", "snorkel"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, " + ", ".join(
        found
    )


def grow_items(folder: Path, sizes: Sequence[int]) -> tuple[dict, dict, list[dict[str, float]]]:
    """Measure time and memory as items grow, at 20 rules."""
    cpu: dict[str, list[tuple[float, float]]] = {
        "wsal, in parts": [],
        "wsal, in memory": [],
        LOOP: [],
    }
    mib: dict[str, list[tuple[float, float]]] = {"wsal, in parts": [], "wsal, in memory": []}
    points = []
    for n in sizes:
        items = folder / f"{n}.parquet"
        write_items(items, n)
        for name, what in (("wsal, in parts", "in parts"), ("wsal, in memory", "in memory")):
            found = point(what, [str(items), 20])
            cpu[name].append((n, found["cpu"]))
            mib[name].append((n, found["mib"]))
            if what == "in parts":
                points.append({"n": n, **found})
        if n <= LOOP_ITEMS:
            cpu[LOOP].append((n, point("loop", [str(items), 20])["cpu"]))
    return cpu, mib, points


def main() -> None:
    """Print the tables, draw the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smaller half of every range")
    parser.add_argument("--svg", type=Path, help="a folder for pictures")
    parser.add_argument("--point", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.point:
        what, *rest = json.loads(given.point)
        measure(what, rest)
        return
    upto = (lambda sizes: sizes[: max(2, len(sizes) // 2)]) if given.quick else (lambda sizes: sizes)
    print(f"{versions()}; seed {SEED}; CPU seconds of a process each, from start to end")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cpu, mib, points = grow_items(folder, upto(ITEMS))
        items = folder / f"{ITEMS[1]}.parquet"
        rules = {
            "wsal, in parts": [(m, point("in parts", [str(items), m])["cpu"]) for m in upto(RULES)],
            LOOP: [(m, point("loop", [str(items), m])["cpu"]) for m in upto(RULES) if m <= LOOP_RULES],
        }
    by_m = {"wsal LabelModel": [(m, point("wsal", [m, 2])["fit"]) for m in upto(FUNCTIONS)]}
    by_k = {"wsal LabelModel": [(k, point("wsal", [20, k])["fit"]) for k in upto(CLASSES)]}
    if "not installed" not in versions().rpartition("snorkel")[2]:
        small = [m for m in upto(FUNCTIONS) if m <= SNORKEL_FUNCTIONS]
        by_m["Snorkel LabelModel"] = [(m, point("snorkel", [m, 2])["fit"]) for m in small]
        by_k["Snorkel LabelModel"] = [(k, point("snorkel", [20, k])["fit"]) for k in upto(CLASSES)]
    pictures = (
        ("scale-items-cpu", "CPU time by items, 20 rules", "items", "CPU seconds", cpu),
        ("scale-items-memory", "Peak memory by items, 20 rules", "items", "MiB", mib),
        ("scale-rules", f"CPU time by rules, {ITEMS[1]:,} items", "rules", "CPU seconds", rules),
        (
            "scale-functions",
            f"Label model by functions, {FIT_ITEMS:,} items",
            "functions",
            "CPU seconds",
            by_m,
        ),
        ("scale-classes", f"Label model by classes, {FIT_ITEMS:,} items", "classes", "CPU seconds", by_k),
    )
    for name, title, x_name, unit, series in pictures:
        table(title, series, unit)
        if given.svg:
            (given.svg / f"{name}.svg").write_text(draw(title, x_name, unit, series), encoding="utf-8")
    if not given.quick:
        print_many()
    print_plan(points)


def print_many() -> None:
    """Print what ten million items take in parts, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        items = Path(folder) / "many.parquet"
        write_items(items, MANY, group=MANY_GROUP)
        found = point("in parts", [str(items), MANY_RULES])
    print(
        f"\n{MANY:,} items, {MANY_RULES} rules, row groups of {MANY_GROUP:,}, one process, in parts: voting "
        f"{found['vote']:.0f} s of CPU time, fit {found['fit']:.1f} s,\n"
        f"  labels {found['label']:.0f} s; peak memory from start to labels on the disk {found['mib'] / 1024:.2f} GiB"
    )


def print_plan(points: Sequence[dict[str, float]]) -> None:
    """Print rates, and the simulated plan for a billion items."""
    big = points[-2:]
    voting = [p["vote"] / p["n"] * PART for p in big]
    labels = [p["label"] / p["n"] * PART for p in big]
    last = points[-1]
    print(
        f"\nrates at {last['n']:,.0f} items, 20 rules, a core: {last['n'] / last['vote']:,.0f} items/s voted on, "
    )
    print(
        f"  {last['n'] / last['label']:,.0f} items/s labelled; {last['disk'] / last['n']:.0f} bytes an item on disk"
    )
    n = 10**9
    core_hours = n / PART * (np.mean(voting) + np.mean(labels)) / 3600
    print(f"plan for {n:,} items: {n // PART:,} parts of {PART:,}; {core_hours:.1f} core hours; ", end="")
    print(f"{last['disk'] / last['n'] * n / 2**30:.0f} GiB of votes and labels")
    seconds = [v + y for v, y in zip(voting, labels, strict=True)]
    for workers in (2, 16, 64, 256):
        hours = [
            plan(seconds, n_items=n, workers=workers, merge=0.01, rng=np.random.default_rng(s))
            for s in range(20)
        ]
        print(
            f"  {workers:>4} workers: {np.mean(hours):6.2f} h (20 simulations: {min(hours):.2f} to {max(hours):.2f})"
        )


if __name__ == "__main__":
    main()
