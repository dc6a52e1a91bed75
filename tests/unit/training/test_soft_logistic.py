"""The own logistic regression: scikit-learn's results on the expansion, and the conditions of a minimum."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from wsal.features import FeatureMatrix, text_features
from wsal.label_models import LabelModel
from wsal.label_models.log_space import softmax
from wsal.training import expand_soft_labels, soft_logistic
from wsal.training.linear import fit_linear
from wsal.training.soft_logistic import minimise
from wsal.votes import VoteMatrix


def problem(n=120, d=8, k=3, *, seed=0, sparse=False):
    """Soft targets with weights by item and by class, rare classes among them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * 10.0 ** rng.integers(-1, 2, d)
    if sparse:
        X[rng.random((n, d)) < 0.7] = 0.0
    mass = rng.dirichlet(np.linspace(0.2, 1.0, k), n)
    return X, mass * rng.choice([1.0, 2.0], (n, 1)) * rng.uniform(0.5, 2.0, k)


def by_scikit_learn(X, mass, C):
    expanded = expand_soft_labels(mass, np.ones(len(mass)))
    model = LogisticRegression(C=C, tol=1e-9, max_iter=100_000)
    model.fit(X[expanded.rows], expanded.classes, sample_weight=expanded.weights)
    return model.predict_proba(X)


def probabilities(found, X):
    return softmax(X @ found.coefficients.T + found.intercepts)


@pytest.mark.parametrize("k", [2, 3, 6])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("C", [0.01, 10.0])
def test_probabilities_are_those_of_scikit_learn_on_the_expansion(k, sparse, C):
    for seed in range(3):
        X, mass = problem(k=k, seed=seed, sparse=sparse)
        found = minimise(csr_array(X) if sparse else X, mass, C=C)
        assert found.stop_reason == "converged"
        assert probabilities(found, X) == pytest.approx(by_scikit_learn(X, mass, C), abs=1e-4)


def test_with_two_classes_one_vector_of_weights_is_penalised_not_a_pair():
    X, mass = problem(k=2)
    ours = probabilities(minimise(X, mass, C=0.01), X)
    assert ours == pytest.approx(by_scikit_learn(X, mass, 0.01), abs=1e-4)
    # A symmetric pair ±w/2 under the same C would be a single vector under twice the C, and is far off.
    assert np.abs(ours - by_scikit_learn(X, mass, 0.02)).max() > 0.005
    w = minimise(X, mass, C=0.01).coefficients
    assert w[0].tolist() == (-w[1]).tolist()


@given(k=st.integers(2, 5), seed=st.integers(0, 10**6), scale=st.sampled_from([1e-4, 1.0, 1e4]))
@settings(max_examples=40, deadline=None)
def test_the_gradient_vanishes_at_the_minimum(k, seed, scale):
    X, mass = problem(60, 5, k, seed=seed)
    found = minimise(X * scale, mass, C=1.0)
    P = softmax(X * scale @ found.coefficients.T + found.intercepts)
    rest = mass.sum(axis=1, keepdims=True) * P - mass
    penalised = found.coefficients if k > 2 else 2 * found.coefficients
    gradient = rest.T @ (X * scale) + penalised
    if k == 2:
        gradient = gradient[1:]
    size = np.abs(X * scale).sum(axis=0).max()
    # The penalty alone has curvature 1, so a rest of 1e-4 is at most an error of 1e-4 in a weight.
    assert np.abs(gradient).max() < 1e-4 * max(size, 1.0)
    assert np.abs(rest.sum(axis=0)).max() < 1e-4 * mass.sum()
    assert found.intercepts.sum() == pytest.approx(0, abs=1e-9)


def test_an_item_that_stands_twice_is_an_item_of_twice_the_weight():
    X, mass = problem()
    twice = minimise(np.vstack([X, X]), np.vstack([mass, mass]), C=1.0)
    assert probabilities(twice, X) == pytest.approx(probabilities(minimise(X, 2 * mass, C=1.0), X), abs=1e-4)


def test_sparse_and_dense_features_give_the_same_minimum_and_two_fits_the_same_bits():
    X, mass = problem(sparse=True)
    dense, sparse = minimise(X, mass, C=10.0), minimise(csr_array(X), mass, C=10.0)
    assert sparse.coefficients == pytest.approx(dense.coefficients, abs=1e-4)
    assert minimise(X, mass, C=10.0).coefficients.tobytes() == dense.coefficients.tobytes()


@pytest.mark.parametrize("k", [2, 4])
def test_a_class_with_next_to_no_mass_has_next_to_no_probability(k):
    X, mass = problem(k=k)
    mass[:, -1] *= 1e-12
    found = minimise(X, mass, C=10.0)
    assert found.stop_reason == "converged"
    assert probabilities(found, X)[:, -1].max() < 1e-4


def test_separable_items_with_hardly_any_penalty_have_a_minimum():
    X = np.repeat([[-1e4], [1e4]], 50, axis=0)
    found = minimise(X, np.repeat(np.eye(2), 50, axis=0), C=1e8)
    assert found.stop_reason == "converged"
    assert probabilities(found, X)[[0, 99], [0, 1]].min() > 0.999


def test_features_that_say_nothing_leave_the_shares_of_the_classes():
    mass = problem()[1]
    found = minimise(np.zeros((120, 2)), mass, C=10.0)
    assert not found.coefficients.any()
    assert softmax(found.intercepts) == pytest.approx(mass.sum(axis=0) / mass.sum(), abs=1e-5)


def test_it_says_why_it_stopped(monkeypatch):
    X, mass = problem()
    monkeypatch.setattr(soft_logistic, "_MAX_ITER", 1)
    early = minimise(X, mass, C=10.0)
    assert (early.n_iter, early.stop_reason) == (1, "max_iter")
    monkeypatch.setattr(soft_logistic, "_MAX_ITER", 1000)
    exact = minimise(X, mass, C=10.0, tolerance=0.0)
    assert exact.stop_reason == "precision"
    assert probabilities(exact, X) == pytest.approx(by_scikit_learn(X, mass, 10.0), abs=1e-5)


def test_a_word_of_no_item_and_a_class_without_mass_have_no_weights():
    X, mass = problem(sparse=True)
    X[:, 2] = 0.0
    mass[:, 1] = 0.0
    features = FeatureMatrix(csr_array(X), tuple("abcdefgh"))
    found = fit_linear(features, mass, C=1.0)
    assert not found.coefficients[:, 2].any()
    assert not found.coefficients[1].any()
    assert found.intercepts[1] == 0
    two = softmax(found.log_scores(features)[:, [0, 2]])
    assert two == pytest.approx(by_scikit_learn(X, mass[:, [0, 2]], 1.0), abs=1e-4)


@pytest.mark.parametrize(("name", "k", "n"), [("sms", 2, 4571), ("trec", 6, 800)])
def test_on_shared_sets_probabilities_are_those_of_scikit_learn(shared_data, name, k, n):
    frame = shared_data(name).head(n)
    votes = VoteMatrix.from_array(
        frame[[c for c in frame.columns if c.startswith("lf_")]].to_numpy(), list("abcdef"[:k])
    )
    soft = LabelModel().fit(votes).predict_proba(votes)[(votes.values >= 0).any(axis=1)]
    X = text_features(pd.Series(frame["text"])[(votes.values >= 0).any(axis=1)].tolist()).matrix
    found = minimise(X, soft, C=10.0)
    assert probabilities(found, X) == pytest.approx(by_scikit_learn(X, soft, 10.0), abs=1e-3)
