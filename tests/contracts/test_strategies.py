"""Every query strategy goes through the contract suite."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from wsal.selection import select, strategies, strategy
from wsal.testing import check_strategy


def _hunting(*hunt):
    def strategy(*args, **kwargs):
        return select(*args, hunt=hunt, **kwargs)

    return strategy


@pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(select, id="default"),
        pytest.param(_hunting("class-1"), id="hunt"),
        pytest.param(_hunting("class-0", "class-1"), id="hunt-two"),
    ],
)
def test_the_strategy_keeps_its_contract(strategy):
    check_strategy(strategy)


@pytest.mark.parametrize("name", strategies())
def test_a_classic_strategy_keeps_the_contract(name):
    options = {"max_candidates": 10, "max_evaluated": 50} if name == "expected-error-reduction" else {}
    check_strategy(strategy(name, **options))


@pytest.mark.parametrize("name", ["random", "entropy", "core-set", "conflict-first"])
def test_a_classic_strategy_with_audit_draws_keeps_the_contract(name):
    check_strategy(strategy(name, audit_share=0.3))


def _with_classifier(asked, classifier):
    """Return a strategy that goes by a classifier where there are features."""

    def go(votes, model, *, features=None, **kwargs):
        with_it = {"classifier": classifier} if features is not None else {}
        return asked(votes, model, features=features, **with_it, **kwargs)

    return go


@pytest.mark.parametrize(
    ("name", "classifier"),
    [
        ("margin", LogisticRegression()),
        ("expected-model-change", LogisticRegression()),
        ("density-weighted", RandomForestClassifier(n_estimators=3)),  # its random state is left open
        ("vote-entropy", RandomForestClassifier(n_estimators=3, max_depth=3)),
        ("committee-kl", [LogisticRegression(), LogisticRegression(C=0.01)]),
    ],
)
def test_a_strategy_that_goes_by_a_classifier_keeps_the_contract(name, classifier):
    check_strategy(_with_classifier(strategy(name), classifier))


def _texts(features):
    """Write a text for each row of features: the words are the signs of its numbers."""
    return [
        " ".join(f"w{j}{'up' if v > 0 else 'down'}" for j, v in enumerate(row))
        for row in np.asarray(features)
    ]


@pytest.mark.parametrize("name", ["entropy", "expected-model-change", "committee-kl"])
def test_a_pipeline_over_raw_texts_keeps_the_contract(name):
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression())

    def go(votes, model, *, features=None, **kwargs):
        if features is None:
            return strategy(name)(votes, model, **kwargs)
        return strategy(name)(votes, model, features=_texts(features), classifier=pipeline, **kwargs)

    check_strategy(go)
