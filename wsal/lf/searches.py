"""What the patterns of rules are searched for by, and where they match in one item."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from wsal.errors import LabelingFunctionError
from wsal.lf.conditions import leaves
from wsal.lf.conditions.keywords import KeywordsCondition
from wsal.lf.conditions.text_search import TextSearchCondition
from wsal.lf.labeling_function import LabelingFunction
from wsal.lf.rule import Rule
from wsal.lf.scripts import UNSPACED
from wsal.lf.search import SEARCH_FAILURES
from wsal.lf.table import as_table

__all__ = ["MatchSpan", "PatternEngine", "match_spans", "pattern_engines", "unspaced_keywords"]

_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_MOST_SPANS: Final = 1000  # nobody looks at more in one text


@dataclass(frozen=True)
class PatternEngine:
    """Which engine searches for one pattern of a rule, and why; see `wsal.lf.search.EngineChoice`.

    Parameters
    ----------
    rule : str
        Id of the rule.
    pattern : str
        The keyword or regex, as written.
    engine : str
        ``one pass``, ``one pass, confirmed`` or ``by itself``.
    why : str
        What stands in the way of ``one pass``.
    exact : str
        What confirms, or searches by itself; empty in ``one pass``.
    """

    rule: str
    pattern: str
    engine: str
    why: str
    exact: str

    def __str__(self) -> str:
        text = f"rule '{self.rule}': {self.pattern!r}: {self.engine}"
        return f"{text} by {self.exact}: {self.why}" if self.why else text


@dataclass(frozen=True, order=True)
class MatchSpan:
    """A place where a rule's pattern matches.

    Parameters
    ----------
    field : str
        The column.
    start, stop : int
        Characters of its text, from 0; ``stop`` is the first one behind.
    pattern : str
        The keyword or regex, as written.
    """

    field: str
    start: int
    stop: int
    pattern: str


def pattern_engines(rules: Iterable[LabelingFunction]) -> tuple[PatternEngine, ...]:
    """Say for each keyword and regex of rules which engine searches for it, in the order they are written.

    A condition that is written in one rule and named in another is listed once.
    """
    found: dict[tuple[str, str], PatternEngine] = {}
    for rule in rules:
        for leaf in _text_leaves(rule):
            for written, choice in zip(leaf.written, leaf.engines, strict=True):
                entry = PatternEngine(leaf.rule, written, choice.engine, choice.why, choice.exact)
                found.setdefault((leaf.key, written), entry)
    return tuple(found.values())


def unspaced_keywords(rules: Iterable[LabelingFunction]) -> dict[str, tuple[str, ...]]:
    """Return, by rule, the keywords in scripts without spaces between words, which whole words are not found by."""
    found: dict[str, dict[str, None]] = {}
    for rule in rules:
        for leaf in _text_leaves(rule):
            if isinstance(leaf, KeywordsCondition):
                for word in filter(_UNSPACED.search, leaf.written):
                    found.setdefault(leaf.rule, {})[word] = None
    return {rule: tuple(words) for rule, words in found.items()}


def match_spans(rule: LabelingFunction, item: Any) -> tuple[MatchSpan, ...]:  # noqa: ANN401  # items are the user's
    r"""Return where the keywords and regexes of a rule match in one item, for highlighting.

    All matches are given, also of parts under ``not`` and of rules that do not vote on the item. Spans are only ever
    computed here, for one item; votes need none.

    Parameters
    ----------
    rule : LabelingFunction
        Nothing matches where it is no rule of a pack.
    item : mapping, Row, Series or any object with attributes

    Returns
    -------
    tuple of MatchSpan
        Sorted; at most 1,000 a pattern, which do not overlap.

    Raises
    ------
    LabelingFunctionError
        A pattern ran out of time.

    Examples
    --------
    >>> import tempfile, pathlib, wsal
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pack.yaml")
    ...     _ = path.write_text("wsal: 1\nrules: [{id: prize, label: spam, when: {keywords: [free, prize]}}]")
    ...     (rule,) = wsal.load_rules(path)
    >>> [(span.start, span.stop) for span in match_spans(rule, {"text": "A prize for free."})]
    [(2, 7), (12, 16)]
    """
    columns = as_table(item)
    spans: set[MatchSpan] = set()
    for leaf in _text_leaves(rule):
        text = columns.column(leaf.field)[0] if leaf.field in columns.columns else None
        if leaf.field is None or not isinstance(text, str):
            continue
        for written, search in zip(leaf.written, leaf.searches, strict=True):
            try:
                found = list(islice(search.spans(text), _MOST_SPANS))
            except SEARCH_FAILURES as cause:
                raise LabelingFunctionError(leaf.rule, "this item", cause) from cause
            spans.update(MatchSpan(leaf.field, start, stop, written) for start, stop in found)
    return tuple(sorted(spans))


def _text_leaves(rule: LabelingFunction) -> list[TextSearchCondition]:
    if not isinstance(rule, Rule) or rule.condition is None:
        return []
    return [leaf for leaf in leaves(rule.condition) if isinstance(leaf, TextSearchCondition)]
