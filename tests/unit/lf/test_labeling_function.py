"""Labelling functions in Python, their preprocessors, and foreign objects."""

from __future__ import annotations

import pickle
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from wsal.errors import InputError
from wsal.lf import (
    ItemView,
    LabelingFunction,
    Preprocessor,
    as_labeling_function,
    labeling_function,
    nlp_labeling_function,
    preprocessor,
)


def text(value: str) -> SimpleNamespace:
    return SimpleNamespace(text=value)


def test_the_decorator_names_the_function_and_keeps_its_reason():
    @labeling_function(author="ana")
    def short(x):
        """Short messages are chatty.

        More about it.
        """
        return 0 if len(x.text) < 4 else -1

    assert (short.name, short.author, short.why) == ("short", "ana", "Short messages are chatty.")
    assert (short(text("Hi")), short(text("Hello"))) == (0, -1)


def test_the_decorator_works_without_parentheses_and_with_snorkels_arguments():
    @labeling_function
    def plain(x):
        return None

    @labeling_function("named", {"words": ("free",)}, None)
    def other(x, words):
        return "spam" if any(word in x.text for word in words) else None

    assert (plain.name, plain(text(""))) == ("plain", -1)
    assert (other.name, other(text("free!")), other(text("no"))) == ("named", "spam", -1)
    assert dict(other.resources) == {"words": ("free",)}


def test_what_is_no_vote_is_refused_by_name():
    for answer in (True, 1.0, [1], b"spam"):
        with pytest.raises(TypeError, match="labelling function 'odd' returned"):
            LabelingFunction("odd", lambda _, answer=answer: answer)(text(""))
    assert LabelingFunction("numpy", lambda _: np.int64(1))(text("")) == 1


@pytest.mark.parametrize(("name", "f"), [("", len), ("  ", len), ("a", 5)])
def test_a_function_needs_a_name_and_a_call(name: str, f: object):
    with pytest.raises(InputError) as caught:
        LabelingFunction(name, f)
    assert caught.value.hint


def test_a_labelling_function_survives_pickling():
    lf = LabelingFunction("length", len, why="w")
    copy = pickle.loads(pickle.dumps(lf))  # noqa: S301  # our own bytes
    assert (copy.name, copy.why, copy("abc"), copy.fingerprint) == ("length", "w", 3, lf.fingerprint)


def test_any_object_with_a_name_and_a_call_is_accepted():
    class Foreign:
        def __init__(self, name, f, resources):
            self.name = name
            self._f = f
            self._resources = resources

        def __call__(self, x):
            return self._f(x, **self._resources)

    def has(x, word):
        return 1 if word in x.text else -1

    wrapped = as_labeling_function(Foreign("has-free", has, {"word": "free"}))
    assert (wrapped.name, wrapped(text("free"))) == ("has-free", 1)
    assert wrapped.fingerprint == as_labeling_function(Foreign("has-free", has, {"word": "free"})).fingerprint
    assert wrapped.fingerprint != as_labeling_function(Foreign("has-free", has, {"word": "win"})).fingerprint
    assert as_labeling_function(wrapped) is wrapped
    for wrong in (len, SimpleNamespace(name="a")):
        with pytest.raises(InputError, match="is no labelling function"):
            as_labeling_function(wrong)


def test_an_object_that_cannot_be_told_apart_has_no_fingerprint():
    class Foreign:
        name = "iterator"

        def __init__(self):
            self._numbers = iter([1, 2])

        def __call__(self, _x):
            return next(self._numbers)

    assert as_labeling_function(Foreign()).fingerprint is None


def test_a_preprocessor_adds_to_the_item_without_changing_it():
    @preprocessor()
    def lower(x):
        x.lower = x.text.lower()
        return x

    for item in ({"text": "FREE"}, text("FREE"), pd.Series({"text": "FREE"})):
        before = repr(item)
        lf = LabelingFunction("free", lambda x: 1 if x.lower == "free" else -1, pre=[lower])
        assert lf(item) == 1
        assert repr(item) == before


def test_preprocessors_run_in_order_and_after_their_own():
    @preprocessor
    def first(x):
        x.steps = "a"
        return x

    @preprocessor(pre=[first])
    def second(x):
        x.steps += "b"
        return x

    @preprocessor("third")
    def another(x):
        x["steps"] = x["steps"] + "c"
        return x

    assert LabelingFunction("l", lambda x: x.steps, pre=[second, another])(text("")) == "abc"


def test_a_memoizing_preprocessor_runs_once_for_equal_items_and_forgets_the_oldest():
    runs: list[str] = []

    @preprocessor(memoize=True, memo_size=2)
    def counted(x):
        runs.append(x.text)
        return x

    for word in ("a", "a", "b", "a", "c", "a", "b"):
        counted({"text": word})
    assert runs == ["a", "b", "c", "b"]


def test_a_memo_can_have_a_key_and_passes_over_what_has_none():
    runs: list[object] = []

    @preprocessor(memoize=True, memoize_key=lambda x: x.id)
    def by_id(x):
        runs.append(x.id)
        return x

    @preprocessor(memoize=True)
    def by_content(x):
        runs.append("list")
        return x

    by_id(SimpleNamespace(id=1, text="a"))
    by_id(SimpleNamespace(id=1, text="b"))
    by_content({"words": ["a"]})
    by_content({"words": ["a"]})
    assert runs == [1, "list", "list"]


def test_one_and_one_point_zero_are_different_items_to_a_memo():
    @preprocessor(memoize=True)
    def written(x):
        x.written = repr(x.n)
        return x

    assert [written({"n": n}).written for n in (1, 1.0, True)] == ["1", "1.0", "True"]


def test_a_preprocessor_that_returns_nothing_is_named():
    with pytest.raises(ValueError, match="preprocessor 'lower' returned None"):
        Preprocessor("lower", lambda _: None)({"text": ""})
    with pytest.raises(InputError, match="memo_size is at least 1"):
        Preprocessor("lower", len, memo_size=0)


def test_a_view_of_an_item_says_what_it_has_not():
    view = ItemView({"text": "a"})
    with pytest.raises(AttributeError, match="lower"):
        view.lower  # noqa: B018  # reading it is the test


def test_nlp_functions_share_one_doc_a_text():
    seen: list[object] = []

    @nlp_labeling_function()
    def first(x):
        seen.append(x.doc)
        return 1 if any(token.like_num for token in x.doc) else None

    @nlp_labeling_function(name="second", resources={"n": 2})
    def other(x, n):
        seen.append(x.doc)
        return n

    assert (first(text("call 5")), first(text("call")), other(text("call 5"))) == (1, -1, 2)
    assert seen[0] is seen[2]


def test_the_fingerprint_of_an_nlp_function_knows_its_fields_and_pipeline():
    def length(x):
        return len(x.doc)

    settings = [
        {},
        {"text_field": "body"},
        {"doc_field": "words"},
        {"pipeline": str.split},
        {"pre": [ItemView]},
    ]
    prints = [nlp_labeling_function(**given)(length).fingerprint for given in settings]
    assert None not in prints
    assert len(set(prints)) == len(settings)
    assert nlp_labeling_function()(length).fingerprint == prints[0]


def test_nlp_functions_take_a_pipeline_and_fields():
    @nlp_labeling_function(text_field="body", doc_field="words", pipeline=str.split)
    def long(x):
        return 1 if len(x.words) > 2 else 0

    assert [long({"body": body}) for body in ("a b c", "a")] == [1, 0]
