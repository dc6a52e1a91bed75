"""What withdrawing a rule would change among a million labels, against plain recomputation.

The labels have all their parts: rules in pattern space, near-copies, answers carried to their items, and the
probabilities of a human classifier and of an end model for each item. Votes and probabilities are drawn, no classifier
is trained. *One rule* is `wsal.evidence.Withdrawals`: the first question, which makes ready what all share, and others.
*Plain* takes the column away, finds the patterns again, and evaluates and pools all items. Both must find the same
items. Target: less than a second for a million items.
Run: ``python benchmarks/withdrawals.py [--items 1000000] [--rules 50] [--classes 2]``. CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from targets import at_most

from wsal.evidence import Withdrawals
from wsal.label_models import LabelModel, geometric_pool, with_human_classifier
from wsal.labels import HumanLabels, SoftLabels, hard_labels
from wsal.testing import Copies, make_votes
from wsal.training import Delivered, deliver
from wsal.types import ABSTAIN, Floats
from wsal.votes import VoteMatrix

TARGET = 1.0  # seconds


def make_run(n: int, m: int, k: int, rng: np.random.Generator) -> Delivered:
    """Draw votes, 500 answers, and probabilities of both classifiers, and put the labels together."""
    balance = rng.dirichlet(np.full(k, 5.0))
    wanted = rng.choice([0.005, 0.02, 0.3], p=[0.7, 0.2, 0.1], size=m - 2)
    coverage = np.minimum(wanted, 0.8 * balance[np.arange(m - 2) % k]).tolist()  # a rule has one class
    made = make_votes(
        n,
        accuracies=rng.uniform(0.6, 0.95, size=m - 2).tolist(),
        coverage=coverage,
        class_balance=balance.tolist(),
        polarities=[j % k for j in range(m - 2)],
        copies=[Copies(of=0, n=2, dropout=0.1)],
        rng=rng,
    )
    answered = rng.choice(n, size=500, replace=False)
    human = HumanLabels.from_pairs({int(i): int(made.gold[i]) for i in answered})
    run = deliver(made.votes, LabelModel().fit(made.votes, human), human=human)
    human_p, end_p = (rng.dirichlet(np.full(k, 1.0), size=n) * 0.98 + 0.02 / k for _ in range(2))
    pi = human_p.mean(axis=0)
    covered = made.votes.patterns().covered[made.votes.patterns().require_inverse()]
    q = with_human_classifier(run.rule_probabilities, human_p, pi)
    labels = np.where(covered[:, None], geometric_pool(q, end_p), end_p)
    sources = np.where(run.soft.sources == "none", "model", run.soft.sources)
    return replace(
        run,
        human_prior=pi,
        human_probabilities=human_p,
        rule_probabilities=q,
        end_probabilities=end_p,
        unanswered=labels,
        soft=SoftLabels(run.answers.carried(labels), made.votes.labels, made.votes.item_ids, sources),
    )


def plain(run: Delivered, lf: int) -> Floats:
    """Recompute every label without a rule, from the matrix of votes."""
    values = run.votes.values.copy()
    values[:, lf] = ABSTAIN
    votes = VoteMatrix(values, run.votes.labels, run.votes.lf_names, run.votes.item_ids)
    q = run.model.predict_proba(votes, answers=False)
    f_h, pi, f = run.human_probabilities, run.human_prior, run.end_probabilities
    if f_h is None or pi is None or f is None:
        raise ValueError("a run with both classifiers is needed")
    q = with_human_classifier(q, f_h, pi)
    covered = (values != ABSTAIN).any(axis=1)
    p = np.where(covered[:, None], geometric_pool(q, f), f)
    return run.answers.carried(p)


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that a piece of work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=50)
    parser.add_argument("--classes", type=int, default=2)
    given = parser.parse_args()
    run = make_run(given.items, given.rules, given.classes, np.random.default_rng(0))
    patterns = run.votes.patterns()
    names = run.votes.lf_names
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {given.items} items, {given.rules} rules, "
        f"{given.classes} classes, {patterns.n_patterns} patterns"
    )
    withdrawals = Withdrawals(run)
    by_votes = np.argsort((run.votes.values != ABSTAIN).sum(axis=0), kind="stable")
    widest, median = int(by_votes[-1]), int(by_votes[len(by_votes) // 2])
    first = seconds(lambda: withdrawals.of(names[widest]))
    others = [seconds(lambda name=name: withdrawals.of(name)) for name in names]  # type: ignore[misc]
    before = run.soft.hard()
    print(f"{'':44}{'items voted on':>16}{'decisive on':>14}{'CPU s':>10}")
    for what, lf, took in (
        ("one rule: the widest, first question", widest, first),
        ("one rule: the widest, asked again", widest, others[widest]),
        ("one rule: the middle one", median, others[median]),
    ):
        blast = withdrawals.of(names[lf])
        print(f"{what:44}{blast.n_voted:16}{blast.n_decisive:14}{took:10.3f}")
    print(f"{'all ' + str(len(names)) + ' rules, one after another':74}{sum(others):10.3f}")
    for lf in (widest, median):
        start = time.process_time()
        after = hard_labels(plain(run, lf), np.ones(given.items, dtype=bool))
        changed = np.flatnonzero(before != after)
        took = time.process_time() - start
        same = np.array_equal(changed, withdrawals.of(names[lf]).rows)
        verdict = "the same items" if same else "OTHER ITEMS"
        print(f"{'plain recomputation':44}{'':16}{len(changed):14}{took:10.3f}  {verdict}")
    worst = max(first, *others)
    at_most(f"slowest question to {given.items:,} items, {given.classes} classes", worst, TARGET, "s")


if __name__ == "__main__":
    main()
