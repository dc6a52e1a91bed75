"""Classifiers of a run: taken apart, written, read and put together again, without training."""

import numpy as np
import pytest

from wsal.errors import DataError
from wsal.evidence import explain
from wsal.features import FeatureMatrix, text_features
from wsal.label_models import FittedLabelModel, LabelModel
from wsal.labels import HumanLabels
from wsal.store import read_arrays, write_arrays
from wsal.testing import make_votes
from wsal.training import (
    Classifiers,
    EndModel,
    HumanClassifier,
    SavedClassifiers,
    assemble,
    deliver,
    restore_classifiers,
    save_classifiers,
    train,
)

MADE = make_votes(300, coverage=0.25, class_balance=(0.5, 0.3, 0.2), rng=1)
HUMAN = HumanLabels.from_pairs({i: int(MADE.gold[i]) for i in range(0, 300, 6)})
WORDS = (("red", "sky"), ("green", "sea"), ("blue", "sun"))


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(0)
    return text_features([" ".join([*rng.choice(WORDS[y], 2), f"w{i % 7}"]) for i, y in enumerate(MADE.gold)])


@pytest.fixture(scope="module")
def run(features):
    model = LabelModel().fit(MADE.votes, HUMAN)
    return deliver(MADE.votes, model, human=HUMAN, features=features)


def through_a_file(run, folder) -> SavedClassifiers:
    saved = save_classifiers(run.classifiers, run.features)
    file = write_arrays(saved.arrays, saved.about, root=folder, run="fit-001", name="classifiers.npz")
    assert file.path == ".wsal/runs/fit-001/classifiers.npz"
    return SavedClassifiers(*read_arrays(file, root=folder))


def test_a_run_read_back_delivers_the_same_bits_without_training(run, features, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("trained again")

    saved = through_a_file(run, tmp_path)
    monkeypatch.setattr(EndModel, "fit", refuse)
    monkeypatch.setattr(HumanClassifier, "fit", refuse)
    model = FittedLabelModel.from_json(run.model.to_json())
    again = assemble(MADE.votes, model, restore_classifiers(saved, features), human=HUMAN, features=features)
    for name in ("soft", "unanswered", "rule_probabilities", "end_probabilities", "human_probabilities"):
        one, other = (getattr(each, name) for each in (run, again))
        one, other = (one.probabilities, other.probabilities) if name == "soft" else (one, other)
        assert one.tobytes() == other.tobytes(), name
    assert again.soft.sources.tolist() == run.soft.sources.tolist()
    why = [explain(each.votes, each.model, 7, delivered=each).to_dict() for each in (run, again)]
    assert why[0] == why[1]


def test_what_is_known_of_the_training_comes_back(run, features, tmp_path):
    found = restore_classifiers(through_a_file(run, tmp_path), features)
    for one, other in (
        (run.end_model.classifier, found.end_model.classifier),
        (run.human_classifier.classifier, found.human_classifier.classifier),
    ):
        assert (one.n_iter, one.stop_reason) == (other.n_iter, other.stop_reason)
        assert one.feature_names == other.feature_names
    assert found.end_model.n_items == run.end_model.n_items
    assert found.end_model.class_weights.tolist() == run.end_model.class_weights.tolist()
    assert found.human_classifier.n_answers == 50
    assert found.human_classifier.smoothing == run.human_classifier.smoothing
    assert found.human_prior.tolist() == run.human_prior.tolist()


def test_a_run_without_classifiers_comes_back_as_one(tmp_path):
    plain = deliver(MADE.votes, LabelModel().fit(MADE.votes))
    found = restore_classifiers(through_a_file(plain, tmp_path), None)
    assert (found.human_classifier, found.human_prior, found.end_model) == (None, None, None)


def test_before_twenty_answers_the_end_model_alone_comes_back(features, tmp_path):
    early = deliver(MADE.votes, LabelModel().fit(MADE.votes), features=features)
    found = restore_classifiers(through_a_file(early, tmp_path), features)
    assert found.human_classifier is None
    assert found.end_model.n_items == early.end_model.n_items


def test_other_features_than_those_of_the_training_are_refused(run, features):
    saved = save_classifiers(run.classifiers, features)
    renamed = FeatureMatrix(features.matrix, (*features.names[:-1], "another"))
    with pytest.raises(DataError, match="their names differ"):
        restore_classifiers(saved, renamed)
    with pytest.raises(DataError, match=f"{features.n_features} features then, 0 now"):
        restore_classifiers(saved, None)
    with pytest.raises(DataError, match="0 features then, 2 now"):
        restore_classifiers(save_classifiers(Classifiers(), None), FeatureMatrix(np.eye(2), ("a", "b")))


def test_another_version_is_refused(run, features):
    saved = save_classifiers(run.classifiers, features)
    with pytest.raises(DataError, match="version 3"):
        restore_classifiers(SavedClassifiers(saved.arrays, {**saved.about, "version": 3}), features)


def test_classifiers_without_features_to_read_are_refused(run):
    with pytest.raises(DataError, match="no features for them to read"):
        assemble(run.votes, run.model, run.classifiers)


def test_to_train_and_to_assemble_is_to_deliver(run, features):
    found = train(run.votes, run.model, features=features)
    again = assemble(run.votes, run.model, found, features=features)
    assert again.soft.probabilities.tobytes() == run.soft.probabilities.tobytes()
