"""The contracts pack: its own tests, its kinds, and that its table of figures is what the script computes."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from wsal.lf import check_pack, load_pack

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "labeling_functions" / "contracts" / "rules.yaml"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("contract_rules", ROOT / "benchmarks/contract_rules.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.setitem(sys.modules, spec.name, module)  # its dataclasses look there
    spec.loader.exec_module(module)
    yield module
    monkeypatch.undo()


def test_the_tests_that_the_pack_brings_pass_both_ways():
    checked = check_pack(PACK)
    assert [str(result) for result in checked.failed] == []
    for rule in checked.pack.rules:
        assert {example.matches for example in rule.tests} == {True, False}, rule.name
        assert len(rule.why.split()) >= 4, rule.name
        assert rule.author, rule.name


def test_there_are_forty_rules_for_ten_kinds_of_clause_and_none_runs_code():
    pack = load_pack(PACK)
    per_label = Counter(rule.label for rule in pack.rules)
    assert len(pack.rules) >= 40
    assert set(per_label) == set(pack.labels)
    assert (len(per_label), min(per_label.values())) == (10, 4)
    assert not pack.runs_code
    text = PACK.read_text(encoding="utf-8")
    kinds = ("keywords", "regex", "tokens", "in_list", "all", "any", "not", "rule")
    assert [kind for kind in kinds if not re.search(rf"(?<![\w-]){kind}:", text)] == []


def test_the_figures_in_the_readme_are_the_computed_ones_and_good_enough(script, shared_folder):
    data = shared_folder("cuad_clauses").parent
    readme = (PACK.parent / "README.md").read_text(encoding="utf-8")
    computed = script.table(data)
    assert computed in readme, f"run python benchmarks/contract_rules.py; computed:\n{computed}"
    means = [float(mean) for mean in re.findall(r"mean precision of the rules ([\d.]+)", computed)]
    assert len(means) == 2
    assert min(means) >= 0.85


def test_no_text_of_the_clauses_is_in_the_pack(shared_data):
    # Runs of eight words, which a rule's example could have by copying alone.
    words = re.findall(r"\w+", PACK.read_text(encoding="utf-8").lower())
    own = {tuple(words[i : i + 8]) for i in range(len(words) - 7)}
    for text in shared_data("cuad_clauses", "train")["text"]:
        clause = re.findall(r"\w+", text.lower())
        assert not own & {tuple(clause[i : i + 8]) for i in range(len(clause) - 7)}, text
