"""Gaps between groups, and who carries them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.analysis import Groups, Subject, carried_gaps, rate_gaps
from wsal.analysis.bias_rates import normalised_pmi
from wsal.errors import DataError
from wsal.estimation import AuditSample, Interval, Labelling, clopper_pearson, error_gap
from wsal.estimation.by_group import ErrorCase, error_gaps
from wsal.label_models import LabelModel
from wsal.testing import make_votes
from wsal.types import ABSTAIN, LabelSpace
from wsal.votes import VoteMatrix

LABELS = LabelSpace(("no", "yes"))


def groups(codes, names=("a", "b", "c")) -> Groups:
    codes = np.asarray(codes)
    return Groups("town", names[: codes.max() + 1], codes)


def test_every_group_and_outcome_is_compared_once():
    values = np.array([0, 1, ABSTAIN, 1, 0, 1])
    found = rate_gaps([Subject.of_rule("r", values, LABELS)], groups([0, 0, 1, 1, 2, 2]))
    assert {(one.outcome, one.group) for one in found} == {
        (outcome, group) for outcome in ("abstains", "no", "yes") for group in "abc"
    }


def test_a_rule_for_one_class_and_two_groups_make_one_test():
    values = np.array([1, ABSTAIN, ABSTAIN, ABSTAIN, 1])
    (only,) = rate_gaps([Subject.of_rule("r", values, LABELS)], groups([0, 0, 0, 1, 1]))
    assert (only.outcome, only.group, only.n, only.hits, only.n_others, only.hits_others) == (
        "yes",
        "b",
        2,
        1,
        3,
        1,
    )
    assert only.gap.value == pytest.approx(1 / 2 - 1 / 3)
    assert only.is_small


def test_the_gap_of_rates_holds_the_truth_in_simulation():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(300):
        x, y = rng.binomial(40, 0.3), rng.binomial(160, 0.15)
        values = np.array([1] * x + [ABSTAIN] * (40 - x) + [1] * y + [ABSTAIN] * (160 - y))
        if not (values == 1).any():
            continue
        codes = [1] * 40 + [0] * 160
        (found,) = rate_gaps([Subject.of_rule("r", values, LABELS)], groups(codes))
        hits += found.gap.low <= 0.15 <= found.gap.high
    assert hits >= 280  # conservative: the limits of each rate are exact


@pytest.mark.parametrize(
    ("n_inside", "n_others", "inside", "others"), [(50, 150, 0.4, 0.1), (900, 100, 0.6, 0.95)]
)
def test_the_interval_of_npmi_holds_the_truth_in_simulation(n_inside, n_others, inside, others):
    rng = np.random.default_rng(1)
    n = n_inside + n_others
    share = n_inside / n
    truth = np.log(inside / (share * inside + (1 - share) * others)) / -np.log(share * inside)
    hits = 0
    for _ in range(300):
        found = normalised_pmi(
            n,
            clopper_pearson(int(rng.binomial(n_inside, inside)), n_inside),
            clopper_pearson(int(rng.binomial(n_others, others)), n_others),
            n_inside,
        )
        hits += found.low <= truth <= found.high
    assert hits >= 280


@given(st.integers(0, 30), st.integers(0, 60))
def test_npmi_stays_between_its_limits(x, y):
    found = normalised_pmi(90, clopper_pearson(x, 30), clopper_pearson(y, 60), 30)
    assert -1 <= found.low <= found.high <= 1
    if x or y:
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9


def test_subjects_and_groups_of_other_items_are_refused():
    with pytest.raises(DataError, match="speaks of 2 items, not 3"):
        rate_gaps([Subject.of_rule("r", np.array([0, 1]), LABELS)], groups([0, 1, 1]))
    votes = VoteMatrix.from_array([[0], [1]], LABELS)
    with pytest.raises(DataError, match="3 items are grouped, and 2 have votes"):
        carried_gaps(votes.patterns(), LabelModel().fit(votes), groups([0, 1, 1]))


def test_without_a_rule_the_model_labels_as_if_it_abstained():
    made = make_votes(500, rng=4)
    town = groups(np.random.default_rng(0).integers(0, 3, size=500))
    model = LabelModel().fit(made.votes)
    found = carried_gaps(made.votes.patterns(), model, town)
    assert len(found) == 6
    assert [abs(one.gap) for one in found] == sorted((abs(one.gap) for one in found), reverse=True)
    first = found[0]
    y, g = made.votes.labels.index(first.label), town.names.index(first.group)
    for carrier in first.carriers:
        L = made.votes.values.copy()
        L[:, made.votes.lf_names.index(carrier.rule)] = ABSTAIN
        without = VoteMatrix.from_array(L, made.votes.labels, lf_names=made.votes.lf_names)
        q = model.pattern_proba(without.patterns())[without.patterns().require_inverse()]
        q = np.where((L >= 0).any(axis=1)[:, None], q, 0.0)[:, y]
        gap = q[town.codes == g].mean() - q[town.codes != g].mean()
        assert carrier.without == pytest.approx(gap, abs=1e-12)
        assert carrier.carried == pytest.approx((first.gap - gap) * np.sign(first.gap), abs=1e-12)


def test_errors_are_graded_by_draws_in_the_group_alone():
    gold = np.array([0] * 50 + [1] * 50)
    given_ = np.array([0] * 50 + [1] * 25 + [0] * 25)
    codes = np.array([0] * 75 + [1] * 25)
    rows = np.arange(100)
    sample = AuditSample(rows, np.full(100, 0.01), ("",) * 100, np.eye(2)[gold], 100, LABELS)
    found = error_gap(sample, Labelling.fixed(given_), codes == 1)
    assert (found.error.value, found.error_others.value) == (1.0, 0.0)
    assert found.gap == Interval(1.0, 1.0, 1.0)  # every item was seen
    assert (found.n_answers, found.n_answers_others) == (25, 75)
    of_yes = error_gap(sample, Labelling.fixed(given_), codes == 0, label=1)
    assert (of_yes.n_answers, of_yes.n_answers_others) == (25, 0)
    with pytest.raises(DataError, match="a group over 3 items"):
        error_gap(sample, Labelling.fixed(given_), np.array([True, False, True]))


def test_few_answers_show_no_gap_and_many_gaps_are_wider_than_one():
    rng = np.random.default_rng(3)
    gold = rng.integers(0, 2, size=1000)
    given_ = np.where(rng.random(1000) < 0.8, gold, 1 - gold)
    codes = np.where(np.arange(1000) < 960, np.arange(1000) % 2, 2)
    rows = rng.integers(0, 1000, size=100)
    sample = AuditSample(rows, np.full(100, 1e-3), ("",) * 100, np.eye(2)[gold[rows]], 1000, LABELS)
    case = ErrorCase("labels", sample, Labelling.fixed(given_))
    found, too_few = error_gaps([case], codes, ("a", "b", "c"))
    assert {one.group for one in found} == {"a", "b"}
    assert [(subject, group) for subject, group, _ in too_few] == [("labels", "c")]
    alone = error_gap(sample, case.labelling, codes == 0)
    wide = next(one.errors for one in found if one.group == "a")
    assert wide.gap.low < alone.gap.low
    assert wide.gap.high > alone.gap.high
