"""The estimators of `wsal.interop.scikit_learn` keep scikit-learn's contract."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import wsal
from wsal.interop.scikit_learn import SoftLogisticRegression, WeakSupervisionClassifier
from wsal.project import Project

EXPECTED: dict[type, dict[str, str]] = {
    SoftLogisticRegression: {},
    WeakSupervisionClassifier: {
        "check_classifiers_classes": "its classes are -1 and 1, and -1 stands for an item that nobody labelled, "
        "as in sklearn.semi_supervised, whose estimators the check therefore spares by their names",
    },
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [SoftLogisticRegression(), WeakSupervisionClassifier()],
    expected_failed_checks=lambda estimator: EXPECTED[type(estimator)],
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_it_knows_classes_of_minus_one_where_another_mark_is_named():
    X, y = np.arange(8.0)[:, None], np.array([-1, -1, -1, -1, 1, 1, 1, 1])
    model = WeakSupervisionClassifier(unlabelled=0).fit(X, y)
    assert model.classes_.tolist() == [-1, 1]
    assert model.predict(X).tolist() == y.tolist()


def test_hard_targets_give_the_coefficients_of_scikit_learn():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    weight = np.random.default_rng(0).uniform(0.1, 3, len(y))
    ours = SoftLogisticRegression(C=0.7).fit(X, y, sample_weight=weight)
    theirs = LogisticRegression(C=0.7, tol=1e-10, max_iter=10_000).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)


def test_soft_targets_are_the_same_as_every_item_once_for_each_class():
    rng = np.random.default_rng(0)
    X, P = rng.normal(size=(60, 3)), rng.dirichlet([1, 1, 1], size=60)
    ours = SoftLogisticRegression(classes=["a", "b", "c"]).fit(X, P)
    theirs = LogisticRegression(tol=1e-10, max_iter=10_000).fit(
        np.repeat(X, 3, axis=0), ["a", "b", "c"] * 60, sample_weight=P.ravel()
    )
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    assert ours.classes_.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([[0.5, -0.5], [1, 0]], "at least 0"),
        ([[0.5, float("nan")], [1, 0]], "finite"),
        ([[1, 0], [1, 0]], "two classes"),
        ([[1, 0, 0]], "X has 2 rows and y has 1"),
    ],
)
def test_soft_targets_that_are_none_are_refused(y, said):
    with pytest.raises(ValueError, match=said):
        SoftLogisticRegression().fit([[0.0], [1.0]], y)


@pytest.fixture(scope="module")
def tumours():
    """Biopsies, and what their gold labels are."""
    data = load_breast_cancer(as_frame=True)
    return data.data, np.where(data.target == 1, "benign", "malignant")


def large(x):
    return "malignant" if x["mean radius"] > 15 else None


def even(x):
    return "benign" if x["worst concave points"] < 0.12 else None


def rules():
    return [wsal.LabelingFunction("large", large), wsal.LabelingFunction("even", even)]


def test_rules_alone_label_what_nobody_answered(tumours):
    X, gold = tumours
    model = WeakSupervisionClassifier(
        rules(),
        classes=["benign", "malignant"],
        end_model=make_pipeline(StandardScaler(), SoftLogisticRegression()),
    )
    model.fit(X, np.full(len(X), -1))
    assert model.votes_.n_lfs == 2
    assert np.isnan(model.soft_labels_).any()
    assert (model.predict(X) == gold).mean() > 0.9
    assert model.feature_names_in_.tolist() == X.columns.tolist()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X.rename(columns={"mean radius": "radius"}))


def test_answers_stand_and_move_the_labels_of_items_alike(tumours):
    X, gold = tumours
    y = np.full(len(X), "nobody", dtype=object)
    y[:40] = gold[:40]
    model = WeakSupervisionClassifier(rules(), classes=["benign", "malignant"], unlabelled="nobody").fit(X, y)
    assert (model.soft_labels_[:40].max(axis=1) == 1).all()
    assert (model.classes_[model.soft_labels_[:40].argmax(axis=1)] == gold[:40]).all()
    silent = WeakSupervisionClassifier(rules(), classes=["benign", "malignant"]).fit(X, np.full(len(X), -1))
    assert not np.allclose(model.soft_labels_[40:], silent.soft_labels_[40:], equal_nan=True)


def test_any_classifier_that_takes_weights_can_be_the_end_model(tumours):
    X, gold = tumours
    forest = RandomForestClassifier(n_estimators=20, random_state=0)
    model = WeakSupervisionClassifier(rules(), classes=["benign", "malignant"], end_model=forest)
    model.fit(X, np.full(len(X), -1))
    assert (model.predict(X) == gold).mean() > 0.85
    assert not hasattr(forest, "classes_")  # what was given is cloned


def test_a_fitted_estimator_clones_unfitted_and_pickles_in_memory_as_it_is(tumours):
    X, _ = tumours
    model = WeakSupervisionClassifier(rules(), classes=["benign", "malignant"]).fit(X, np.full(len(X), -1))
    assert not hasattr(clone(model), "classes_")
    assert clone(model).get_params()["classes"] == ["benign", "malignant"]
    again = pickle.loads(pickle.dumps(model))  # noqa: S301  # our own, in memory
    assert (again.predict_proba(X) == model.predict_proba(X)).all()
    assert again.label_model_.stop_reason == model.label_model_.stop_reason


def test_it_searches_and_cross_validates_as_any_estimator_does(tumours):
    X, gold = tumours
    pipeline = make_pipeline(StandardScaler(), SoftLogisticRegression())
    searched = GridSearchCV(pipeline, {"softlogisticregression__C": [0.1, 1.0]}, cv=3).fit(X, gold)
    assert searched.best_score_ > 0.95
    model = WeakSupervisionClassifier(rules(), end_model=pipeline)
    assert cross_val_score(model, X, gold, cv=3).mean() > 0.95


def test_texts_go_to_rules_of_a_pack_and_to_a_pipeline(tmp_path):
    project = Project.create_example(tmp_path / "p")
    X = pd.read_csv(tmp_path / "p" / "messages.csv").drop(columns="id")
    words = ColumnTransformer([("words", TfidfVectorizer(), "text")])
    model = WeakSupervisionClassifier(
        project.labeling_functions(),
        classes=["ham", "spam"],
        end_model=make_pipeline(words, SoftLogisticRegression()),
    )
    model.fit(X, np.full(len(X), -1))
    assert set(model.predict(X)) == {"ham", "spam"}
    assert model.predict_proba(X.iloc[:3]).shape == (3, 2)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([-1, -1, -1], "two classes"),
        (["a", "b", "c"], "'c', which is no class"),
        (["a", "b"], "3 rows and y has 2"),
    ],
)
def test_wrong_answers_are_refused(y, said):
    classes = ["a", "b"] if "c" in y else None
    with pytest.raises(ValueError, match=said):
        WeakSupervisionClassifier(classes=classes).fit([[0.0], [1.0], [2.0]], y)


def test_where_nothing_is_said_of_any_item_it_says_so():
    never = wsal.LabelingFunction("never", lambda _: None)
    with pytest.raises(ValueError, match="nothing to learn from"):
        WeakSupervisionClassifier([never], classes=["a", "b"]).fit([[0.0], [1.0]], [-1, -1])
