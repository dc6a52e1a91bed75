from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError
from wsal.interop.snorkel import LFAnalysis, labeling_function

L = np.array([[0, 1, -1], [0, 0, -1], [-1, 1, -1], [1, 1, -1]])


def test_unknown_truth_is_left_out_of_every_column_alike():
    # Snorkel leaves it out of Correct and Incorrect, and counts it as wrong in Emp. Acc.
    table = LFAnalysis(L).lf_summary(np.array([0, -1, 1, 1]))
    assert table["Correct"].tolist() == [2, 2, 0]
    assert table["Incorrect"].tolist() == [0, 1, 0]
    assert table["Emp. Acc."].tolist() == pytest.approx([1, 2 / 3, 0])


def test_a_column_of_gold_labels_is_taken_as_one():
    assert LFAnalysis(L).lf_empirical_accuracies(np.array([[0], [0], [1], [1]])).tolist() == [1, 0.75, 0]


def test_lengths_that_differ_are_refused():
    with pytest.raises(DataError, match="3 true classes and 4 rows"):
        LFAnalysis(L).lf_summary([0, 1, 0])
    with pytest.raises(DataError, match="1 labelling functions and 3 columns"):
        LFAnalysis(L, [labeling_function(name="one")(lambda _: 0)])


def test_a_class_without_items_has_no_probabilities():
    tables = LFAnalysis(L).lf_empirical_probs(np.zeros(4, dtype=int), 2)
    assert tables.shape == (3, 3, 2)
    assert np.isnan(tables[:, :, 1]).all()
    assert tables[0, :, 0].tolist() == [0.25, 0.5, 0.25]
