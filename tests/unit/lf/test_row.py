"""An item, as a function in Python sees it: made one by one, or by the maker that engines and packs use."""

from __future__ import annotations

import copy
import pickle
import time

import pytest

from wsal.lf import Row
from wsal.lf.row import row_maker, rows_between

COLUMNS = {"id": ["a", "b"], "text": ["one", "two"], "v": [[1.0], [2.0]], "items": [1, 2]}


@pytest.fixture(params=["row", "maker"])
def x(request) -> Row:
    return Row(COLUMNS, 1) if request.param == "row" else row_maker(COLUMNS)(1)


def test_cells_are_attributes_and_keys(x):
    assert (x.text, x["text"], x.get("text"), x.get("none"), x.get("none", 3)) == (
        "two",
        "two",
        "two",
        None,
        3,
    )
    assert x["items"] == 2
    assert dict(x) == {"id": "b", "text": "two", "v": [2.0], "items": 2}
    assert ("text" in x, "none" in x, len(x)) == (True, False, 4)


def test_a_column_that_is_not_there_is_an_attribute_error_with_a_hint(x):
    with pytest.raises(
        AttributeError, match="no column 'txet'; it has id, text, v, items; did you mean 'text'"
    ):
        _ = x.txet
    with pytest.raises(KeyError, match="txet"):
        _ = x["txet"]
    assert getattr(x, "txet", 5) == 5


def test_what_is_written_stays_in_the_row(x):
    x.text = "changed"
    x["words"] = 7
    assert (x["text"], x.text, x.words, x["words"], len(x)) == ("changed", "changed", 7, 7, 5)
    assert type(x)(COLUMNS, 1).text == "two"
    assert COLUMNS["text"] == ["one", "two"]


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301  # own bytes
def test_a_copy_has_the_same_cells_and_a_life_of_its_own(x, clone):
    x.words = ["w"]
    twin = clone(x)
    assert dict(twin) == dict(x)
    twin.text = "changed"
    assert x.text == "two"


def test_a_column_may_be_called_like_anything_of_the_row():
    columns = {
        name: [1] for name in ("keys", "_index", "_columns", "__class__", "__slots__", "a b", "", "class")
    }
    made = row_maker(columns)(0)
    assert isinstance(made, Row)
    assert dict(made) == dict.fromkeys(columns, 1)
    assert (getattr(made, "a b"), getattr(made, "class"), callable(made.keys)) == (1, 1, True)


def test_a_cell_is_read_quickly():
    make = row_maker({"text": ["one"] * 1000})
    rows = [make(i) for i in range(1000)]
    start = time.process_time()
    for _ in range(100):
        for row in rows:
            _ = row.text
    assert time.process_time() - start < 0.12  # 1.2 µs a cell; by __getattr__ alone it is some 2 µs


def test_a_pickled_row_is_that_row_alone():
    big = Row({"text": ["x" * 1000] * 100}, 3)
    assert len(pickle.dumps(big)) < 2000


def test_a_row_is_never_a_key_that_stands_for_another_one(x):
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)


def test_one_object_serves_as_every_row_that_nobody_keeps():
    seen = [(id(x), x.text, x["id"]) for x in rows_between(COLUMNS, 0, 2)]
    assert [(text, item_id) for _, text, item_id in seen] == [("one", "a"), ("two", "b")]
    assert len({identity for identity, _, _ in seen}) == 1


def test_a_row_that_is_kept_or_written_into_is_never_another_one():
    kept = [(x, lambda x=x: x.id) for x in rows_between(COLUMNS, 0, 2)]
    assert [(x.text, read()) for x, read in kept] == [("one", "a"), ("two", "b")]
    texts = []
    for x in rows_between(COLUMNS, 0, 2):
        texts.append((x.text, x.get("words")))
        x.words = 1
        x.text = "changed"
    assert texts == [("one", None), ("two", None)]


def test_what_tells_rows_apart_is_their_cells_and_the_types_of_these():
    make = row_maker({"a": [1, 1.0, True, 1], "b": ["x"] * 4})
    rows = [make(i) for i in range(4)]
    contents = [x.content() for x in rows]
    assert contents[0] == contents[3]
    assert len({*contents}) == 3
    rows[0].c = 1
    assert rows[0].content() is None
