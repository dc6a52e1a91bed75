"""Run the examples that experts write beside their rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wsal.errors import LabelingFunctionError, Location
from wsal.lf.conditions import Faults, Truth, evaluate, leaves
from wsal.lf.labeling_function import LabelingFunction
from wsal.lf.rule import Rule
from wsal.lf.table import ColumnTable

__all__ = ["RuleTestResult", "run_rule_tests"]

_ANSWERS = {1: "matches", 0: "no match", -1: "unknown"}


@dataclass(frozen=True)
class RuleTestResult:
    """What a rule said to one of its examples.

    Parameters
    ----------
    rule : str
        Its id.
    expected : {"matches", "no match"}
    got : str
        ``"matches"``, ``"no match"``, ``"unknown"`` (a value that the rule needs is missing), or the error
        that it raised.
    passed : bool
        ``unknown`` passes where no match is expected: the rule abstains there.
    example : str
        As written.
    location : Location
        Where the example is written.
    """

    rule: str
    expected: Literal["matches", "no match"]
    got: str
    passed: bool
    example: str
    location: Location

    def __str__(self) -> str:
        verdict = "ok" if self.passed else f"expected {self.expected}, got {self.got}"
        return f"{self.location}: rule '{self.rule}': {verdict}: {self.example}"


def run_rule_tests(rules: Iterable[LabelingFunction]) -> tuple[RuleTestResult, ...]:
    """Run the tests of rules, in the order they are written; functions that are no rules have none.

    The bins of one column rule are tested together: an example matches where one of them votes.

    Raises
    ------
    DataError
        An example holds a value that the rule cannot read, such as a text where it reads numbers.
    """
    sources: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        if isinstance(rule, Rule):
            sources.setdefault((rule.location.file, rule.source_id), []).append(rule)
    return tuple(result for same in sources.values() for result in _results(same))


def _results(rules: list[Rule]) -> list[RuleTestResult]:
    first = rules[0]
    results = []
    for example in first.tests:
        columns: dict[str, list[object]] = {name: [None] for name in _columns(first)}
        columns |= {name: [value] for name, value in example.columns}
        table = ColumnTable(columns, n_items=1)
        try:
            got = _ANSWERS[max(_answer(rule, table) for rule in rules)]
        except LabelingFunctionError as error:
            got = f"{type(error.cause).__name__}: {error.cause}"
        expected: Literal["matches", "no match"] = "matches" if example.matches else "no match"
        passed = got == "matches" if example.matches else got in {"no match", "unknown"}
        results.append(
            RuleTestResult(first.source_id, expected, got, passed, example.written, example.location)
        )
    return results


def _columns(rule: Rule) -> list[str]:
    """Return the columns that an example may leave out; they are missing there."""
    named = rule.fields
    if named is None and rule.condition is not None:
        return [name for leaf in leaves(rule.condition) for name in leaf.reads or ()]
    return list(named or ())


def _answer(rule: Rule, table: ColumnTable) -> int:
    if rule.condition is None:
        (name,) = rule.label_names(table, faults=Faults())
        return 0 if name is None else 1
    truth: Truth = evaluate([rule.condition], table)[0]
    return int(np.asarray(truth)[0])
