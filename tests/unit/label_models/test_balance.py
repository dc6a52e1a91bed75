from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError
from wsal.label_models import LabelModel
from wsal.label_models.balance import as_class_balance, raking_weights
from wsal.types import LabelSpace
from wsal.votes import VoteMatrix

SPACE = LabelSpace(("ham", "spam"))


@pytest.mark.parametrize(
    ("balance", "message"),
    [
        ([0.5, 0.5, 0.0], "shape"),
        ([1.0, 0.0], "'spam' is 0.0"),
        ([1.2, -0.2], "'spam' is -0.2"),
        ([0.5, float("nan")], "'spam' is nan"),
        ([0.5, 0.6], "sums to 1.1"),
    ],
)
def test_what_is_no_class_balance_is_refused(balance, message):
    with pytest.raises(DataError, match=message):
        as_class_balance(balance, SPACE)


def test_a_rounded_balance_is_normalised():
    assert as_class_balance([0.3333333, 0.6666667], SPACE).sum() == pytest.approx(1, abs=1e-15)


def test_raking_reaches_the_balance():
    q = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    counts = np.array([5, 3, 2])
    w = raking_weights(q, counts, np.array([0.3, 0.7]))
    raked = q * w / (q * w).sum(axis=1, keepdims=True)
    assert counts @ raked / 10 == pytest.approx([0.3, 0.7], abs=1e-9)
    assert np.log(w).sum() == pytest.approx(0, abs=1e-12)


def test_a_balance_that_votes_cannot_reach_is_an_error():
    q = np.array([[0.9, 0.1], [1.0, 0.0]])
    with pytest.raises(DataError, match="still off"):
        raking_weights(q, np.array([1, 9]), np.array([0.3, 0.7]))


def test_half_of_the_raking_weights_enters_the_labels_of_every_pattern():
    votes = VoteMatrix.from_array([[1, -1], [1, 1], [0, -1], [1, 0], [-1, -1]], SPACE)
    patterns = votes.patterns()
    plain = LabelModel().fit(votes)
    model = LabelModel().fit(votes, class_balance=[0.8, 0.2])
    expected = plain.pattern_proba(patterns) * np.sqrt(model.balance_weights)
    expected /= expected.sum(axis=1, keepdims=True)
    assert model.pattern_proba(patterns) == pytest.approx(expected, abs=1e-14)
    assert plain.balance_weights is None
