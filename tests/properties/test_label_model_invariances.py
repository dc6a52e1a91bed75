"""What a fit of the label model does not depend on."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.votes import VoteMatrix

K = 3
NAMES = ("a", "b", "c")


@st.composite
def vote_arrays(draw, min_rows=1):
    n = draw(st.integers(min_rows, 40))
    m = draw(st.integers(1, 6))
    return draw(arrays(np.int8, (n, m), elements=st.integers(-1, K - 1)))


@st.composite
def answered_votes(draw):
    L = draw(vote_arrays())
    answers = draw(st.dictionaries(st.integers(0, len(L) - 1), st.integers(0, K - 1), max_size=12))
    return L, answers


def matrix(L, ids=None, names=None):
    return VoteMatrix.from_array(L, NAMES, item_ids=ids, lf_names=names)


balances = st.one_of(st.none(), st.sampled_from([(0.6, 0.3, 0.1), (0.2, 0.2, 0.6)]))


@given(answered_votes(), st.randoms(use_true_random=False), balances)
@settings(max_examples=60, deadline=None)
def test_the_order_of_items_is_irrelevant_bit_for_bit(case, random, balance):
    L, answers = case
    order = list(range(len(L)))
    random.shuffle(order)
    pairs = list(answers.items())
    random.shuffle(pairs)
    whole = LabelModel().fit(matrix(L), HumanLabels.from_pairs(answers), class_balance=balance)
    mixed = LabelModel().fit(
        matrix(L[order], ids=order), HumanLabels.from_pairs(dict(pairs)), class_balance=balance
    )
    expected = whole.predict_proba(matrix(L))[order]
    assert expected.tobytes() == mixed.predict_proba(matrix(L[order], ids=order)).tobytes()
    assert whole.history == mixed.history


@given(vote_arrays(min_rows=2), st.data())
@settings(max_examples=60, deadline=None)
def test_a_fit_on_two_halves_merged_is_bit_identical(L, data):
    cut = data.draw(st.integers(1, len(L) - 1))
    whole = matrix(L).patterns()
    merged = VotePatterns.merge(matrix(L[:cut]).patterns(), matrix(L[cut:]).patterns())
    counts = np.zeros((whole.n_patterns, K))
    counts[:: max(1, data.draw(st.integers(1, 4))), data.draw(st.integers(0, K - 1))] = 0.5
    first, second = LabelModel().fit(whole, counts), LabelModel().fit(merged, counts)
    assert first.to_json() == second.to_json()
    assert first.pattern_proba(whole).tobytes() == second.pattern_proba(merged).tobytes()


@given(answered_votes(), st.permutations(range(K)), balances)
@settings(max_examples=60, deadline=None)
def test_relabelling_the_classes_permutes_the_output(case, new, balance):
    L, answers = case
    renamed = np.where(L >= 0, np.array(new, dtype=np.int8)[L], -1)
    b = None
    if balance is not None:
        b = np.zeros(K)
        b[list(new)] = balance
    P = LabelModel().fit(matrix(L), HumanLabels.from_pairs(answers), balance).predict_proba(matrix(L))
    other = HumanLabels.from_pairs({item: new[y] for item, y in answers.items()})
    Q = LabelModel().fit(matrix(renamed), other, b).predict_proba(matrix(renamed))
    np.testing.assert_allclose(Q[:, list(new)], P, rtol=0, atol=1e-9)


@given(vote_arrays(), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_repeating_all_items_changes_nothing_but_how_sure_near_copies_are(L, times):
    # With no near-copies to be found (they need equal votes in numbers), a repeat is no news without answers.
    # Agreement with peers is drawn towards that of a class by a number of items, so repeats do tell it more.
    model = LabelModel(copy_similarity=1.0, copy_min_equal=1, agreement_weight=0.0)
    once, often = matrix(L), matrix(np.tile(L, (times, 1)))
    P = model.fit(once).pattern_proba(once.patterns())
    np.testing.assert_allclose(model.fit(often).pattern_proba(often.patterns()), P, rtol=0, atol=1e-12)


@given(answered_votes(), st.data())
@settings(max_examples=60, deadline=None)
def test_an_exact_copy_of_a_function_changes_nothing(case, data):
    L, answers = case
    j, place = data.draw(st.integers(0, L.shape[1] - 1)), data.draw(st.integers(0, L.shape[1]))
    times = data.draw(st.integers(1, 6))
    copied = np.insert(L, [place] * times, L[:, [j]], axis=1)
    human = HumanLabels.from_pairs(answers)
    P = LabelModel().fit(matrix(L), human).predict_proba(matrix(L))
    Q = LabelModel().fit(matrix(copied), human).predict_proba(matrix(copied))
    np.testing.assert_allclose(Q, P, rtol=0, atol=1e-12)


@given(answered_votes(), balances)
@settings(max_examples=60, deadline=None)
def test_an_answer_is_never_overridden(case, balance):
    L, answers = case
    P = LabelModel().fit(matrix(L), HumanLabels.from_pairs(answers), balance).predict_proba(matrix(L))
    for item, y in answers.items():
        assert P[item].tolist() == np.eye(K)[y].tolist()


@given(answered_votes(), balances)
@settings(max_examples=60, deadline=None)
def test_the_terms_of_a_row_sum_to_its_log_probability(case, balance):
    L, answers = case
    model = LabelModel().fit(matrix(L), HumanLabels.from_pairs(answers), balance)
    patterns = matrix(L).patterns()
    q = model.pattern_proba(patterns)
    for row, probabilities in zip(patterns.votes, q, strict=True):
        total = np.sum([term.log_scores for term in model.terms(row)], axis=0)
        off = total - np.log(probabilities)
        np.testing.assert_allclose(off, off[0], rtol=0, atol=1e-12)


@given(answered_votes(), balances, st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_probabilities_of_unseen_votes_are_probabilities(case, balance, seed):
    L, answers = case
    model = LabelModel().fit(matrix(L), HumanLabels.from_pairs(answers), balance)
    unseen = np.random.default_rng(seed).integers(-1, K, size=(20, L.shape[1])).astype(np.int8)
    P = model.predict_proba(matrix(unseen, ids=[f"new {i}" for i in range(20)]))
    assert np.isfinite(P).all()
    assert (P > 0).all()
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-12)


@given(answered_votes(), balances)
@settings(max_examples=40, deadline=None)
def test_a_model_read_from_json_predicts_the_same_bits(case, balance):
    L, answers = case
    votes = matrix(L)
    model = LabelModel().fit(votes, HumanLabels.from_pairs(answers), balance)
    again = type(model).from_json(model.to_json())
    assert again.predict_proba(votes).tobytes() == model.predict_proba(votes).tobytes()
    assert again.to_json() == model.to_json()


@given(vote_arrays(), st.sampled_from([(0.6, 0.3, 0.1), (0.2, 0.2, 0.6)]))
@settings(max_examples=60, deadline=None)
def test_the_raking_weights_bring_covered_items_to_the_balance(L, balance):
    patterns = matrix(L).patterns()
    plain = LabelModel().fit(patterns)
    weights = LabelModel().fit(patterns, class_balance=balance).balance_weights
    covered = patterns.covered
    if not covered.any():
        assert weights.tolist() == [1.0] * K
        return
    q = plain.pattern_proba(patterns)[covered] * weights
    q /= q.sum(axis=1, keepdims=True)
    counts = patterns.counts[covered]
    np.testing.assert_allclose(counts @ q / counts.sum(), balance, atol=1e-8)
