"""Where the rules of a pack match: phrases, token patterns, regular expressions and lists, on one Doc a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from wsal.errors import DataError, LabelingFunctionError, PackError
from wsal.lf.conditions import (
    AnyCondition,
    Condition,
    InListCondition,
    LeafCondition,
    RuleCondition,
    TokensCondition,
)
from wsal.lf.conditions.phrases import Phrase
from wsal.lf.conditions.text_search import TextSearchCondition
from wsal.lf.conditions.token_table import TokenTable
from wsal.lf.conditions.tokens import token_spans
from wsal.lf.pipelines import PackPipeline, pipeline_of_this_thread
from wsal.lf.rule import Rule
from wsal.lf.search import SEARCH_FAILURES
from wsal.spans.candidates import CandidateSpans
from wsal.types import ABSTAIN, LabelSpace
from wsal.votes import VoteMatrix

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["find_spans"]

Place: TypeAlias = tuple[int, int]
"""The first token of a span, and the first behind it."""

Finder: TypeAlias = "Callable[[Doc], Iterable[Place]]"


def find_spans(
    rules: Sequence[Rule], documents: Sequence[str], texts: Sequence[str], labels: LabelSpace
) -> CandidateSpans:
    """Let the rules of a pack name places in documents.

    ``keywords``, ``regex``, ``tokens`` and ``in_list`` name the places where they match, ``any`` those of its parts,
    ``rule`` those of another rule. A place is whole tokens: a match inside of a word is the word. Of places of one rule
    that overlap, the longest counts.

    Parameters
    ----------
    rules : sequence of m Rule
        With a label each.
    documents : sequence of str
        d different ids.
    texts : sequence of str
    labels : LabelSpace
        What a place can be; one of them says that it is nothing.

    Returns
    -------
    CandidateSpans

    Raises
    ------
    PackError
        A rule that names no places (``all``, ``not``, numbers, code), or rules on different pipelines.
    DataError
        An id stands twice.
    LabelingFunctionError
        A search ran out of time; with the rule and the document.
    """
    if len(set(documents)) < len(documents):
        twice = next(name for name in documents if list(documents).count(name) > 1)
        raise DataError(f"two documents have the id {twice!r}", hint="every document has an id of its own")
    leaves = [(j, leaf) for j, rule in enumerate(rules) for leaf in _places_of(rule)]
    named = _pipeline(rules, [leaf for _, leaf in leaves])
    pipeline = pipeline_of_this_thread(named)
    finders = [(j, _finder(leaf, pipeline)) for j, leaf in leaves]
    voted: dict[tuple[int, int, int], list[int]] = {}
    with pipeline.memory_zone():  # the strings of these texts are forgotten at the end
        for d, text in enumerate(texts):
            doc = pipeline.make_doc(text) if named is None else pipeline(text)
            found: dict[int, set[Place]] = {}
            for j, find in finders:
                try:
                    found.setdefault(j, set()).update(find(doc))
                except SEARCH_FAILURES as cause:
                    raise LabelingFunctionError(rules[j].name, documents[d], cause) from cause
            for j, places in found.items():
                for start, end in _longest(places):
                    span = doc[start:end]
                    voted.setdefault((d, span.start_char, span.end_char), []).append(j)
    return _candidates(rules, documents, texts, labels, voted)


def _candidates(
    rules: Sequence[Rule],
    documents: Sequence[str],
    texts: Sequence[str],
    labels: LabelSpace,
    voted: dict[tuple[int, int, int], list[int]],
) -> CandidateSpans:
    order = sorted(voted)
    values = np.full((len(order), len(rules)), ABSTAIN, dtype=np.int8)
    says = [labels.index(str(rule.label)) for rule in rules]
    for row, place in enumerate(order):
        for j in voted[place]:
            values[row, j] = says[j]
    votes = VoteMatrix.from_array(
        values,
        labels,
        lf_names=[rule.name for rule in rules],
        item_ids=[f"{documents[d]}:{start}-{end}" for d, start, end in order],
        lf_fingerprints=[rule.fingerprint for rule in rules],
    )
    return CandidateSpans(
        tuple(documents), tuple(texts), np.array(order, dtype=np.int64).reshape(-1, 3), votes
    )


def _places_of(rule: Rule) -> Iterator[LeafCondition]:
    """Yield the conditions of a rule whose matches are its places.

    Raises
    ------
    PackError
        Its condition says of a text that something holds, and not where.
    """
    waiting: list[Condition] = [] if rule.condition is None else [rule.condition]
    if rule.condition is None:
        raise _no_place(rule, "a column, a model or a function that names labels")
    while waiting:
        condition = waiting.pop()
        if isinstance(condition, AnyCondition | RuleCondition):
            waiting.extend(reversed(condition.parts))
        elif isinstance(condition, TextSearchCondition) and condition.n_wanted > 1:
            raise _no_place(rule, f"at_least: {condition.n_wanted}")
        elif isinstance(condition, TextSearchCondition | TokensCondition | InListCondition):
            yield condition
        else:
            raise _no_place(rule, "such a condition")


def _no_place(rule: Rule, what: str) -> PackError:
    return PackError(
        f"rule {rule.name!r}: {what} says nothing of where a span is",
        location=rule.location,
        hint="span rules are keywords, regex, tokens, in_list, or any of these; judge the spans that they find with "
        "rules on the columns span, left and right",
    )


def _pipeline(rules: Sequence[Rule], leaves: Sequence[LeafCondition]) -> PackPipeline | None:
    """Return the pipeline that all rules share: tokens of one would be no tokens of another."""
    named = {leaf.pipeline for leaf in leaves if isinstance(leaf, TokensCondition) and leaf.pipeline}
    if len(named) > 1:
        names = ", ".join(sorted(pipeline.name for pipeline in named))
        raise PackError(
            f"span rules name different pipelines: {names}",
            location=rules[0].location,
            hint="name the same pipeline in all packs of span rules",
        )
    return next(iter(named), None)


def _finder(leaf: LeafCondition, pipeline: Language) -> Finder:
    if isinstance(leaf, TextSearchCondition):
        return _search(leaf)
    if isinstance(leaf, InListCondition):
        attribute = "LOWER" if leaf.any_case else "ORTH"
        return _phrases(pipeline, attribute, [pipeline.make_doc(entry) for entry in sorted(leaf.entries)])
    if isinstance(leaf, TokensCondition) and leaf.phrase is not None:
        return _phrase(pipeline, leaf.phrase)
    if isinstance(leaf, TokensCondition):
        steps = leaf.steps
        table = TokenTable(pipeline, [step.attributes for step in steps])
        return lambda doc: token_spans(steps, table.of(doc))
    raise TypeError(f"{leaf.kind} names no places")


def _search(leaf: TextSearchCondition) -> Finder:
    def find(doc: Doc) -> Iterator[Place]:
        for search in leaf.searches:
            for start, end in search.spans(doc.text):
                span = doc.char_span(start, end, alignment_mode="expand") if end > start else None
                if span is not None and len(span):
                    yield span.start, span.end

    return find


def _phrase(pipeline: Language, phrase: Phrase) -> Finder:
    from spacy.tokens import Doc

    return _phrases(pipeline, phrase.attribute, [Doc(pipeline.vocab, words=list(phrase.words))])


def _phrases(pipeline: Language, attribute: str, patterns: Sequence[Doc]) -> Finder:
    from spacy.matcher import PhraseMatcher

    matcher = PhraseMatcher(pipeline.vocab, attr=attribute)
    matcher.add("phrase", list(patterns))
    return lambda doc: [(start, end) for _, start, end in matcher(doc)]


def _longest(places: Iterable[Place]) -> Iterator[Place]:
    """Yield places that do not overlap: the longest first, of equally long ones the first."""
    taken: set[int] = set()
    for start, end in sorted(places, key=lambda place: (place[0] - place[1], place[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            yield start, end
