"""From known probabilities: what noise-aware training recovers, and what training on hard labels does not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from wsal.training import NoiseAware, SoftLogistic

RNG = np.random.default_rng(11)
W = np.array([[1.0, -1.0, 0.0], [0.5, 0.0, -0.5], [-1.0, 1.0, 1.0]])


def world(n):
    """Draw features and the probabilities of three classes, by a logistic model."""
    X = RNG.normal(size=(n, 3))
    scores = X @ W.T
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return X, p


def loss(p, q):
    """Cross entropy of q under the true probabilities p, less the entropy of p; nats."""
    return float((p * (np.log(p) - np.log(np.maximum(q, 1e-9)))).sum(axis=1).mean())


@pytest.mark.parametrize(
    ("model", "tolerance"),
    [
        (SoftLogistic(C=1e4), 1e-4),
        (make_pipeline(StandardScaler(), LogisticRegression(C=1e4)), 1e-3),
        (RandomForestClassifier(100, min_samples_leaf=30), 0.06),
    ],
    ids=["own logistic", "scikit-learn's", "forest"],
)
def test_probabilities_are_recovered_from_soft_labels(model, tolerance):
    X, p = world(3000)
    fresh, truth = world(2000)
    assert loss(truth, NoiseAware(model).fit(X, p).predict_proba(fresh)) < tolerance


def test_hard_labels_make_a_model_too_sure_and_soft_ones_do_not():
    X, p = world(2000)
    fresh, truth = world(2000)
    hard = np.eye(3)[p.argmax(axis=1)]
    model = NoiseAware(SoftLogistic())
    assert loss(truth, model.fit(X, p).predict_proba(fresh)) < 0.01
    assert loss(truth, model.fit(X, hard).predict_proba(fresh)) > 0.3


def test_drawn_labels_lose_something_against_weights_and_converge_to_them():
    fresh, truth = world(2000)
    losses = []
    for n in (200, 5000):
        X, p = world(n)
        draws = p.cumsum(axis=1) < RNG.random(n)[:, None]
        drawn = np.eye(3)[draws.sum(axis=1)]
        model = NoiseAware(SoftLogistic())
        by_weight = loss(truth, model.fit(X, p).predict_proba(fresh))
        losses.append(loss(truth, model.fit(X, drawn).predict_proba(fresh)) - by_weight)
    assert losses[0] > losses[1] > 0
