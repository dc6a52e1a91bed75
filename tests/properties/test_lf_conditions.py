"""Laws of conditions: keywords against a naive reading, Kleene's logic, lists, round trips."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.lf import ColumnTable, load_pack
from wsal.lf.conditions import (
    AllCondition,
    AnyCondition,
    Condition,
    InListCondition,
    KeywordsCondition,
    LeafCondition,
    NotCondition,
    RegexCondition,
    evaluate,
)
from wsal.lf.conditions.base import Truth
from wsal.lf.conditions.keywords import keyword_pattern
from wsal.lf.search.parse_tree import compile_pattern

ALPHABET = "abAB 1_-é.\n"
words = st.text(alphabet=ALPHABET, min_size=1, max_size=4).filter(str.strip)
texts = st.none() | st.text(alphabet=ALPHABET, max_size=14)


def naive_found(word: str, text: str) -> bool:
    """Look for a keyword at every place, without regular expressions (of ASCII and é: lower() is enough)."""
    word, text = word.lower(), text.lower()
    return any(
        text[i : i + len(word)] == word
        and not touches(text[:i][-1:])
        and not touches(text[i + len(word) :][:1])
        for i in range(len(text) - len(word) + 1)
    )


def touches(character: str) -> bool:
    return character.isalnum() or character == "_"


@settings(max_examples=50)
@given(
    st.lists(words, min_size=1, max_size=4, unique_by=str.lower),
    st.integers(1, 4),
    st.lists(texts, max_size=5),
)
def test_keywords_are_what_a_naive_search_finds(keywords: list[str], at_least: int, column: list[str | None]):
    condition = KeywordsCondition(field="text", keywords=tuple(keywords), at_least=at_least)
    (truth,) = evaluate([condition], ColumnTable({"text": column}))
    expected = [
        -1 if t is None else int(sum(naive_found(w, t) for w in keywords) >= at_least) for t in column
    ]
    assert truth.tolist() == expected


@settings(max_examples=50)
@given(st.lists(words.map(str.strip), min_size=1, max_size=4), st.lists(texts, max_size=5))
def test_a_list_that_is_contained_is_a_list_of_keywords(entries: list[str], column: list[str | None]):
    stripped = [t if t is None else t.strip() for t in column]
    condition = InListCondition(field="text", entries=frozenset(entries), any_case=False, contains=True)
    (truth,) = evaluate([condition], ColumnTable({"text": stripped}))
    found = [keyword_pattern(entry, any_case=False) for entry in entries]
    assert truth.tolist() == [-1 if t is None else int(any(p.search(t) for p in found)) for t in stripped]


@settings(max_examples=50)
@given(
    st.sampled_from([r"\ba", "a+b", "(a|b)+1", "^a", "b$", "[^ab]", "A"]),
    st.booleans(),
    st.lists(texts, max_size=5),
)
def test_a_regex_is_what_re_finds(pattern: str, any_case: bool, column: list[str | None]):  # noqa: FBT001  # hypothesis gives it
    (truth,) = evaluate(
        [RegexCondition(field="t", pattern=pattern, any_case=any_case)], ColumnTable({"t": column})
    )
    search = compile_pattern(pattern, 2 if any_case else 0).search
    assert truth.tolist() == [-1 if t is None else int(search(t) is not None) for t in column]


class Given(LeafCondition):
    """Answers what its column holds."""

    kind = "given"

    def normal_form(self):
        return {"given": self.field}

    @classmethod
    def evaluate_together(cls, conditions, column, _faults) -> Truth:
        return np.array([column] * len(conditions), dtype=np.int8)


trees = st.recursive(
    st.sampled_from("pqr").map(lambda name: Given(field=name)),
    lambda inner: st.one_of(
        inner.map(lambda c: NotCondition(condition=c)),
        st.lists(inner, min_size=1, max_size=3).map(lambda cs: AllCondition(conditions=tuple(cs))),
        st.lists(inner, min_size=1, max_size=3).map(lambda cs: AnyCondition(conditions=tuple(cs))),
    ),
    max_leaves=8,
)
ORDER = {0: 0, -1: 1, 1: 2}  # FALSE < UNKNOWN < TRUE
EVERY = [(p, q, r) for p in (0, 1, -1) for q in (0, 1, -1) for r in (0, 1, -1)]
TABLE = ColumnTable(
    {name: list(column) for name, column in zip("pqr", zip(*EVERY, strict=True), strict=True)}
)


def reference(condition: Condition, values: dict[str, int]) -> int:
    if isinstance(condition, Given):
        return values[condition.field]
    truths = [reference(part, values) for part in condition.parts]
    if isinstance(condition, NotCondition):
        return {1: 0, 0: 1, -1: -1}[truths[0]]
    pick = min if isinstance(condition, AllCondition) else max
    return pick(truths, key=ORDER.__getitem__)


@settings(max_examples=50)
@given(trees)
def test_logic_is_kleenes(tree: Condition):
    expected = [reference(tree, dict(zip("pqr", values, strict=True))) for values in EVERY]
    assert evaluate([tree], TABLE)[0].tolist() == expected


@settings(max_examples=50)
@given(trees, trees)
def test_de_morgan_and_double_negation_hold(a: Condition, b: Condition):
    def no(c: Condition) -> Condition:
        return NotCondition(condition=c)

    pairs = [
        (no(AllCondition(conditions=(a, b))), AnyCondition(conditions=(no(a), no(b)))),
        (no(AnyCondition(conditions=(a, b))), AllCondition(conditions=(no(a), no(b)))),
        (no(no(a)), a),
        (AllCondition(conditions=(a, b)), AllCondition(conditions=(b, a))),
    ]
    for left, right in pairs:
        one, other = evaluate([left, right], TABLE)
        np.testing.assert_array_equal(one, other)
    assert AllCondition(conditions=(a, b)).digest == AllCondition(conditions=(b, a)).digest


@settings(max_examples=50)
@given(trees)
def test_knowing_more_never_turns_an_answer_round(tree: Condition):
    (truth,) = evaluate([tree], TABLE)
    answers = dict(zip(EVERY, truth.tolist(), strict=True))
    for values, answer in answers.items():
        if answer != -1:
            completed = [v for v in EVERY if all(a in (-1, b) for a, b in zip(values, v, strict=True))]
            assert {answers[v] for v in completed} == {answer}


yaml_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\ufeff"),
    min_size=1,
    max_size=12,
).filter(str.strip)
leaves = st.one_of(
    st.fixed_dictionaries(
        {"keywords": st.lists(yaml_texts, min_size=1, max_size=3, unique_by=str.lower)},
        optional={"case": st.sampled_from(["any", "exact"]), "field": yaml_texts},
    ),
    st.fixed_dictionaries({"number": yaml_texts, "above": st.floats(allow_nan=False, allow_infinity=False)}),
    st.fixed_dictionaries(
        {"in_list": st.lists(yaml_texts, min_size=1)}, optional={"contains": st.booleans()}
    ),
)
whens = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda cs: {"all": cs}), inner.map(lambda c: {"not": c})
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=25)
@given(whens)
def test_a_pack_and_its_rules_own_text_say_the_same(when: dict[str, object]):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.yaml"
        rule = {"id": "a", "label": "b", "when": when}
        path.write_text(json.dumps({"wsal": 1, "rules": [rule]}))
        (first,) = load_pack(path).rules
        path.write_text("wsal: 1\nrules:\n- " + first.source_text)
        (second,) = load_pack(path).rules
        shuffled = dict(reversed(rule.items()))
        path.write_text(json.dumps({"rules": [shuffled], "wsal": 1}, indent=1, ensure_ascii=False))
        (third,) = load_pack(path).rules
    assert first.fingerprint == second.fingerprint == third.fingerprint
    assert json.loads(first.source_text) == rule
