from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError
from wsal.features import numeric_features


def test_columns_get_mean_zero_and_deviation_one():
    X = numeric_features({"a": [1, 2, 3, 10], "b": [True, False, True, True]}).matrix
    assert X.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert X.std(axis=0) == pytest.approx([1, 1])


@pytest.mark.parametrize("gone", [None, float("nan"), pd.NA, np.float64("nan")])
def test_a_missing_number_is_the_mean_and_marked(gone):
    features = numeric_features({"a": [1, 3, gone]})
    assert features.names == ("a", "a is missing")
    assert features.matrix.tolist() == [[-1, 0], [1, 0], [0, 1]]


def test_a_constant_column_is_left_out_with_a_note():
    features = numeric_features({"year": [2024, 2024], "a": [0, 1]})
    assert features.names == ("a",)
    assert "'year'" in features.notes[0]


def test_a_constant_column_with_gaps_still_tells_which_are_missing():
    assert numeric_features({"a": [5, None]}).names == ("a is missing",)


def test_a_column_without_any_number_is_left_out():
    features = numeric_features({"a": [None, None]})
    assert features.matrix.shape == (2, 0)
    assert len(features.notes) == 1


def test_very_large_and_very_small_numbers_do_not_overflow():
    X = numeric_features({"large": [1e300, -1e300], "small": [1e-300, 3e-300]}).matrix
    assert X.ravel() == pytest.approx([1, -1, -1, 1])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1, "two"]}, "column 'a', row 2: 'two' is no number"),
        ({"a": [1, float("inf")]}, "column 'a', row 2: inf is not finite"),
        ({"a": [1], "b": [1, 2]}, "one length"),
        ({}, "one length"),
    ],
)
def test_what_is_no_column_of_numbers_is_refused(columns, message):
    with pytest.raises(DataError, match=message):
        numeric_features(columns)
