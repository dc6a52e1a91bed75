"""Each kind of condition, on values that are there, missing, odd and wrong."""

from __future__ import annotations

import functools
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from wsal.errors import DataError, LabelingFunctionError
from wsal.lf import ColumnTable, Rule, load_pack, vote_rules
from wsal.lf.conditions import (
    Faults,
    KeywordsCondition,
    NumberCondition,
    RegexCondition,
    TokensCondition,
    evaluate,
    token_table,
)
from wsal.lf.conditions.token_patterns import TEXT_ATTRIBUTES, YES_NO_ATTRIBUTES
from wsal.lf.search import SafePattern
from wsal.lf.search.multi_pattern import compile_together
from wsal.types import LabelSpace

TWO = LabelSpace(("ham", "spam"))


@pytest.fixture
def truth_of(tmp_path: Path):
    """Evaluate one condition, written in YAML, over columns."""

    def answer(when: str, **columns: object) -> list[int]:
        (tmp_path / "pack.yaml").write_text(
            f"wsal: 1\nlabels: [ham, spam]\nrules:\n  - id: one\n    label: spam\n    when: {when}\n"
        )
        (rule,) = load_pack(tmp_path / "pack.yaml").rules
        assert rule.condition is not None
        return evaluate([rule.condition], ColumnTable(columns))[0].tolist()

    return answer


def test_keywords_are_whole_words_in_any_case(truth_of):
    texts = ["It is FREE!", "freedom", "carefree", "free_", "free", "", None, float("nan"), pd.NA]
    assert truth_of("{keywords: [free]}", text=texts) == [1, 0, 0, 0, 1, 0, -1, -1, -1]


def test_keywords_of_exact_case(truth_of):
    assert truth_of("{keywords: [Free], case: exact}", text=["Free", "free"]) == [1, 0]


def test_at_least_counts_different_keywords(truth_of):
    texts = ["free free free", "free prize", "free gift", "prize"]
    assert truth_of('{keywords: [free, prize, "free gift"], at_least: 2}', text=texts) == [0, 1, 1, 0]


def test_a_phrase_is_literal_also_in_its_spaces(truth_of):
    assert truth_of("{keywords: [act now]}", text=["act now", "act  now", "act\nnow"]) == [1, 0, 0]


def test_a_keyword_of_signs_is_taken_literally(truth_of):
    assert truth_of("{keywords: ['c++', '$']}", text=["I write C++.", "c", "5$", "$a"]) == [1, 0, 0, 0]


def test_a_regex_is_searched_as_re_does(truth_of):
    texts = ["verify your password", "password verify", "Verify password", None]
    assert truth_of(r"{regex: '\bverify\b.{0,40}\bpassword\b'}", text=texts) == [1, 0, 0, -1]
    assert truth_of(r"{regex: 'verify', case: any}", text=texts) == [1, 1, 1, -1]
    assert truth_of(r"{regex: '(?i)VERIFY'}", text=texts) == [1, 1, 1, -1]


def test_a_condition_reads_the_field_it_names(truth_of):
    assert truth_of("{regex: a, field: body}", text=["a", "b"], body=["b", "a"]) == [0, 1]


# Only an engine that tries every way to cut the row of letters can run this; \1 keeps RE2 from deciding it.
HOSTILE = r"(a+)+\1b$"


@pytest.fixture
def short_of_time(monkeypatch):
    """Give searches of texts a twentieth of a second."""
    monkeypatch.setattr(
        "wsal.lf.search.multi_pattern.SafePattern", functools.partial(SafePattern, timeout=0.05)
    )
    compile_together.cache_clear()
    yield
    compile_together.cache_clear()


@pytest.mark.usefixtures("short_of_time")
def test_a_hostile_regex_names_its_rule_and_the_item():
    hostile = RegexCondition(field="text", pattern=HOSTILE, rule="slow-rule")
    table = ColumnTable({"text": ["aab", "a" * 5000 + "!b"]})
    with pytest.raises(LabelingFunctionError, match="'slow-rule' raised") as caught:
        evaluate([hostile], table, faults=Faults(["i1", "i2"]))
    assert caught.value.item_id == "i2"
    assert isinstance(caught.value.cause, TimeoutError)


@pytest.mark.usefixtures("short_of_time")
def test_a_hostile_regex_is_given_up_after_five_items_in_a_fault_tolerant_run():
    hostile = RegexCondition(field="text", pattern=HOSTILE, rule="slow-rule")
    faults = Faults(tolerant=True)
    (truth,) = evaluate(
        [hostile], ColumnTable({"text": ["b", *["a" * 5000 + "!b"] * 40, "aab"]}), faults=faults
    )
    assert truth.tolist() == [0] + [-1] * 41
    assert [fault.row for fault in faults.found] == list(range(1, 42))
    assert "not searched" in str(faults.found[-1].cause)


def test_a_repeat_inside_a_repeat_costs_one_pass():
    hostile = RegexCondition(field="text", pattern=r"(a+)+$", rule="no-longer-slow")
    start = time.process_time()
    (truth,) = evaluate(
        [hostile], ColumnTable({"text": ["a" * 100_000 + "!", "a" * 100_000, "é" + "a" * 100_000 + "!"]})
    )
    assert truth.tolist() == [0, 1, 0]
    assert time.process_time() - start < 2


def test_tokens_match_in_a_row(truth_of):
    when = '{tokens: [{LOWER: meeting}, {LOWER: "on", OP: "?"}, {IS_DIGIT: true}]}'
    texts = ["Meeting 5 today", "meeting on 5", "meeting at 5", "", None]
    assert truth_of(when, text=texts) == [1, 1, 0, 0, -1]


def test_tokens_know_lists_patterns_and_lengths(truth_of):
    assert truth_of("{tokens: [{LOWER: {IN: [free, cash]}}]}", text=["Cash!", "gold"]) == [1, 0]
    assert truth_of("{tokens: [{TEXT: {REGEX: '^[A-Z]{3,5}$'}}]}", text=["WIN it", "Win it"]) == [1, 0]
    assert truth_of(
        "{tokens: [{LENGTH: {'>=': 8}}, {LIKE_NUM: true}]}", text=["thousand ten", "absolutely ten"]
    ) == [1, 1]
    assert truth_of("{tokens: [{LENGTH: 3}]}", text=["abc", "abcd"]) == [1, 0]


def _tokens(pattern: str, rule: str = "slow-rule") -> TokensCondition:
    step = {"TEXT": {"REGEX": pattern, "NOT_IN": ["skip"]}, "IS_ALPHA": True}
    return TokensCondition(field="text", pattern_json=json.dumps([step], sort_keys=True), rule=rule)


@pytest.fixture
def impatient(monkeypatch):
    """Give searches in tokens a fifth of a second."""
    monkeypatch.setattr(token_table, "SafePattern", functools.partial(SafePattern, timeout=0.2))


@pytest.mark.usefixtures("impatient")
def test_a_hostile_regex_in_a_token_names_its_rule_and_the_item_in_time():
    table = ColumnTable({"text": ["aab", "skip", "b " + "a" * 3000 + "é"]})
    start = time.process_time()
    with pytest.raises(LabelingFunctionError, match="'slow-rule' raised") as caught:
        evaluate([_tokens("(a+)+$")], table, faults=Faults(["i1", "i2", "i3"]))
    assert time.process_time() - start < 5
    assert caught.value.item_id == "i3"
    assert isinstance(caught.value.cause, TimeoutError)


def test_a_token_regex_of_many_repeats_is_answered_in_time():
    start = time.process_time()
    (truth,) = evaluate([_tokens("a*a*a*b")], ColumnTable({"text": ["a" * 800, "aab"]}))
    assert truth.tolist() == [0, 1]
    assert time.process_time() - start < 3


@pytest.mark.parametrize("name", [*TEXT_ATTRIBUTES, *YES_NO_ATTRIBUTES, "LENGTH"])
def test_every_token_attribute_of_a_pack_is_one_that_spacy_takes(truth_of, name: str):
    value = "x" if name in TEXT_ATTRIBUTES else 1 if name == "LENGTH" else "true"
    assert len(truth_of(f"{{tokens: [{{{name}: {value}}}]}}", text=["x", "1"])) == 2


@pytest.mark.usefixtures("impatient")
def test_a_hostile_regex_in_tokens_is_given_up_and_leaves_other_rules_alone():
    texts = ["aaa", *["a" * (3000 + i % 8) + "é" for i in range(20)], "1 skip"]
    conditions = [_tokens("(a+)+$"), _tokens("^a", rule="quick")]
    faults = Faults(tolerant=True)
    start = time.process_time()
    slow, quick = evaluate(conditions, ColumnTable({"text": texts}), faults=faults)
    assert time.process_time() - start < 5
    assert (slow.tolist(), quick.tolist()) == ([1] + [-1] * 20 + [0], [1] * 21 + [0])
    assert [(fault.lf_name, fault.row) for fault in faults.found] == [("slow-rule", i) for i in range(1, 21)]
    assert ["not searched" in str(fault.cause) for fault in faults.found[:8]] == [False] * 5 + [True] * 3


def test_many_token_rules_share_a_pass(tmp_path: Path):
    rules = "\n".join(
        f"  - {{id: r{i}, label: spam, when: {{tokens: [{{LOWER: w{i}}}]}}}}" for i in range(30)
    )
    (tmp_path / "p.yaml").write_text(f"wsal: 1\nlabels: [ham, spam]\nrules:\n{rules}\n")
    table = ColumnTable({"text": [f"a w{i} b" for i in range(30)]})
    votes = vote_rules(load_pack(tmp_path / "p.yaml").rules, table)
    np.testing.assert_array_equal(votes == 1, np.eye(30, dtype=bool))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{number: n, above: 5}", [0, 0, 1, -1]),
        ("{number: n, at_least: 5}", [0, 1, 1, -1]),
        ("{number: n, below: 5}", [1, 0, 0, -1]),
        ("{number: n, at_most: 5}", [1, 1, 0, -1]),
        ("{number: n, equals: 5}", [0, 1, 0, -1]),
        ("{number: n, between: [5, 6]}", [0, 1, 1, -1]),
        ("{number: n, above: 4, below: 6}", [0, 1, 0, -1]),
        ("{not: {number: n, above: 5}}", [1, 1, 0, -1]),
    ],
)
def test_numbers_against_thresholds(truth_of, when: str, expected: list[int]):
    for column in ([4, 5, 6, None], ["4", " 5.0", "6e0", ""], [4.0, 5.0, 6.0, float("nan")]):
        assert truth_of(when, n=column) == expected


def test_columns_come_as_lists_arrays_series_or_arrow():
    above = NumberCondition(field="n", above=1.0)

    class ArrowTable:
        n_items = 3
        columns = ("n",)

        def __init__(self, column):
            self._column = column

        def column(self, _name):
            return self._column

    for column in ([1, 2, None], np.array([1, 2, np.nan]), pd.Series([1, 2, None]), pa.array([1, 2, None])):
        assert evaluate([above], ArrowTable(column))[0].tolist() == [0, 1, -1]


def test_a_text_that_is_no_number_is_an_error_with_the_row(truth_of):
    with pytest.raises(DataError, match=r"row 2 holds 'many'") as caught:
        truth_of("{number: n, above: 5}", n=["4", "many"])
    assert caught.value.location.line == 6
    for odd in ("nan", "inf", "1_000", "0x10"):
        with pytest.raises(DataError, match="rule 'one' reads numbers"):
            truth_of("{number: n, above: 5}", n=[odd])


def test_a_decimal_comma_is_named(truth_of):
    with pytest.raises(DataError, match="row 1 holds '264,38'") as caught:
        truth_of("{number: n, above: 5}", n=["264,38"])
    assert caught.value.hint.endswith("264.38")


def test_a_number_where_text_is_read_is_an_error(truth_of):
    for when in ("{keywords: [a]}", "{regex: a}", "{tokens: [{LOWER: a}]}"):
        with pytest.raises(DataError, match=r"row 2 holds 7 \(int\)"):
            truth_of(when, text=["a", 7])


def test_a_missing_column_is_an_error_with_a_suggestion(truth_of):
    with pytest.raises(DataError, match="'text', which the items do not have") as caught:
        truth_of("{regex: a}", txet=["a"])
    assert caught.value.hint == "did you mean 'txet'?"
    assert caught.value.location.line == 6


def test_a_list_is_compared_as_a_whole_or_contained(truth_of, tmp_path: Path):
    (tmp_path / "names.csv").write_text('\ufeffid,name\n1, Ana Ruiz \n2,\n\n3,"Ben, Jr"\n')
    (tmp_path / "names.txt").write_text("Ana Ruiz\r\n\r\nBen, Jr\r\n")
    who = ["ana ruiz", " ANA RUIZ ", "Ana", "hi ana ruiz!", "hi ana ruizo", "ben, jr", None]
    for entries in ("names.txt", "'names.csv:name'", "[Ana Ruiz, 'Ben, Jr']"):
        assert truth_of(f"{{in_list: {entries}, field: w}}", w=who) == [1, 1, 0, 0, 0, 1, -1]
        assert truth_of(f"{{in_list: {entries}, field: w, contains: true}}", w=who) == [1, 1, 0, 1, 0, 1, -1]
        assert truth_of(f"{{in_list: {entries}, field: w, case: exact}}", w=who) == [0, 0, 0, 0, 0, 0, -1]


def test_a_number_is_looked_up_as_it_is_written(truth_of):
    assert truth_of("{in_list: ['7', '7.5'], field: w}", w=[7, 7.0, 7.5, "7", 8]) == [1, 1, 1, 1, 0]


def test_python_decides_on_whole_items_or_on_a_field(truth_of, tmp_path: Path):
    (tmp_path / "code.py").write_text(
        "import numpy as np\n"
        "def longer(x, than=3):\n    return None if x.text is None else np.bool_(len(x['text']) > than)\n"
        "def loud(text):\n    return text.isupper()\n"
    )
    assert truth_of("{python: 'code:longer'}", text=["abc", "abcd", None]) == [0, 1, -1]
    assert truth_of("{python: 'code:longer', args: {than: 4}}", text=["abcd", "abcde"]) == [0, 1]
    assert truth_of("{python: 'code:loud', field: text}", text=["ABC", "abc", None]) == [1, 0, -1]


def test_what_a_function_writes_into_an_item_no_other_rule_sees(tmp_path: Path):
    (tmp_path / "code.py").write_text(
        "def mark(x):\n    x.seen = True\n    x.text = 'changed'\n    return True\n"
        "def look(x):\n    return 'seen' in x or x.text != 'a'\n"
    )
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nlabels: [ham, spam]\nrules:\n"
        + "".join(f"- {{id: {f}, label: spam, when: {{python: 'code:{f}'}}}}\n" for f in ("mark", "look"))
    )
    table = ColumnTable({"text": ["a", "a"]})
    assert vote_rules(load_pack(tmp_path / "p.yaml").rules, table).tolist() == [[1, -1], [1, -1]]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 1", "returned 1; a condition returns True"),
        ("return x.txt", "no column 'txt'"),
        ("1 / 0", "division"),
    ],
)
def test_python_that_fails_names_the_rule_the_item_and_the_cause(
    truth_of, tmp_path: Path, body: str, says: str
):
    (tmp_path / "code.py").write_text(f"def f(x):\n    {body}\n")
    with pytest.raises(LabelingFunctionError, match="'one' raised") as caught:
        truth_of("{python: 'code:f'}", text=["a"])
    assert says in str(caught.value)
    assert caught.value.item_id == 0


def test_a_failure_is_unknown_and_counted_in_a_fault_tolerant_run(tmp_path: Path):
    (tmp_path / "code.py").write_text("def f(x):\n    return 1 / x.n > 0\n")
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nlabels: [a, b]\nrules: [{id: r, label: b, when: {python: 'code:f'}}]\n"
    )
    faults = Faults(["x", "y", "z"], tolerant=True)
    votes = vote_rules(load_pack(tmp_path / "p.yaml").rules, ColumnTable({"n": [1, 0, -1]}), faults=faults)
    assert votes[:, 0].tolist() == [1, -1, -1]
    assert [(fault.lf_name, fault.row, fault.item_id) for fault in faults.found] == [("r", 1, "y")]
    assert isinstance(faults.found[0].cause, ZeroDivisionError)


def test_logic_follows_kleene(truth_of):
    n = [9, 9, 9, 1, 1, 1, None, None, None]
    m = [9, 1, None, 9, 1, None, 9, 1, None]
    both = "[{number: n, above: 5}, {number: m, above: 5}]"
    assert truth_of(f"{{all: {both}}}", n=n, m=m) == [1, 0, -1, 0, 0, 0, -1, 0, -1]
    assert truth_of(f"{{any: {both}}}", n=n, m=m) == [1, 1, 1, 1, 0, -1, 1, -1, -1]
    assert truth_of("{not: {number: n, above: 5}}", n=n, m=m) == [0, 0, 0, 1, 1, 1, -1, -1, -1]


def test_equal_leaves_are_evaluated_once_and_groups_together(monkeypatch):
    passes: list[int] = []
    original = KeywordsCondition.evaluate_together.__func__

    def counted(cls, conditions, column, faults):
        passes.append(len(conditions))
        return original(cls, conditions, column, faults)

    monkeypatch.setattr(KeywordsCondition, "evaluate_together", classmethod(counted))
    conditions = [KeywordsCondition(field="text", keywords=(w,), rule=str(i)) for i, w in enumerate("abab")]
    truths = evaluate(conditions, ColumnTable({"text": ["a", "b c"]}))
    assert passes == [2]
    assert [truth.tolist() for truth in truths] == [[1, 0], [0, 1], [1, 0], [0, 1]]


def test_an_empty_table_has_empty_answers(truth_of):
    for when in (
        "{keywords: [a]}",
        "{regex: a}",
        "{tokens: [{LOWER: a}]}",
        "{all: [{in_list: [a]}, {not: {regex: a}}]}",
    ):
        assert truth_of(when, text=[]) == []


def _column_rules(tmp_path: Path, when: str) -> tuple[Rule, ...]:
    (tmp_path / "p.yaml").write_text(f"wsal: 1\nlabels: [ham, spam]\nrules:\n  - {{id: c, when: {when}}}\n")
    return load_pack(tmp_path / "p.yaml").rules


def test_a_column_of_label_names_votes_as_it_stands(tmp_path: Path):
    (rule,) = _column_rules(tmp_path, "{column: ana}")
    assert rule.votes(ColumnTable({"ana": ["spam", None, -1, "ham"]})).tolist() == [1, -1, -1, 0]
    assert (rule.label, rule.condition) == (None, None)


def test_a_column_of_codes_is_mapped_to_labels(tmp_path: Path):
    (rule,) = _column_rules(tmp_path, "{column: ana, values: {0: spam, 1: ham, unsure: null}}")
    assert rule.votes(ColumnTable({"ana": [0, 1.0, None, "unsure"]}), TWO).tolist() == [1, 0, -1, -1]


@pytest.mark.parametrize(
    ("when", "cell"),
    [("{column: ana}", "spma"), ("{column: ana, values: {0: spam}}", 3), ("{column: ana}", 1)],
)
def test_a_value_that_is_no_vote_is_an_error_with_a_cure(tmp_path: Path, when: str, cell: object):
    (rule,) = _column_rules(tmp_path, when)
    with pytest.raises(DataError, match=f"row 1 holds {cell!r}") as caught:
        rule.votes(ColumnTable({"ana": [cell]}))
    assert caught.value.hint


def test_a_confidence_is_cut_into_bins_each_a_rule_of_its_own(tmp_path: Path):
    rules = _column_rules(tmp_path, "{column: llm, confidence: p, bins: [0.5, 0.8]}")
    assert [rule.name for rule in rules] == ["c[<0.5]", "c[0.5,0.8)", "c[>=0.8]"]
    assert len({rule.fingerprint for rule in rules}) == 3
    table = ColumnTable({"llm": ["spam", "ham", "spam", "ham", None], "p": [0.2, 0.5, "0.8", None, 0.9]})
    np.testing.assert_array_equal(
        vote_rules(rules, table), [[1, -1, -1], [-1, 0, -1], [-1, -1, 1], [-1, -1, -1], [-1, -1, -1]]
    )


def test_a_function_may_name_the_label_itself(tmp_path: Path):
    (tmp_path / "code.py").write_text(
        "def f(x):\n    return {'a': 'ham', 'b': 'spam', 'c': 'spma'}.get(x.text)\n"
    )
    (rule,) = _column_rules(tmp_path, "{python: 'code:f'}")
    assert rule.votes(ColumnTable({"text": ["a", "b", "z"]})).tolist() == [0, 1, -1]
    assert rule({"text": "b"}) == 1
    with pytest.raises(LabelingFunctionError, match="unknown label 'spma'"):
        rule.votes(ColumnTable({"text": ["c"]}))
