"""Engines of a pack's patterns as `wsal check` reports them, and spans for highlighting."""

from __future__ import annotations

import re

import pytest

from wsal.errors import LabelingFunctionError
from wsal.lf import load_rules
from wsal.lf.search import SafePattern
from wsal.lf.searches import MatchSpan, match_spans, pattern_engines, unspaced_keywords

PACK = """
wsal: 1
labels: [ham, spam]
rules:
  - {id: prize, label: spam, when: {keywords: [free, "free gift", gratuité]}}
  - {id: twice, label: spam, when: {regex: '(\\w)\\1(?!\\w)'}}
  - {id: both, label: ham, when: {all: [{rule: prize}, {not: {regex: "gift", field: title}}, {number: n, above: 1}]}}
"""


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "pack.yaml"
    path.write_text(PACK)
    return load_rules(path)


def test_every_pattern_is_listed_once_with_its_rule(rules):
    listed = pattern_engines(rules)
    assert [(entry.rule, entry.pattern, entry.engine) for entry in listed] == [
        ("prize", "free", "one pass"),
        ("prize", "free gift", "one pass"),
        ("prize", "gratuité", "one pass"),
        ("twice", r"(\w)\1(?!\w)", "one pass, confirmed"),
        ("both", "gift", "one pass"),
    ]
    assert str(listed[3]) == (
        r"rule 'twice': '(\\w)\\1(?!\\w)': one pass, confirmed by re: back-reference, look-ahead"
    )


def test_spans_are_characters_of_the_text_of_each_field(rules):
    prize, twice, both = rules
    item = {"text": "Où est la Gratuité? A FREE gift, free", "title": "gift gift", "n": 1}
    text = item["text"]
    spans = match_spans(prize, item)
    assert [text[s.start : s.stop] for s in spans] == ["Gratuité", "FREE", "FREE gift", "free"]
    assert match_spans(twice, {"text": "all of the trees see"}) == (
        MatchSpan("text", 1, 3, r"(\w)\1(?!\w)"),
        MatchSpan("text", 18, 20, r"(\w)\1(?!\w)"),
    )
    assert {s for s in match_spans(both, item) if s.field == "title"} == {
        MatchSpan("title", 0, 4, "gift"),
        MatchSpan("title", 5, 9, "gift"),
    }
    assert match_spans(both, {"text": None, "title": 3}) == ()


def test_spans_that_take_too_long_name_their_rule(rules, monkeypatch):
    monkeypatch.setattr(
        "wsal.lf.conditions.text_search.SafePattern", lambda _p, _f: SafePattern(r"(a+)+\1b$", timeout=0.05)
    )
    with pytest.raises(LabelingFunctionError, match="'twice'"):
        match_spans(rules[1], {"text": "a" * 5000 + "!b"})


@pytest.mark.parametrize("pattern", ["a+?b", r"\b\w", "(a*)*b", "^a|b$", "(a+)+"])
def test_spans_are_those_of_re_on_both_routes(pattern):
    for text in ("aab ab\nb", "a" * 50 + "b", "éa b", ""):
        expected = [match.span() for match in re.finditer(pattern, text)]
        assert list(SafePattern(pattern).spans(text)) == expected


def test_keywords_in_scripts_without_spaces_are_named_once_by_the_rule_that_writes_them(tmp_path):
    path = tmp_path / "pack.yaml"
    path.write_text(
        "wsal: 1\nlabels: [neg, pos]\nrules:\n"
        "  - {id: good, label: pos, when: {keywords: [最高, ดีมาก, gut, ممتاز, 최고]}}\n"
        "  - {id: bad, label: neg, when: {all: [{not: {rule: good}}, {regex: 最悪}]}}\n",
        encoding="utf-8",
    )
    rules = load_rules(path)
    assert unspaced_keywords(rules) == {"good": ("最高", "ดีมาก")}
    assert match_spans(rules[0], {"text": "この商品は最高です"}) == ()
