"""The rules of a project: loading, checking, and what the ledger keeps of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wsal.audit import RuleVersion
from wsal.config import Config
from wsal.errors import InputError, did_you_mean
from wsal.items import Items
from wsal.items.parts import ParquetParts
from wsal.lf import LabelingFunction, Rule, RulePack, check_pack, load_packs, pack_files
from wsal.lf.conditions import (
    ColumnVotes,
    CompareCondition,
    DateCondition,
    NumberCondition,
    TokensCondition,
    evaluate,
    leaves,
)
from wsal.lf.conditions.base import texts_of
from wsal.lf.conditions.text_search import TextSearchCondition
from wsal.lf.searches import PatternEngine, pattern_engines, unspaced_keywords
from wsal.types import LabelSpace

__all__ = [
    "CheckReport",
    "check_packs",
    "check_rules",
    "load_project_packs",
    "load_project_rules",
    "require_columns",
    "rule_version",
]

_CHEAP: Final = (NumberCondition, DateCondition, CompareCondition)
_OF_TEXTS: Final = (TextSearchCondition, TokensCondition)


@dataclass(frozen=True)
class CheckReport:
    """Rules that could be loaded, the tests of theirs that failed, and the engine of each pattern."""

    n_rules: int
    n_tests: int
    failures: tuple[str, ...]
    notes: tuple[str, ...] = ()
    engines: tuple[PatternEngine, ...] = ()


def load_project_packs(config: Config, *, allow_python: bool = True) -> list[RulePack]:
    """Load every rule pack that the settings name.

    Raises
    ------
    InputError
        A folder is not there, or a pack cannot be used.
    """
    packs: list[RulePack] = []
    for path in config.rule_paths:
        packs += load_packs(
            path,
            allow_python=allow_python and config.allow_python,
            text=config.text_column or "text",
            labels=config.labels,
            vocabulary=config.vocabulary,
        )
    return packs


def load_project_rules(config: Config, *, allow_python: bool = True) -> list[LabelingFunction]:
    """Load every rule that the settings name; errors as `load_project_packs`."""
    return [rule for pack in load_project_packs(config, allow_python=allow_python) for rule in pack.rules]


def check_packs(
    paths: Iterable[Path],
    *,
    allow_python: bool = True,
    text: str = "text",
    labels: LabelSpace | None = None,
    vocabulary: LabelSpace | None = None,
) -> CheckReport:
    """Load rule packs (files or folders) and run the tests of their rules.

    Raises
    ------
    PackError
        A pack cannot be used; a test that fails is no error.
    """
    n_rules, n_tests, failures, notes = 0, 0, [], []
    engines: list[PatternEngine] = []
    for path in paths:
        for file in pack_files(path):
            checked = check_pack(
                file, allow_python=allow_python, text=text, labels=labels, vocabulary=vocabulary
            )
            n_rules += len(checked.pack.rules)
            n_tests += len(checked.results)
            failures += [str(result) for result in checked.failed]
            engines += pattern_engines(checked.pack.rules)
            for rule, words in unspaced_keywords(checked.pack.rules).items():
                notes.append(
                    f"rule {rule!r}: {', '.join(words)}: a keyword is found where no letter stands beside it, so "
                    "hardly ever in a script without spaces between words; a regex finds it anywhere"
                )
            if checked.pack.runs_code:
                notes.append(f"{file} runs code from its folder: {', '.join(checked.pack.python_rules)}")
    return CheckReport(n_rules, n_tests, tuple(failures), tuple(notes), tuple(engines))


def check_rules(config: Config, items: Items | ParquetParts, *, allow_python: bool = True) -> CheckReport:
    """Check the rules of a project against its data, and run their tests.

    Raises
    ------
    InputError
        A pack cannot be used, or a rule reads a column that the data does not have.
    DataError
        A column holds what a rule cannot read. Of data in parts, the first items are looked at.
    """
    rules = load_project_rules(config, allow_python=allow_python)
    require_columns(rules, items, config.data_path)
    _require_readable(rules, items if isinstance(items, Items) else items.first_items())
    return check_packs(
        config.rule_paths,
        allow_python=allow_python and config.allow_python,
        text=config.text_column or "text",
        labels=config.labels,
        vocabulary=config.vocabulary,
    )


def require_columns(rules: Iterable[LabelingFunction], items: Items | ParquetParts, data: Path) -> None:
    """See that the data has every column that a rule reads.

    Raises
    ------
    InputError
        It has not: with the place of the rule.
    """
    for rule in rules:
        for column in (rule.fields or ()) if isinstance(rule, Rule) else ():
            if column not in items.columns:
                there = ", ".join(items.columns)
                raise InputError(
                    f"rule {rule.name!r} reads column {column!r}, which {data.name} does not have",
                    location=rule.location if isinstance(rule, Rule) else None,
                    hint=did_you_mean(column, items.columns)
                    or f"its columns are {there}; name one with field:",
                )


def _require_readable(rules: Iterable[LabelingFunction], items: Items) -> None:
    """See that columns hold the numbers, dates, texts and votes that rules read in them; no pattern is searched for.

    Raises
    ------
    DataError
        A cell that is none, with the place of the rule.
    """
    table = items.slice(0, items.n_items)
    loaded = [rule for rule in rules if isinstance(rule, Rule)]
    asked = [leaf for rule in loaded if rule.condition is not None for leaf in leaves(rule.condition)]
    evaluate([leaf for leaf in asked if isinstance(leaf, _CHEAP)], table)
    for leaf in {leaf.field: leaf for leaf in reversed(asked) if isinstance(leaf, _OF_TEXTS)}.values():
        if leaf.field is not None and table.arrow_texts(leaf.field) is None:
            texts_of(table.column(leaf.field), leaf)
    for rule in loaded:
        if isinstance(rule.source, ColumnVotes):
            rule.label_names(table)


def rule_version(lf: LabelingFunction) -> RuleVersion:
    """Return what the ledger keeps of a labelling function: all that an auditor asks about it."""
    source, file = (lf.source_text, lf.location.file) if isinstance(lf, Rule) else ("", None)
    return RuleVersion(lf.name, lf.fingerprint or "", lf.author, lf.why, source, file)
