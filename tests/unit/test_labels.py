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


def answers(**columns: object) -> HumanLabels:
    n = len(next(iter(columns.values())))
    return HumanLabels.from_frame(
        pd.DataFrame({"item": range(n), "label": [0] * n, **columns}), ["ham", "spam"]
    )


def test_ids_of_draws_beside_their_propensities_are_read():
    human = answers(draw=["d-1", None, "d-3"], propensity=[0.25, None, "0.5"], purpose=["audit"] * 3)
    assert [human.weight(i) for i in range(3)] == [1.0, 0.5, 1.0]
    np.testing.assert_array_equal(human.propensities, [0.25, np.nan, 0.5])


def test_the_id_of_a_draw_alone_does_not_say_how_probable_it_was():
    with pytest.raises(DataError, match="row 2 of the answers has the draw 'd-1'") as caught:
        answers(draw=[None, "d-1"])
    assert "column propensity" in caught.value.hint


@pytest.mark.parametrize("column", ["draw", "propensity"])
@pytest.mark.parametrize("value", [0, -3, np.inf, 1.5, True, [0.5]])
def test_what_is_no_probability_of_a_draw_is_refused(column: str, value: object):
    with pytest.raises(DataError, match=f"row 2 of the answers has the {column}") as caught:
        answers(**{column: [None, value]})
    assert "at most 1" in caught.value.hint


def test_labels_of_a_column_with_gaps_are_whole_floats():
    assert answers(label=[0.0, 1.0, np.float32(1)]).values.tolist() == [0, 1, 1]
    assert HumanLabels.from_pairs({"a": 1.0}).values.tolist() == [1]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (None, "row 2 of the answers has no label"),
        (np.nan, "row 2 of the answers has no label"),
        (0.5, "row 2 of the answers: the label 0.5 is no class index"),
        (2, "row 2 of the answers: the label 2 is no class index"),
        (-1, "row 2 of the answers: the label -1"),
        (True, "row 2 of the answers: the label True"),
        (np.inf, "row 2 of the answers: the label inf"),
        ("spma", "row 2 of the answers: unknown label 'spma'"),
    ],
)
def test_a_row_without_a_label_that_can_be_read_is_named(label: object, message: str):
    with pytest.raises(DataError, match=message) as caught:
        answers(label=pd.Series([0, label], dtype=object))
    assert caught.value.hint


def test_names_cannot_be_read_without_the_labels():
    with pytest.raises(DataError, match="row 1 of the answers: the label 'spam'") as caught:
        HumanLabels.from_frame(pd.DataFrame({"id": ["a"], "label": ["spam"]}))
    assert caught.value.hint == "pass the labels, so that names can be read"


def test_answers_name_items_by_pythons_own_texts_and_numbers():
    frame = pd.DataFrame({"item": [np.int64(7), np.str_("a")], "label": [0, 1]}, dtype=object)
    assert [type(item) for item in HumanLabels.from_frame(frame).item_ids] == [int, str]
    assert [type(item) for item in HumanLabels.from_pairs({np.int64(7): 0}).item_ids] == [int]
    with pytest.raises(DataError, match="row 2 of the answers has no item"):
        HumanLabels.from_frame(pd.DataFrame({"item": ["a", None], "label": [0, 1]}))
    with pytest.raises(DataError, match=r"the item 1\.5 is no id"):
        HumanLabels.from_pairs({1.5: 0})


def test_answers_count_as_their_annotators_do_and_single_answers_stay_whole():
    frame = pd.DataFrame({"item": ["a", "a", "b"], "label": [0, 1, 1], "annotator": ["ana", "ben", "ben"]})
    human = HumanLabels.from_frame(frame).weighing({"ana": 4.0})
    assert human.shares(2)["a"].tolist() == [0.8, 0.2]
    assert human.shares(2)["b"].tolist() == [0.0, 1.0]
    assert human.only({"a"}).shares(2)["a"].tolist() == [0.8, 0.2]
    assert human.weight("a") == 0.5
    with pytest.raises(DataError, match="weight of annotator 'ana' is 0"):
        human.weighing({"ana": 0.0})


def test_second_opinions_are_those_without_a_random_draw():
    frame = pd.DataFrame(
        {
            "item": ["a", "b", "c"],
            "label": [0, 1, 1],
            "purpose": ["overlap", "overlap", "audit"],
            "propensity": [None, 0.1, 0.1],
        }
    )
    assert HumanLabels.from_frame(frame).without_second_opinions().item_ids == ("b", "c")


def test_chosen_items_are_those_with_a_purpose_and_without_a_random_draw():
    frame = pd.DataFrame(
        {
            "item": ["hunted", "drawn", "imported", "hunted and drawn", "hunted and drawn"],
            "label": [0, 1, 1, 0, 1],
            "annotator": ["ana", "ana", "ana", "ana", "ben"],
            "purpose": ["hunt", "audit", "", "hunt", "audit"],
            "propensity": [None, 0.1, None, None, 0.1],
        }
    )
    kept = HumanLabels.from_frame(frame).without_chosen()
    assert kept.item_ids == ("drawn", "imported", "hunted and drawn")
    assert kept.annotators == ("ana", "ana", "ben")
