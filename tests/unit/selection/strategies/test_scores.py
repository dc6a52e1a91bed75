"""Scores by hand, and what must hold of every score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import entropy
from sklearn.linear_model import LogisticRegression

from wsal.selection.margin import margins
from wsal.selection.strategies import (
    committee_kl,
    conflict_weight,
    entropies,
    expected_gradient_length,
    information_density,
    label_divergence,
    least_confidence,
    nearest_centre,
    neighbour_typicality,
    vote_entropy,
)


def test_a_coin_is_most_uncertain_and_a_certain_item_least():
    P = np.array([[0.5, 0.5], [0.7, 0.3], [1.0, 0.0]])
    assert least_confidence(P).round(12).tolist() == [0.5, 0.3, 0.0]
    assert entropies(P) == pytest.approx([np.log(2), 0.6108643020548935, 0.0])


def test_with_three_classes_the_three_measures_rank_differently():
    P = np.array([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3]])
    assert margins(P).argmin() == 0
    assert least_confidence(P).argmax() == entropies(P).argmax() == 1


def test_members_that_abstain_do_not_count():
    assert vote_entropy(np.array([[1, 1, 0], [5, 5, 0], [0, 0, 0], [0, 7, 0]])) == pytest.approx(
        [np.log(2), np.log(2), 0, 0]
    )


def test_members_that_are_all_unsure_alike_do_not_diverge():
    assert committee_kl(np.full((3, 1, 2), 0.5)) == pytest.approx([0.0])
    assert vote_entropy(np.array([[1.5, 1.5]])) == pytest.approx([np.log(2)])  # what divergence adds to votes


def test_the_expected_gradient_is_that_of_a_trained_regression_by_finite_differences():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.integers(3, size=40)
    model = LogisticRegression().fit(X, y)
    W = np.hstack([model.coef_, model.intercept_[:, None]])
    x = np.append(X[0], 1.0)

    def loss(weights, label):
        scores = weights @ x
        return np.log(np.exp(scores).sum()) - scores[label]

    p = model.predict_proba(X[:1])
    expected = 0.0
    for label in range(3):
        gradient = np.zeros_like(W)
        for place in np.ndindex(*W.shape):
            step = np.zeros_like(W)
            step[place] = 1e-6
            gradient[place] = (loss(W + step, label) - loss(W - step, label)) / 2e-6
        expected += p[0, label] * np.linalg.norm(gradient)
    assert expected_gradient_length(p, np.array([np.linalg.norm(x)])) == pytest.approx([expected], rel=1e-6)


def test_an_item_in_the_crowd_is_denser_than_one_apart_whether_sparse_or_not():
    X = np.array([[1.0, 0.1], [1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.0, 0.0]])
    density = information_density(X)
    assert density[0] > density[3] > density[4] == 0
    assert information_density(csr_array(X)) == pytest.approx(density)
    assert information_density(csr_array(X), metric="euclidean") == pytest.approx(
        information_density(X, metric="euclidean")
    )


def test_an_item_that_points_away_from_all_others_has_no_density():
    assert information_density(np.array([[1.0], [1.0], [-1.0]]))[2] == 0


def test_typical_is_who_has_neighbours_near():
    scores = neighbour_typicality(np.array([[0.0], [1.0], [2.0], [9.0]]), 2)
    assert scores == pytest.approx([1 / 1.5, 1.0, 1 / 1.5, 1 / 7.5])
    assert neighbour_typicality(np.array([[3.0]]), 5).tolist() == [1.0]


def test_duplicates_are_very_typical_but_finite():
    assert np.isfinite(neighbour_typicality(np.zeros((3, 2)), 2)).all()


def test_the_nearest_of_several_centres_counts():
    assert nearest_centre(np.array([[0.0], [4.0], [10.0]]), np.array([0, 2])).tolist() == [0.0, 4.0, 0.0]


Q = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [1.0, 0.0]])
TALLY = np.array([[2, 0], [1, 1], [0, 3], [4, 1]])


def _their_divergence(q, answers, votes):
    """Write Active WeaSuL's rule for two classes once more, item by item."""
    q = np.clip(q, 1e-5, 1 - 1e-5)
    labels = np.repeat([0, 1], answers)
    if len(labels) == 0:
        labels = np.array([np.argmax(votes)])
    eps = 1e-2 / len(labels)
    share = np.clip(labels.mean(), eps, 1 - eps)
    return entropy(q, [1 - share, share])


@pytest.mark.parametrize("answers", [[0, 0], [1, 0], [0, 1], [3, 1], [0, 25]])
def test_the_divergence_of_a_pattern_is_active_weasuls(answers):
    for row in (0, 2, 3):  # where no tie of the votes stands for an answer
        got = label_divergence(Q[[row]], np.array([answers], dtype=float), TALLY[[row]])
        assert got == pytest.approx([_their_divergence(Q[row], answers, TALLY[row])], abs=1e-12)


def test_a_tie_of_the_votes_is_shared_so_that_no_class_is_favoured():
    assert label_divergence(Q[[1]], np.zeros((1, 2)), TALLY[[1]]) == pytest.approx([0.0])


def test_answers_against_the_model_diverge_and_more_of_them_diverge_more():
    answers = np.array([[0.0, 1.0], [0.0, 5.0], [9.0, 1.0]])
    once, often, agreeing = label_divergence(
        np.repeat(Q[:1], 3, axis=0), answers, np.repeat(TALLY[:1], 3, axis=0)
    )
    assert often > once > agreeing
    assert agreeing == pytest.approx(0)


def test_conflict_counts_by_entropy_and_by_items():
    weight = conflict_weight(np.array([[1, 1], [3, 1], [9, 0], [0, 0]]), np.array([10, 100, 1000, 1000]))
    assert weight.argmax() == 1
    assert weight[2:].tolist() == [0, 0]


@st.composite
def _probabilities(draw):
    n, k = draw(st.integers(1, 6)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    P = rng.dirichlet(np.full(k, draw(st.floats(0.01, 5))), size=n)
    P[rng.random(n) < 0.2] = np.eye(k)[0]  # some are certain
    return P / P.sum(axis=1, keepdims=True), rng


def _every_score(P, rng):
    """Return each score of P as a function of row order and class order, with its upper bound."""
    n, k = P.shape
    members = np.stack([P, rng.dirichlet(np.ones(k), size=n), rng.dirichlet(np.ones(k), size=n)])
    counts, answers = rng.integers(4, size=(n, k)), rng.integers(3, size=(n, k)).astype(float)
    lengths, sizes = rng.exponential(size=n), rng.integers(1, 9, size=n)
    return {
        "least confidence": (lambda r, c: least_confidence(P[r][:, c]), 1 - 1 / k),
        "margin": (lambda r, c: margins(P[r][:, c]), 1.0),
        "entropy": (lambda r, c: entropies(P[r][:, c]), np.log(k)),
        "vote entropy": (lambda r, c: vote_entropy(counts[r][:, c]), np.log(k)),
        "committee": (lambda r, c: committee_kl(members[:, r][:, :, c]), np.log(min(k, 3))),
        "gradient": (
            lambda r, c: expected_gradient_length(P[r][:, c], lengths[r]),
            np.sqrt(2) * lengths.max(),
        ),
        "divergence": (
            lambda r, c: label_divergence(P[r][:, c], answers[r][:, c], counts[r][:, c]),
            np.log(1e5),
        ),
        "conflict": (lambda r, c: conflict_weight(counts[r][:, c], sizes[r]), np.log(k) * sizes.max()),
    }


@given(_probabilities())
def test_scores_keep_their_range_and_do_not_hang_on_the_order_of_classes_or_items(made):
    P, rng = made
    n, k = P.shape
    rows, classes = rng.permutation(n), rng.permutation(k)
    for name, (score, most) in _every_score(P, rng).items():
        plain = score(np.arange(n), np.arange(k))
        assert ((plain >= 0) & (plain <= most + 1e-9)).all(), name
        assert score(np.arange(n), classes) == pytest.approx(plain, abs=1e-9), name
        assert score(rows, np.arange(k)) == pytest.approx(plain[rows], abs=1e-9), name


@given(st.integers(0, 2**32 - 1), st.integers(3, 20), st.booleans())
def test_scores_of_place_do_not_hang_on_the_order_of_items_or_where_zero_is(seed, n, sparse):
    rng = np.random.default_rng(seed)
    X, rows = rng.normal(size=(n, 3)), rng.permutation(n)
    form = csr_array if sparse else np.asarray
    for score in (
        lambda A: information_density(A, metric="euclidean"),
        lambda A: neighbour_typicality(A, 2),
        information_density,
    ):
        assert score(form(X[rows])) == pytest.approx(score(form(X))[rows], rel=1e-6, abs=1e-9)
    for score in (
        lambda A: information_density(A, metric="euclidean"),
        lambda A: neighbour_typicality(A, 2),
    ):
        assert score(form(X + 1.0)) == pytest.approx(score(form(X)), rel=1e-6)
    centres = np.array([0, 1])
    moved = np.array([np.flatnonzero(rows == c)[0] for c in centres])
    assert nearest_centre(form(X[rows]), moved) == pytest.approx(
        nearest_centre(form(X), centres)[rows], abs=1e-6
    )
    density = information_density(form(X))
    assert ((density >= 0) & (density <= 1 + 1e-12)).all()
