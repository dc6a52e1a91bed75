from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError, InputError
from wsal.labels import HumanLabels, SoftLabels, hard_labels
from wsal.types import LabelSpace


def test_pairs_have_half_weight_and_no_propensity():
    human = HumanLabels.from_pairs({"a": 1, 7: 0})
    assert human.items() == ("a", 7)
    assert human.weight("a") == 0.5
    assert np.isnan(human.propensities).all()
    assert "a" in human
    assert "b" not in human
    assert len(human) == 2


def test_an_answer_to_a_random_draw_weighs_one():
    frame = pd.DataFrame(
        {
            "item": ["a", "b"],
            "label": ["spam", "ham"],
            "annotator": ["ana", None],
            "purpose": ["audit", None],
            "draw": [0.01, None],
        }
    )
    human = HumanLabels.from_frame(frame, ["ham", "spam"])
    assert human.weight("a") == 1.0
    assert human.weight("b") == 0.5
    assert human.annotators == ("ana", "")
    assert human.purposes == ("audit", "")
    assert human.values.tolist() == [1, 0]


def test_several_annotators_give_the_share_of_their_answers():
    frame = pd.DataFrame({"id": ["a"] * 3 + ["b"], "label": [0, 1, 1, 0], "annotator": ["x", "y", "z", "x"]})
    shares = HumanLabels.from_frame(frame).shares(2)
    assert shares["a"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert shares["b"].tolist() == [1.0, 0.0]


def test_the_last_answer_of_a_person_on_an_item_counts():
    frame = pd.DataFrame({"id": ["a", "a"], "label": [0, 1], "annotator": ["x", "x"]})
    assert HumanLabels.from_frame(frame).shares(2)["a"].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("value", [-1, 0.5, "spam", None, True])
def test_an_answer_that_is_no_class_index_is_refused(value):
    with pytest.raises(DataError, match="no class index"):
        HumanLabels.from_pairs({"a": value})


def test_an_answer_beyond_the_classes_is_refused():
    with pytest.raises(DataError, match="the answer 2 for item 'a'"):
        HumanLabels.from_pairs({"a": 2}).shares(2)


def test_answers_need_their_columns_and_known_labels():
    with pytest.raises(DataError, match="no column 'label'"):
        HumanLabels.from_frame(pd.DataFrame({"id": ["a"]}))
    with pytest.raises(InputError, match="unknown label 'spma'"):
        HumanLabels.from_frame(pd.DataFrame({"id": ["a"], "label": ["spma"]}), ["ham", "spam"])


def test_only_the_known_items_are_kept():
    human = HumanLabels.from_pairs({"a": 1, "b": 0}).only({"b"})
    assert human.items() == ("b",)
    assert human.values.tolist() == [0]


P = np.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]])
COVERED = np.array([True, True, False])


def test_ties_and_uncovered_items_follow_their_policies():
    assert hard_labels(P, COVERED).tolist() == [1, -1, -1]
    assert hard_labels(P, COVERED, ties="first").tolist() == [1, 0, -1]
    assert hard_labels(P, COVERED, ties="first", uncovered="guess").tolist() == [1, 0, 0]


def test_random_ties_fall_both_ways_and_repeat_with_their_seed():
    tied = np.full((200, 2), 0.5)
    chosen = hard_labels(tied, np.ones(200, bool), ties="random", rng=1)
    assert set(chosen.tolist()) == {0, 1}
    assert chosen.tolist() == hard_labels(tied, np.ones(200, bool), ties="random", rng=1).tolist()


def test_a_policy_that_does_not_exist_is_refused():
    with pytest.raises(DataError, match="ties='fist' is no policy"):
        hard_labels(P, COVERED, ties="fist")


def test_items_without_any_source_have_no_hard_label():
    soft = SoftLabels(P, LabelSpace(("h", "s")), np.arange(3), np.array(["rules", "model", "none"]))
    assert soft.hard(ties="first").tolist() == [1, 0, -1]
