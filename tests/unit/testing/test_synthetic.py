"""make_votes: what was put in can be found again."""

import numpy as np
import pytest

from wsal.errors import InputError
from wsal.testing import Copies, log_loss, make_features, make_votes


def test_many_class_functions_have_the_accuracy_and_coverage_asked_for():
    made = make_votes(
        40_000, accuracies=(0.9, 0.6), coverage=(0.5, 0.2), class_balance=(0.5, 0.3, 0.2), rng=1
    )
    for j in range(2):
        voted = made.votes.values[:, j] >= 0
        assert voted.mean() == pytest.approx(made.coverage[j], abs=0.01)
        assert (made.votes.values[voted, j] == made.gold[voted]).mean() == pytest.approx(
            made.accuracies[j], abs=0.02
        )
    assert np.bincount(made.gold) / 40_000 == pytest.approx(made.class_balance, abs=0.01)


def test_one_class_functions_have_the_precision_and_coverage_asked_for():
    made = make_votes(
        40_000, accuracies=(0.9, 0.7), coverage=0.1, polarities=(0, 1), class_balance=(0.8, 0.2), rng=2
    )
    for j in range(2):
        column = made.votes.values[:, j]
        assert set(column.tolist()) == {-1, j}
        assert (column == j).mean() == pytest.approx(0.1, abs=0.01)
        assert (made.gold[column == j] == j).mean() == pytest.approx(made.accuracies[j], abs=0.02)


def test_copies_repeat_their_original_but_for_the_votes_they_drop():
    made = make_votes(
        5000, accuracies=(0.8, 0.7), copies=[Copies(of=1, n=2), Copies(of=0, dropout=0.5)], rng=3
    )
    L = made.votes.values
    assert made.copy_of == (None, None, 1, 1, 0)
    assert np.array_equal(L[:, 2], L[:, 1])
    assert np.array_equal(L[:, 3], L[:, 1])
    kept = L[:, 4] >= 0
    assert np.array_equal(L[kept, 4], L[kept, 0])
    assert kept.sum() / (L[:, 0] >= 0).sum() == pytest.approx(0.5, abs=0.05)


def test_the_posterior_is_calibrated_and_ignores_copies():
    made = make_votes(20_000, polarities=(0, 1, 0, 1, 0, 1), coverage=0.2, copies=[Copies(of=5, n=3)], rng=4)
    P = made.posterior()
    assert P.sum(axis=1) == pytest.approx(np.ones(20_000))
    sure = (P[:, 1] > 0.6) & (P[:, 1] < 0.8)
    assert made.gold[sure].mean() == pytest.approx(P[sure, 1].mean(), abs=0.03)
    assert log_loss(P, made.gold) < log_loss(np.tile(made.class_balance, (20_000, 1)), made.gold)


def test_the_same_seed_makes_the_same_votes_and_another_seed_others():
    first, again, other = (make_votes(200, rng=seed).votes.values for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_features_separate_the_classes_more_the_larger_the_separation():
    gold = make_votes(2000, rng=1).gold
    distances = []
    for separation in (0.0, 8.0):
        X = make_features(gold, separation=separation, rng=2)
        distances.append(np.linalg.norm(X[gold == 0].mean(axis=0) - X[gold == 1].mean(axis=0)))
    assert distances[0] < 0.3
    assert distances[1] > 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"accuracies": (1.2,)}, "accuracy 1.2"),
        ({"class_balance": (0.5, 0.6)}, "no balance"),
        ({"class_balance": (1.0,)}, "no balance"),
        ({"accuracies": (0.8,), "coverage": (0.1, 0.2)}, "coverage has 2 entries"),
        ({"accuracies": (0.8,), "polarities": (2,)}, "polarity 2"),
        ({"accuracies": (0.9,), "coverage": 0.9, "polarities": (0,)}, "cannot cover 0.9"),
        ({"copies": [Copies(of=9)]}, "copies of function 9"),
        ({"copies": [Copies(of=0, dropout=1.5)]}, "dropout"),
    ],
)
def test_an_impossible_truth_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        make_votes(10, **wrong)
