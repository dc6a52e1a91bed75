"""Evidence adds up to the delivered label, whatever the votes, the answers and the features."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.evidence import explain
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.training import deliver
from wsal.votes import VoteMatrix


@dataclass(frozen=True, eq=False)
class Case:
    """What labels are delivered from. Nothing is fitted while Hypothesis draws."""

    votes: VoteMatrix
    human: HumanLabels
    balance: np.ndarray | None
    features: np.ndarray | None

    def deliver(self):
        model = LabelModel().fit(self.votes, self.human, class_balance=self.balance)
        return deliver(self.votes, model, human=self.human, features=self.features)


@st.composite
def cases(draw):
    """Votes, answers, features and a class balance of any kind; few values, so that ties happen."""
    k, m = draw(st.integers(2, 4)), draw(st.integers(1, 6))
    n = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    silence = draw(st.floats(0, 0.9))
    L = np.where(rng.random((n, m)) < silence, -1, rng.integers(k, size=(n, m))).astype(np.int8)
    votes = VoteMatrix.from_array(L, [f"class-{y}" for y in range(k)])
    answered = rng.choice(n, size=draw(st.integers(0, n)), replace=False).tolist()
    human = HumanLabels.from_pairs({int(i): int(rng.integers(k)) for i in answered})
    features = rng.integers(-1, 3, size=(n, draw(st.integers(1, 14)))).astype(float)
    balance = rng.dirichlet(np.full(k, 5.0)) if draw(st.booleans()) and (L >= 0).any() else None
    return Case(votes, human, balance, features if draw(st.booleans()) else None)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_terms_sum_to_the_log_odds_of_the_delivered_label(case):
    run = case.deliver()
    for row in range(run.votes.n_items):
        why = explain(run.votes, run.model, row, delivered=run)
        assert list(why.probabilities.values()) == pytest.approx(run.soft.probabilities[row], abs=1e-9)
        assert list(why.evidence_probabilities.values()) == pytest.approx(run.unanswered[row], abs=1e-9)
        label = run.soft.hard()[row]
        assert why.label == run.votes.labels.name(int(label))
        if why.contrast is None:
            assert why.terms == ()
            continue
        a, b = (run.votes.labels.index(name) for name in why.contrast)
        log_odds = np.log(run.unanswered[row, a]) - np.log(run.unanswered[row, b])
        assert sum(t.log_odds for t in why.terms) == pytest.approx(log_odds, abs=1e-9)
        if label >= 0:
            others = [y for y in range(run.votes.n_classes) if y != a]
            assert a == label
            assert run.unanswered[row, b] >= run.unanswered[row, others].max() - 1e-9


@settings(max_examples=40, deadline=None)
@given(cases(), st.data())
def test_without_a_rule_equals_the_same_model_on_votes_without_it(case, data):
    run = case.deliver()
    row = data.draw(st.integers(0, run.votes.n_items - 1))
    lf = data.draw(st.integers(0, run.votes.n_lfs - 1))
    less = explain(run.votes, run.model, row, delivered=run).without(run.votes.lf_names[lf])
    votes = run.votes.values[row : row + 1].copy()
    votes[0, lf] = -1
    q = run.model.pattern_proba(VoteMatrix.from_array(votes, run.votes.labels).patterns())[0]
    log_p = np.log(q)
    if run.human_probabilities is not None:
        log_p = log_p + np.log(run.human_probabilities[row]) - np.log(run.human_prior)
    if run.end_probabilities is not None:
        end = np.log(run.end_probabilities[row])
        log_p = 0.5 * (log_p + end) if (votes >= 0).any() else end
    p = np.exp(log_p - log_p.max())
    assert list(less.evidence_probabilities.values()) == pytest.approx(p / p.sum(), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(cases(), st.data())
def test_renaming_the_classes_renames_the_evidence(case, data):
    k = case.votes.n_classes
    new = np.array(data.draw(st.permutations(range(k))))
    L = np.where(case.votes.values < 0, -1, new[case.votes.values]).astype(np.int8)
    names = np.empty(k, dtype=object)
    names[new] = case.votes.labels.names
    votes = VoteMatrix.from_array(L, names.tolist())
    told = zip(case.human.item_ids, case.human.values.tolist(), strict=True)
    human = HumanLabels.from_pairs({item: int(new[y]) for item, y in told})
    model = LabelModel().fit(votes, human)
    plain = LabelModel().fit(case.votes, case.human)
    for row in range(0, votes.n_items, 7):
        first, second = explain(case.votes, plain, row), explain(votes, model, row)
        if first.contrast is None or abs(first.log_odds) < 1e-6:
            continue  # which of two equal classes is named first is a matter of order
        assert first.label == second.label
        for name in case.votes.labels:
            assert first.probabilities[name] == pytest.approx(second.probabilities[name], abs=1e-9)
        renamed = explain(votes, model, row, contrast=first.contrast)
        assert renamed.log_odds == pytest.approx(first.log_odds, abs=1e-8)
