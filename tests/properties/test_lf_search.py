"""Every search finds what Python's ``re`` finds: one pass for many patterns, and a search under a time limit."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wsal.lf.search import MultiPattern, SafePattern, column_scan, engine_of
from wsal.lf.search import texts as texts_module
from wsal.lf.search.character_sets import CharacterSet
from wsal.lf.search.parse_tree import compile_pattern, parse
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
    try:
        assert _found_by_regex(pattern, flag, text) == expected
    except NotTranslatableError:
        assert "(?a:" in pattern  # the only reason among these patterns


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


@pytest.mark.parametrize(
    ("pattern", "flag"),
    [
        (r"\w", 0),
        (r"\W", 0),
        (r"\d", 0),
        (r"[^\s]", 0),
        (r"[^\W\d_]", 0),
        ("k", re.IGNORECASE),
        ("[^ß]", re.IGNORECASE),
    ],
)
def test_a_set_of_characters_is_that_of_re_on_all_of_unicode(pattern: str, flag: int):
    tree, all_flags = parse(pattern, flag)
    ((op, argument),) = tree
    runs = compile_pattern(f"(?:{pattern})+", flag).finditer(EVERYTHING)
    expected = tuple((run.start(), run.end() - 1) for run in runs)
    assert CharacterSet.of(op, argument, all_flags).ranges(ascii_only=False) == expected


EVERYTHING = "".join(map(chr, range(sys.maxunicode + 1)))
packs = st.lists(st.tuples(patterns, flags), min_size=4, max_size=4)
columns = st.lists(texts, min_size=5, max_size=5)


@settings(max_examples=100, deadline=None)  # of 4 patterns and 5 texts: 2,000 pairs
@given(packs, columns)
@example([("$", 0), (r"\B", 0), (r"a\Z", 0)], ["a\n", "", "\n", "é\n"])
@example([("a$", 0), ("(?m)a$", 0), ("(?m)^b", 0)], ["éa\n", "éa\nb", "éab", "a\x0bbé", "éa\x0b"])
@example([("(?i)ι", 0), (r"(?<!\w)ι(?!\w)", re.IGNORECASE)], ["\u0345", "aι", "Ι", "\u1fbe\u0345"])
@example([("k", re.IGNORECASE), (r"\w\b", 0), (r"(?a:\w)\b", 0)], ["\u212a", "é", "²", "_"])
@example([(r"(?a:\W)", 0), (r"(?a:\w)", 0)], ["²", "é", "x"])
@example([(r"(?:a|b?)*c", 0), ("(?>a|ab)c", 0), ("a++a", 0)], ["abc", "aa", "ac"])
def test_one_pass_finds_what_re_finds(pack: list[tuple[str, int]], column: list[str]):
    _check(pack, column)


@pytest.mark.soak
@settings(max_examples=3_000, deadline=None)  # more than 20,000 pairs
@given(st.lists(st.tuples(patterns, flags), min_size=3, max_size=8), st.lists(texts, min_size=3, max_size=8))
def test_one_pass_finds_what_re_finds_at_length(pack: list[tuple[str, int]], column: list[str]):
    _check(pack, column)


@settings(max_examples=50, deadline=None)
@given(packs, columns)
def test_arrow_finds_what_re_finds(pack: list[tuple[str, int]], column: list[str]):
    with _as_if_long():
        _check(pack, column)


@pytest.mark.soak
@settings(max_examples=2_000, deadline=None)
@given(st.lists(st.tuples(patterns, flags), min_size=3, max_size=8), st.lists(texts, min_size=3, max_size=8))
def test_arrow_finds_what_re_finds_at_length(pack: list[tuple[str, int]], column: list[str]):
    with _as_if_long():
        _check(pack, column)


@contextmanager
def _as_if_long() -> Iterator[None]:
    """Treat a column of a few texts as one of many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_scan, "FEW", 0)
        patch.setattr(texts_module, "FEW", 0)
        patch.setattr(column_scan, "_FIRST_STRETCH", 2)
        yield


def _check(pack: list[tuple[str, int]], column: list[str]) -> None:
    expected = [
        [compile_pattern(pattern, flag).search(text) is not None for text in column] for pattern, flag in pack
    ]
    together = MultiPattern([SafePattern(pattern, flag, timeout=60) for pattern, flag in pack])
    # Twice: the texts as they are, and in a column where the first is missing.
    assert together.found_in_each(column, _fail).tolist() == expected
    assert together.found_in_each([None, *column], _fail).tolist() == [[False, *row] for row in expected]


def _fail(pattern: int, row: int, cause: Exception) -> None:
    raise AssertionError(f"pattern {pattern} failed on row {row}") from cause


@settings(max_examples=100, deadline=None)
@given(patterns, flags)
def test_most_patterns_share_the_pass_and_the_others_say_why(pattern: str, flag: int):
    choice = engine_of(SafePattern(pattern, flag))
    assert (choice.engine == "one pass") == (choice.why == "")
    assert choice.engine != "by itself"
