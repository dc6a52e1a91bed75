"""Token patterns find what spaCy's Matcher finds."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher

from wsal.lf import ColumnTable
from wsal.lf.conditions import TokensCondition, evaluate
from wsal.lf.pipelines import blank_english

NLP = blank_english()

attributes = st.sampled_from(
    [
        {},
        {"LOWER": "a"},
        {"LOWER": {"IN": ["a", "b"]}},
        {"TEXT": {"NOT_IN": ["a"]}},
        {"IS_DIGIT": True},
        {"IS_DIGIT": False},
        {"LENGTH": {">=": 2}},
        {"TEXT": {"REGEX": "^[ab]"}},
        {"LOWER": {"REGEX": "a"}},
        {"SHAPE": {"REGEX": "^d+$"}},
        {"ORTH": {"REGEX": "[bB]", "NOT_IN": ["B"]}, "LOWER": {"REGEX": "."}},
        {"NORM": {"REGEX": "b{2}"}, "IS_ALPHA": True},
        {"SHAPE": "x", "LOWER": "b"},
    ]
)
operators = st.sampled_from([None, None, "?", "*", "+", "!", "{2}", "{1,2}", "{0,1}", "{2,}", "{,2}"])
patterns = st.lists(
    st.builds(lambda a, op: a if op is None else {**a, "OP": op}, attributes, operators),
    min_size=1,
    max_size=4,
)
texts = st.lists(st.sampled_from(["a", "b", "A", "c", "7", "12", "bb", "!"]), max_size=7).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(patterns, texts)
@example([{"LOWER": "a"}, {"OP": "!", "LOWER": "b"}], "a")
@example([{"OP": "?", "LOWER": "a"}], "b")
@example([{"OP": "*", "LOWER": "a"}, {"OP": "*"}], "")
def test_token_patterns_find_what_spacys_matcher_finds(pattern: list[dict[str, object]], text: str):
    _check_against_spacy(pattern, text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.builds(lambda a, w: {a: w}, st.sampled_from(["LOWER"]), st.sampled_from("ab7!")), min_size=1)
    | st.lists(
        st.builds(lambda a, w: {a: w}, st.sampled_from(["TEXT", "ORTH"]), st.sampled_from("aAb")), min_size=1
    ),
    texts,
)
def test_phrases_find_what_spacys_matcher_finds(pattern: list[dict[str, object]], text: str):
    _check_against_spacy(pattern, text)


@pytest.mark.soak
@settings(max_examples=5_000, deadline=None)
@given(patterns, texts)
def test_token_patterns_find_what_spacys_matcher_finds_at_length(pattern: list[dict[str, object]], text: str):
    _check_against_spacy(pattern, text)


def _check_against_spacy(pattern: list[dict[str, object]], text: str) -> None:
    matcher = Matcher(NLP.vocab)
    matcher.add("p", [pattern])
    expected = bool(matcher(NLP.make_doc(text)))
    condition = TokensCondition(field="text", pattern_json=json.dumps(pattern, sort_keys=True))
    (truth,) = evaluate([condition], ColumnTable({"text": [text]}))
    assert truth.tolist() == [int(expected)]


@pytest.mark.timeout(120)
def test_a_pattern_of_many_repeats_ends_soon():
    pattern = [{"OP": "*"}, {"OP": "*"}, {"IS_ALPHA": True, "OP": "+"}, {"OP": "*"}, {"LOWER": "zzz"}]
    condition = TokensCondition(field="text", pattern_json=json.dumps(pattern))
    (truth,) = evaluate([condition], ColumnTable({"text": ["a b " * 5000, "a b " * 5000 + "zzz"]}))
    assert truth.tolist() == [0, 1]
