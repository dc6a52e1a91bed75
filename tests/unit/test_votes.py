from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError
from wsal.label_models import DawidSkene, LabelModel, MajorityVote
from wsal.votes import VoteMatrix

LABELS = ["ham", "spam"]


def test_an_array_is_copied_checked_and_named():
    given = np.array([[0, -1], [1, 1]])
    votes = VoteMatrix.from_array(given, LABELS)
    given[:] = 0
    assert votes.to_numpy().tolist() == [[0, -1], [1, 1]]
    assert votes.to_numpy().dtype == np.int8
    assert votes.lf_names == ("lf_0", "lf_1")
    assert votes.item_ids.tolist() == [0, 1]
    assert (votes.n_items, votes.n_lfs, votes.n_classes, len(votes)) == (2, 2, 2, 2)


def test_the_votes_cannot_be_changed_in_place():
    votes = VoteMatrix.from_array([[0]], LABELS)
    with pytest.raises(ValueError, match="read-only"):
        votes.values[0, 0] = 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[2]], "vote 2 of item 1, function 1"),
        ([[0, 1], [0, -2]], "vote -2 of item 2, function 2"),
        ([[0.5]], "whole numbers"),
        ([[np.nan]], "whole numbers"),
        ([0, 1], "shape"),
        ([["ham"]], "whole numbers"),
        ([[300]], "vote 300"),
    ],
)
def test_what_is_no_vote_is_refused_by_name(given, message):
    with pytest.raises(DataError, match=message):
        VoteMatrix.from_array(given, LABELS)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(DataError, match="votes are a matrix"):
        VoteMatrix.from_array([[1], [1, 0]], labels=["ham", "spam"])


@pytest.mark.parametrize("model", [LabelModel(), MajorityVote(), DawidSkene()])
def test_an_array_where_votes_are_wanted_is_refused_with_the_cure(model):
    with pytest.raises(DataError, match="got a ndarray") as caught:
        model.fit(np.array([[1, 0]]))
    assert "VoteMatrix.from_array" in caught.value.hint
    fitted = model.fit(VoteMatrix.from_array([[1, 0]], labels=["ham", "spam"]))
    with pytest.raises(DataError, match="got a ndarray"):
        fitted.predict_proba(np.array([[1, 0]]))


def test_whole_floats_are_votes():
    assert VoteMatrix.from_array([[1.0, -1.0]], LABELS).values.tolist() == [[1, -1]]


def test_repeated_names_and_ids_are_refused():
    with pytest.raises(DataError, match="labelling function 'a' stands twice"):
        VoteMatrix.from_array([[0, 0]], LABELS, lf_names=["a", "a"])
    with pytest.raises(DataError, match="item id 7 stands twice: at position 1 and 3"):
        VoteMatrix.from_array([[0], [0], [1]], LABELS, item_ids=[7, 8, 7])


def test_wrong_numbers_of_names_ids_and_missing_ids_are_refused():
    with pytest.raises(DataError, match="lf_names has 1 entries for 2 columns"):
        VoteMatrix.from_array([[0, 0]], LABELS, lf_names=["a"])
    with pytest.raises(DataError, match="3 item ids for 1 rows"):
        VoteMatrix.from_array([[0]], LABELS, item_ids=[1, 2, 3])
    with pytest.raises(DataError, match="item 2 has no id"):
        VoteMatrix.from_array([[0], [0]], LABELS, item_ids=["a", None])


def test_ids_are_pythons_own_whatever_numpy_made_them():
    given = [np.int64(7), np.str_("a"), 2**64]
    votes = VoteMatrix.from_array([[0]] * 3, LABELS, item_ids=given)
    assert json.dumps(votes.item_ids.tolist()) == '[7, "a", 18446744073709551616]'
    assert [type(item) for item in votes.item_ids] == [int, str, int]
    assert votes.row_of(2**64) == 2


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint32])
def test_ids_of_an_array_of_whole_numbers_are_int64_and_cannot_be_changed(dtype):
    given = np.array([3, 1, 2], dtype=dtype)
    ids = VoteMatrix.from_array([[0]] * 3, LABELS, item_ids=given).item_ids
    given[0] = 9
    assert (ids.dtype, ids.tolist()) == (np.int64, [3, 1, 2])
    for kept in (ids, VoteMatrix.from_array([[0]] * 3, LABELS).item_ids):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 5


def test_whole_numbers_beyond_64_bits_are_ids():
    ids = VoteMatrix.from_array([[0]] * 2, LABELS, item_ids=[2**63, -(2**63)]).item_ids
    assert (ids.dtype, ids.tolist()) == (object, [2**63, -(2**63)])
    unsigned = np.array([2**64 - 1, 0], dtype=np.uint64)
    assert VoteMatrix.from_array([[0]] * 2, LABELS, item_ids=unsigned).item_ids.tolist() == [2**64 - 1, 0]


def test_a_million_ids_are_checked_without_a_loop_over_them():
    values, ids = np.zeros((1_000_000, 1), dtype=np.int8), np.arange(1_000_000)[::-1]
    start = time.process_time()
    VoteMatrix.from_array(values, LABELS, item_ids=ids)
    quick = time.process_time() - start
    ids = ids.copy()
    ids[-1] = 5
    with pytest.raises(DataError, match="item id 5 stands twice: at position 999995 and 1000000"):
        VoteMatrix.from_array(values, LABELS, item_ids=ids)
    assert quick < 0.3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1.5, 2.5], r"item 1 has the id 1.5 \(float\)"),
        (["a", True], r"item 2 has the id True \(bool\)"),
        (["a", float("nan")], "item 2 has no id"),
        (["a", pd.NaT], "item 2 has no id"),
        (pd.to_datetime(["2020", "2021"]), r"item 1 has the id Timestamp.* \(Timestamp\)"),
        (np.array([["a"], ["b"]]), r"item 1 has the id \['a'\] \(list\)"),
    ],
)
def test_what_is_no_id_is_refused_by_name(given, message):
    with pytest.raises(DataError, match=message) as caught:
        VoteMatrix.from_array([[0], [0]], LABELS, item_ids=given)
    assert "id" in caught.value.hint


def test_a_frame_may_hold_indices_names_and_missing_cells():
    frame = pd.DataFrame({"id": ["a", "b", "c"], "x": [1, None, -1], "y": ["spam", None, "ham"]})
    votes = VoteMatrix.from_frame(frame, LABELS, id_column="id")
    assert votes.values.tolist() == [[1, 1], [-1, -1], [-1, 0]]
    assert votes.item_ids.tolist() == ["a", "b", "c"]
    assert votes.to_frame().loc["a"].tolist() == [1, 1]


def test_a_frame_without_an_id_column_uses_its_index():
    frame = pd.DataFrame({"x": [0, 1]}, index=[10, 20])
    assert VoteMatrix.from_frame(frame, LABELS).row_of(20) == 1


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["spma"], "unknown label 'spma'"),
        ([2], "2 is no vote"),
        ([0.5], "0.5 is no vote"),
        ([True], "True is no vote"),
        ([False, None], "row 1: False is no vote"),
        ([np.inf], "inf is no vote"),
        ([[1]], r"\[1\] is no vote"),
    ],
)
def test_a_frame_names_the_cell_that_is_no_vote(column, message):
    with pytest.raises(DataError, match=message):
        VoteMatrix.from_frame(pd.DataFrame({"x": column}), LABELS)


def test_a_missing_column_is_named_with_a_suggestion():
    with pytest.raises(DataError, match="did you mean 'votes'"):
        VoteMatrix.from_frame(pd.DataFrame({"votes": [1]}), LABELS, lf_columns=["vots"])


def test_items_are_found_and_missing_ones_named():
    votes = VoteMatrix.from_array([[0], [1]], LABELS, item_ids=["a1", "b2"])
    assert votes.row_of("b2") == 1
    assert votes.find("zz") is None
    with pytest.raises(DataError, match="no item 'a2'"):
        votes.row_of("a2")


def test_a_selection_of_items_keeps_ids_and_votes_together():
    votes = VoteMatrix.from_array([[0], [1], [-1]], LABELS, item_ids=["a", "b", "c"])
    some = votes.select_items(np.array([2, 0]))
    assert some.item_ids.tolist() == ["c", "a"]
    assert some.values.tolist() == [[-1], [0]]
    assert some.patterns().n_items == 2


def test_an_empty_matrix_has_no_patterns_to_count():
    votes = VoteMatrix.from_array(np.empty((0, 3), dtype=np.int8), LABELS)
    assert votes.patterns().n_items == 0


def test_items_without_ids_are_numbered_and_the_numbers_stay_the_same():
    votes = VoteMatrix.from_array([[0], [1]], labels=["a", "b"])
    assert votes.item_ids.tolist() == [0, 1]
    assert votes.item_ids is votes.item_ids
    assert not votes.item_ids.flags.writeable
    assert replace(votes, item_ids=np.array(["x", "y"], dtype=object)).find("y") == 1
    assert replace(votes, values=votes.values[:1], item_ids=None).item_ids.tolist() == [0]
