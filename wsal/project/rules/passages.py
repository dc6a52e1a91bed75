"""Passages: an item's texts, cut where the words that rules match begin and end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wsal.errors import LabelingFunctionError
from wsal.lf import LabelingFunction
from wsal.lf.searches import match_spans

__all__ = ["Passage", "passages_of"]


@dataclass(frozen=True)
class Passage:
    """A part of a text, and the rules that match there.

    Parameters
    ----------
    text : str
    rules : tuple of str
        None where no rule matches.
    """

    text: str
    rules: tuple[str, ...] = ()


def passages_of(
    fields: Mapping[str, Any], item: Mapping[str, Any], rules: Iterable[LabelingFunction]
) -> dict[str, tuple[Passage, ...]]:
    """Cut the texts of an item where matches of rules begin and end.

    Parameters
    ----------
    fields : mapping
        What is shown.
    item : mapping
        What rules read.
    rules : iterable of LabelingFunction
        Those whose matches are of interest.

    Returns
    -------
    dict of str to tuple of Passage
        The fields that hold a match; joined, their passages are the text. A rule that ran out of time matches
        nowhere.
    """
    found: dict[str, list[tuple[int, int, str]]] = {}
    for rule in rules:
        try:
            spans = match_spans(rule, item)
        except LabelingFunctionError:
            continue
        for span in spans:
            if isinstance(fields.get(span.field), str):
                found.setdefault(span.field, []).append((span.start, span.stop, rule.name))
    return {name: _cut(fields[name], spans) for name, spans in found.items()}


def _cut(text: str, spans: Sequence[tuple[int, int, str]]) -> tuple[Passage, ...]:
    """Cut a text; O(s log s) for s spans, but for the rules that match at one place."""
    begins: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for start, stop, rule in spans:
        if start < stop:
            begins.setdefault(start, []).append(rule)
            ends.setdefault(stop, []).append(rule)
    passages = []
    here: list[str] = []
    at = 0
    for place in sorted({*begins, *ends, len(text)}):
        if place > at:
            passages.append(Passage(text[at:place], tuple(sorted(set(here)))))
            at = place
        for rule in ends.get(place, ()):
            here.remove(rule)
        here.extend(begins.get(place, ()))
    return tuple(passages)
