"""Every way to get a pack wrong gives one error, at the exact place, with a cure."""

# ruff: noqa: E501  # a table: one case a line

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import pytest

from wsal.errors import PackError
from wsal.lf import load_pack
from wsal.lf.yaml_source import read_yaml


class Malformed(NamedTuple):
    name: str
    pack: str | bytes
    line: int | None
    column: int | None
    says: str
    hint: str


HEAD = "wsal: 1\nlabels: [ham, spam]\nrules:\n"


def rule(when: str, *, more: str = "") -> str:
    """Return a pack of one rule; ``when`` starts in line 6, column 11."""
    return f"{HEAD}  - id: one\n    label: spam\n    when: {when}\n{more}"


MALFORMED = [
    Malformed("empty", "", 1, None, "empty", "wsal: 1"),
    Malformed("comments_alone", "# nothing\n", 1, None, "empty", "wsal: 1"),
    Malformed("not_utf8", b"wsal: 1\nlabels: [h\xe9, b]\n", 2, 11, "not UTF-8: byte 0xe9", "UTF-8"),
    Malformed("open_bracket", "wsal: 1\nlabels: [ham, spam\nrules: []\n", 3, 6, "bad YAML", "brackets"),
    Malformed("tab", "wsal: 1\n\tlabels: [a, b]\n", 2, 1, "bad YAML", "spaces, not tabs"),
    Malformed("colon_in_text", rule("{regex: a}", more="    why: see: this\n"), 7, 13, "bad YAML", "quotes"),
    Malformed("escape", rule('{regex: "\\d"}'), 6, 21, "bad YAML", "single quotes"),
    Malformed("two_documents", HEAD + "---\na: 1\n", 4, 1, "another document", "one document"),
    Malformed("control_character", "wsal: 1\ntask: a\x07b\n", 2, 8, "U+0007", "escape"),
    Malformed("half_a_character", 'wsal: 1\ntask: "\\ud83d"\n', 2, 7, "surrogate pair", "whole"),
    Malformed("a_list", "- wsal: 1\n", 1, 1, "expected keys and values", "wsal check --schema"),
    Malformed("python_tag", rule("!!python/object/apply:os.system [ls]"), 6, 11, "tag", "remove the tag"),
    Malformed("merge_key", "a: &a {b: 1}\nc:\n  <<: *a\n", 3, 3, "merge keys", "repeat the keys"),
    Malformed("key_twice", rule("{regex: a}", more="    label: ham\n"), 7, 5, "stands twice; first in line 5", "remove"),
    Malformed("alias_to_itself", "wsal: &a [*a]\n", 1, 7, "alias", "write the value out"),
    Malformed("unknown_alias", rule("*nothing"), 6, 11, "undefined alias", "quotes"),
    Malformed("no_format", "labels: [a, b]\nrules: []\n", 1, 1, "the pack has no 'wsal'", "wsal: 1"),
    Malformed("later_format", "wsal: 2\nrules: [{id: a, when: {regex: a}}]\n", 1, 7, "format 2", "wsal: 1"),
    Malformed("no_rules", "wsal: 1\n", 1, 1, "the pack has no 'rules'", "list of rules"),
    Malformed("empty_rules", "wsal: 1\nrules: []\n", 2, 8, "the pack has no rules", "write at least one: - {id:"),
    Malformed("unknown_key", rule("{regex: a}", more="    auther: ana\n"), 7, 5, "unknown key 'auther'", "did you mean 'author'?"),
    Malformed("unknown_key_in_condition", rule("{regex: a, feild: b}"), 6, 22, "unknown key 'feild'", "did you mean 'field'?"),
    Malformed("unknown_key_on_top", "wsal: 1\nlables: [a, b]\n", 2, 1, "unknown key 'lables'", "did you mean 'labels'?"),
    Malformed("no_id", HEAD + "  - label: spam\n    when: {regex: a}\n", 4, 5, "rule 1 has no 'id'", "short name"),
    Malformed("no_when", HEAD + "  - {id: a, label: spam}\n", 4, 5, "rule 1 has no 'when'", "when:"),
    Malformed("no_label", HEAD + "  - {id: a, when: {regex: a}}\n", 4, 5, "has no label", "label:"),
    Malformed("id_is_a_number", HEAD + "  - {id: 7, label: spam, when: {regex: a}}\n", 4, 10, "'id' is a text, got 7", '"7"'),
    Malformed("labels_are_numbers", "wsal: 1\nlabels: [0, 1]\nrules: []\n", 2, 10, "is a text, got 0", '"0"'),
    Malformed("labels_are_booleans", "wsal: 1\nlabels: [true, false]\nrules: []\n", 2, 10, "is a text, got True", '"true"'),
    Malformed("one_label", "wsal: 1\nlabels: [a]\nrules: [{id: a, label: a, when: {regex: a}}]\n", 2, 9, "two labels", "name them all"),
    Malformed("label_twice", "wsal: 1\nlabels: [a, a]\nrules: [{id: a, label: a, when: {regex: a}}]\n", 2, 9, "stands twice", "remove"),
    Malformed("unknown_label", HEAD + "  - {id: a, label: spma, when: {regex: a}}\n", 4, 20, "unknown label 'spma'", "did you mean 'spam'?"),
    Malformed("rule_id_twice", rule("{regex: a}", more="  - {id: one, label: ham, when: {regex: b}}\n"), 7, 10, "rule id 'one' stands twice; first at", "rename"),
    Malformed("padded_id", HEAD + '  - {id: "a ", label: ham, when: {regex: b}}\n', 4, 10, "cannot be an id", "white space"),
    Malformed("condition_is_a_text", rule("free"), 6, 11, "a condition is a mapping", "keywords"),
    Malformed("unknown_kind", rule("{keyword: [a]}"), 6, 12, "unknown kind of condition 'keyword'", "did you mean 'keywords'?"),
    Malformed("empty_condition", rule("{}"), 6, 11, "an empty condition", "the kinds are"),
    Malformed("two_kinds", rule("{regex: a, keywords: [b]}"), 6, 22, "one kind, got regex and keywords", "join them"),
    Malformed("keywords_not_a_list", rule("{keywords: free}"), 6, 22, "'keywords' is a list", "brackets"),
    Malformed("keyword_is_a_number", rule("{keywords: [free, 4]}"), 6, 29, "is a text, got 4", '"4"'),
    Malformed("no_keywords", rule("{keywords: []}"), 6, 22, "'keywords' is empty", "write at least one entry"),
    Malformed("blank_keyword", rule("{keywords: [' ']}"), 6, 23, "white space alone", "remove"),
    Malformed("keyword_twice", rule("{keywords: [free, Free]}"), 6, 29, "keyword 'Free' stands twice", "remove"),
    Malformed("at_least_too_many", rule("{keywords: [free], at_least: 2}"), 6, 40, "only 1 keywords", "different keywords"),
    Malformed("at_least_zero", rule("{keywords: [free], at_least: 0}"), 6, 40, "at least 1, got 0", "1 or more"),
    Malformed("unknown_case", rule("{keywords: [free], case: lower}"), 6, 36, "'any' or 'exact'", "'any' or 'exact'"),
    Malformed("invalid_regex", rule("{regex: 'free (now'}"), 6, 25, "at position 6 of 'free (now'", "backslash"),
    Malformed("invalid_regex_over_lines", rule("\n      regex: >-\n        a\n        (b\n"), 7, 14, "at position 3", "backslash"),
    Malformed("threshold_is_nan", rule("{number: n, above: .nan}"), 6, 30, "above is NaN", "write a number"),
    Malformed("threshold_is_infinite", rule("{number: n, between: [0, .inf]}"), 6, 36, "between is infinity", "write a number"),
    Malformed("threshold_is_a_text", rule("{number: n, above: '5'}"), 6, 30, "'above' is a number, got '5'", "without quotes"),
    Malformed("no_threshold", rule("{number: n}"), 6, 20, "has no threshold", "above"),
    Malformed("between_backwards", rule("{number: n, between: [5, 2]}"), 6, 32, "holds for no number", "[2, 5]"),
    Malformed("between_three", rule("{number: n, between: [1, 2, 3]}"), 6, 32, "more than 2", "[low, high]"),
    Malformed("between_one", rule("{number: n, between: [1]}"), 6, 32, "fewer than 2", "add what is missing"),
    Malformed("no_date", rule("{date: sent, after: 31/12/2024}"), 6, 31, "'31/12/2024' is no date", "2024-03-31"),
    Malformed("no_date_bound", rule("{date: sent}"), 6, 18, "has no bound", "after"),
    Malformed("dates_backwards", rule("{date: sent, between: [2024-05-01, 2024-04-01]}"), 6, 34, "hold for no date", "earlier"),
    Malformed("no_weekday", rule("{date: sent, weekdays: [mondya]}"), 6, 35, "no day of the week", "did you mean 'monday'?"),
    Malformed("no_comparison", rule("{compare: paid}"), 6, 12, "one comparison with another column, got none", "at_most"),
    Malformed("two_comparisons", rule("{compare: paid, above: a, below: b}"), 6, 37, "got above and below", "all:"),
    Malformed("compared_with_itself", rule("{compare: paid, above: paid}"), 6, 34, "compared with itself", "another column"),
    Malformed("texts_above", rule("{compare: paid, above: due, as: text}"), 6, 27, "not above each other", "equals"),
    Malformed("model_band", rule("{model: 'code:long', at_least: 0.6, unknown_from: 0.7}"), 6, 61, "lies above at_least", "lower"),
    Malformed("model_fields", rule("{model: 'code:long', field: a, fields: [b]}"), 6, 42, "both field and fields", "one of them"),
    Malformed("model_probability", rule("{model: 'code:long', at_least: 2}"), 6, 42, "'at_least' is at most 1", "1 or less"),
    Malformed("model_training", rule("{model: 'code:long', train: names.csv}"), 6, 39, "names no column of labels", "after a colon"),
    Malformed("model_training_column", rule("{model: 'code:long', train: 'names.csv:name'}"), 6, 39, "no column 'text'", "its columns are"),
    Malformed("graph_of_nothing", rule("{graph: names.csv}"), 6, 12, "related or for neighbours", "add one of them"),
    Malformed("graph_columns", rule("{graph: names.csv, related: knows}"), 6, 11, "'from' is not given", "from: COLUMN"),
    Malformed("graph_file", rule("{graph: names.csv, related: knows, from: a, to: b}"), 6, 19, "no column 'source'", "its columns are"),
    Malformed("graph_relation", rule("{graph: kg.csv, related: knos, from: a, to: b}"), 6, 19, "no relation 'knos'", "did you mean 'knows'?"),
    Malformed("graph_weight", rule("{graph: kg.csv, neighbours: 'said.csv:label'}"), 6, 19, "the weight of row 1 is 'x'", "above 0"),
    Malformed("graph_answers", rule("{graph: kg.csv, neighbours: 'twice.csv:label'}"), 6, 39, "answers item '1' twice", "one answer an item"),
    Malformed("missing_list", rule("{in_list: nobody.txt}"), 6, 21, "no file 'nobody.txt'", "pack's folder"),
    Malformed("mistyped_list", rule("{in_list: 'names.cvs:name'}"), 6, 21, "neither a .txt nor a .csv", "names.csv:column"),
    Malformed("list_near", rule("{in_list: 'nams.csv:name'}"), 6, 21, "no file 'nams.csv'", "did you mean 'names.csv'?"),
    Malformed("missing_list_column", rule("{in_list: 'names.csv:nam'}"), 6, 21, "no column 'nam'", "did you mean 'name'?"),
    Malformed("list_without_column", rule("{in_list: names.csv}"), 6, 21, "names no column", "after a colon"),
    Malformed("list_outside", rule("{in_list: ../names.txt}"), 6, 21, "outside the pack's folder", "pack's folder"),
    Malformed("list_entry_number", rule("{in_list: [ana, 7]}"), 6, 27, "entry 2 is a text, got 7", '"7"'),
    Malformed("empty_list", rule("{in_list: empty.txt}"), 6, 21, "no entries", "add an entry"),
    Malformed("ragged_list", rule("{in_list: 'ragged.csv:b'}"), 6, 21, "line 2: 3 cells under 2 columns", "double quotes"),
    Malformed("unknown_token_attribute", rule("{tokens: [{LOWR: a}]}"), 6, 22, "unknown token attribute 'LOWR'", "did you mean 'LOWER'?"),
    Malformed("trained_token_attribute", rule("{tokens: [{POS: VERB}]}"), 6, 22, "needs a trained", "LOWER"),
    Malformed("token_operator", rule("{tokens: [{OP: '%'}]}"), 6, 26, "unknown operator '%'", "'?'"),
    Malformed("token_capitals", rule("{tokens: [{LOWER: Free}]}"), 6, 29, "never equals 'Free'", "'free'"),
    Malformed("token_text_is_a_number", rule("{tokens: [{LOWER: 7}]}"), 6, 29, "LOWER is a text, got 7", '"7"'),
    Malformed("token_flag", rule("{tokens: [{IS_DIGIT: 1}]}"), 6, 32, "true or false", "IS_DIGIT: true"),
    Malformed("token_regex", rule("{tokens: [{TEXT: {REGEX: '(a'}}]}"), 6, 36, "invalid regex", "mend the pattern"),
    Malformed("no_python_file", rule("{python: 'mine:f'}"), 6, 20, "no file 'mine.py'", "pack's folder"),
    Malformed("no_function", rule("{python: 'code:looong'}"), 6, 20, "no function 'looong'", "did you mean 'long'?"),
    Malformed("not_a_function_name", rule("{python: '../code:long'}"), 6, 20, "is no function", "module:function"),
    Malformed("python_that_raises", rule("{python: 'broken:f'}"), 6, 20, "broken.py, line 2: ZeroDivisionError", "mend"),
    Malformed("unknown_rule", rule("{rule: two}", more="  - {id: twoo, label: ham, when: {regex: b}}\n"), 6, 18, "refers to rule 'two', which is not", "did you mean 'twoo'?"),
    Malformed("cycle", rule("{rule: two}", more="  - {id: two, label: ham, when: {not: {rule: one}}}\n"), 7, 46, "in a cycle: one → two → one; 'one' stands at", "say its condition"),
    Malformed("cycle_of_one", rule("{rule: one}"), 6, 18, "one → one", "say its condition"),
    Malformed("reference_to_a_column", rule("{rule: two}", more="  - {id: two, when: {column: ana}}\n"), 6, 18, "no condition to refer to", "a condition and a label"),
    Malformed("column_in_logic", rule("{not: {column: ana}}"), 6, 18, "no condition inside another", "the whole 'when:'"),
    Malformed("column_with_label", rule("{column: ana}"), 5, 5, "its column names the labels", "values:"),
    Malformed("column_values", HEAD + "  - {id: a, when: {column: ana, values: {0: hm}}}\n", 4, 45, "unknown label 'hm'", "did you mean 'ham'?"),
    Malformed("bins_descend", HEAD + "  - {id: a, when: {column: a, confidence: p, bins: [2, 1]}}\n", 4, 52, "do not ascend", "ascending"),
    Malformed("bins_alone", HEAD + "  - {id: a, when: {column: a, bins: [2]}}\n", 4, 31, "bins without confidence", "write both"),
    Malformed("empty_all", rule("{all: []}"), 6, 17, "'all' is empty", "write at least one entry"),
    Malformed("test_is_a_number", rule("{regex: a}", more="    tests: {match: [5]}\n"), 7, 21, "a text or a mapping", '"5"'),
    Malformed("test_text_for_a_number_rule", rule("{number: n, above: 1}", more="    tests: {match: [a]}\n"), 7, 21, "reads n", "{n: …}"),
    Malformed("test_of_another_column", rule("{number: n, above: 1}", more="    tests: {match: [{m: 2}]}\n"), 7, 22, "'m', which rule 'one' does not read", "it reads n"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "names.csv").write_text("id,name\n1,ana\n")
    (tmp_path / "ragged.csv").write_text("a,b\n1,2,3\n")
    (tmp_path / "kg.csv").write_text("source,relation,target,weight\nana,knows,ben,x\n")
    (tmp_path / "said.csv").write_text("id,label\n1,spam\n")
    (tmp_path / "twice.csv").write_text("id,label\n1,spam\n1,ham\n")
    (tmp_path / "empty.txt").write_text("\n \n")
    (tmp_path / "code.py").write_text("def long(x):\n    return len(x.text) > 9\n")
    (tmp_path / "broken.py").write_text("def f(x): ...\n1 / 0\n")
    return tmp_path


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.name)
def test_a_malformed_pack_gives_one_error_with_its_place_and_a_cure(case: Malformed, folder: Path):
    path = folder / "pack.yaml"
    path.write_bytes(case.pack if isinstance(case.pack, bytes) else case.pack.encode())
    with pytest.raises(PackError) as caught:
        load_pack(path)
    error = caught.value
    assert case.says in error.message
    assert error.hint is not None
    assert case.hint in error.hint
    assert error.location is not None
    assert (error.location.line, error.location.column) == (case.line, case.column)
    assert error.location.file == str(path)
    if case.column is not None and isinstance(case.pack, str):
        assert error.location.text == case.pack.split("\n")[error.location.line - 1]
        assert "\n  " + error.location.text + "\n  " in str(error)
        assert "^" in str(error)


def test_the_names_of_the_cases_are_unique():
    names = [case.name for case in MALFORMED]
    assert len(names) == len(set(names))


def test_the_first_of_several_errors_is_reported(folder: Path):
    path = folder / "pack.yaml"
    path.write_text(rule("{regex: a, feild: b}", more="  - {id: 7, label: ham, when: {regex: a}}\n"))
    with pytest.raises(PackError, match="feild"):
        load_pack(path)


def test_a_cycle_names_both_places(folder: Path):
    path = folder / "pack.yaml"
    path.write_text(rule("{rule: two}", more="  - {id: two, label: ham, when: {rule: one}}\n"))
    with pytest.raises(PackError) as caught:
        load_pack(path)
    assert f"{path}:7:" in str(caught.value)
    assert f"'one' stands at {path}:4:9" in str(caught.value)


def test_the_places_in_a_large_pack_are_found_quickly(folder: Path):
    path = folder / "pack.yaml"
    path.write_text("wsal: 1\nrules:\n" + "- {id: a}\n" * 3000)
    source = read_yaml(path)
    start = time.process_time()
    places = [source.location(("rules", i)) for i in range(3000)]
    assert time.process_time() - start < 0.5  # splitting the file for each takes ten times as long
    assert [place.line for place in places] == list(range(3, 3003))


def test_a_deep_pack_says_where_it_is_too_deep(folder: Path):
    (folder / "pack.yaml").write_text("wsal: 1\nrules: " + "[" * 45)
    with pytest.raises(PackError, match="nested more than 40 levels deep") as caught:
        load_pack(folder / "pack.yaml")
    assert (caught.value.location.line, caught.value.location.column) == (2, 8 + 40)
    assert "rules of their own" in caught.value.hint


def test_aliases_cannot_grow_a_small_file_into_a_large_one(folder: Path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (folder / "pack.yaml").write_text("\n".join(lines))
    with pytest.raises(PackError, match="more than 200000 values"):
        load_pack(folder / "pack.yaml")


@pytest.mark.parametrize("deep", ["[" * 3000, rule("{not: " * 60 + "{regex: a}" + "}" * 60)])
def test_deep_nesting_is_an_error_and_not_a_crash(folder: Path, deep: str):
    (folder / "pack.yaml").write_text(deep)
    with pytest.raises(PackError, match="nested") as caught:
        load_pack(folder / "pack.yaml")
    assert caught.value.hint


def test_rules_that_double_each_other_stay_small(folder: Path):
    rules = ["  - {id: r0, label: spam, when: {regex: a}}"]
    rules += [
        f"  - {{id: r{i}, label: spam, when: {{all: [{{rule: r{i - 1}}}, {{rule: r{i - 1}}}]}}}}"
        for i in range(1, 60)
    ]
    (folder / "pack.yaml").write_text(HEAD + "\n".join(rules))
    pack = load_pack(folder / "pack.yaml")
    assert pack.rules[-1]({"text": "a"}) == 1
    assert len(pack.rules[-1].fingerprint) == 64


def test_a_very_long_chain_of_rules_is_an_error_and_not_a_crash(folder: Path):
    rules = [f"  - {{id: r{i}, label: spam, when: {{rule: r{i + 1}}}}}" for i in range(900)]
    rules.append("  - {id: r900, label: spam, when: {regex: a}}")
    (folder / "pack.yaml").write_text(HEAD + "\n".join(rules))
    with pytest.raises(PackError, match="too long a chain"):
        load_pack(folder / "pack.yaml")


def test_a_file_too_large_is_refused(folder: Path):
    (folder / "pack.yaml").write_text("#" * 5_000_001)
    with pytest.raises(PackError, match="5000001 bytes"):
        load_pack(folder / "pack.yaml")


def test_an_integer_of_many_digits_is_an_error(folder: Path):
    (folder / "pack.yaml").write_text(rule(f"{{number: n, above: {'9' * 5000}}}"))
    with pytest.raises(PackError) as caught:
        load_pack(folder / "pack.yaml")
    assert caught.value.location.line == 6
