from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from wsal.errors import DataError
from wsal.features import FeatureMatrix, text_features
from wsal.label_models import AnsweredRows
from wsal.training import EndModel, HumanClassifier, class_weights, expand_soft_labels, held_back


def data(n=200, d=4, k=3, seed=0):
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, k, n)
    X = rng.normal(size=(n, d))
    X[np.arange(n), gold] += 2.5
    return FeatureMatrix(X, tuple(f"x{j}" for j in range(d))), gold


def answered(rows, values, k=3):
    return AnsweredRows(np.asarray(rows, dtype=np.int64), np.eye(k)[values], np.full(len(rows), 0.5))


def nobody(k):
    return AnsweredRows(np.zeros(0, dtype=np.int64), np.zeros((0, k)), np.zeros(0))


NOBODY = nobody(3)


@given(
    arrays(np.float64, (7, 3), elements=st.floats(0, 1)), arrays(np.float64, 7, elements=st.floats(0.5, 2))
)
@settings(max_examples=40, deadline=None)
def test_expansion_keeps_all_mass_and_drops_only_exact_zeros(soft, weights):
    expanded = expand_soft_labels(soft, weights)
    back = np.zeros((7, 3))
    back[expanded.rows, expanded.classes] = expanded.weights
    assert (back == soft * weights[:, None]).all()
    assert (expanded.weights > 0).all()


def test_the_human_classifier_needs_twenty_answers_of_two_classes():
    X, gold = data()
    assert HumanClassifier().fit(X, answered(range(19), gold[:19])) is None
    assert HumanClassifier().fit(X, answered(range(20), gold[:20])) is not None
    assert HumanClassifier().fit(X, answered(range(30), np.zeros(30, dtype=int))) is None
    assert (
        HumanClassifier().fit(FeatureMatrix(np.zeros((200, 0)), ()), answered(range(30), gold[:30])) is None
    )


def test_the_human_classifier_learns_from_answers():
    X, gold = data()
    fitted = HumanClassifier().fit(X, answered(range(60), gold[:60]))
    assert (fitted.predict_log_proba(X)[60:].argmax(axis=1) == gold[60:]).mean() > 0.8
    assert fitted.n_answers == 60
    assert np.exp(fitted.predict_log_proba(X)).sum(axis=1) == pytest.approx(1)


def test_the_order_of_answers_does_not_change_a_bit():
    X, gold = data()
    order = np.random.default_rng(3).permutation(60)
    one = HumanClassifier().fit(X, answered(range(60), gold[:60])).predict_proba(X)
    other = HumanClassifier().fit(X, answered(order, gold[order])).predict_proba(X)
    assert one.tobytes() == other.tobytes()


def test_the_scale_of_features_does_not_change_the_human_classifier():
    X, gold = data()
    scaled = FeatureMatrix(X.matrix * 50, X.names)
    one = HumanClassifier().fit(X, answered(range(60), gold[:60])).predict_proba(X)
    other = HumanClassifier().fit(scaled, answered(range(60), gold[:60])).predict_proba(scaled)
    assert other == pytest.approx(one, abs=0.01)


def noisy(n, d, share_wrong, seed=0):
    """Return features and two classes that the first one tells apart, but for a share of wrong answers."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    true = (X[:, 0] > 0).astype(np.int64)
    said = np.where(rng.random(n) < share_wrong, 1 - true, true)
    return FeatureMatrix(X, tuple(f"x{j}" for j in range(d))), true, said


@pytest.mark.parametrize(("share_wrong", "C"), [(0.0, 100.0), (0.25, 0.1)])
def test_the_penalty_is_the_one_under_which_answers_are_predicted_best(share_wrong, C):
    X, _, said = noisy(300, 5, share_wrong)
    answers = answered(range(60), said[:60], 2)
    chosen = HumanClassifier(Cs=(0.1, 100.0)).fit(X, answers).predict_proba(X)
    own, other = (
        HumanClassifier(Cs=(c,)).fit(X, answers).predict_proba(X) for c in (C, 100.0 if C < 1 else 0.1)
    )
    assert (chosen == own).all()
    log_loss = [-np.log(p[np.arange(60, 300), said[60:]]).mean() for p in (own, other)]
    assert log_loss[0] < log_loss[1]  # the choice was right on answers that nobody had seen


def test_folds_of_fewer_than_ten_answers_choose_nothing():
    X, _, said = noisy(300, 5, 0.0)
    few, enough = (answered(range(n), said[:n], 2) for n in (49, 50))
    several, strongest = HumanClassifier(Cs=(100.0, 0.1)), HumanClassifier(Cs=(0.1,))
    assert (several.fit(X, few).predict_proba(X) == strongest.fit(X, few).predict_proba(X)).all()
    assert (several.fit(X, enough).predict_proba(X) != strongest.fit(X, enough).predict_proba(X)).any()


def test_equally_good_penalties_leave_the_strongest():
    X = FeatureMatrix(np.zeros((60, 1)), ("nothing",))
    answers = answered(range(60), np.arange(60) % 2, 2)
    weights = [HumanClassifier(Cs=Cs).fit(X, answers).predict_proba(X) for Cs in ((100.0, 1.0), (1.0,))]
    assert (weights[0] == weights[1]).all()


def test_the_one_answer_of_a_class_may_be_held_out():
    X, _, _ = noisy(40, 2, 0.0)
    values = np.zeros(20, dtype=np.int64)
    values[7] = 1
    found = HumanClassifier().fit(X, answered(range(20), values, 2))
    assert found.answered_classes.all()
    two = HumanClassifier(min_answers=2).fit(X, answered([0, 1], [0, 1], 2))
    assert two.n_answers == 2


def test_people_say_nothing_about_a_class_that_nobody_answered():
    X, gold = data()
    rows = np.flatnonzero(gold < 2)[:60]
    F = HumanClassifier().fit(X, answered(rows, gold[rows])).predict_proba(X)
    assert F[:, 2] == pytest.approx(0.01 / 3)
    assert F.sum(axis=1) == pytest.approx(1)


def test_a_shared_answer_trains_by_its_shares():
    X = FeatureMatrix(np.ones((40, 1)), ("constant",))
    shares = np.tile([0.7, 0.3], (40, 1))
    fitted = HumanClassifier(smoothing=0.0).fit(X, AnsweredRows(np.arange(40), shares, np.ones(40)))
    assert fitted.predict_proba(X)[0] == pytest.approx([0.7, 0.3], abs=0.02)


def test_the_end_model_learns_from_soft_labels():
    X, gold = data()
    soft = np.full((200, 3), 0.2)
    soft[np.arange(200), gold] = 0.6
    covered = np.arange(200) < 100
    fitted = EndModel().fit(X, soft, covered=covered, answers=NOBODY)
    assert (fitted.predict_proba(X)[100:].argmax(axis=1) == gold[100:]).mean() > 0.85
    assert fitted.n_items == 100
    assert fitted.classifier.stop_reason == "converged"


def test_soft_labels_of_uncovered_items_are_not_looked_at():
    X, gold = data()
    covered = np.arange(200) < 100
    soft = np.eye(3)[gold]
    spoiled = soft.copy()
    spoiled[100:] = np.nan
    one = EndModel().fit(X, soft, covered=covered, answers=NOBODY)
    other = EndModel().fit(X, spoiled, covered=covered, answers=NOBODY)
    assert one.predict_proba(X).tobytes() == other.predict_proba(X).tobytes()


def test_an_answer_replaces_the_soft_label_and_an_answered_uncovered_item_enters():
    X = FeatureMatrix(np.array([[1.0, 0.0]] * 20 + [[0.0, 1.0]] * 20), ("a", "b"))
    covered = np.arange(40) < 20
    soft = np.tile([0.9, 0.1], (40, 1))
    answers = AnsweredRows(np.arange(10, 40), np.tile([0.0, 1.0], (30, 1)), np.ones(30))
    fitted = EndModel(C=30.0).fit(X, soft, covered=covered, answers=answers)
    P, weights = fitted.predict_proba(X), fitted.class_weights
    # Ten soft labels at .9, ten answers of weight 2; and class weights, since the answers are of one class.
    assert P[0, 0] / P[0, 1] == pytest.approx(9 / 21 * weights[0] / weights[1], rel=0.05)
    assert P[39, 1] > 0.95
    assert fitted.n_items == 40


def test_an_answer_of_weight_two_counts_as_two_items_of_the_same_answer():
    X, gold = data(60)
    soft, rows = np.full((60, 3), 1 / 3), np.arange(20)
    twice = np.concatenate([np.arange(60), rows])
    once = EndModel(answer_weight=2.0).fit(
        X, soft, covered=np.ones(60, dtype=bool), answers=answered(rows, gold[rows])
    )
    doubled = np.concatenate([rows, np.arange(60, 80)])
    again = EndModel(answer_weight=1.0).fit(
        X.rows(twice),
        soft[twice],
        covered=np.ones(80, dtype=bool),
        answers=answered(doubled, gold[twice[doubled]]),
    )
    assert once.predict_proba(X) == pytest.approx(again.predict_proba(X), abs=1e-4)
    assert once.class_weights == pytest.approx(again.class_weights)


def test_the_end_model_needs_two_classes_with_mass():
    X, _ = data()
    one_class = np.tile([1.0, 0.0, 0.0], (200, 1))
    everywhere = np.ones(200, dtype=bool)
    assert EndModel().fit(X, one_class, covered=everywhere, answers=NOBODY) is None
    assert EndModel().fit(X, one_class, covered=~everywhere, answers=NOBODY) is None
    assert EndModel().fit(X, one_class, covered=everywhere, answers=answered([0], [1])) is not None


def test_a_class_without_mass_keeps_a_small_probability():
    X, gold = data()
    rows = np.flatnonzero(gold < 2)[:40]
    fitted = EndModel().fit(
        X,
        np.full((200, 3), np.nan),
        covered=np.zeros(200, dtype=bool),
        answers=answered(rows, gold[rows]),
    )
    F = fitted.predict_proba(X)
    assert F[:, 2].min() > 0
    assert F[rows, 2].max() < 0.1


def test_shapes_that_do_not_fit_are_refused():
    X, _ = data()
    with pytest.raises(DataError, match="do not fit"):
        EndModel().fit(X, np.ones((3, 3)) / 3, covered=np.ones(3, dtype=bool), answers=NOBODY)


def test_rare_classes_weigh_more_down_to_a_floor():
    shares = np.array([0.7, 0.25, 0.05])
    assert class_weights(shares, power=0.0).tolist() == [1.0, 1.0, 1.0]
    assert class_weights(shares) == pytest.approx((1 / (3 * np.array([0.7, 0.25, 0.2 / 3]))) ** 0.65)


def test_a_refit_is_held_back_while_answers_are_few():
    X, gold = data()
    soft = np.full((200, 3), 0.3)
    soft[np.arange(200), gold] = 0.4
    covered = np.ones(200, dtype=bool)
    start = EndModel().fit(X, soft, covered=covered, answers=NOBODY)
    late = EndModel().fit(X, np.eye(3)[gold], covered=covered, answers=NOBODY)
    logits = [m.classifier.log_scores(X) for m in (start, late)]
    for n_answers, share in ((0, 0.0), (40, 0.5), (400, 100 / 101)):
        mixed = held_back(late, start, n_answers)
        expected = (1 - share) * logits[0] + share * logits[1]
        assert mixed.classifier.log_scores(X) == pytest.approx(expected, abs=1e-5)
    assert held_back(None, start, 10) is start
    assert held_back(late, None, 10) is late


@pytest.mark.parametrize("k", [2, 3])
def test_words_add_up_to_the_log_odds(k):
    texts = ["free prize now", "see you soon", "meeting at noon", "prize soon"] * 10
    X = text_features(texts)
    gold = np.tile([0, 1, 2, 0], 10) % k
    fitted = HumanClassifier().fit(X, answered(range(40), gold, k))
    soft = 0.9 * np.eye(k)[gold] + 0.1 / k
    end = EndModel().fit(X, soft, covered=np.ones(40, dtype=bool), answers=nobody(k))
    for model in (fitted, end):
        for row in range(4):
            x = X.rows(np.array([row]))
            terms = model.word_terms(x)
            total = np.sum([term.log_scores for term in terms], axis=0)
            off = total - model.predict_log_proba(x)[0]
            assert off == pytest.approx(np.full(k, off[0]), abs=1e-12)
            assert terms[0].source.endswith("intercept")
            assert len(terms) == 1 + x.matrix.nnz + (model is fitted)


def test_terms_are_those_of_one_item_with_the_features_of_training():
    X, gold = data()
    fitted = HumanClassifier().fit(X, answered(range(60), gold[:60]))
    with pytest.raises(DataError, match="one item"):
        fitted.word_terms(X)
    with pytest.raises(DataError, match="trained on 4"):
        fitted.predict_log_proba(np.zeros((1, 5)))
    names = [term.source for term in fitted.word_terms(csr_array(np.array([[0.0, 1.0, 0.0, 0.0]])))]
    assert names == ["human classifier: intercept", "human classifier: x1", "human classifier: smoothing"]


def test_a_separable_problem_converges_without_a_warning():
    X = FeatureMatrix(np.repeat([[-1000.0], [1000.0]], 50, axis=0), ("x",))
    soft = np.repeat([[1.0, 0.0], [0.0, 1.0]], 50, axis=0)
    fitted = EndModel(C=1e6).fit(X, soft, covered=np.ones(100, dtype=bool), answers=nobody(2))
    assert (fitted.predict_proba(X).argmax(axis=1) == np.repeat([0, 1], 50)).all()
