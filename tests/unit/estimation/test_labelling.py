from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError, InputError
from wsal.estimation import AuditSample, Labelling, assign_folds
from wsal.types import LabelSpace

SPACE = LabelSpace(("ham", "spam"))


def sample_of(rows, n=6, *, answered=True):
    rows = np.array(rows)
    observed = np.tile([0.0, 1.0] if answered else [np.nan, np.nan], (len(rows), 1))
    return AuditSample(rows, np.full(len(rows), 1 / n), ("",) * len(rows), observed, n, SPACE)


def test_folds_are_even_complete_and_the_same_for_the_same_seed():
    rows = np.array([9, 3, 3, 5, 1, 0, 7, 8])
    folds = assign_folds(rows, 12, n_folds=3, rng=4)
    assert (folds >= 0).sum() == 7
    assert sorted(np.bincount(folds[folds >= 0]).tolist()) == [2, 2, 3]
    assert (folds == assign_folds(rows[::-1], 12, n_folds=3, rng=4)).all()
    assert (folds != assign_folds(rows, 12, n_folds=3, rng=5)).any()


@pytest.mark.parametrize("n_folds", [0, 1, 4])
def test_folds_that_cannot_be_dealt_are_refused(n_folds):
    with pytest.raises(InputError, match="3 answered items"):
        assign_folds(np.arange(3), 12, n_folds=n_folds)


def test_a_draw_is_graded_by_the_model_that_has_not_seen_it():
    folds = np.array([0, 1, -1, 0, 1, -1])
    labelling = Labelling.cross_fitted(np.array([[0] * 6, [1] * 6]), folds)
    assert labelling.at_draws(sample_of([0, 1, 4, 3])).tolist() == [0, 1, 1, 0]
    assert labelling.is_cross_fitted


def test_sizes_are_means_over_the_folds():
    labelling = Labelling.cross_fitted(
        np.array([[1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, -1]]), np.array([0, 1, -1, -1, -1, -1])
    )
    sample = sample_of([0, 1])
    assert labelling.region(sample, 1).n_items == 2
    assert labelling.region(sample, 1, outside=True).n_items == 4
    assert labelling.region(sample, None).n_items == 5.5


def test_an_answer_outside_all_folds_is_refused_and_a_skipped_one_is_not():
    labelling = Labelling.cross_fitted(np.zeros((2, 6), dtype=int), np.array([0, 1, -1, -1, -1, -1]))
    with pytest.raises(DataError, match="row 2 was drawn and answered but is in no fold"):
        labelling.at_draws(sample_of([0, 2]))
    assert labelling.at_draws(sample_of([0, 2], answered=False)).tolist() == [0, 0]


def test_self_grading_is_seen_only_where_an_answered_draw_has_trained():
    trained = np.array([True, False, False, False, False, False])
    labelling = Labelling.trained(np.ones(6, dtype=int), trained)
    assert labelling.is_graded_by_its_own_answers(sample_of([0, 1]))
    assert not labelling.is_graded_by_its_own_answers(sample_of([1, 2]))
    assert not labelling.is_graded_by_its_own_answers(sample_of([0], answered=False))
    assert not Labelling.fixed(np.ones(6, dtype=int)).is_graded_by_its_own_answers(sample_of([0]))


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="5 items cannot be graded by draws from 6"):
        Labelling.fixed(np.zeros(5, dtype=int)).at_draws(sample_of([0]))
    with pytest.raises(DataError, match="no class indices"):
        Labelling.fixed(np.array([-2, 0]))
    with pytest.raises(DataError, match="trained_on has shape"):
        Labelling.trained(np.zeros(3, dtype=int), np.zeros(2, dtype=bool))
    with pytest.raises(DataError, match="fold 2 has no labels"):
        Labelling.cross_fitted(np.zeros((2, 3), dtype=int), np.array([0, 1, 2]))
