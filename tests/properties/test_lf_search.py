"""A search under a time limit finds what Python's ``re`` finds: on any pattern, any text, on both routes."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wsal.lf.search import SafePattern
from wsal.lf.search.parse_tree import compile_pattern
from wsal.lf.search.translation import NotTranslatableError, translate

# Where the two engines are known to disagree: \x1c-\x1f, superscripts, combining marks, young digits,
# dotless i, Kelvin, long s, sharp s, final sigma, titlecase digraphs, line and paragraph separators.
ODD = "\x1c\x1f\x85\u2028\xa0\u200b²³¼\u0301\u0345\U00010d40\u0131\u0130\u212aſßẞςσΣǅǆKks_é\ud800"
PLAIN = "abAB01 .-_\n\t"
texts = st.text(alphabet=ODD + PLAIN, max_size=12) | st.text(alphabet=PLAIN, max_size=16)

classes = st.sampled_from(
    [r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", ".", "[a-b]", "[^a-b]", r"[\w-]", r"[^\s]", r"[\W\d]",
     "[[:alpha:]]", "[a||b]", "[a&&b]", "[+--b]", "[[a]", "[^]a]", r"[\x1c-\x1f]", "[ß-ſ]", r"[^\W\d_]"]
)  # fmt: skip
literals = st.sampled_from(list("abAB01 _kKsiß")).map(re.escape) | st.sampled_from(
    ["ς", "ſ", "\u0131", "ǅ", r"\n", r"\-"]
)
places = st.sampled_from([r"\b", r"\B", "^", "$", r"\A", r"\Z"])
fixed = st.lists(classes | literals, min_size=1, max_size=2).map("".join)
repeats = st.sampled_from(
    ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?", "{2,}", "*+", "?+", "++"]
)
flags = st.sampled_from(
    [
        0,
        re.IGNORECASE,
        re.MULTILINE,
        re.DOTALL,
        re.ASCII,
        re.IGNORECASE | re.ASCII,
        re.MULTILINE | re.IGNORECASE,
    ]
)


def _bigger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, repeats).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.tuples(classes | literals, repeats).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.sampled_from(["(?i:{})", "(?-i:{})", "(?a:{})", "(?s:{})", "(?m:{})"]).flatmap(
            lambda form: inner.map(form.format)
        ),
        inner.map("({})".format),
        inner.map("(?={})".format),
        inner.map("(?!{})".format),
        inner.map("(?>{})".format),
        fixed.map("(?<={})".format),
        fixed.map("(?<!{})".format),
    )


patterns = st.recursive(classes | literals | places, _bigger, max_leaves=7)


def _found_by_regex(pattern: str, flag: int, text: str) -> bool:
    limited = regex.compile(translate(pattern, flag, ascii_only=text.isascii()), regex.V0)
    return limited.search(text, timeout=10) is not None


@settings(max_examples=80, deadline=None)
@given(patterns, flags, texts)
@example(r"\s", 0, "\x1c")
@example(r"\w", 0, "\u0301")
@example(r"\w", 0, "²")
@example("i", re.IGNORECASE, "\u0131")
@example("k", re.IGNORECASE, "\u212a")
@example("[[:alpha:]]", 0, "a")
@example("$", 0, "a\n")
@example(r"\B", 0, "")
@example("(?i)ß", 0, "ẞ")
def test_the_translation_finds_what_re_finds(pattern: str, flag: int, text: str):
    _check_translation(pattern, flag, text)


@pytest.mark.soak
@settings(max_examples=5_000, deadline=None)
@given(patterns, flags, texts)
def test_the_translation_finds_what_re_finds_at_length(pattern: str, flag: int, text: str):
    _check_translation(pattern, flag, text)


def _check_translation(pattern: str, flag: int, text: str) -> None:
    expected = compile_pattern(pattern, flag).search(text) is not None
    assert _found_by_regex(pattern, flag, text) == expected


@settings(max_examples=80, deadline=None)
@given(patterns, flags, texts)
def test_a_safe_pattern_finds_what_re_finds(pattern: str, flag: int, text: str):
    assert SafePattern(pattern, flag).found_in(text) == (
        compile_pattern(pattern, flag).search(text) is not None
    )


@settings(max_examples=50, deadline=None)
@given(fixed, repeats, fixed, flags, texts)
def test_back_references_find_what_re_finds(captured: str, repeat: str, between: str, flag: int, text: str):
    _check_back_reference(captured, repeat, between, flag, text)


@pytest.mark.soak
@settings(max_examples=2_000, deadline=None)
@given(fixed, repeats, fixed, flags, texts)
def test_back_references_at_length(captured: str, repeat: str, between: str, flag: int, text: str):
    _check_back_reference(captured, repeat, between, flag, text)


def _check_back_reference(captured: str, repeat: str, between: str, flag: int, text: str) -> None:
    pattern = f"((?:{captured}){repeat}){between}?\\1(?(1)a|b)?"
    try:
        found = _found_by_regex(pattern, flag, text)
    except NotTranslatableError:
        assert flag & re.IGNORECASE
        assert not text.isascii()
        return
    assert found == (compile_pattern(pattern, flag).search(text) is not None)


@settings(max_examples=25, deadline=None)
@given(classes | literals, flags)
def test_every_character_is_matched_or_not_as_in_re(pattern: str, flag: int):
    everything = "".join(map(chr, range(0x3000)))
    limited = regex.compile(translate(pattern, flag, ascii_only=False), regex.V0)
    assert limited.findall(everything) == compile_pattern(pattern, flag).findall(everything)
