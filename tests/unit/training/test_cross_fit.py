from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.errors import DataError, InputError
from wsal.training import NoiseAware, TrainingSet, cross_fit, grouped_folds, grouped_holdout


class Memory:
    """A soft classifier that knows by heart what it has seen: probability 1 for it, one half for all else."""

    def learn(self, inputs, mass, /, *, rng=0):  # noqa: ARG002  # as the protocol says
        fitted = Memory()
        fitted.seen = dict(zip(inputs, mass.tolist(), strict=True))
        return fitted

    def predict_proba(self, inputs, /):
        return np.array([self.seen.get(row, [0.5, 0.5]) for row in inputs])


TEXTS = [f"text {i}" for i in range(40)]
HARD = np.repeat([[1.0, 0.0], [0.0, 1.0]], 20, axis=0)


def test_no_item_is_scored_by_a_model_that_saw_its_label():
    assert (cross_fit(NoiseAware(Memory()), TrainingSet(TEXTS, HARD)).probabilities == 0.5).all()
    assert (NoiseAware(Memory()).fit(TEXTS, HARD).predict_proba(TEXTS) == HARD).all()  # it could have cheated


def test_nor_by_one_that_saw_the_label_of_a_copy():
    texts = [f"text {i // 2}" for i in range(40)]
    groups = np.arange(40) // 2
    grouped = cross_fit(NoiseAware(Memory()), TrainingSet(texts, HARD, groups=groups))
    assert (grouped.probabilities == 0.5).all()
    alone = cross_fit(NoiseAware(Memory()), TrainingSet(texts, HARD))
    assert (alone.probabilities != 0.5).any()  # which is why groups are needed


def test_nor_by_one_that_saw_an_item_made_from_it():
    training = TrainingSet(TEXTS, HARD).with_synthetic(
        TEXTS, np.arange(40)
    )  # children that look like parents
    found = cross_fit(NoiseAware(Memory()), training)
    assert (found.probabilities[:40] == 0.5).all()
    assert np.isnan(found.probabilities[40:]).all()  # and children are never scored
    assert (found.folds[40:] == found.folds[:40]).all()


def test_the_labels_of_neighbours_can_be_made_without_the_answers_of_the_fold():
    asked = []

    def soft_without(held):
        asked.append(held)
        return np.where(held[:, None], np.nan, HARD)  # the held-out rows are never looked at

    found = cross_fit(NoiseAware(Memory()), TrainingSet(TEXTS, HARD), soft_without=soft_without, n_folds=4)
    assert (found.probabilities == 0.5).all()
    assert (np.sum(asked, axis=0) == 1).all()
    for fold, held in enumerate(asked):
        assert (held == (found.folds == fold)).all()


def test_items_without_a_label_are_scored_and_do_not_train():
    weights = np.array([1.0] * 30 + [0.0] * 10)
    soft = HARD.copy()
    soft[30:] = np.nan
    found = cross_fit(NoiseAware(Memory()), TrainingSet(TEXTS, soft, weights))
    assert np.isfinite(found.probabilities).all()
    assert sum(model.n_items for model in found.models) == 4 * 30


def test_one_seed_gives_one_result_and_progress_is_told():
    told = []

    def track(folds):
        for fold in folds:
            told.append(fold)
            yield fold

    X = np.random.default_rng(0).normal(size=(40, 2))
    one, again, other = (
        cross_fit(NoiseAware(), TrainingSet(X, HARD), rng=seed, track=track).probabilities
        for seed in (1, 1, 2)
    )
    assert (one == again).all()
    assert (one != other).any()
    assert told == [0, 1, 2, 3, 4] * 3


@settings(max_examples=40)
@given(data=st.data())
def test_folds_keep_groups_whole_and_spread_strata_evenly(data):
    n = data.draw(st.integers(4, 60))
    groups = np.array(data.draw(st.lists(st.integers(0, n), min_size=n, max_size=n)))
    strata_of = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=n + 1, max_size=n + 1)))
    strata = strata_of[groups]
    n_groups = len(np.unique(groups))
    if n_groups < 3:
        return
    folds = grouped_folds(strata, groups=groups, n_folds=3, rng=data.draw(st.integers(0, 5)))
    for group in np.unique(groups):
        assert len(np.unique(folds[groups == group])) == 1
    for stratum in np.unique(strata):
        sizes = [len(np.unique(groups[(folds == f) & (strata == stratum)])) for f in range(3)]
        assert max(sizes) - min(sizes) <= 1
    held = grouped_holdout(strata, share=0.5, groups=groups, rng=0)
    for group in np.unique(groups):
        assert len(np.unique(held[groups == group])) == 1
    for stratum in np.unique(strata):
        inside = strata == stratum
        total, taken = len(np.unique(groups[inside])), len(np.unique(groups[inside & held]))
        assert abs(taken - total / 2) < 1


def test_every_candidate_has_the_same_chance_to_be_held_out():
    strata = np.array([0] * 7 + [1] * 3)
    among = np.array([True] * 9 + [False])
    counts = sum(
        grouped_holdout(strata, share=0.3, among=among, rng=seed).astype(int) for seed in range(3000)
    )
    assert counts[9] == 0
    assert counts[:9] / 3000 == pytest.approx(np.full(9, 0.3), abs=0.035)  # four standard errors


def test_copies_of_a_held_out_item_are_held_out_though_they_are_no_candidates():
    groups = np.array([0, 1, 2, 0])
    held = grouped_holdout(
        np.zeros(4, dtype=int), share=0.9, groups=groups, among=np.array([True, False, False, False]), rng=1
    )
    assert held.tolist() == [True, False, False, True]


def test_impossible_folds_and_hold_outs_are_refused():
    with pytest.raises(InputError, match="2 groups of items cannot be dealt into 5 folds"):
        grouped_folds(np.zeros(4, dtype=int), groups=np.array([0, 0, 1, 1]))
    with pytest.raises(InputError, match="no share between 0 and 1"):
        grouped_holdout(np.zeros(4, dtype=int), share=20)
    with pytest.raises(InputError, match="holds none"):
        grouped_holdout(np.zeros(4, dtype=int), share=0.001)
    with pytest.raises(DataError, match="do not fit 4 items"):
        grouped_folds(np.zeros(4, dtype=int), groups=np.arange(3))


def test_synthetic_items_share_the_label_group_and_weight_of_their_parent():
    base = TrainingSet(["a", "b"], np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([2.0, 1.0]), np.array([5, 6]))
    more = base.with_synthetic(["a1", "a2", "b1"], np.array([0, 0, 1]), weight=0.5)
    assert more.inputs == ["a", "b", "a1", "a2", "b1"]
    assert more.soft[2:].tolist() == [[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]]
    assert more.group_numbers.tolist() == [5, 6, 5, 5, 6]
    assert more.item_weights.tolist() == [2.0, 1.0, 0.5, 0.5, 0.5]
    assert more.is_real.tolist() == [True, True, False, False, False]
    assert more.rows(np.array([False, False, True, True, True])).is_real.tolist() == [False] * 3


@pytest.mark.parametrize(
    ("parents", "weight", "message"),
    [
        ([0, 1], 1.0, "1 synthetic items have 2 parents"),
        ([7], 1.0, "the parent 7 of 3 items"),
        ([2], 1.0, "cannot be a parent"),
        ([0], 0.0, "weight 0.0 cannot train"),
    ],
)
def test_parents_and_weights_that_make_no_sense_are_refused(parents, weight, message):
    base = TrainingSet(["a", "b"], np.eye(2)).with_synthetic(["a1"], np.array([0]))
    with pytest.raises(DataError, match=message):
        base.with_synthetic(["x"], np.array(parents), weight=weight)


def test_parts_of_a_training_set_have_one_length():
    with pytest.raises(DataError, match="soft of 2 items do not fit 3 rows"):
        TrainingSet(["a", "b", "c"], np.eye(2))
