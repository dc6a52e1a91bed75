from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from wsal.errors import DataError, InputError
from wsal.features import FeatureMatrix
from wsal.training import ScikitLearn, SoftLogistic
from wsal.training.inputs import stack_inputs, take_inputs

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
P1 = 1 / (1 + np.exp(-2 * X[:, 0]))
SOFT = np.column_stack([1 - P1, P1])


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps what it was given."""

    def fit(self, X, y, sample_weight=None):
        self.seen_ = (
            np.asarray(X),
            np.asarray(y),
            None if sample_weight is None else np.asarray(sample_weight),
        )
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


class CountingStep(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.n_rows_, self.y_ = len(X), y
        return self

    def transform(self, X):
        return X


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        DecisionTreeClassifier(max_depth=3),
        RandomForestClassifier(20),
        HistGradientBoostingClassifier(max_iter=20, early_stopping=False),
        GaussianNB(),
        SGDClassifier(loss="log_loss"),
        make_pipeline(StandardScaler(), LogisticRegression()),
        Pipeline([("only", LogisticRegression())]),
        make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), LogisticRegression())),
    ],
    ids=lambda e: type(e).__name__,
)
def test_any_classifier_and_any_pipeline_learns_from_soft_labels(estimator):
    before = repr(estimator.get_params())
    fitted = ScikitLearn(estimator).learn(X, SOFT)
    p = fitted.predict_proba(X)
    assert p.shape == (60, 2)
    assert p.sum(axis=1) == pytest.approx(np.ones(60))
    assert np.corrcoef(p[:, 1], P1)[0, 1] > 0.7
    assert repr(estimator.get_params()) == before
    assert not hasattr(estimator, "classes_")  # the object that was given stays as it is


def test_the_last_step_gets_every_item_once_for_each_class_with_its_probability_as_weight():
    found = ScikitLearn(make_pipeline(StandardScaler(), Recorder())).learn(X, SOFT * 2).estimator[-1].seen_
    assert found[0].shape == (120, 3)
    assert found[1].reshape(60, 2).tolist() == [[0, 1]] * 60
    assert found[2].reshape(60, 2) == pytest.approx(SOFT * 2)


def test_the_steps_before_the_last_one_see_every_item_once_and_its_most_probable_class():
    step = ScikitLearn(make_pipeline(CountingStep(), Recorder())).learn(X, SOFT).estimator[0]
    assert step.n_rows_ == 60
    assert step.y_.tolist() == SOFT.argmax(axis=1).tolist()


def test_a_word_of_one_text_stays_a_word_of_one_text():
    texts = ["free prize"] * 3 + ["see you"] * 3 + ["hapax"]
    soft = np.array([[0.2, 0.8]] * 3 + [[0.8, 0.2]] * 3 + [[0.5, 0.5]])
    fitted = ScikitLearn(make_pipeline(TfidfVectorizer(min_df=2), LogisticRegression())).learn(texts, soft)
    assert (
        "hapax" not in fitted.estimator[0].vocabulary_
    )  # written twice by the expansion, it would count as two
    assert fitted.predict_proba(["prize"])[0, 1] > 0.5


def test_soft_labels_by_expansion_and_as_they_are_give_one_logistic_regression():
    dense = FeatureMatrix(X, ("a", "b", "c"))
    C = 1.0
    ours = SoftLogistic(C=C * float((X**2).sum(axis=1).mean())).learn(dense, SOFT)
    theirs = ScikitLearn(LogisticRegression(C=C, tol=1e-10, max_iter=1000)).learn(dense, SOFT)
    assert ours.predict_proba(dense) == pytest.approx(theirs.predict_proba(dense), abs=1e-4)


def test_a_pipeline_reads_a_data_frame():
    frame = pd.DataFrame({"text": ["free prize", "see you"] * 10, "links": [3, 0] * 10})
    soft = np.array([[0.1, 0.9], [0.9, 0.1]] * 10)
    columns = ColumnTransformer([("t", TfidfVectorizer(), "text"), ("n", StandardScaler(), ["links"])])
    fitted = ScikitLearn(make_pipeline(columns, LogisticRegression())).learn(frame, soft)
    assert fitted.predict_proba(frame).argmax(axis=1).tolist() == [1, 0] * 10


def test_a_class_without_mass_has_probability_zero_and_the_others_their_places():
    soft = np.zeros((60, 4))
    soft[:, [1, 3]] = SOFT
    p = ScikitLearn(LogisticRegression()).learn(X, soft).predict_proba(X)
    assert (p[:, [0, 2]] == 0).all()
    assert p[:, [1, 3]] == pytest.approx(ScikitLearn(LogisticRegression()).learn(X, SOFT).predict_proba(X))


def test_a_classifier_without_weights_is_refused_with_the_way_out():
    with pytest.raises(
        InputError, match=r"KNeighborsClassifier takes no sample_weight.*soft labels"
    ) as caught:
        ScikitLearn(KNeighborsClassifier()).learn(X, SOFT)
    assert "without_weights='resample'" in str(caught.value)


def test_examples_are_drawn_for_it_where_that_is_asked_for():
    wrapped = ScikitLearn(KNeighborsClassifier(15), without_weights="resample")
    p = wrapped.learn(X, SOFT, rng=3).predict_proba(X)
    assert np.corrcoef(p[:, 1], P1)[0, 1] > 0.6
    assert (p == wrapped.learn(X, SOFT, rng=3).predict_proba(X)).all()
    assert (p != wrapped.learn(X, SOFT, rng=4).predict_proba(X)).any()


def test_drawn_examples_have_the_shares_of_the_weights():
    class NoWeights(Recorder):
        def fit(self, X, y):
            return super().fit(X, y)

    soft = np.repeat([[0.7, 0.3]], 1000, axis=0)
    seen = (
        ScikitLearn(NoWeights(), without_weights="resample").learn(np.zeros((1000, 1)), soft).estimator.seen_
    )
    assert len(seen[1]) == 1000
    assert abs(int(seen[1].sum()) - 300) <= 1  # systematic sampling: within one of what is expected


def test_one_seed_gives_one_forest_and_an_own_seed_is_kept():
    forest = ScikitLearn(RandomForestClassifier(5))
    one, again, other = (forest.learn(X, SOFT, rng=seed).predict_proba(X) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
    fixed = ScikitLearn(make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=9)))
    assert fixed.learn(X, SOFT, rng=1).estimator[-1].random_state == 9


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (LinearSVC(), "LinearSVC has no predict_proba"),
        (LogisticRegression, "is a class, not a classifier"),
        ("logistic", "str is no classifier"),
        (StandardScaler(), "StandardScaler has no predict_proba"),
    ],
)
def test_what_is_no_classifier_is_refused(model, message):
    with pytest.raises(InputError, match=message):
        ScikitLearn(model)


def test_inputs_that_a_classifier_refuses_are_an_error_that_names_it():
    with pytest.raises(DataError, match="LogisticRegression refuses these inputs"):
        ScikitLearn(LogisticRegression()).learn(["free", "prize"], np.array([[1.0, 0.0], [0.0, 1.0]]))
    with pytest.raises(DataError, match="59 rows of inputs for 60"):
        ScikitLearn(LogisticRegression()).learn(X[:59], SOFT)
    with pytest.raises(DataError, match="single text"):
        ScikitLearn(LogisticRegression()).learn("free", SOFT)
    with pytest.raises(DataError, match="no features"):
        SoftLogistic().learn(np.zeros((60, 0)), SOFT)


def test_rows_that_are_no_probabilities_are_refused():
    class Broken(Recorder):
        def predict_proba(self, X):
            return np.full((len(X), 2), np.nan)

    with pytest.raises(DataError, match="no probabilities"):
        ScikitLearn(Broken()).learn(X, SOFT).predict_proba(X)


@pytest.mark.parametrize(
    "inputs",
    [
        np.eye(3),
        csr_array(np.eye(3)),
        FeatureMatrix(csr_array(np.eye(3)), ("a", "b", "c")),
        ["x", "y", "z"],
        pd.DataFrame({"a": [1, 2, 3]}),
    ],
    ids=lambda i: type(i).__name__,
)
def test_inputs_of_every_kind_are_taken_apart_and_put_together(inputs):
    def plain(value):
        value = getattr(value, "matrix", value)
        value = value.toarray() if hasattr(value, "toarray") else value
        return np.asarray(value).tolist()

    twice = stack_inputs(inputs, take_inputs(inputs, np.array([2, 0])))
    assert plain(twice) == [*plain(inputs), plain(inputs)[2], plain(inputs)[0]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.eye(2), np.eye(3)),
        (["a"], np.eye(1)),
        (FeatureMatrix(np.eye(1), ("a",)), FeatureMatrix(np.eye(1), ("b",))),
    ],
)
def test_inputs_of_two_kinds_do_not_stand_below_each_other(one, other):
    with pytest.raises(DataError, match="cannot stand below each other"):
        stack_inputs(one, other)


def test_weights_reach_the_classifier_also_where_routing_by_settings_is_switched_on():
    from sklearn import config_context

    with config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(FunctionTransformer(), LogisticRegression())
        on = ScikitLearn(pipeline).learn(X, SOFT).predict_proba(X)
    assert on == pytest.approx(ScikitLearn(LogisticRegression()).learn(X, SOFT).predict_proba(X))
