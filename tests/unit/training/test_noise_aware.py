from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from wsal.errors import DataError, InputError
from wsal.training import NoiseAware, ScikitLearn, SoftLogistic

X = np.arange(10.0)[:, None]
SOFT = np.array([[0.9, 0.1]] * 8 + [[0.2, 0.8]] * 2)


class Seen:
    """A soft classifier that keeps what it was given."""

    def learn(self, inputs, mass, /, *, rng=0):  # noqa: ARG002  # as the protocol says
        self.inputs, self.mass = inputs, mass
        return self

    def predict_proba(self, inputs, /):
        return np.full((len(inputs), self.mass.shape[1]), 1 / self.mass.shape[1])


def seen(**settings):
    weights = settings.pop("weights", None)
    learner = Seen()
    fitted = NoiseAware(learner, **settings).fit(X, SOFT, weights=weights, rng=0)
    return learner, fitted


def test_by_default_every_item_counts_with_its_soft_label():
    learner, fitted = seen()
    assert learner.mass.tolist() == SOFT.tolist()
    assert (fitted.n_items, fitted.n_left_out) == (10, 0)


def test_an_item_of_weight_zero_takes_no_part_and_may_lack_a_label():
    soft = SOFT.copy()
    soft[0] = np.nan
    learner = Seen()
    fitted = NoiseAware(learner).fit(X, soft, weights=np.array([0.0] + [2.0] * 9))
    assert learner.inputs.ravel().tolist() == list(range(1, 10))
    assert learner.mass.tolist() == (2 * SOFT[1:]).tolist()
    assert fitted.n_items == 9


def test_items_that_nobody_is_sure_of_can_be_left_out():
    learner, fitted = seen(minimum_confidence=0.85)
    assert len(learner.mass) == 8
    assert (fitted.n_items, fitted.n_left_out) == (8, 2)


def test_improbable_classes_can_count_as_impossible():
    learner, _ = seen(minimum_probability=0.15)
    assert learner.mass[0].tolist() == [1.0, 0.0]
    assert learner.mass[9] == pytest.approx([0.2, 0.8])


def test_an_item_keeps_its_best_class_whatever_the_cut():
    learner = Seen()
    NoiseAware(learner, minimum_probability=0.9).fit(X, SOFT)
    assert learner.mass.tolist() == [[1.0, 0.0]] * 8 + [[0.0, 1.0]] * 2


def test_balanced_classes_have_the_same_mass_and_the_root_lies_between():
    balanced, _ = seen(class_weight="balanced")
    rooted, fitted = seen(class_weight="root")
    plain, _ = seen()
    assert balanced.mass.sum(axis=0) == pytest.approx([5, 5])
    ratio = plain.mass.sum(axis=0)[0] / plain.mass.sum(axis=0)[1]
    assert rooted.mass.sum(axis=0)[0] / rooted.mass.sum(axis=0)[1] == pytest.approx(ratio**0.5)
    assert fitted.class_weights[1] > 1 > fitted.class_weights[0]


def test_over_sampling_repeats_items_of_the_small_class_alone():
    learner, fitted = seen(sampling="over")
    drawn = learner.inputs.ravel().astype(int)
    assert np.bincount((drawn >= 8).astype(int)).tolist() == [8, 8]
    assert sorted(drawn[drawn < 8].tolist()) == list(range(8))
    assert (fitted.n_items, fitted.n_left_out) == (10, 0)  # repeats are no items


def test_under_sampling_leaves_out_items_of_the_large_class():
    learner, fitted = seen(sampling="under")
    drawn = learner.inputs.ravel().astype(int)
    assert len(set(drawn.tolist())) == len(drawn) == 4
    assert {8, 9} <= set(drawn.tolist())
    assert (fitted.n_items, fitted.n_left_out) == (4, 6)


def test_a_class_without_mass_keeps_a_small_probability():
    soft = np.column_stack([SOFT, np.zeros(10)])
    p = NoiseAware(LogisticRegression()).fit(X, soft).predict_proba(X)
    assert p[:, 2] == pytest.approx(np.full(10, 0.01 / 3))
    assert p.sum(axis=1) == pytest.approx(np.ones(10))
    own = NoiseAware().fit(X, soft).predict_proba(X)
    assert own[:, 2] == pytest.approx(np.full(10, 0.01 / 3))


def test_soft_labels_are_learned_as_probabilities_not_as_labels():
    p = NoiseAware(DecisionTreeClassifier(max_depth=1)).fit(X, SOFT).predict_proba(X)
    assert p == pytest.approx(SOFT)


def test_a_noise_aware_model_can_be_cloned():
    model = NoiseAware(LogisticRegression(C=3), class_weight="root")
    copy = clone(model)
    assert copy.model is not model.model
    assert copy.model.C == 3
    assert copy.class_weight == "root"
    assert clone(NoiseAware(SoftLogistic(C=2))).model == SoftLogistic(C=2)
    wrapped = ScikitLearn(LogisticRegression())
    assert clone(NoiseAware(wrapped)).model is wrapped  # it never changes, so it may be shared


def test_the_answer_of_a_classifier_without_weights_is_chosen_here_too():
    class NoWeights(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):  # noqa: ARG002  # scikit-learn's signature
            self.classes_ = np.unique(y)
            return self

        def predict_proba(self, X):
            return np.full((len(X), 2), 0.5)

    with pytest.raises(InputError, match="takes no sample_weight"):
        NoiseAware(NoWeights()).fit(X, SOFT)
    assert NoiseAware(NoWeights(), without_weights="resample").fit(X, SOFT).n_items == 10


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"class_weight": "balance"}, "class_weight='balance' is no choice.*balanced"),
        ({"sampling": "both"}, "sampling='both' is no choice"),
        ({"minimum_confidence": 1.0}, "minimum_confidence=1.0 is no probability below 1"),
        ({"minimum_probability": -0.1}, "minimum_probability=-0.1"),
        ({"class_weight": "root", "sampling": "over"}, "both make up for rare classes"),
        ({"model": 3}, "int is no classifier"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        NoiseAware(**settings)


@pytest.mark.parametrize(
    ("soft", "weights", "message"),
    [
        (SOFT[:9], None, "10 rows of inputs, soft labels of 9 items"),
        (SOFT, np.ones(3), r"weights of shape \(3,\)"),
        (SOFT, -np.ones(10), "negative or not finite"),
        (SOFT[:, :1], None, "two classes at least"),
        (SOFT * 2, None, "row 0 of the soft labels.*no distribution"),
        (np.where(SOFT > 0.5, np.nan, SOFT), None, "no distribution"),
        (SOFT, np.zeros(10), "nothing to learn: 0 items"),
        (np.tile([1.0, 0.0], (10, 1)), None, "fewer than two classes"),
    ],
)
def test_labels_that_nothing_can_be_learned_from_are_refused(soft, weights, message):
    with pytest.raises(DataError, match=message):
        NoiseAware(LogisticRegression()).fit(X, soft, weights=weights)
