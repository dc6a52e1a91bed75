from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError
from wsal.features import vector_features


def test_vectors_are_taken_as_they_are():
    features = vector_features([np.array([1.0, 2.0]), [3, 4]], name="embedding")
    assert features.matrix.tolist() == [[1, 2], [3, 4]]
    assert features.names == ("embedding[0]", "embedding[1]")


def test_a_missing_vector_is_the_mean_and_marked():
    features = vector_features([[1.0, 2.0], None, [3.0, 4.0]])
    assert features.matrix.tolist() == [[1, 2, 0], [2, 3, 1], [3, 4, 0]]
    assert features.names[-1] == "vector is missing"
    assert "1 vectors" in features.notes[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0], [1.0, 2.0]], "row 2: a vector of length 2"),
        ([[1.0], [float("nan")]], "row 2: not a vector"),
        ([[1.0], "word"], "row 2: not a vector"),
        ([[1.0], 3.0], "row 2: not a vector"),
        ([None, None], "holds no vector"),
    ],
)
def test_what_is_no_column_of_vectors_is_refused(values, message):
    with pytest.raises(DataError, match=message):
        vector_features(values)
