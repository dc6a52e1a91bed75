"""Groups of items by a column."""

from __future__ import annotations

from datetime import date

import pytest

from wsal.analysis import group_by, time_bins
from wsal.analysis.groups import MISSING, OTHERS
from wsal.errors import InputError


def test_values_that_are_called_like_our_own_groups_stay_apart_from_them():
    found = group_by("c", ["(missing)", "(missing)", None, "'(missing)'", "a", "a"])
    assert found.names == ("'(missing)'", "a", "''(missing)''", MISSING)
    assert found.sizes.tolist() == [2, 2, 1, 1]
    many = [OTHERS] * 9 + [f"v{i % 14}" for i in range(42)]
    assert f"'{OTHERS}'" in group_by("c", many).names
    assert OTHERS in group_by("c", many).names


def test_values_become_groups_the_commonest_first_and_missing_last():
    found = group_by("town", ["b", "a", "b", None, "a", "b", float("nan")])
    assert found.names == ("b", "a", MISSING)
    assert found.codes.tolist() == [0, 1, 0, 2, 1, 0, 2]
    assert found.sizes.tolist() == [3, 2, 2]


def test_many_numbers_are_cut_into_bins_of_about_equal_size():
    found = group_by("age", list(range(100)), bins=4)
    assert found.names == ("below 24", "24 to below 49", "49 to below 74", "74 and above")
    assert found.sizes.tolist() == [24, 25, 25, 26]
    assert found.notes


def test_numbers_of_few_values_stay_values():
    assert group_by("stars", [1, 2, 2, 3.0, True]).names == ("2", "1", "3", "True")
    assert group_by("half", [0.5, 1.5, 0.5]).names == ("0.5", "1.5")


def test_one_value_that_is_most_of_a_column_still_leaves_two_bins():
    found = group_by("links", [0] * 90 + list(range(1, 21)), bins=4, most=5)
    assert found.sizes.sum() == 110
    assert found.names[0].startswith("below")


def test_rare_texts_are_one_group():
    found = group_by("country", ["x"] * 40 + ["y"] * 30 + [f"z{i % 15}" for i in range(30)], most=4)
    assert found.names[:2] == ("x", "y")
    assert OTHERS in found.names
    assert found.codes.max() == 3


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        (["a", "a"], {}, "one group"),
        ([None, None], {}, "is empty"),
        ([f"id{i}" for i in range(50)], {}, "these are no groups"),
        (["a", "b"], {"edges": [1]}, "holds no numbers"),
        ([1, 2, 3], {"edges": [3, 2]}, "rise"),
        ([1, 2, 3], {"edges": [float("nan")]}, "edges are numbers"),
        (list(range(50)), {"bins": 1}, "make no groups"),
    ],
)
def test_columns_that_make_no_groups_are_refused(values, options, said):
    with pytest.raises(InputError, match=said):
        group_by("c", values, **options)


def test_times_are_cut_in_their_order():
    days = [date(2024, 1, day) for day in range(1, 31)]
    found = time_bins("day", days[::-1], bins=3)
    assert found.names == (
        "2024-01-01 to 2024-01-10",
        "2024-01-11 to 2024-01-20",
        "2024-01-21 to 2024-01-30",
    ) or found.names[0].startswith("2024-01-01")
    assert found.codes[-1] == 0
    assert found.codes[0] == len(found.names) - 1
    minutes = time_bins("at", ["2024-01-01T10:30:00", "2024-01-02T00:00"], bins=2)
    assert minutes.names[0] == "2024-01-01T10:30 to 2024-01-01T10:30"
    assert time_bins("epoch", [1_700_000_000, 1_700_000_001], bins=2).names[0].startswith("1700000000")


def test_what_is_no_time_is_refused_with_the_cell():
    with pytest.raises(InputError, match="'soon', which is no time"):
        time_bins("day", ["2024-01-01", "soon"])
    with pytest.raises(InputError, match="fewer than two different times"):
        time_bins("day", ["2024-01-01", "2024-01-01", None])
    with pytest.raises(InputError, match="1 bins show no drift"):
        time_bins("day", ["2024-01-01", "2024-01-02"], bins=1)
