"""Digests of items: equal for equal cells, other for other ones."""

import datetime as dt
import itertools

import pandas as pd
import pytest

from wsal.items import read_items


def _digests(**columns):
    return read_items(pd.DataFrame(columns)).digests.tolist()


def test_equal_items_have_equal_digests_wherever_they_stand():
    one = _digests(text=["a", "b", "a"], n=[1, 2, 1])
    assert one[0] == one[2] != one[1]
    assert _digests(text=["b", "a"], n=[2, 1]) == [one[1], one[0]]


@pytest.mark.parametrize(
    "cells",
    [
        ["a", "", "nan", "None", None, "ab"],
        [0, 1, -1, 2**62, 2**62 + 1],
        [0.0, 1.5, None, float("inf")],
        [[1.0, 2.0], [2.0, 1.0], [1.0], [], None, [0.0, 1.0, 2.0]],
        [dt.date(2026, 1, 1), "2026-01-01", 3, None],
        [True, False, None],
    ],
)
def test_other_cells_have_other_digests(cells):
    found = _digests(cell=cells)
    assert all(a != b for a, b in itertools.combinations(found, 2))


def test_a_whole_number_is_the_same_with_a_point_and_minus_zero_is_zero():
    assert _digests(n=[1, 0]) == _digests(n=[1.0, -0.0])


def test_the_name_of_a_column_counts_and_their_order_does_not():
    assert _digests(a=["x"], b=["y"]) == _digests(b=["y"], a=["x"])
    assert _digests(a=["x"], b=["y"]) != _digests(a=["y"], b=["x"])


def test_the_id_is_no_part_of_the_content():
    frame = pd.DataFrame({"id": ["i1", "i2"], "text": ["same", "same"]})
    first, second = read_items(frame, id_column="id").digests.tolist()
    assert first == second
