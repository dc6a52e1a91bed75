"""Many patterns at once: packs beyond all measure, automata that grow too large, and many alphabets."""

from __future__ import annotations

import re
import resource
import time
from itertools import pairwise

import numpy as np
import pytest

from wsal.lf.search import MultiPattern, SafePattern, engine_of, multi_pattern, re2_set


def found(patterns: list[str], texts: list[str | None], flags: int = 0) -> list[list[bool]]:
    failed: list[int] = []
    together = MultiPattern([SafePattern(pattern, flags) for pattern in patterns])
    result = together.found_in_each(texts, lambda _i, row, _cause: failed.append(row))
    assert not failed
    return result.tolist()


def by_re(patterns: list[str], texts: list[str], flags: int = 0) -> list[list[bool]]:
    return [[re.search(pattern, text, flags) is not None for text in texts] for pattern in patterns]


def test_a_hostile_pack_neither_hangs_nor_exhausts_memory():
    words = [f"w{i:04d}" for i in range(2000)]
    patterns = [rf"\b{word}\b" for word in words]
    patterns += ["|".join(words[i:] + words[:i]) for i in (0, 1)]  # 10 kB each
    patterns += ["(a+)+$", r"(a|aa)+$", r"(.*a){12}b", r"((a*)*)*b", "(?:a?){60}a{60}b", "(x{1,900}y){1,900}"]
    texts = ["a" * 2000 + "!", "x" * 2000, "é" + "a" * 2000, "w1999 and w0000", "nothing"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    result = found(patterns, texts)
    assert time.process_time() - start < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024  # KiB
    assert [i for i, row in enumerate(result) if row[3]] == [0, 1999, 2000, 2001]
    assert result[2002] == [False, False, True, False, False]


@pytest.mark.parametrize("memory", [1 << 14, 1 << 17])
def test_an_automaton_that_runs_out_of_memory_changes_no_answer(monkeypatch, memory):
    monkeypatch.setattr(re2_set, "_MEMORY", memory)
    patterns = [rf"{a}.{{0,20}}{b}" for a in "abcde" for b in "fghij"]
    texts = ["abcde" * 40 + "j", "ajbkcldm" * 30, "édabf", "zzz"]
    assert found(patterns, texts) == by_re(patterns, texts)


def test_a_search_that_says_nothing_at_all_is_made_again_by_the_exact_engine(monkeypatch):
    """RE2 answers "nothing" when its automaton has no memory left."""
    monkeypatch.setattr(re2_set._Set, "search", _nothing_said)
    patterns, texts = ["a+b", r"\bc"], ["aab", "c", "éc", "é c"]
    assert found(patterns, texts) == by_re(patterns, texts)


def _nothing_said(_self, texts):
    nothing = np.empty(0, dtype=np.int64)
    return nothing, nothing, np.arange(len(texts))


def test_a_pass_that_stays_slow_is_cut_up_and_its_answers_stay(monkeypatch):
    monkeypatch.setattr(re2_set, "_SLOW_TEXT", 0.0)
    monkeypatch.setattr(re2_set, "_SLOW_BYTE", 0.0)
    monkeypatch.setattr(re2_set, "_STRETCH", 2)
    monkeypatch.setattr(re2_set, "_PATIENCE", 4)
    patterns = ["a+b", "b+c", r"\bc", "(a+)+$", "x"]
    texts = ["aab", "bbc", "a c", "xa", "é c"] * 30
    run = MultiPattern([SafePattern(pattern) for pattern in patterns])
    expected = by_re(patterns, texts)
    for _ in range(2):
        assert run.found_in_each(texts, print).tolist() == expected
    (plain,) = run._plain
    assert [list(one.patterns) for one in plain._together._sets] == [[3]]  # which only RE2 is sure to end on


def test_a_pack_of_many_scripts_is_cut_into_alphabets():
    characters = [chr(0x4E00 + i) for i in range(300)]
    patterns = [rf"(?<!\w){one}{other}(?!\w)" for one, other in pairwise(characters)]
    patterns += [
        "[" + "".join(characters) + "]z",
        "|".join(characters),
    ]  # the last: more than any alphabet holds
    texts = [f"x {a}{b} y" for a, b in pairwise(characters)] + ["ß一z", "plain", "é"]
    together = MultiPattern([SafePattern(pattern) for pattern in patterns])
    assert together.found_in_each(texts, print).tolist() == by_re(patterns, texts)
    assert 2 < len(together._foreign) < 20


@pytest.mark.parametrize(
    ("pattern", "engine", "why"),
    [
        (r"\bfree\b", "one pass", ""),
        (r"(?<!\w)free(?!\w)", "one pass", ""),
        (r"( |^)what[^\w]* ([^\s]+ )*( |$)", "one pass", ""),
        (r"a(?=b)", "one pass, confirmed", "look-ahead"),
        (r"(?<=a)b", "one pass, confirmed", "look-behind"),
        (r"(a)\1(?!b)", "one pass, confirmed", "back-reference, look-ahead"),
        (r"(a$|b)c", "one pass, confirmed", "$ before the end of the pattern"),
        ("a{1,2000}", "one pass, confirmed", "repeat beyond 1000"),
        ("(?>a+)b", "one pass, confirmed", "atomic group"),
        ("a++b", "one pass, confirmed", "possessive repeat"),
        ("(x{1,900}y){1,900}", "by itself", "more than 20,000 steps in RE2"),
    ],
)
def test_each_pattern_has_an_engine_and_a_reason(pattern: str, engine: str, why: str):
    choice = engine_of(SafePattern(pattern))
    assert (choice.engine, choice.why) == (engine, why)
    assert bool(choice.exact) == bool(why)


def test_a_pattern_that_may_run_for_ever_is_confirmed_under_a_time_limit():
    assert engine_of(SafePattern(r"(a+)+\1")).exact == "regex with a time limit"
    assert engine_of(SafePattern(r"a(?!b)")).exact == "re"


def test_what_is_left_of_a_pack_beyond_eight_passes_is_searched_by_itself(monkeypatch):
    monkeypatch.setattr(multi_pattern, "_PASS_INSTRUCTIONS", 20)
    patterns = [f"{a}{b}c" for a in "abcdef" for b in "abcdef"]
    texts = ["aac", "ffc", "éabc", ""]
    assert found(patterns, texts) == by_re(patterns, texts)
