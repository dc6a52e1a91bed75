from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from wsal.errors import ConfigError, DataError
from wsal.features import FeatureMatrix, FeatureSettings, as_feature_matrix, build_features


class Table:
    n_items = 2

    def __init__(self, **columns):
        self.columns = columns

    def column(self, name):
        return self.columns[name]


ITEMS = Table(
    body=["free prize", "see you"], subject=["free", "hello"], links=[0, 2], emb=[[1.0, 0.0], [0.0, 1.0]]
)


def test_words_numbers_and_vectors_stand_side_by_side():
    features = build_features(ITEMS, FeatureSettings(text=("body",), numeric=("links",), vectors="emb"))
    assert features.names == (
        "free",
        "free prize",
        "prize",
        "see",
        "see you",
        "you",
        "links",
        "emb[0]",
        "emb[1]",
    )
    assert features.is_sparse
    assert features.matrix.toarray()[:, 6:].tolist() == [[-1, 1, 0], [1, 0, 1]]


def test_words_of_several_columns_say_which():
    names = build_features(ITEMS, FeatureSettings(text=("subject", "body"))).names
    assert "subject: free" in names
    assert "body: free" in names


def test_numbers_and_vectors_alone_stay_dense():
    features = build_features(ITEMS, FeatureSettings(numeric=("links",), vectors="emb"))
    assert not features.is_sparse
    assert features.matrix.shape == (2, 3)


def test_settings_without_any_column_are_refused():
    with pytest.raises(ConfigError, match="no column"):
        build_features(ITEMS, FeatureSettings())


@pytest.mark.parametrize("form", [np.asarray, csr_array, csr_matrix, lambda X: X.astype(np.int64)])
def test_arrays_of_any_form_are_taken(form):
    found = as_feature_matrix(form(np.eye(3)), 3)
    dense = found.matrix.toarray() if found.is_sparse else found.matrix
    assert dense.tolist() == np.eye(3).tolist()
    assert found.rows(np.array([1])).n_items == 1


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.eye(2), "2 rows of features for 3 items"),
        (np.zeros(3), "matrix of shape"),
        (np.array([["a"], ["b"], ["c"]]), "features are numbers"),
        (np.array([[1.0], [np.nan], [0.0]]), "missing or infinite"),
        (csr_array(np.array([[1.0], [np.inf], [0.0]])), "missing or infinite"),
    ],
)
def test_features_that_do_not_fit_are_refused(features, message):
    with pytest.raises(DataError, match=message):
        as_feature_matrix(features, 3)


def test_every_feature_has_a_name():
    with pytest.raises(DataError, match="1 names for 2 features"):
        FeatureMatrix(np.eye(2), ("a",))
