"""Packs, rules, their tests and what an audit reads from them."""

# ruff: noqa: E501  # packs are written as experts write them

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from wsal.errors import InputError, PackError
from wsal.lf import (
    ColumnTable,
    Rule,
    check_pack,
    load_pack,
    load_rules,
    pack_schema,
    run_rule_tests,
    vote_rules,
)
from wsal.types import LabelSpace

DESIGN = r"""
wsal: 1
task: spam
labels: [ham, spam]
rules:
  - id: prize-words
    label: spam
    when: {keywords: [free, prize, "free gift"], at_least: 2}
    why: Prize scams name a reward more than once.
    author: ana
    tests: {match: ["Claim your free prize"], no_match: ["Feel free to call"]}
  - {id: verify-password, label: spam, when: {regex: '\bverify\b.{0,40}\bpassword\b', field: body}}
  - {id: meeting-number, label: ham, when: {tokens: [{LOWER: meeting}, {LOWER: "on", OP: "?"}, {IS_DIGIT: true}]}}
  - {id: many-links, label: spam, when: {number: n_links, above: 5}}
  - {id: colleague, label: ham, when: {in_list: "lists/colleagues.csv:email", field: sender}}
  - {id: html-heavy, label: spam, when: {python: "my_rules:html_ratio_high", args: {threshold: 0.6}}}
  - id: urgent-stranger
    label: spam
    when:
      all:
        - keywords: [urgent, act now]
        - not: {rule: colleague}
        - any: [{number: n_links, at_least: 1}, {regex: 'https?://'}]
    tests:
      match:
        - {text: "Urgent: https://x.example", sender: eve@x.example}
      no_match:
        - Urgent, no sender is known
        - {text: "urgent", sender: ana@work.example, n_links: 3}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "colleagues.csv").write_text("name,email\nAna,ana@work.example\n")
    (tmp_path / "my_rules.py").write_text(
        "def html_ratio_high(x, threshold):\n    return x.body.count('<') / max(len(x.body), 1) > threshold\n"
    )
    path = tmp_path / "pack.yaml"
    path.write_text(DESIGN.lstrip("\n"))
    return path


def test_the_pack_of_the_design_votes(pack: Path):
    table = ColumnTable(
        {
            "text": ["Your free prize", "Meeting on 5", "URGENT act now", "urgent", None],
            "body": ["verify your password", "<<<<", "x", "x", "x"],
            "n_links": [6, 0, 1, None, 9],
            "sender": ["eve@x", "ana@work.example", "eve@x", "eve@x", None],
        }
    )
    rules = load_pack(pack).rules
    assert [rule.name for rule in rules][:2] == ["prize-words", "verify-password"]
    expected = [
        [1, 1, -1, 1, -1, -1, -1],
        [-1, -1, 0, -1, 0, 1, -1],
        [-1, -1, -1, -1, -1, -1, 1],
        [-1, -1, -1, -1, -1, -1, -1],
        [-1, -1, -1, 1, -1, -1, -1],
    ]
    np.testing.assert_array_equal(vote_rules(rules, table), expected)
    np.testing.assert_array_equal(np.stack([rule.votes(table) for rule in rules], axis=1), expected)


def test_a_rule_carries_what_an_audit_asks_for(pack: Path):
    rule = load_pack(pack).rules[0]
    assert (rule.name, rule.label, rule.author) == ("prize-words", "spam", "ana")
    assert rule.why == "Prize scams name a reward more than once."
    assert (rule.location.file, rule.location.line) == (str(pack), 5)
    assert rule.source_text.startswith("id: prize-words\nlabel: spam\n")
    assert rule.source_text.endswith('no_match: ["Feel free to call"]}')
    assert rule.labels == LabelSpace(("ham", "spam"))
    assert (
        load_pack(pack).rules[3].source_text
        == "{id: many-links, label: spam, when: {number: n_links, above: 5}}"
    )


def test_a_rule_does_not_carry_the_comment_on_the_next_ones(tmp_path: Path):
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nrules:\n"
        "  - id: a\n    label: spam\n    when: {regex: a}  # inside\n    # of a, too\n\n"
        "  # ---- the others ----\n"
        "  - id: b\n    label: spam\n    when: {regex: b}\n"
    )
    a, b = load_pack(tmp_path / "p.yaml").rules
    assert a.source_text == "id: a\nlabel: spam\nwhen: {regex: a}  # inside\n# of a, too"
    assert b.source_text == "id: b\nlabel: spam\nwhen: {regex: b}"


def test_a_rule_is_called_on_one_item(pack: Path):
    rule = load_pack(pack).rules[3]
    assert rule({"n_links": 6}) == 1
    assert rule({"n_links": None}) == -1


def test_a_rule_without_known_labels_returns_the_name(tmp_path: Path):
    (tmp_path / "p.yaml").write_text("wsal: 1\nrules: [{id: a, label: spam, when: {regex: a}}]\n")
    (rule,) = load_rules(tmp_path / "p.yaml")
    assert rule({"text": "a"}) == "spam"
    assert isinstance(rule, Rule)
    assert rule.votes(ColumnTable({"text": ["a"]}), LabelSpace(("ham", "spam"))).tolist() == [1]


def test_the_tests_of_rules_run(pack: Path):
    check = check_pack(pack)
    assert len(check.results) == 5
    assert check.failed == ()
    assert check.pack.runs_code
    assert check.pack.python_rules == ("html-heavy",)
    assert [result.got for result in check.results] == [
        "matches",
        "no match",
        "matches",
        "unknown",
        "no match",
    ]


def test_a_failed_test_says_where_it_is_written(tmp_path: Path):
    path = tmp_path / "p.yaml"
    path.write_text(
        "wsal: 1\nlabels: [ham, spam]\nrules:\n  - id: a\n    label: spam\n    when: {regex: a}\n"
        "    tests:\n      match: [b]\n      no_match: [ab, c]\n"
    )
    failed = check_pack(path).failed
    assert [(f.location.line, f.expected, f.got) for f in failed] == [
        (8, "matches", "no match"),
        (9, "no match", "matches"),
    ]
    assert str(failed[0]) == f"{path}:8:15: rule 'a': expected matches, got no match: b"


def test_the_tests_of_a_rule_that_raises_fail_with_the_cause(tmp_path: Path):
    (tmp_path / "code.py").write_text("def f(x):\n    return x.nothing\n")
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nrules: [{id: a, label: b, when: {python: 'code:f'}, tests: {match: [x]}}]\n"
    )
    (result,) = check_pack(tmp_path / "p.yaml").results
    assert not result.passed
    assert result.got.startswith("NoColumnError: the item has no column 'nothing'")


def test_a_bare_text_stands_for_the_field_the_rule_reads(tmp_path: Path):
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nrules: [{id: a, label: b, when: {regex: x, field: body}, tests: {match: [x]}}]\n"
    )
    assert check_pack(tmp_path / "p.yaml").failed == ()


def test_the_bins_of_a_column_are_tested_together(tmp_path: Path):
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nlabels: [a, b]\nrules:\n  - id: llm\n    when: {column: says, confidence: p, bins: [0.5]}\n"
        "    tests: {match: [{says: a, p: 0.9}, {says: b, p: 0.1}], no_match: [{says: a}]}\n"
    )
    results = run_rule_tests(load_rules(tmp_path / "p.yaml"))
    assert [result.passed for result in results] == [True, True, True]


def test_yes_and_no_are_texts(tmp_path: Path):
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nlabels: [yes, no]\nrules: [{id: a, label: no, when: {keywords: [off]}}]\n"
    )
    pack = load_pack(tmp_path / "p.yaml")
    assert pack.labels == LabelSpace(("yes", "no"))
    assert pack.rules[0]({"text": "off"}) == 1


def test_a_pack_may_be_json(tmp_path: Path):
    rule = {"id": "é", "label": "b", "when": {"keywords": ["\U0001f600 ok"]}}
    (tmp_path / "p.yaml").write_text(json.dumps({"wsal": 1, "labels": ["a", "b"], "rules": [rule]}))
    (loaded,) = load_pack(tmp_path / "p.yaml").rules
    assert loaded.name == "é"
    assert loaded({"text": "Well, \U0001f600 OK!"}) == 1


def test_dates_are_texts(tmp_path: Path):
    (tmp_path / "p.yaml").write_text(
        "wsal: 1\nrules: [{id: 2026-01-02, label: b, when: {keywords: [2026-01-03]}}]\n"
    )
    assert load_pack(tmp_path / "p.yaml").rules[0].name == "2026-01-02"


def test_code_can_be_refused_before_any_of_it_runs(pack: Path):
    (pack.parent / "my_rules.py").write_text("raise SystemExit(3)\n")
    with pytest.raises(PackError, match="python is not allowed") as caught:
        load_rules(pack, allow_python=False)
    assert (caught.value.location.line, caught.value.location.text.lstrip()[:16]) == (15, "- {id: html-heav")


def test_a_module_that_exits_is_an_error_and_not_an_exit(pack: Path):
    (pack.parent / "my_rules.py").write_text("raise SystemExit(3)\n")
    with pytest.raises(PackError, match="SystemExit: 3"):
        load_rules(pack)


def test_two_packs_may_have_a_module_of_one_name(tmp_path: Path):
    for name, answer in (("a", True), ("b", False)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "code.py").write_text(f"def f(x):\n    return {answer}\n")
        (folder / "p.yaml").write_text(
            f"wsal: 1\nlabels: [x, y]\nrules: [{{id: {name}, label: x, when: {{python: 'code:f'}}}}]\n"
        )
    assert [rule({"text": ""}) for rule in load_rules(tmp_path)] == [0, -1]


def test_the_pack_leaves_no_compiled_files_and_no_path_behind(pack: Path):
    import sys

    before = list(sys.path)
    load_pack(pack)
    assert sys.path == before
    assert not (pack.parent / "__pycache__").exists()


def test_a_folder_is_read_in_the_order_of_paths(tmp_path: Path):
    for name in ("b.yml", "a/z.yaml", "c.yaml", ".hidden.yaml", ".git/x.yaml", "notes.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        stem = name.replace("/", "-").replace(".", "-")
        file.write_text(f"wsal: 1\nrules: [{{id: {stem}, label: b, when: {{regex: a}}}}]\n")
    assert [rule.name for rule in load_rules(tmp_path)] == ["a-z-yaml", "b-yml", "c-yaml"]


def test_an_id_in_two_packs_names_both_places(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("wsal: 1\nrules:\n  - {id: x, label: b, when: {regex: a}}\n")
    with pytest.raises(PackError, match=re.escape(f"first at {tmp_path / 'a.yaml'}:3:5")) as caught:
        load_rules(tmp_path)
    assert caught.value.location.file == str(tmp_path / "b.yaml")


def test_packs_with_other_labels_do_not_mix(tmp_path: Path):
    for name, labels in (("a", "[x, y]"), ("b", "[y, x]")):
        (tmp_path / f"{name}.yaml").write_text(
            f"wsal: 1\nlabels: {labels}\nrules: [{{id: {name}, label: x, when: {{regex: a}}}}]\n"
        )
    with pytest.raises(PackError, match="has labels y, x, but"):
        load_rules(tmp_path)
    assert [rule({"text": "a"}) for rule in load_rules(tmp_path, labels=["z", "x", "y"])] == [1, 1]


def test_a_pack_may_not_have_labels_the_task_has_not(pack: Path):
    with pytest.raises(PackError, match="'ham' is none of the task's labels") as caught:
        load_rules(pack, labels=["hum", "spam"])
    assert caught.value.hint == "did you mean 'hum'?"


@pytest.mark.parametrize("name", ["nothing.yaml", "notes.txt", "folder"])
def test_a_path_without_packs_is_an_error_with_a_cure(tmp_path: Path, name: str):
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as caught:
        load_rules(tmp_path / name)
    assert caught.value.hint


def test_the_text_column_comes_from_the_caller_unless_the_pack_names_one(tmp_path: Path):
    (tmp_path / "p.yaml").write_text("wsal: 1\nrules: [{id: a, label: b, when: {regex: a}}]\n")
    assert load_pack(tmp_path / "p.yaml", text="body").rules[0].fields == ("body",)
    (tmp_path / "p.yaml").write_text("wsal: 1\ntext: title\nrules: [{id: a, label: b, when: {regex: a}}]\n")
    assert load_pack(tmp_path / "p.yaml", text="body").rules[0].fields == ("title",)


FINGERPRINT_OF = {
    "plain": "{id: a, label: b, when: {keywords: [x, y], field: text}}",
    "other order, defaults, prose": "{when: {field: text, case: any, at_least: 1, keywords: [y, x]}, why: w, author: z, label: b, id: q}",
    "other label": "{id: a, label: c, when: {keywords: [x, y], field: text}}",
    "other words": "{id: a, label: b, when: {keywords: [x, z], field: text}}",
    "other field": "{id: a, label: b, when: {keywords: [x, y], field: body}}",
    "other case": "{id: a, label: b, when: {keywords: [x, y], case: exact}}",
    "negated": "{id: a, label: b, when: {not: {keywords: [x, y]}}}",
}


def _fingerprint(folder: Path, rule: str, others: str = "") -> str:
    (folder / "f.yaml").write_text(f"wsal: 1\nrules:\n  - {rule}\n{others}")
    return load_pack(folder / "f.yaml").rules[0].fingerprint


def test_a_fingerprint_depends_on_votes_alone(tmp_path: Path):
    prints = {name: _fingerprint(tmp_path, rule) for name, rule in FINGERPRINT_OF.items()}
    assert prints["plain"] == prints["other order, defaults, prose"]
    assert len(set(prints.values())) == len(prints) - 1
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in prints.values())


def test_between_is_at_least_and_at_most(tmp_path: Path):
    between = _fingerprint(tmp_path, "{id: a, label: b, when: {number: n, between: [1, 2]}}")
    assert between == _fingerprint(
        tmp_path, "{id: a, label: b, when: {number: n, at_least: 1.0, at_most: 2}}"
    )


def test_what_a_rule_reads_changes_its_fingerprint(tmp_path: Path):
    (tmp_path / "l.txt").write_text("a\nb\n")
    (tmp_path / "code.py").write_text("def f(x):\n    return True\n")
    in_list = "{id: a, label: b, when: {in_list: l.txt}}"
    python = "{id: a, label: b, when: {python: 'code:f'}}"
    other = "{id: a, label: b, when: {rule: other}}"
    first = [
        _fingerprint(tmp_path, in_list),
        _fingerprint(tmp_path, python),
        _fingerprint(tmp_path, other, "  - {id: other, label: b, when: {regex: x}}\n"),
    ]
    (tmp_path / "l.txt").write_text("b\na\n\n")
    assert _fingerprint(tmp_path, in_list) == first[0]
    (tmp_path / "l.txt").write_text("a\nc\n")
    (tmp_path / "code.py").write_text("def f(x):\n    return False\n")
    assert _fingerprint(tmp_path, in_list) != first[0]
    assert _fingerprint(tmp_path, python) != first[1]
    assert _fingerprint(tmp_path, other, "  - {id: other, label: c, when: {regex: x}}\n") == first[2]
    assert _fingerprint(tmp_path, other, "  - {id: other, label: b, when: {regex: y}}\n") != first[2]


def test_the_schema_has_every_kind_and_no_other_keys():
    schema = pack_schema()
    json.dumps(schema, allow_nan=False)
    assert schema["required"] == ["wsal", "rules"]
    assert schema["additionalProperties"] is False
    conditions = schema["$defs"]["RuleModel"]["properties"]["when"]["oneOf"]
    kinds = {next(iter(schema["$defs"][c["$ref"].rpartition("/")[2]]["required"])) for c in conditions}
    assert kinds == {
        "keywords",
        "regex",
        "tokens",
        "number",
        "date",
        "compare",
        "in_list",
        "column",
        "model",
        "graph",
        "python",
        "all",
        "any",
        "not",
        "rule",
    }
    for definition in schema["$defs"].values():
        assert definition["additionalProperties"] is False
        assert definition["description"]


def test_the_published_regexes_give_the_shipped_votes(tmp_path: Path, shared_data, shared_folder):
    meta = json.loads((shared_folder("sms") / "meta.json").read_text())
    rules = [
        {"id": f"lf_{j}", "label": label, "when": {"regex": pattern}}
        for j, (pattern, label) in enumerate(zip(meta["lf_names"], meta["lf_class_name"], strict=True))
    ]
    path = tmp_path / "pack.yaml"
    path.write_text(json.dumps({"wsal": 1, "labels": meta["class_names"], "rules": rules}))  # JSON is YAML
    loaded = load_pack(path).rules
    assert len(loaded) == 73
    # The engines' tests have trec, and all splits; this one has a pack written as JSON, and no engine.
    frame = shared_data("sms", "test")
    votes = vote_rules(loaded, ColumnTable({"text": frame["text"].tolist()}))
    np.testing.assert_array_equal(votes, frame[[rule.name for rule in loaded]].to_numpy())
