import pytest

from wsal.audit import DrawRecord, RuleRef, RunFitted, read_record
from wsal.errors import DataError


def test_whole_numbers_are_read_as_floats_where_a_float_is_meant():
    draw = read_record(DrawRecord, {"draw_id": "d", "item": 1, "purpose": "audit", "p": 1})
    assert isinstance(draw.p, float)


@pytest.mark.parametrize("item", ["a", 7])
def test_an_item_is_a_text_or_a_whole_number(item):
    assert read_record(DrawRecord, {"draw_id": "d", "item": item, "purpose": "audit"}).item == item


@pytest.mark.parametrize("item", [1.5, None, True, ["a"]])
def test_nothing_else_is_an_item(item):
    with pytest.raises(DataError, match="item is"):
        read_record(DrawRecord, {"draw_id": "d", "item": item, "purpose": "audit"})


def test_an_error_deep_inside_names_the_whole_way():
    tree = {
        "run": "r",
        "votes_run": "r",
        "model": {"path": "m", "sha256": 1},
        "soft_labels": {"path": "s", "sha256": "x"},
        "n_iter": 1,
        "stop_reason": "",
        "n_answers": 0,
        "answers_seq": 0,
    }
    with pytest.raises(DataError, match=r"RunFitted\.model\.sha256 is 1, not str"):
        read_record(RunFitted, tree)


def test_an_unknown_field_gets_a_suggestion():
    with pytest.raises(DataError, match="did you mean 'fingerprint'"):
        read_record(RuleRef, {"name": "a", "fingerprnt": None})


def test_a_list_is_no_record():
    with pytest.raises(DataError, match="not a mapping"):
        read_record(RuleRef, ["a"])
