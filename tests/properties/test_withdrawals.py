"""Counterfactuals and reverse lineage equal a plain evaluation, item by item, of the run without the rule."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.evidence import Withdrawals, explain
from wsal.features import DuplicateGroups
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.training import deliver
from wsal.votes import VoteMatrix


@dataclass(frozen=True, eq=False)
class Case:
    """What labels are delivered from. Nothing is fitted while Hypothesis draws."""

    votes: VoteMatrix
    human: HumanLabels
    balance: object
    features: np.ndarray | None
    groups: DuplicateGroups | None

    def deliver(self):
        counted = self.human if self.groups is None else self.groups.counted_once(self.human)
        model = LabelModel(copy_min_equal=3).fit(self.votes, counted, class_balance=self.balance)
        return deliver(self.votes, model, human=self.human, features=self.features, duplicates=self.groups)


@st.composite
def cases(draw):
    """Rules with copies and near-copies, answers (some drawn at random), duplicates, features, a class balance."""
    k, n = draw(st.integers(2, 4)), draw(st.integers(6, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    silence = draw(st.floats(0.1, 0.9))
    columns = []
    for _ in range(draw(st.integers(1, 4))):
        one_class = np.full(n, rng.integers(k)) if rng.random() < 0.6 else rng.integers(k, size=n)
        column = np.where(rng.random(n) < silence, -1, one_class)
        columns.append(column)
        if rng.random() < 0.4:  # a copy, or a near-copy
            columns.append(np.where(rng.random(n) < draw(st.sampled_from([0.0, 0.2])), -1, column))
    L = np.stack(columns, axis=1).astype(np.int8)
    votes = VoteMatrix.from_array(L, [f"class-{y}" for y in range(k)])
    n_answers = draw(st.integers(0, n))
    answered = rng.choice(n, size=n_answers, replace=False)
    human = HumanLabels.from_frame(
        pd.DataFrame(
            {
                "item": answered,
                "label": rng.integers(k, size=n_answers),
                "annotator": rng.choice(["ana", "ben"], size=n_answers),
                "propensity": np.where(rng.random(n_answers) < 0.5, 1 / n, np.nan),
            }
        )
    )
    balance = draw(st.sampled_from([None, "audit", "given"]))
    if balance == "given":
        balance = rng.dirichlet(np.full(k, 5.0)) if (L >= 0).any() else None
    features = rng.integers(-1, 3, size=(n, 5)).astype(float) if draw(st.booleans()) else None
    return Case(votes, human, balance, features, _groups(rng, n) if draw(st.booleans()) else None)


def _class(p, spoken):
    """Return the best class; -1 in a tie within 1e-9, or where nothing speaks."""
    best = [y for y, x in enumerate(p) if x >= max(p) - 1e-9]
    return best[0] if spoken and len(best) == 1 else -1


def _near_a_tie(p):
    """Whether rounding could decide between a tie and a label."""
    first, second = sorted(p, reverse=True)[:2]
    return abs(first - second - 1e-9) < 1e-11


def _groups(rng, n):
    def smallest(numbers):
        first = {}
        return np.array([first.setdefault(number, row) for row, number in enumerate(numbers.tolist())])

    near = smallest(rng.integers(max(n // 2, 1), size=n))
    exact = smallest(near * 2 + rng.integers(2, size=n))
    return DuplicateGroups(np.arange(n), near, exact, np.ones(n))


def _without(votes, lfs):
    values = votes.values.copy()
    values[:, lfs] = -1
    return values


@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_the_delivered_label_is_what_a_plain_evaluation_gives(naive_label, case):
    run = case.deliver()
    for row, votes in enumerate(run.votes.values.tolist()):
        p, spoken = naive_label(run, row, votes)
        assert run.soft.probabilities[row] == pytest.approx(p, abs=1e-9)
        assert (run.soft.sources[row] != "none") == spoken


@settings(max_examples=40, deadline=None)
@given(case=cases(), data=st.data())
def test_reverse_lineage_equals_brute_force(naive_label, case, data):
    run = case.deliver()
    m, n, k = run.votes.n_lfs, run.votes.n_items, run.votes.n_classes
    lfs = data.draw(st.lists(st.integers(0, m - 1), min_size=1, max_size=2, unique=True))
    blast = Withdrawals(run).of(*(run.votes.lf_names[j] for j in lfs))

    changed, flows, sums, shift = {}, {}, np.zeros((2, k)), []
    uncovered = unlabelled = voted = both = 0
    for row, (had, has) in enumerate(
        zip(run.votes.values.tolist(), _without(run.votes, lfs).tolist(), strict=True)
    ):
        (p, spoke), (r, speaks) = naive_label(run, row, had), naive_label(run, row, has)
        if _near_a_tie(p) or _near_a_tie(r):
            return
        before, after = _class(p, spoke), _class(r, speaks)
        if before != after:
            changed[row] = (before, after)
            flows[before, after] = flows.get((before, after), 0) + 1
        if spoke and speaks:
            both += 1
            sums += [p, r]
        if had != has:
            voted += 1
            uncovered += max(has) < 0
            unlabelled += before >= 0 > after
            if speaks:
                shift.append(0.5 * np.abs(np.array(r) - p).sum())
    names = (*run.votes.labels.names, None)
    assert dict(zip(blast.rows.tolist(), zip(blast.before, blast.after, strict=True), strict=True)) == changed
    assert {(f.before, f.after): f.n_items for f in blast.flows} == {
        (names[a], names[b]): count for (a, b), count in flows.items()
    }
    assert (blast.n_items, blast.n_voted, blast.n_uncovered) == (n, voted, uncovered)
    assert (blast.n_decisive, blast.n_unlabelled) == (len(changed), unlabelled)
    assert blast.mean_before == pytest.approx(sums[0] / max(both, 1), abs=1e-9)
    assert blast.mean_after == pytest.approx(sums[1] / max(both, 1), abs=1e-9)
    assert blast.mean_shift == pytest.approx(np.mean(shift or [0.0]), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(case=cases(), data=st.data())
def test_a_counterfactual_equals_a_plain_evaluation_and_its_terms_add_up(naive_label, case, data):
    run = case.deliver()
    row = data.draw(st.integers(0, run.votes.n_items - 1))
    lfs = data.draw(st.lists(st.integers(0, run.votes.n_lfs - 1), max_size=3, unique=True))
    less = explain(run.votes, run.model, row, delivered=run).without(*(run.votes.lf_names[j] for j in lfs))
    p, spoken = naive_label(run, row, _without(run.votes, lfs)[row].tolist())
    assert list(less.probabilities.values()) == pytest.approx(p, abs=1e-9)
    if not _near_a_tie(p):
        label = _class(p, spoken)
        assert less.label == (None if label < 0 else run.votes.labels.name(label))
    if less.terms:
        q = less.evidence_probabilities
        a, b = less.contrast
        assert sum(t.log_odds for t in less.terms) == pytest.approx(np.log(q[a]) - np.log(q[b]), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(case=cases(), data=st.data())
def test_decisive_rules_are_found_by_trying_every_set(naive_label, case, data):
    run = case.deliver()
    row = data.draw(st.integers(0, run.votes.n_items - 1))
    found = explain(run.votes, run.model, row, delivered=run).decisive
    had = run.votes.values[row].tolist()
    voters = [j for j, vote in enumerate(had) if vote >= 0]
    p, spoken = naive_label(run, row, had)
    label = _class(p, spoken)
    flips = []
    for bits in range(1, 2 ** len(voters)):
        members = [j for i, j in enumerate(voters) if bits >> i & 1]
        r, speaks = naive_label(run, row, [-1 if j in members else vote for j, vote in enumerate(had)])
        if _near_a_tie(p) or _near_a_tie(r):
            return
        if _class(r, speaks) != label:
            flips.append(tuple(run.votes.lf_names[j] for j in members))
    least = min(map(len, flips), default=0)
    assert set(found.rules) == {names[0] for names in flips if len(names) == 1}
    assert {removal.rules for removal in found.smallest} == {f for f in flips if len(f) == least}
    assert found.complete
    assert found.n_smallest == len(found.smallest)


@settings(max_examples=30, deadline=None)
@given(cases())
def test_an_item_stands_in_the_lineage_of_the_rules_that_are_decisive_for_it(case):
    run = case.deliver()
    withdrawals = Withdrawals(run)
    lineage = {name: set(withdrawals.of(name).rows.tolist()) for name in run.votes.lf_names}
    for row in range(0, run.votes.n_items, 5):
        rules = explain(run.votes, run.model, row, delivered=run).decisive.rules
        assert {name for name, rows in lineage.items() if row in rows} == set(rules)
