from __future__ import annotations

import numpy as np
import pytest

import wsal
from wsal.errors import DataError, InputError, NotFittedError
from wsal.interop.snorkel import LabelModel, MajorityClassVoter, MajorityLabelVoter, RandomVoter

L = np.array([[0, 0, -1], [1, -1, 1], [0, 1, 1], [-1, -1, -1], [1, 0, -1]])


def fitted(**options):
    model = LabelModel(cardinality=2)
    model.fit(L, **options)
    return model


def test_it_is_the_default_model_of_wsal():
    votes = wsal.VoteMatrix.from_array(L, ["0", "1"])
    wanted = wsal.LabelModel().fit(votes).predict_proba(votes)
    assert np.array_equal(fitted().predict_proba(L), wanted)


def test_settings_of_gradient_descent_change_nothing_and_misspelt_ones_are_refused():
    assert np.array_equal(fitted(n_epochs=1, lr=5.0, seed=3).predict_proba(L), fitted().predict_proba(L))
    with pytest.raises(InputError, match="n_epoch") as caught:
        fitted(n_epoch=3)
    assert "n_epochs" in str(caught.value)


def test_items_without_a_vote_have_no_class():
    # Snorkel gives them the majority class.
    model = fitted(class_balance=[0.8, 0.2])
    assert model.predict(L)[3] == -1
    assert model.predict(L, tie_break_policy="random")[3] in {0, 1}


def test_the_balance_comes_from_the_labels_of_a_development_set():
    by_labels = fitted(Y_dev=np.array([0, 0, 0, 1, -1])).predict_proba(L)
    assert np.array_equal(by_labels, fitted(class_balance=[0.75, 0.25]).predict_proba(L))
    with pytest.raises(DataError, match="Y_dev"):
        fitted(Y_dev=np.zeros(4, dtype=int))


def test_weights_and_conditional_probabilities_are_what_the_model_believes():
    model = fitted()
    weights, tables = model.get_weights(), model.get_conditional_probs()
    assert weights.shape == (3,)
    assert ((weights > 0.5) & (weights < 1)).all()
    assert tables.shape == (3, 3, 2)
    assert tables.sum(axis=1) == pytest.approx(1)


def test_a_model_is_saved_as_text_and_reads_back(tmp_path):
    model = fitted()
    model.save(tmp_path / "model.json")
    again = LabelModel(cardinality=2)
    again.load(tmp_path / "model.json")
    assert np.array_equal(again.predict_proba(L), model.predict_proba(L))
    with pytest.raises(NotFittedError, match="votes"):
        again.get_weights()
    with pytest.raises(DataError, match="2 classes"):
        LabelModel(cardinality=3).load(tmp_path / "model.json")


def test_a_pickle_is_never_opened(tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04\x95\xff")
    with pytest.raises(DataError, match="pickles"):
        fitted().load(tmp_path / "model.pkl")


def test_before_fit_it_says_so():
    with pytest.raises(NotFittedError):
        LabelModel().predict(L)
    with pytest.raises(NotFittedError):
        MajorityClassVoter().predict(L)


def test_rows_without_a_class_are_left_out_of_the_scores_and_the_warning_says_how_many():
    truth = np.array([0, 1, 1, 0, 1])
    voter = MajorityLabelVoter()
    with pytest.warns(UserWarning, match="2 of 5 rows"):
        found = voter.score(L, truth, metrics=["accuracy", "coverage"])
    assert found == {"accuracy": 1.0, "coverage": 0.6}
    assert voter.score(L, truth, ["coverage"], "random") == {"coverage": 1.0}


def test_metrics_that_do_not_exist_or_do_not_fit_are_refused():
    voter = MajorityLabelVoter(cardinality=3)
    with pytest.raises(DataError, match="acuracy"):
        voter.score(L, np.zeros(5), ["acuracy"], "random")
    with pytest.raises(DataError, match="two classes"):
        voter.score(L, np.zeros(5), ["f1"], "random")


def test_votes_beyond_the_cardinality_are_refused():
    with pytest.raises(DataError):
        MajorityLabelVoter(cardinality=2).predict(np.array([[2, 0]]))
    with pytest.raises(InputError, match="cardinality"):
        LabelModel(cardinality=1)


def test_random_votes_leave_the_global_generator_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # the one that is to stay as it is
    first = RandomVoter(3, rng=1).predict_proba(L)
    assert np.array_equal(first, RandomVoter(3, rng=1).predict_proba(L))
    assert first.sum(axis=1) == pytest.approx(1)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002  # as above
