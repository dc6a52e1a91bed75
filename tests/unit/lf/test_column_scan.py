"""A column of many texts: Arrow finds the texts that hold anything, and no answer depends on how."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from wsal.lf.search import ArrowTexts, ListTexts, MultiPattern, SafePattern, column_scan
from wsal.lf.search.fast_form import fast_form

WORDS = [f"w{i:03d}" for i in range(60)]
PATTERNS = [
    *(rf"\b{word}\b" for word in WORDS),
    *(rf"{a}.*{b}" for a, b in zip(WORDS[:30], WORDS[30:], strict=True)),
    "e",  # nearly everywhere
    r"\Anew\b",
    r"w00(?=1)",
]
TEXTS = [
    *(f"{'' if i % 3 else 'new '}{WORDS[i % 60]} then {WORDS[i * 7 % 60]}{' ü' * (i % 50 == 0)}" for i in range(6000)),
    *(["", None, "\n"] * 20),
]  # fmt: skip


def by_re(texts: list[str | None]) -> list[list[bool]]:
    searches = [re.compile(pattern).search for pattern in PATTERNS]
    return [[text is not None and search(text) is not None for text in texts] for search in searches]


def together() -> MultiPattern:
    return MultiPattern([SafePattern(pattern) for pattern in PATTERNS])


EXPECTED = by_re(TEXTS)


@pytest.mark.parametrize("of", [ListTexts, lambda texts: ArrowTexts(pa.array(texts, pa.large_string()))])
def test_a_long_column_gets_the_answers_of_re_each_time(of):
    many = together()
    for _ in range(2):
        assert many.found_in_each(of(TEXTS), print).tolist() == EXPECTED


def test_a_slice_of_a_column_is_searched_like_any_other():
    column = pa.array(TEXTS, pa.large_string())[1000:5000]
    assert together().found_in_each(ArrowTexts(column), print).tolist() == by_re(TEXTS[1000:5000])


def test_a_frequent_pattern_is_asked_for_by_itself_and_wanderers_apart():
    many = together()
    rare = [text if i % 10 == 0 else "hello there" for i, text in enumerate(TEXTS)]
    many.found_in_each(rare, print)
    (scan,) = many._plain
    groups = [set(union.patterns) for union in scan._unions]
    assert {90} in groups
    assert not scan._given_up
    wanderers = [group for group in groups if group <= set(range(60, 90))]
    assert sum(map(len, wanderers)) == 30
    assert max(map(len, wanderers)) <= column_scan._WANDERERS


@pytest.mark.parametrize(
    ("constant", "value"),
    [
        ("_START", -1.0),  # every union is slow
        ("_CROWDED", -1.0),  # every union is crowded
        ("_FREQUENT", -1.0),  # every pattern is frequent
        ("_MOST_UNIONS", 0),
        ("_UNION_INSTRUCTIONS", 10),
    ],
)
def test_unions_that_do_not_pay_are_given_up_and_the_answers_stay(monkeypatch, constant, value):
    monkeypatch.setattr(column_scan, constant, value)
    monkeypatch.setattr(column_scan, "_LONGEST_STRETCH", 1024)
    if constant == "_START":
        monkeypatch.setattr(column_scan, "_SLOW_TEXT", 0.0)
        monkeypatch.setattr(column_scan, "_SLOW_BYTE", 0.0)
    many = together()
    for _ in range(2):
        assert many.found_in_each(TEXTS, print).tolist() == EXPECTED
    assert many._plain[0]._given_up


def test_a_union_that_arrow_refuses_is_given_up_and_the_answers_stay(monkeypatch):
    monkeypatch.setattr(column_scan._Union, "_holding", lambda _self, _texts: None)
    many = together()
    assert many.found_in_each(TEXTS, print).tolist() == EXPECTED


@pytest.mark.parametrize(
    ("pattern", "wanders"),
    [
        ("a.*b", True),
        ("a.{0,40}b", True),
        (r"a (?:\S+ )*b", True),
        (r"(.)x\1", True),
        (r"a\s+b", False),
        (r"a[^\w]*b", False),
        (r"a\w+ b", False),
        ("a.{0,3}b", False),
        ("(?:free|gratis) money", False),
    ],
)
def test_a_pattern_that_goes_on_through_any_text_wanders(pattern, wanders):
    assert fast_form(pattern).wanders == wanders


@pytest.mark.parametrize("script", ["abc", "где", "ελλ"])
def test_texts_are_taken_apart_alike_from_a_list_and_from_arrow(script):
    values = [script, None, "", "x" + script, "\n"] * 1000
    one, other = ListTexts(values), ArrowTexts(pa.array(values, pa.large_string()))
    assert len(one) == len(other) == len(values)
    for name in ("missing", "empty", "plain", "other"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert [one[i] for i in range(5)] == [other[i] for i in range(5)]
    assert pa.array(one.plain_bytes, pa.large_binary()).equals(other.plain_bytes)
