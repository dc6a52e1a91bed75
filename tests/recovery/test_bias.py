"""Bias: nothing planted, nothing flagged in 95 % of projects; one discriminating rule planted, it is found first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import binom

from wsal.analysis import Groups, Subject, carried_gaps, rate_gaps
from wsal.analysis.bias_rates import LABELS, RULES
from wsal.estimation import AuditSample, ErrorCase, Labelling, error_gaps
from wsal.label_models import LabelModel
from wsal.testing import make_votes
from wsal.types import ABSTAIN
from wsal.votes import VoteMatrix

ALPHA = 0.05
PLANTED = "lf_2"


@dataclass
class Found:
    flagged: list[str]
    carrier: str
    flagged_errors: list[str]


def report(seed: int, *, planted: bool) -> Found:
    """Do what `wsal bias` does, for 800 items in three groups, six rules and 150 audit draws."""
    rng = np.random.default_rng(seed)
    made = make_votes(800, accuracies=(0.9, 0.8, 0.8, 0.7, 0.7, 0.6), class_balance=(0.6, 0.4), rng=rng)
    groups = Groups("town", ("a", "b", "c"), rng.choice(3, size=800, p=(0.6, 0.3, 0.1)))
    L = made.votes.values.copy()
    if planted:  # it votes for class 1 where people come from b, whatever they are
        rate = np.where(groups.codes == 1, 0.4, 0.1)
        L[:, 2] = np.where(rng.random(800) < rate, 1, ABSTAIN)
    votes = VoteMatrix.from_array(L, made.votes.labels)
    model = LabelModel().fit(votes)
    patterns = votes.patterns()
    q = model.pattern_proba(patterns)
    by_pattern = np.where(patterns.covered, q.argmax(axis=1), ABSTAIN)
    labels = by_pattern[patterns.require_inverse()]
    covered = patterns.covered[patterns.require_inverse()].astype(int) - 1
    subjects = [
        Subject(RULES, covered, ("covered",), "no rule votes"),
        *(Subject.of_rule(name, L[:, j], votes.labels) for j, name in enumerate(votes.lf_names)),
        Subject(LABELS, labels, votes.labels.names, "no label"),
    ]
    rates = rate_gaps(subjects, groups, alpha=ALPHA / 2)
    rows = rng.integers(0, 800, size=150)
    sample = AuditSample(
        rows, np.full(150, 1 / 800), ("",) * 150, np.eye(2)[made.gold[rows]], 800, votes.labels
    )
    cases = [ErrorCase(LABELS, sample, Labelling.fixed(labels))]
    cases += [ErrorCase(f"{LABELS}: {y}", sample, Labelling.fixed(labels), y) for y in (0, 1)]
    cases += [ErrorCase(n, sample, Labelling.fixed(L[:, j])) for j, n in enumerate(votes.lf_names)]
    errors, _ = error_gaps(cases, groups.codes, groups.names, alpha=ALPHA / 2)
    (gap,) = carried_gaps(patterns, model, groups, wanted=[("class-1", "b")])
    return Found(
        [one.subject for one in rates if one.flagged],
        gap.carriers[0].rule,
        [one.subject for one in errors if one.flagged],
    )


def most_alarms(n: int) -> int:
    """Return what at most 5 % of n projects exceed with a chance of one in a thousand."""
    return int(binom.ppf(0.999, n, ALPHA))


def check_none_planted(n: int) -> int:
    alarms = sum(
        bool(found.flagged or found.flagged_errors) for found in (report(s, planted=False) for s in range(n))
    )
    assert alarms <= most_alarms(n)
    return alarms


def check_planted(n: int) -> int:
    first = 0
    for seed in range(n):
        found = report(10_000 + seed, planted=True)
        suspects = [name for name in found.flagged if name not in (LABELS, RULES)]
        first += suspects[:1] == [PLANTED] and found.carrier == PLANTED
    return first


def test_where_nothing_is_planted_no_group_is_flagged_in_95_percent_of_60_projects():
    check_none_planted(60)


def test_a_planted_rule_is_found_first_and_carries_the_gap():
    assert check_planted(20) == 20


@pytest.mark.soak
@pytest.mark.slow
def test_where_nothing_is_planted_no_group_is_flagged_in_95_percent_of_600_projects():
    check_none_planted(600)


@pytest.mark.soak
@pytest.mark.slow
def test_a_planted_rule_is_found_first_in_200_projects():
    assert check_planted(200) >= 199
