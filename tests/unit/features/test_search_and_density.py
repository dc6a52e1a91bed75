"""Seed search, and how densely items lie."""

from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import InputError
from wsal.features import FeatureMatrix, as_feature_matrix, text_features
from wsal.features import density as density_module
from wsal.features.density import Density
from wsal.features.search import ItemSearch

TEXTS = ["Claim your prize now", "see you at lunch", "A PRIZE for lunch", None, "quixotic"]


def test_words_are_found_in_any_case_and_rare_ones_too():
    search = ItemSearch.of_texts(TEXTS)
    scores = search.scores(words="Prize")
    assert scores.argmax() == 2 or scores.argmax() == 0
    assert (scores > 0).tolist() == [True, False, True, False, False]
    assert search.scores(words="quixotic").tolist() == pytest.approx([0, 0, 0, 0, 1])
    assert search.unknown("prize zebra zebra") == ("zebra",)


def test_words_are_found_inside_a_text_without_spaces():
    search = ItemSearch.of_texts(["壊れていました、返品します", "画面が割れていた", "see you"])
    assert np.argmax(search.scores(words="画面")) == 1
    assert search.unknown("画面") == ()


def test_examples_are_nearest_to_themselves_and_several_queries_count_by_the_largest():
    search = ItemSearch.of_texts(TEXTS)
    scores = search.scores(rows=[1])
    assert scores[1] == pytest.approx(1.0)
    assert 0 < scores[2] < 1
    both = search.scores(words="prize", rows=[1])
    assert both.tolist() == np.maximum(scores, search.scores(words="prize")).tolist()


def test_the_nearest_are_so_many_and_never_those_that_resemble_nothing():
    search = ItemSearch.of_texts(TEXTS)
    scores = search.scores(words="prize lunch")
    assert np.flatnonzero(search.nearest(scores, 1)).tolist() == [2]
    assert search.nearest(scores, 10).sum() == 3


@pytest.mark.parametrize(
    ("texts", "words", "said"),
    [
        (TEXTS, " ", "nothing to search for"),
        (TEXTS, "zebra", "none of the words 'zebra' stands in any text"),
        ([None, ""], "prize", "there is no text"),
    ],
)
def test_a_search_that_cannot_find_anything_says_why(texts, words, said):
    with pytest.raises(InputError, match=said):
        ItemSearch.of_texts(texts).scores(words=words)


def test_without_texts_examples_are_compared_by_their_features():
    search = ItemSearch.of_features(as_feature_matrix(np.array([[1.0, 0], [2, 0.1], [0, 1], [0, 0]]), 4))
    assert search.scores(rows=[0]).argsort()[::-1][:2].tolist() == [0, 1]
    assert search.scores(rows=[0])[3] == 0
    with pytest.raises(InputError, match="there is no text"):
        search.scores(words="prize")


def plain_density(matrix, reference, k=10):
    unit = matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-300)
    found = []
    for i in range(len(unit)):
        cosines = sorted((float(unit[i] @ unit[j]) for j in reference if j != i), reverse=True)
        found.append(np.mean(cosines[: min(k, len(reference) - 1)]))
    return found


@pytest.mark.parametrize("reference", [2_000, 30])
def test_density_is_the_mean_cosine_to_the_nearest_of_the_reference(monkeypatch, reference):
    monkeypatch.setattr(density_module, "_REFERENCE", reference)
    monkeypatch.setattr(density_module, "_BLOCK", 7)
    matrix = np.random.default_rng(0).normal(size=(60, 4))
    density = Density.of(as_feature_matrix(matrix, 60))
    assert len(density.reference) == min(60, reference)
    found = density.at(np.arange(60))
    # With a sample, an item outside it has all of it for neighbours.
    assert found == pytest.approx(plain_density(matrix, density.reference.tolist()), abs=1e-12)


def test_sparse_and_dense_features_have_the_same_density():
    features = text_features(["free prize now", "free prize today", "a free prize", "lunch", None] * 3)
    dense = FeatureMatrix(features.matrix.toarray(), features.names)
    rows = np.arange(15)
    assert features.density.at(rows) == pytest.approx(dense.density.at(rows), abs=1e-12)


def test_only_items_far_below_the_median_have_a_weight_below_one():
    rng = np.random.default_rng(1)
    crowd = np.c_[np.ones(50), 0.1 * rng.normal(size=(50, 5))]
    alone = np.array([[0.0, 0, 0, 0, 0, 1.0]])
    features = as_feature_matrix(np.vstack([crowd, alone, np.zeros((1, 6))]), 52)
    weights = features.density.weights(np.arange(52))
    assert (weights[:50] == 1).all()
    assert weights[50] < 1
    assert weights[51] == 0


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_items_have_no_outliers_and_no_error(n):
    density = as_feature_matrix(np.ones((n, 2)), n).density
    assert (density.weights(np.arange(n)) == 1).all()
