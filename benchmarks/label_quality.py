"""Label quality: wsal beside majority vote, Snorkel, crowd-kit's Dawid-Skene, active learning and MaxKL.

For every dataset in a folder (WRENCH's layout, or train.parquet with meta.json) the script replays the loop with an
expert who answers by the gold label, and measures training labels, the end model on test items, and calibration,
after 0 to 320 answers. Features, kind and penalty of the end model are the same for all. Nothing is tuned to a
dataset: one set of defaults for all.

    python benchmarks/label_quality.py                     # print the table of the last run that was kept
    python benchmarks/label_quality.py --run               # play (or go on where it stopped), print, keep
    python benchmarks/label_quality.py --run --page        # and put the result into docs/benchmarks.md

Records are kept as they come under --work, so that a run can be stopped and taken up again. Peers that are not
installed (``pip install wsal[snorkel,peers]``) are left out and named.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is loaded

import argparse
import hashlib
import json
import math
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from wsal.errors import DataError
from wsal.label_models import DawidSkene, FittedModel, MajorityVote, SnorkelModel
from wsal.label_models.human_counts import Answers
from wsal.selection import select, strategy
from wsal.simulation import (
    AnswersAlone,
    LabelledDataset,
    Learner,
    ModelThenClassifier,
    Record,
    RecordFile,
    Wsal,
    find_datasets,
    fingerprint,
    learning_curves,
    mean_and_error,
    read_dataset,
    replay,
)

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "label_quality.json"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- label quality: begin -->", "<!-- label quality: end -->"

BUDGETS = (10, 20, 30, 40, 80, 160, 320)
AVERAGED = (10, 20, 40, 80, 160, 320)
EARLY = (10, 20, 30, 40)
HUNT_BUDGETS = (50, 200)
CLAIMED = ("youtube", "sms", "trec", "imdb_cosine")
RARE = {"sms": "spam", "youtube": "SPAM", "trec": "ABBR"}
ONE_IN = 100

OURS = "wsal"
RIVALS = (
    "random + logistic regression",
    "uncertainty + logistic regression",
    "majority vote + uncertainty",
    "Snorkel + uncertainty",
    "Snorkel + MaxKL",
)
ON_OURS = "MaxKL on wsal's labels"
CROWD_KIT = "crowd-kit Dawid-Skene + uncertainty"
LEARNERS: dict[str, Callable[[], Learner]] = {
    OURS: lambda: Learner(OURS, Wsal()),
    "wsal with DawidSkene": lambda: Learner("wsal with DawidSkene", Wsal(DawidSkene())),
    "wsal, random items": lambda: Learner("wsal, random items", Wsal(), strategy("random")),
    RIVALS[0]: lambda: Learner(RIVALS[0], AnswersAlone(), strategy("random")),
    RIVALS[1]: lambda: Learner(RIVALS[1], AnswersAlone(), strategy("margin")),
    RIVALS[2]: lambda: Learner(RIVALS[2], ModelThenClassifier(MajorityVote()), strategy("margin")),
    RIVALS[3]: lambda: Learner(RIVALS[3], ModelThenClassifier(SnorkelModel()), strategy("margin")),
    CROWD_KIT: lambda: Learner(CROWD_KIT, ModelThenClassifier(CrowdKitDawidSkene()), strategy("margin")),
    RIVALS[4]: lambda: Learner(RIVALS[4], ModelThenClassifier(SnorkelModel()), strategy("max-kl")),
    ON_OURS: lambda: Learner(ON_OURS, Wsal(), strategy("max-kl")),
}
NEEDS = {RIVALS[3]: "snorkel", RIVALS[4]: "snorkel", CROWD_KIT: "crowdkit"}
HUNTERS: dict[str, Callable[[str], Learner]] = {
    "wsal, hunting": lambda label: Learner("wsal, hunting", Wsal(), partial(select, hunt=label)),
    RIVALS[1]: lambda _: LEARNERS[RIVALS[1]](),
    "wsal, uncertainty": lambda _: Learner("wsal, uncertainty", Wsal(), strategy("margin")),
}


# Peers


@dataclass(frozen=True)
class CrowdKitDawidSkene:
    """crowd-kit's Dawid-Skene with its defaults; a function that abstains is a person who was not asked."""

    def fit(self, votes, human=None, class_balance=None):  # noqa: ARG002  # as every label model
        """Fit on votes, and keep the answer to every pattern of votes."""
        import pandas as pd
        from crowdkit.aggregation import DawidSkene

        rows, lfs = np.nonzero(votes.values != -1)
        table = pd.DataFrame({"task": rows, "worker": lfs, "label": votes.values[rows, lfs]})
        found = DawidSkene(n_iter=100).fit_predict_proba(table)
        P = np.full((votes.n_items, votes.n_classes), 0.0)
        P[np.ix_(found.index.to_numpy(), found.columns.to_numpy())] = found.to_numpy()
        P[P.sum(axis=1) == 0] = 1.0 / votes.n_classes
        patterns = votes.patterns()
        first = np.full(patterns.n_patterns, -1)
        first[patterns.require_inverse()[::-1]] = np.arange(votes.n_items)[::-1]
        return _FittedTable(votes.labels, votes.lf_names, Answers.of(None, votes.n_classes), P[first])


@dataclass(frozen=True, eq=False)
class _FittedTable(FittedModel):
    labels: object
    lf_names: tuple[str, ...]
    answers: Answers
    table: np.ndarray

    def pattern_proba(self, patterns):
        if len(self.table) != patterns.n_patterns:
            raise DataError("this peer knows the patterns of its fit only")
        return self.table

    def to_data(self):
        return {"table": self.table.tolist()}

    @classmethod
    def from_data(cls, data, labels, lf_names, answers):
        return cls(labels, lf_names, answers, np.array(data["table"]))


# Playing


@dataclass(frozen=True)
class Task:
    """One replay: picklable, so that another process can do it."""

    folder: str
    learner: str
    seed: int
    hunt: str = ""


@lru_cache(maxsize=2)
def load(folder: str) -> LabelledDataset:
    """Read a dataset and make its features once in each process."""
    return read_dataset(folder)


def data_of(task: Task) -> LabelledDataset:
    """Return the dataset of a task, sub-sampled by its seed where it is a hunt."""
    data = load(task.folder)
    return data.with_rare(task.hunt, one_in=ONE_IN, rng=task.seed) if task.hunt else data


def play(task: Task) -> tuple[Task, list[dict]]:
    """Do one replay."""
    if task.hunt:
        learner, budgets = HUNTERS[task.learner](task.hunt), HUNT_BUDGETS
    else:
        learner, budgets = LEARNERS[task.learner](), BUDGETS
    done = replay(data_of(task), learner, seed=task.seed, budgets=budgets)
    return task, [record.to_dict() | {"asked": []} for record in done]


def source_digest() -> str:
    """Fingerprint the code that the result depends on, so that records of other code are never mixed in."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    rooms = ("analysis", "features", "label_models", "selection", "simulation", "training")
    for path in sorted(p for room in rooms for p in (ROOT / "wsal" / room).rglob("*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def run(
    folders: Sequence[Path], *, learners: Sequence[str], seeds: int, jobs: int, work: Path
) -> tuple[list[Record], list[Record], dict]:
    """Play everything that is not there yet; return the records with answers, those of hunts, and the sets."""
    missing = {name for name, module in NEEDS.items() if find_spec(module) is None}
    code, sets, files, tasks = source_digest(), {}, {}, []
    for folder in folders:
        try:
            data = load(str(folder))
        except DataError as error:
            print(f"left out: {folder.name}: {error}", file=sys.stderr)
            continue
        sets[data.name] = {
            "items": data.votes.n_items,
            "test_items": 0 if data.test is None else data.test.votes.n_items,
            "functions": data.votes.n_lfs,
            "classes": data.votes.n_classes,
            "metric": data.metric,
            "notes": list(data.notes),
        }
        about = {"code": code, "data": fingerprint(data)}
        files[data.name] = RecordFile(work / f"{data.name}-{code[:12]}.jsonl", about)
        # Answers alone teach nothing where there are no features.
        absent = missing if data.features is not None else missing | set(RIVALS[:2])
        tasks += [Task(str(folder), name, s) for name in learners if name not in absent for s in range(seeds)]
        if data.name in RARE:
            files[f"{data.name} hunt"] = RecordFile(work / f"{data.name}-hunt-{code[:12]}.jsonl", about)
            rare = data.with_rare(RARE[data.name], one_in=ONE_IN)
            y = data.votes.labels.index(RARE[data.name])
            sets[data.name]["rare"] = {
                "name": rare.name,
                "class": y,
                "positives": int((rare.gold == y).sum()),
            }
            tasks += [Task(str(folder), name, s, RARE[data.name]) for name in HUNTERS for s in range(seeds)]
    _play_all(tasks, files, jobs=jobs)
    kept = {key: [r for r in file.records if r.seed < seeds] for key, file in files.items()}
    plain = [r for key, records in kept.items() if not key.endswith(" hunt") for r in records]
    hunts = [r for key, records in kept.items() if key.endswith(" hunt") for r in records]
    return plain, hunts, sets


def _play_all(tasks: Sequence[Task], files: dict[str, RecordFile], *, jobs: int) -> None:
    def file_of(task: Task) -> RecordFile:
        return files[Path(task.folder).name + (" hunt" if task.hunt else "")]

    there = {(id(file), r.learner, r.seed) for file in files.values() for r in file.records}
    open_ = [task for task in tasks if (id(file_of(task)), task.learner, task.seed) not in there]
    print(f"{len(tasks)} replays, {len(tasks) - len(open_)} of them done before", file=sys.stderr)
    started = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(play, task) for task in open_]
        for i, future in enumerate(as_completed(futures), start=1):
            if future.exception() is not None:  # now, not after hours of other replays; what is kept stays
                pool.shutdown(wait=False, cancel_futures=True)
            task, records = future.result()
            for record in records:
                file_of(task).append(Record.from_dict(record))
            seconds = time.monotonic() - started
            print(
                f"{i}/{len(open_)} {seconds:6.0f} s  {Path(task.folder).name} {task.learner} {task.seed}",
                file=sys.stderr,
            )


# Summing up


def summary(plain: Sequence[Record], hunts: Sequence[Record], sets: dict, *, seeds: int, where: dict) -> dict:
    """Return everything that the page shows, as JSON values."""
    measures = ("test", "test_log_loss", "test_ece", "train", "train_log_loss", "train_ece", "rules_covered")
    rows: dict[tuple[str, str], dict] = {}
    for measure in measures:
        for curve in learning_curves(plain, measure):
            row = rows.setdefault(
                (curve.dataset, curve.learner), {"dataset": curve.dataset, "learner": curve.learner}
            )
            row[measure] = {str(p.budget): [_rounded(p.mean), _rounded(p.error)] for p in curve.points}
    order = {name: i for i, name in enumerate(LEARNERS)}
    return {
        "machine": where,
        "seeds": seeds,
        "sets": sets,
        "rows": [rows[key] for key in sorted(rows, key=lambda key: (key[0], order[key[1]]))],
        "absent": [name for name, module in NEEDS.items() if find_spec(module) is None],
        "averages": averages(plain),
        "early": early(plain),
        "hunts": found(hunts, sets),
    }


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def averages(records: Sequence[Record]) -> list[dict]:
    """Return mean test quality over AVERAGED budgets and CLAIMED sets, and our lead over it, paired by seed."""
    by_run = {(r.dataset, r.learner, r.seed, r.budget): r.test for r in records}
    learners = [name for name in LEARNERS if any(r.learner == name for r in records)]
    seeds = sorted({r.seed for r in records})
    if not set(CLAIMED) <= {r.dataset for r in records} or OURS not in learners:
        return []
    means = {
        name: [float(np.mean([by_run[d, name, s, b] for d in CLAIMED for b in AVERAGED])) for s in seeds]
        for name in learners
    }
    out = []
    for name in learners:
        lead = [ours - other for ours, other in zip(means[OURS], means[name], strict=True)]
        (mean, error), (ahead, ahead_error) = mean_and_error(means[name]), mean_and_error(lead)
        out.append(
            {
                "learner": name,
                "mean": [_rounded(mean), _rounded(error)],
                "lead": [_rounded(ahead), _rounded(ahead_error)],
            }
        )
    return out


def early(records: Sequence[Record]) -> list[dict]:
    """Return, for each set, how far the end model falls below its start between 0 and 40 answers, mean over seeds."""
    out = []
    for dataset in dict.fromkeys(r.dataset for r in records):
        own = [r for r in records if r.dataset == dataset and r.learner == OURS and not math.isnan(r.test)]
        if not own:
            continue
        start = {r.seed: r.test for r in own if r.budget == 0}
        changes = {b: mean_and_error([r.test - start[r.seed] for r in own if r.budget == b]) for b in EARLY}
        worst = min(changes, key=lambda b: changes[b][0])
        out.append(
            {
                "dataset": dataset,
                "start": _rounded(mean_and_error(list(start.values()))[0]),
                "worst": [_rounded(changes[worst][0]), _rounded(changes[worst][1])],
                "at": worst,
            }
        )
    return out


def found(records: Sequence[Record], sets: dict) -> list[dict]:
    """Return the share of a rare class's items that were found, by set, learner and budget."""
    rare = {about["rare"]["name"]: about["rare"] for about in sets.values() if "rare" in about}
    out = []
    for dataset, learner in dict.fromkeys((r.dataset, r.learner) for r in records):
        about = rare[dataset]
        own = [r for r in records if (r.dataset, r.learner) == (dataset, learner)]
        shares = {
            str(b): [r.found[about["class"]] / about["positives"] for r in own if r.budget == b]
            for b in HUNT_BUDGETS
        }
        out.append(
            {
                "dataset": dataset,
                "learner": learner,
                "positives": about["positives"],
                "found": {b: list(map(_rounded, mean_and_error(values))) for b, values in shares.items()},
            }
        )
    return out


def machine() -> dict:
    """Say where and with what this was measured."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],  # noqa: S607  # whatever git there is
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    versions = {}
    for name in ("numpy", "scipy", "scikit-learn", "snorkel", "torch", "crowd-kit"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "wsal": commit or version("wsal"),
        "versions": versions,
    }


# Printing


def render(result: dict) -> str:
    """Return the page's block: everything in it comes from the result."""
    parts = [
        _measured(result),
        _claims(result),
        _means(result),
        *_by_set(result),
        _losses(result),
        _labels(result),
    ]
    parts += [_early(result), _hunts(result), _sets(result)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, text: int = 1) -> str:
    rule = ["---"] * text + ["---:"] * (len(head) - text)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def _pm(cell: Sequence[float | None] | None) -> str:
    if cell is None or cell[0] is None:
        return "–"
    return f"{cell[0]:.3f}" + ("" if cell[1] is None else f" ± {cell[1]:.3f}")


def _measured(result: dict) -> str:
    m = result["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in m["versions"].items())
    absent = "".join(f" Not measured, because it is not installed: {name}." for name in result["absent"])
    return (
        f"Measured on {m['date']} with wsal at commit {m['wsal']}, Python {m['python']}, {versions}; {m['cpu']}, "
        f"{m['cores']} cores, {m['system']}, one thread a replay. {result['seeds']} seeds; "
        f"± is one standard error over seeds.{absent}"
    )


def checks(result: dict) -> list[tuple[str, str, bool]]:
    """Return what is claimed, what was measured, and whether it holds."""
    out = []
    means = {row["learner"]: row for row in result["averages"]}
    if means:
        ours = means[OURS]["mean"]
        over = f"end model, mean over {', '.join(CLAIMED)} and {', '.join(map(str, AVERAGED))} answers"
        out.append((f"{over}: at least .80", _pm(ours), ours[0] >= 0.80))
        known = {name: means[name]["lead"] for name in RIVALS if name in means}
        best = min(known, key=lambda name: known[name][0], default=None)
        if best:
            said = f"{_pm(known[best])} above {best}"
            out.append(("the same: at least .03 above the best rival", said, known[best][0] >= 0.03))
        if ON_OURS in means:
            lead = means[ON_OURS]["lead"]
            said = f"{_pm(lead)} above {ON_OURS}"
            out.append(("the same, where only the choice of items differs", said, lead[0] >= 0.03))
    claimed = [row for row in result["early"] if row["dataset"] in CLAIMED]
    if claimed:
        worst = min(claimed, key=lambda row: row["worst"][0])
        said = f"{_pm(worst['worst'])} ({worst['dataset']} at {worst['at']} answers)"
        out.append(
            ("from 0 to 40 answers never more than .01 below the start", said, worst["worst"][0] >= -0.01)
        )
    hunts = {(row["dataset"], row["learner"]): row["found"] for row in result["hunts"]}
    sets = list(dict.fromkeys(dataset for dataset, _ in hunts))
    if sets:
        mean = {
            (name, b): float(np.mean([hunts[d, name][str(b)][0] for d in sets]))
            for name in HUNTERS
            for b in HUNT_BUDGETS
        }
        hunting = mean["wsal, hunting", 50]
        out.append(
            (
                "hunting a class of 1:100: at least .75 of it in 200 answers, mean over sets",
                f"{mean['wsal, hunting', 200]:.3f}",
                mean["wsal, hunting", 200] >= 0.75,
            )
        )
        for name in (RIVALS[1], "wsal, uncertainty"):
            said = f"{hunting:.3f} against {mean[name, 50]:.3f} of {name}"
            claim = "the same in 50 answers: at least twice what uncertainty sampling finds"
            out.append((claim, said, hunting >= 2 * mean[name, 50]))
    return out


def _claims(result: dict) -> str:
    rows = [(claim, said, "met" if met else "**missed**") for claim, said, met in checks(result)]
    return _table(("claim", "measured", ""), rows, text=3) if rows else ""


def _means(result: dict) -> str:
    rows = [(row["learner"], _pm(row["mean"]), _pm(row["lead"])) for row in result["averages"]]
    title = f"**End model, mean over {', '.join(CLAIMED)} and {', '.join(map(str, AVERAGED))} answers**"
    return f"{title}\n\n{_table(('', 'quality', 'wsal is ahead by'), rows)}" if rows else ""


_METRIC = {"acc": "accuracy", "f1": "F1 of the second class"}


def _judged(about: dict) -> str:
    """Return what a set is judged by: the end model, or the labels where there is no end model to test."""
    return "test" if about["test_items"] else "train"


def _by_set(result: dict) -> list[str]:
    parts = []
    for dataset, about in result["sets"].items():
        budgets = [str(b) for b in (0, *AVERAGED)]
        own = [row for row in result["rows"] if row["dataset"] == dataset]
        rows = [(row["learner"], *(_pm(row[_judged(about)].get(b)) for b in budgets)) for row in own]
        what = f"end model on {about['test_items']} test items" if about["test_items"] else "delivered labels"
        title = f"**{dataset}: {what}, {_METRIC[about['metric']]}, by answers**"
        parts.append(f"{title}\n\n{_table(('', *budgets), rows)}")
    return parts


def losses(result: dict) -> list[tuple[str, str, str, list[float | None], list[float | None]]]:
    """Return set, budget, best rival, its quality and ours, wherever a rival's mean is above ours."""
    out = []
    for dataset, about in result["sets"].items():
        own = {row["learner"]: row[_judged(about)] for row in result["rows"] if row["dataset"] == dataset}
        for b in map(str, (0, *AVERAGED)):
            rivals = {n: t[b] for n, t in own.items() if n in (*RIVALS, CROWD_KIT, ON_OURS) and b in t}
            ours = own.get(OURS, {}).get(b)
            best = max(rivals, key=lambda n: rivals[n][0], default=None)
            if ours and best and rivals[best][0] > ours[0]:
                out.append((dataset, b, best, rivals[best], ours))
    return out


def _losses(result: dict) -> str:
    rows = [(d, b, name, _pm(theirs), _pm(ours)) for d, b, name, theirs, ours in losses(result)]
    if not rows:
        return "**Where wsal loses:** on none of these sets and budgets."
    table = _table(("set", "answers", "best rival", "rival", "wsal"), rows, text=3)
    return f"**Where wsal loses** (every set and budget at which a rival's mean is higher)\n\n{table}"


def _labels(result: dict) -> str:
    head = ("set", "", "label model, 0", "160", "delivered, 0", "160", "ECE, 0", "160", "log loss, 0", "160")
    rows = []
    for row in result["rows"]:
        judged = _judged(result["sets"][row["dataset"]])
        measures = ("rules_covered", "train", f"{judged}_ece", f"{judged}_log_loss")
        cells = [_pm(row[measure].get(b)) for measure in measures for b in ("0", "160")]
        rows.append((row["dataset"], row["learner"], *cells))
    title = (
        "**Training labels and calibration, after 0 and 160 answers**: quality of the label model on the items that "
        "rules cover, quality of the delivered labels of all training items (both with the answers in place), "
        "expected calibration error and log loss (nats) of the end model on test items (of the delivered labels of "
        "unanswered items where a set has no test items)"
    )
    return f"{title}\n\n{_table(head, rows, text=2)}"


def _early(result: dict) -> str:
    rows = [
        (row["dataset"], f"{row['start']:.3f}", _pm(row["worst"]), str(row["at"])) for row in result["early"]
    ]
    title = "**From 0 to 40 answers**: the end model's lowest mean change against its start"
    return f"{title}\n\n{_table(('set', 'start', 'lowest change', 'at answers'), rows)}" if rows else ""


def _hunts(result: dict) -> str:
    rows = [
        (
            row["dataset"],
            row["learner"],
            str(row["positives"]),
            *(_pm(row["found"][str(b)]) for b in HUNT_BUDGETS),
        )
        for row in result["hunts"]
    ]
    head = ("set", "", "items of the class", *(f"found in {b}" for b in HUNT_BUDGETS))
    title = f"**A rare class, sub-sampled to 1:{ONE_IN}**: share of its items that were asked for"
    return f"{title}\n\n{_table(head, rows, text=2)}" if rows else ""


def _sets(result: dict) -> str:
    rows = [
        (
            name,
            *(str(about[key]) for key in ("items", "test_items", "functions", "classes")),
            "; ".join(about["notes"]),
        )
        for name, about in result["sets"].items()
    ]
    head = ("set", "training items", "test items", "functions", "classes", "duplicates")
    return f"**The sets**\n\n{_table(head, rows)}"


def write_page(result: dict) -> None:
    """Put the block between the markers of the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{render(result)}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Play, sum up and print, as asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = os.environ.get("WSAL_SHARED_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--run", action="store_true", help="play, rather than print what was kept")
    parser.add_argument("--data", type=Path, default=Path(shared), help="folder of datasets")
    parser.add_argument("--sets", default="", help="names of sets, by comma; all that can be used without it")
    parser.add_argument(
        "--learners", default="", help=f"names by semicolon; all without it: {'; '.join(LEARNERS)}"
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "results" / "work", help="records")
    parser.add_argument("--result", type=Path, default=RESULT, help="where the summary is kept")
    parser.add_argument("--page", action="store_true", help="put the result into docs/benchmarks.md")
    args = parser.parse_args()
    if args.run:
        wanted = set(filter(None, args.sets.split(",")))
        folders = [path for path in find_datasets(args.data) if not wanted or path.name in wanted]
        where = machine()  # before anything is played: the code of a long run may change under it
        learners = [name for name in LEARNERS if not args.learners or name in args.learners.split(";")]
        plain, hunts, sets = run(folders, learners=learners, seeds=args.seeds, jobs=args.jobs, work=args.work)
        result = summary(plain, hunts, sets, seeds=args.seeds, where=where)
        args.result.parent.mkdir(parents=True, exist_ok=True)
        args.result.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not args.result.is_file():
        print(f"there is no result at {args.result}: give --run")
        return 2
    result = json.loads(args.result.read_text(encoding="utf-8"))
    print(render(result))
    for claim, said, met in checks(result):
        print(f"  target: {claim}: measured {said}: {'met' if met else 'MISSED'}")
    if args.page:
        write_page(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
