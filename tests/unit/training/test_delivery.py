from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from wsal.errors import DataError
from wsal.label_models import LabelModel, MajorityVote, geometric_pool, with_human_classifier
from wsal.labels import HumanLabels
from wsal.testing import make_votes
from wsal.training import deliver

MADE = make_votes(400, coverage=0.25, class_balance=(0.6, 0.4), rng=1)
VOTES = MADE.votes
COVERED = (VOTES.values >= 0).any(axis=1)
_rng = np.random.default_rng(2)
X = _rng.normal(size=(400, 3))
X[:, 0] += 2.0 * MADE.gold
HUMAN = HumanLabels.from_pairs({i: int(MADE.gold[i]) for i in range(0, 400, 10)})
ANSWERED = np.isin(np.arange(400), np.arange(0, 400, 10))


def test_without_features_the_label_model_speaks_and_answers_are_carried():
    model = LabelModel().fit(VOTES, HUMAN)
    delivered = deliver(VOTES, model, human=HUMAN)
    assert delivered.soft.probabilities.tobytes() == model.predict_proba(VOTES).tobytes()
    assert (delivered.soft.sources[ANSWERED] == "human").all()
    assert (delivered.soft.sources[~ANSWERED & COVERED] == "rules").all()
    assert (delivered.soft.sources[~ANSWERED & ~COVERED] == "none").all()
    assert (delivered.end_model, delivered.human_classifier, delivered.end_probabilities) == (
        None,
        None,
        None,
    )


def test_with_features_uncovered_items_are_the_end_models():
    model = LabelModel().fit(VOTES, HUMAN)
    delivered = deliver(VOTES, model, human=HUMAN, features=X)
    open_ground = ~ANSWERED & ~COVERED
    assert open_ground.any()
    assert (delivered.soft.sources[open_ground] == "model").all()
    assert (delivered.soft.probabilities[open_ground] == delivered.end_probabilities[open_ground]).all()
    right = delivered.soft.probabilities[open_ground].argmax(axis=1) == MADE.gold[open_ground]
    assert right.mean() > 0.7


def test_covered_items_are_the_geometric_pool_of_rules_people_and_end_model():
    model = LabelModel().fit(VOTES, HUMAN)
    delivered = deliver(VOTES, model, human=HUMAN, features=X)
    q = VOTES.patterns().expand(delivered.pattern_probabilities)
    unanswered = COVERED & ~ANSWERED
    pi = delivered.human_probabilities[unanswered].mean(axis=0)
    assert delivered.human_prior == pytest.approx(pi)
    q_i = with_human_classifier(q, delivered.human_probabilities, pi)
    assert delivered.rule_probabilities == pytest.approx(q_i)
    pooled = geometric_pool(q_i, delivered.end_probabilities)
    assert delivered.unanswered[COVERED] == pytest.approx(pooled[COVERED])


@pytest.mark.parametrize("features", [None, X, csr_array(X)])
def test_an_answer_is_never_overridden(features):
    wrong = HumanLabels.from_pairs({i: 1 - int(MADE.gold[i]) for i in range(40)})
    delivered = deliver(VOTES, LabelModel().fit(VOTES, wrong), human=wrong, features=features)
    assert (delivered.soft.probabilities[np.arange(40), 1 - MADE.gold[:40]] == 1.0).all()
    assert delivered.soft.probabilities.sum(axis=1) == pytest.approx(1)


def test_the_answers_of_the_fit_are_taken_where_none_are_given():
    model = LabelModel().fit(VOTES, HUMAN)
    one, other = deliver(VOTES, model, features=X), deliver(VOTES, model, human=HUMAN, features=X)
    assert one.soft.probabilities.tobytes() == other.soft.probabilities.tobytes()
    assert one.human_classifier is not None


def test_before_twenty_answers_there_is_no_human_classifier():
    few = HumanLabels.from_pairs({i: int(MADE.gold[i]) for i in range(19)})
    delivered = deliver(VOTES, LabelModel().fit(VOTES, few), human=few, features=X)
    assert delivered.human_classifier is None
    assert delivered.human_probabilities is None
    assert delivered.end_model is not None
    q = VOTES.patterns().expand(delivered.pattern_probabilities)
    assert delivered.rule_probabilities.tobytes() == np.asarray(q).tobytes()


def test_sparse_and_dense_features_give_the_same_labels():
    model = LabelModel().fit(VOTES, HUMAN)
    dense, sparse = (deliver(VOTES, model, features=form).soft.probabilities for form in (X, csr_array(X)))
    assert sparse == pytest.approx(dense, abs=1e-5)


def test_two_deliveries_give_the_same_bits():
    model = LabelModel().fit(VOTES, HUMAN)
    one, other = (deliver(VOTES, model, features=X).soft.probabilities for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_a_majority_vote_can_be_delivered_too():
    delivered = deliver(VOTES, MajorityVote().fit(VOTES), human=HUMAN, features=X)
    assert np.isfinite(delivered.soft.probabilities).all()
    assert delivered.soft.probabilities.sum(axis=1) == pytest.approx(1)


def test_votes_without_any_coverage_live_on_answers_alone():
    votes = VOTES.select_items(np.flatnonzero(~COVERED))
    human = HumanLabels.from_pairs({item: int(MADE.gold[item]) for item in votes.item_ids[:30].tolist()})
    delivered = deliver(votes, LabelModel().fit(votes, human), human=human, features=X[~COVERED])
    assert set(delivered.soft.sources) == {"human", "model"}


def test_answers_and_features_that_do_not_fit_are_refused():
    model = LabelModel().fit(VOTES)
    with pytest.raises(DataError, match="not among the votes"):
        deliver(VOTES, model, human=HumanLabels.from_pairs({"stranger": 1}))
    with pytest.raises(DataError, match="rows of features"):
        deliver(VOTES, model, features=X[:10])


def test_features_that_say_nothing_leave_the_rules_alone():
    delivered = deliver(VOTES, LabelModel().fit(VOTES), features=np.zeros((400, 0)))
    assert delivered.end_model is None
    assert set(delivered.soft.sources) == {"rules", "none"}
