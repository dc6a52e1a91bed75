"""deliver with duplicates: carried answers, and a group that counts once."""

from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError
from wsal.evidence import explain
from wsal.features.duplicates import DuplicateGroups
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.testing import make_votes
from wsal.training import deliver
from wsal.votes import VoteMatrix

N = 200
MADE = make_votes(N, coverage=0.25, class_balance=(0.6, 0.4), rng=1)
_rng = np.random.default_rng(2)
X = _rng.normal(size=(N, 3))
X[:, 0] += 2.0 * MADE.gold
ANSWERS = {i: int(MADE.gold[i]) for i in range(0, N, 5)}


def singles(n=N):
    rows = np.arange(n)
    return DuplicateGroups(rows, rows, rows, np.ones(n))


def doubled():
    """Return every item twice, with features, and the groups."""
    votes = VoteMatrix.from_array(np.repeat(MADE.votes.values, 2, axis=0), MADE.votes.labels)
    first = np.arange(2 * N) // 2 * 2
    return votes, X.repeat(2, axis=0), DuplicateGroups(votes.item_ids, first, first, np.ones(2 * N))


def fit(votes, features, groups, pairs):
    human = HumanLabels.from_pairs(pairs)
    counted = human if groups is None else groups.counted_once(human)
    return deliver(votes, LabelModel().fit(votes, counted), human=human, features=features, duplicates=groups)


def test_items_without_duplicates_are_labelled_bit_by_bit_as_if_nobody_had_looked():
    with_, without = (fit(MADE.votes, X, groups, ANSWERS) for groups in (singles(), None))
    assert with_.soft.probabilities.tobytes() == without.soft.probabilities.tobytes()
    assert with_.soft.sources.tolist() == without.soft.sources.tolist()


def test_items_that_stand_twice_train_the_classifiers_as_if_they_stood_once():
    votes, features, groups = doubled()
    once = fit(MADE.votes, X, None, ANSWERS)
    twice = fit(votes, features, groups, {2 * i: y for i, y in ANSWERS.items()})
    assert twice.human_classifier.n_answers == once.human_classifier.n_answers
    # The label model counts patterns over all items, so the soft labels differ a little; the weights do not.
    q = twice.rule_probabilities[::2]
    assert np.abs(q - once.rule_probabilities).max() < 0.02
    careful = np.abs(twice.end_probabilities[::2] - once.end_probabilities).max()
    assert careful < 0.01
    careless = fit(votes, features, None, {2 * i: y for i, y in ANSWERS.items()})
    assert np.abs(careless.end_probabilities[::2] - once.end_probabilities).max() > 1.5 * careful


def test_the_answers_to_a_group_count_once_in_every_place():
    votes, features, groups = doubled()
    one = fit(votes, features, groups, {2 * i: y for i, y in ANSWERS.items()})
    both = fit(votes, features, groups, {2 * i + j: y for i, y in ANSWERS.items() for j in (0, 1)})
    assert both.human_classifier.n_answers == one.human_classifier.n_answers
    assert both.pattern_probabilities.tobytes() == one.pattern_probabilities.tobytes()
    assert np.abs(both.unanswered - one.unanswered).max() < 1e-3  # π_h is a mean over unanswered items


def test_an_exact_duplicate_carries_the_answer_and_a_near_one_half_of_it():
    rows = np.arange(N)
    codes, exact = rows.copy(), rows.copy()
    codes[[1, 2]], exact[1] = 0, 0
    groups = DuplicateGroups(rows, codes, exact, np.ones(N))
    made = fit(MADE.votes, X, groups, ANSWERS)
    share = np.eye(2)[ANSWERS[0]]
    assert made.soft.probabilities[0].tolist() == made.soft.probabilities[1].tolist() == share.tolist()
    assert made.soft.probabilities[2] == pytest.approx(0.5 * share + 0.5 * made.unanswered[2], abs=1e-15)
    assert made.soft.sources[:3].tolist() == ["human", "duplicate", "duplicate"]
    assert made.copied_from(1) == made.copied_from(2) == (0,)
    assert made.copied_from(0) == made.copied_from(3) == ()


def test_an_answered_item_keeps_its_own_answer_where_a_duplicate_has_another():
    groups = DuplicateGroups(
        np.arange(N), np.r_[0, 0, np.arange(2, N)], np.r_[0, 0, np.arange(2, N)], np.ones(N)
    )
    made = fit(MADE.votes, X, groups, ANSWERS | {0: 0, 1: 1})
    assert made.soft.hard()[:2].tolist() == [0, 1]


def test_the_evidence_of_a_copy_names_the_duplicate_and_adds_up():
    votes, features, groups = doubled()
    made = fit(votes, features, groups, {2 * i: y for i, y in ANSWERS.items()})
    why = explain(votes, made.model, 1, delivered=made)
    assert not why.answered
    assert [(a.label, a.duplicate) for a in why.answers] == [(votes.labels.name(ANSWERS[0]), 0)]
    assert list(why.probabilities.values()) == made.soft.probabilities[1].tolist()
    p, (a, b) = why.evidence_probabilities, why.contrast
    assert why.log_odds == pytest.approx(np.log(p[a]) - np.log(p[b]), abs=1e-9)
    assert explain(votes, made.model, 0, delivered=made).answered


def test_duplicates_of_other_items_are_refused():
    with pytest.raises(DataError, match="the duplicates are of other items"):
        fit(MADE.votes, X, singles(N - 1), ANSWERS)
