"""LFAnalysis: shares of items, and raw counts of answers."""

import numpy as np
import pandas as pd
import pytest

from wsal.analysis import LFAnalysis
from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.testing import make_votes
from wsal.votes import VoteMatrix

LABELS = ["ham", "spam"]


def _by_hand(L):
    """Coverage, overlaps and conflicts of each function, item by item."""
    lines = []
    for j in range(L.shape[1]):
        voted = L[:, j] >= 0
        others = np.delete(L, j, axis=1)
        lines.append(
            (
                voted.mean(),
                (voted & (others >= 0).any(axis=1)).mean(),
                (voted & ((others >= 0) & (others != L[:, [j]])).any(axis=1)).mean(),
            )
        )
    return lines


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_shares_are_those_counted_item_by_item(seed):
    votes = make_votes(500, class_balance=(0.5, 0.3, 0.2), rng=seed).votes
    analysis = LFAnalysis(votes)
    lines = [(s.coverage, s.overlaps, s.conflicts) for s in analysis.summary()]
    assert np.allclose(lines, _by_hand(votes.values))
    L = votes.values
    assert analysis.coverage == pytest.approx((L >= 0).any(axis=1).mean())
    assert analysis.overlap == pytest.approx(((L >= 0).sum(axis=1) > 1).mean())
    several = [len(set(row[row >= 0].tolist())) > 1 for row in L]
    assert analysis.conflict == pytest.approx(np.mean(several))
    assert analysis.n_uncovered == int((L < 0).all(axis=1).sum())


def test_polarity_names_the_classes_in_the_order_of_the_labels():
    votes = VoteMatrix.from_array([[1, 1, -1], [1, 0, -1]], LABELS)
    assert [s.polarity for s in LFAnalysis(votes).summary()] == [("spam",), ("ham", "spam"), ()]


def test_answers_are_counted_one_by_one_where_the_function_votes():
    votes = VoteMatrix.from_array([[1, 0], [1, -1], [-1, 0]], LABELS, item_ids=["a", "b", "c"])
    frame = pd.DataFrame(
        {"item": ["a", "a", "b", "gone"], "label": [1, 0, 1, 1], "annotator": ["ana", "ben", "ana", "ana"]}
    )
    first, second = LFAnalysis(votes, HumanLabels.from_frame(frame)).summary()
    assert (first.n_answered, first.n_right) == (3, 2)
    assert (second.n_answered, second.n_right) == (2, 1)


def test_patterns_give_the_same_figures_as_votes():
    votes = make_votes(300, rng=5).votes
    assert LFAnalysis(votes.patterns()).summary() == LFAnalysis(votes).summary()


def test_answers_cannot_be_matched_to_patterns():
    with pytest.raises(DataError, match="no item ids"):
        LFAnalysis(make_votes(10, rng=5).votes.patterns(), HumanLabels.from_pairs({0: 1}))


def test_an_answer_that_is_no_class_is_refused():
    with pytest.raises(DataError, match="no class"):
        LFAnalysis(VoteMatrix.from_array([[1]], LABELS), HumanLabels.from_pairs({0: 5})).summary()


def test_a_set_without_items_has_shares_of_nought():
    analysis = LFAnalysis(VoteMatrix.from_array(np.empty((0, 2), dtype=np.int8), LABELS))
    assert (analysis.coverage, analysis.conflict, analysis.summary()[0].coverage) == (0, 0, 0)


def test_the_frame_has_a_line_for_each_function():
    votes = VoteMatrix.from_array([[1, 0]], LABELS, lf_names=["a", "b"])
    frame = LFAnalysis(votes).to_frame()
    assert frame.index.tolist() == ["a", "b"]
    assert frame["conflicts"].tolist() == [1.0, 1.0]
