"""The example packs: what the issue asks of them, and what their READMEs say."""

from __future__ import annotations

import csv
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from wsal.config import read_config
from wsal.lf import check_pack, load_pack, load_rules

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("keywords", "regex", "tokens", "number", "in_list", "column", "python", "all", "any", "not", "rule")
PACKS = {name: ROOT / "labeling_functions" / name / "rules.yaml" for name in ("messages", "tumours")}
MESSAGES = ROOT / "examples" / "messages"


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _kinds(name):
    text = PACKS[name].read_text(encoding="utf-8")
    return {kind for kind in KINDS if re.search(rf"(?<![\w-]){kind}:", text)}


def _rule_table():
    spec = importlib.util.spec_from_file_location("rule_table", ROOT / "examples" / "rule_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PACKS)
def test_the_tests_that_a_pack_brings_pass(name):
    checked = check_pack(PACKS[name])
    assert [str(result) for result in checked.results if not result.passed] == []
    assert len(checked.results) >= 2 * len(checked.pack.rules)


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_says_why_and_by_whom_and_brings_tests_both_ways(name):
    for rule in load_rules(PACKS[name]):
        assert len(rule.why.split()) >= 4, rule.name
        assert rule.author, rule.name
        assert {example.matches for example in rule.tests} == {True, False}, rule.name


def test_the_tumour_pack_has_twelve_rules_or_more_of_thresholds_and_combinations():
    assert len(load_rules(PACKS["tumours"])) >= 12
    assert _kinds("tumours") == {"number", "all", "any", "not", "rule"}


def test_the_message_pack_uses_words_patterns_tokens_lists_numbers_and_python():
    assert 12 <= len(load_rules(PACKS["messages"])) <= 20
    assert _kinds("messages") == {
        "keywords", "regex", "tokens", "in_list", "number", "all", "any", "not", "rule", "python",
    }  # fmt: skip
    pack = load_pack(PACKS["messages"])
    assert pack.python_rules == ("shouting", "money-and-hurry")
    assert [rule.name for rule in pack.rules if rule.label is None] == ["money-and-hurry"]


def test_the_messages_are_about_four_hundred_with_unique_ids_and_a_gold_label_each():
    messages, gold = _rows(MESSAGES / "messages.csv"), _rows(MESSAGES / "gold.csv")
    assert list(messages[0]) == ["id", "sender", "text", "n_links"]
    assert 380 <= len(messages) <= 450
    assert len({row["id"] for row in messages}) == len(messages)
    assert [row["id"] for row in gold] == [row["id"] for row in messages]
    assert {row["label"] for row in gold} == {"ham", "spam"}
    spam = sum(row["label"] == "spam" for row in gold) / len(gold)
    assert 0.2 <= spam <= 0.4


def test_the_messages_are_varied_and_awkward_on_purpose():
    messages = _rows(MESSAGES / "messages.csv")
    texts = [row["text"] for row in messages]
    assert 250 <= len(set(texts)) < len(texts)  # many different ones, some repeated
    assert sum(not text.isascii() for text in texts) >= 10
    assert sum(not row["sender"] for row in messages) >= 10
    for row in messages:
        assert int(row["n_links"]) == len(re.findall(r"https?://", row["text"])), row


def test_links_and_telephone_numbers_of_the_messages_belong_to_nobody():
    for row in _rows(MESSAGES / "messages.csv"):
        assert all(host.endswith(".example") for host in re.findall(r"https?://([\w.-]+)", row["text"])), row
        assert re.fullmatch(r"(?:\+44 7700 900\d{3}|[A-Z0-9]+|)", row["sender"]), row
        assert all(n.startswith("09098790") for n in re.findall(r"\b0\d{10}\b", row["text"])), row


@pytest.mark.parametrize("name", PACKS)
def test_the_settings_of_an_example_lead_to_its_pack(name):
    config = read_config(ROOT / "examples" / name / "wsal.toml")
    assert [path.resolve() for path in config.rule_paths] == [PACKS[name].parent]
    assert config.labels == load_pack(PACKS[name]).labels


def test_the_biopsies_are_written_from_scikit_learn(tmp_path):
    script = ROOT / "examples" / "tumours" / "make_data.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, capture_output=True)
    biopsies, gold = _rows(tmp_path / "biopsies.csv"), _rows(tmp_path / "gold.csv")
    config = read_config(ROOT / "examples" / "tumours" / "wsal.toml")
    assert list(biopsies[0]) == ["id", *config.numeric_features]
    assert len({row["id"] for row in biopsies}) == 569
    assert sum(row["label"] == "malignant" for row in gold) == 212
    assert float(biopsies[0]["mean_radius"]) == 17.99
    assert gold[0]["label"] == "malignant"


def test_the_figures_in_the_readmes_are_the_computed_ones():
    script = _rule_table()
    for name in script.PACKS:
        readme = (ROOT / "labeling_functions" / name / "README.md").read_text(encoding="utf-8")
        table = script.rule_table(name)
        assert table in readme, f"run python examples/rule_table.py; computed:\n{table}"


def test_the_tumour_rules_leave_something_for_people_to_do():
    script = _rule_table()
    summary = script.rule_table("tumours").splitlines()[-1]
    covered, _, conflict = (float(share) for share in re.findall(r"([\d.]+)%", summary))
    assert 85 <= covered <= 95
    assert 5 <= conflict <= 15
