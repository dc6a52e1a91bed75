"""Classifiers as strategies use them."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from wsal.errors import DataError
from wsal.features import as_feature_matrix
from wsal.label_models import AnsweredRows
from wsal.selection.strategies.learner import Examples, Learner, examples_of

X = np.arange(8.0)[:, None]
TWO_OF_THREE = Examples(np.array([0, 1, 6, 7]), np.array([0, 0, 2, 2]))


def test_a_class_that_nobody_answered_has_probability_zero():
    P = Learner(LogisticRegression(), X, 3).fit(TWO_OF_THREE).predict_proba()
    assert P.shape == (8, 3)
    assert (P[:, 1] == 0).all()
    assert P[0].argmax() == 0
    assert P[7].argmax() == 2


def test_only_the_items_asked_for_are_looked_at():
    fitted = Learner(LogisticRegression(), X, 3).fit(TWO_OF_THREE)
    assert fitted.predict_proba(np.array([7, 0])).tolist() == fitted.predict_proba()[[7, 0]].tolist()


def test_without_a_classifier_it_is_the_human_classifier():
    fitted = Learner(None, as_feature_matrix(X, 8), 3).fit(TWO_OF_THREE)
    assert fitted.trained.n_answers == 4
    assert fitted.predict_proba(np.array([0, 7])).argmax(axis=1).tolist() == [0, 2]


def test_features_without_a_column_teach_nothing():
    with pytest.raises(DataError, match="at least one feature"):
        Learner(None, as_feature_matrix(np.zeros((8, 0)), 8), 3).fit(TWO_OF_THREE)


def test_an_item_has_the_label_of_most_answers_and_none_where_they_tie():
    answers = AnsweredRows(np.array([5, 2, 3]), np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]]), np.ones(3))
    examples = examples_of(answers)
    assert (examples.rows.tolist(), examples.labels.tolist()) == ([2, 5], [0, 1])
    assert examples.teach
    assert not examples_of(AnsweredRows(np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros(0))).teach


def test_drawing_again_loses_no_class_and_changes_no_count():
    for seed in range(20):
        drawn = TWO_OF_THREE.resampled(np.random.default_rng(seed))
        assert drawn.labels.tolist() == [0, 0, 2, 2]
        assert set(drawn.rows) <= {0, 1, 6, 7}
