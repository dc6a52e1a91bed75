"""What an expert writes: labelling functions in Python, and rules in YAML packs.

A rule is a labelling function that is data: it has a condition, the label it votes for, its reason, its
author, its tests and the place where it is written. Conditions are evaluated on whole columns, many rules in
one pass; see `wsal.lf.conditions`.
"""

from __future__ import annotations

from typing import Any

from wsal.lf.fingerprint import fingerprint_of
from wsal.lf.labeling_function import LabelingFunction, as_labeling_function, as_vote, labeling_function
from wsal.lf.nlp import nlp_labeling_function
from wsal.lf.pack import PackCheck, RulePack, check_pack, load_pack, load_packs, load_rules, pack_files
from wsal.lf.preprocessor import ItemView, Preprocessor, preprocessor
from wsal.lf.row import Row
from wsal.lf.rule import Rule, RuleExample, vote_rules
from wsal.lf.rule_tests import RuleTestResult, run_rule_tests
from wsal.lf.table import ColumnTable, Table

__all__ = [
    "ColumnTable",
    "ItemView",
    "LabelingFunction",
    "PackCheck",
    "Preprocessor",
    "Row",
    "Rule",
    "RuleExample",
    "RulePack",
    "RuleTestResult",
    "Table",
    "as_labeling_function",
    "as_vote",
    "check_pack",
    "fingerprint_of",
    "labeling_function",
    "load_pack",
    "load_packs",
    "load_rules",
    "nlp_labeling_function",
    "pack_files",
    "pack_schema",
    "preprocessor",
    "run_rule_tests",
    "vote_rules",
]


def pack_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rule pack, for editors.

    Examples
    --------
    >>> pack_schema()["required"]
    ['wsal', 'rules']
    """
    from wsal.lf import schema  # pydantic is loaded where a pack is read, not for every labelling function

    return schema.pack_schema()
