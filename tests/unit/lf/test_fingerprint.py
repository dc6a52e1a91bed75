"""A fingerprint changes with what a function computes, and with nothing else."""

from __future__ import annotations

import enum
import functools
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wsal.lf import LabelingFunction, fingerprint_of

THRESHOLD = 5


def made(source: str, **names: object) -> Callable[..., Any]:
    """Make a function ``f`` without a file."""
    exec(textwrap.dedent(source), names)  # noqa: S102  # a function without a source file
    return names["f"]


def over(limit: int) -> Callable[[int], bool]:
    def f(x):
        return x > limit

    return f


def test_functions_of_one_text_differ_by_closure_defaults_and_globals():
    assert fingerprint_of(over(1)) == fingerprint_of(over(1)) != fingerprint_of(over(2))
    one = made("def f(x, n=1): return x > n")
    assert fingerprint_of(one) == fingerprint_of(made("def f(x, n=1): return x > n"))
    assert fingerprint_of(one) != fingerprint_of(made("def f(x, n=2): return x > n"))
    assert fingerprint_of(one) != fingerprint_of(made("def f(x, n=1): return x < n"))
    reads = "def f(x): return x > LIMIT"
    assert fingerprint_of(made(reads, LIMIT=1)) != fingerprint_of(made(reads, LIMIT=2))


def test_what_a_function_calls_is_part_of_it():
    calls = "def g(x): return x > {}\ndef f(x): return g(x)"
    assert fingerprint_of(made(calls.format(1))) != fingerprint_of(made(calls.format(2)))
    inner = "def f(x): return any(y > LIMIT for y in x)"
    assert fingerprint_of(made(inner, LIMIT=1)) != fingerprint_of(made(inner, LIMIT=2))


def test_two_lambdas_of_one_line_differ():
    first, second = (lambda x: x + 1, lambda x: x + 2)
    assert fingerprint_of(first) != fingerprint_of(second)


def test_resources_preprocessors_and_versions_are_part_of_it_and_names_are_not():
    f = over(1)
    plain = LabelingFunction("a", f).fingerprint
    assert plain == LabelingFunction("b", f, author="x", why="y").fingerprint
    others = {
        LabelingFunction("a", f, {"n": 1}).fingerprint,
        LabelingFunction("a", f, {"n": 2}).fingerprint,
        LabelingFunction("a", f, pre=[over(1)]).fingerprint,
        LabelingFunction("a", f, pre=[over(2)]).fingerprint,
        LabelingFunction("a", f, version="2").fingerprint,
    }
    assert len(others - {plain, None}) == 5


class Colour(enum.Enum):
    RED = 1


@dataclass
class Point:
    x: int


class Slots:
    __slots__ = ("a",)

    def __init__(self, a):
        self.a = a


class Plain:
    def __init__(self, a):
        self.a = a


class Child(Plain):
    pass


DIFFERENT = [
    None, True, False, 0, 1, 1.0, -0.0, 0.0, "1", b"1", 1j, (), [], {}, set(), (1,), [1], {1}, {1: 2},
    {1: 3}, {2: 2}, (1, (2,)), ((1,), 2), "", ..., re.compile("a"), re.compile("a", re.IGNORECASE),
    Path("a"), Colour.RED, Point(1), Point(2), Slots(1), Slots(2), Plain(1), Plain(2), Child(1), np.int64(1),
    np.float32(1), np.zeros(2), np.zeros(3), np.zeros((2, 1)), np.zeros(2, dtype=int), range(3), slice(3),
    len, str.upper, bytes.upper, re, functools.partial(len, "a"), Plain, Child, Point, Slots,
    np.datetime64("2020-01-01"),
]  # fmt: skip


def test_values_that_differ_have_different_fingerprints():
    prints = [fingerprint_of(value) for value in DIFFERENT]
    assert None not in prints
    assert len(set(prints)) == len(prints)


@pytest.mark.parametrize(
    "value", [object(), iter([]), threading.Lock(), (n for n in ()), np.array([object()])]
)
def test_what_another_process_cannot_tell_apart_has_none(value: object):
    assert fingerprint_of(value) is None
    assert fingerprint_of([{"a": value}]) is None


def test_a_folder_beside_pythons_own_holds_no_library(tmp_path, monkeypatch):
    from wsal.lf import fingerprint

    library = tmp_path / "python3.11"
    monkeypatch.setattr(fingerprint.sysconfig, "get_path", lambda _name: str(library))
    fingerprint._library_folders.cache_clear()
    try:
        assert fingerprint._is_library(str(library / "re.py"))
        assert not fingerprint._is_library(str(tmp_path / "python3.11-mine" / "own.py"))
    finally:
        fingerprint._library_folders.cache_clear()


def test_circles_end():
    ring: list[object] = [1]
    ring.append(ring)
    other: list[object] = [2]
    other.append(other)
    assert fingerprint_of(ring) not in {None, fingerprint_of(other)}
    countdown = "def f(x): return f(x - 1) if x else {}"
    assert fingerprint_of(made(countdown.format(0))) != fingerprint_of(made(countdown.format(1)))


PROGRAM = """
import re
from pathlib import Path
import numpy as np
from wsal.lf import LabelingFunction, labeling_function, load_rules, nlp_labeling_function, preprocessor

WORDS = {"free", "prize", "cash", "win"}
PATTERN = re.compile("x+")

@preprocessor(memoize=True)
def lower(x):
    x.lower = x.text.lower()
    return x

@labeling_function(resources={"words": WORDS, "array": np.arange(3)}, pre=[lower])
def known(x, words, array):
    return 1 if x.lower in {"a", "b", "c"} or PATTERN.search(x.lower) or x.lower in WORDS else -1

@nlp_labeling_function()
def tokens(x):
    return len(x.doc)

lfs = [known, tokens, LabelingFunction("l", lambda x: x in {"p", "q", "r"}), *load_rules("pack.yaml")]
print([lf.fingerprint for lf in lfs])
"""


def test_fingerprints_are_the_same_in_every_process(tmp_path: Path):
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "code.py").write_text("def f(x): return True\n")
    (tmp_path / "pack.yaml").write_text(
        "wsal: 1\nrules:\n"
        "  - id: a\n    label: b\n"
        "    when: {any: [{keywords: [x, y, z]}, {in_list: [p, q, r]}, {python: 'code:f'}]}\n"
        "  - {id: c, when: {column: ana, values: {1: x, 0: y}}}\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "program.py"],
            cwd=tmp_path,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert "None" not in next(iter(outputs))
    assert len(set(re.findall("[0-9a-f]{64}", next(iter(outputs))))) == 5
