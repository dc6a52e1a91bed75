"""From labels of candidates to spans of documents that do not overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wsal.errors import DataError
from wsal.labels import SoftLabels
from wsal.spans.candidates import CandidateSpans
from wsal.types import ABSTAIN

__all__ = ["LabelledSpan", "resolve_overlaps"]


@dataclass(frozen=True, order=True)
class LabelledSpan:
    """A place in a document and what stands there.

    Parameters
    ----------
    document : int
        Row of the document.
    start, end : int
        First character, and the first behind.
    label : str
    probability : float
        Of the label, before overlaps were resolved.
    source : str
        Where the label comes from; see `wsal.labels.Source`.
    """

    document: int
    start: int
    end: int
    label: str
    probability: float
    source: str


def resolve_overlaps(candidates: CandidateSpans, soft: SoftLabels, *, none: str) -> tuple[LabelledSpan, ...]:
    """Keep of spans that overlap the most probable; sorted by document and place.

    A person's answer goes before any rule. Of equally probable ones the longer is kept, then the first.

    Parameters
    ----------
    candidates : CandidateSpans, c
    soft : SoftLabels
        Of the same c items.
    none : str
        The label that says that nothing stands there; such candidates are no spans, nor are those without a label.

    Raises
    ------
    DataError
        Labels of other candidates.
    InputError
        ``none`` is no label.

    Notes
    -----
    Greedy: O(c log c + characters). The set with the highest product of probabilities can be another one.
    """
    if soft.item_ids.tolist() != candidates.votes.item_ids.tolist():
        raise DataError("the labels are of other spans", hint="run `wsal apply` and `wsal fit` again")
    nothing = soft.labels.index(none)
    hard = soft.hard()
    rows = np.flatnonzero((hard != ABSTAIN) & (hard != nothing)).tolist()
    found = [
        LabelledSpan(
            int(candidates.places[row, 0]),
            int(candidates.places[row, 1]),
            int(candidates.places[row, 2]),
            label=soft.labels.names[hard[row]],
            probability=float(soft.probabilities[row, hard[row]]),
            source=str(soft.sources[row]),
        )
        for row in rows
    ]
    found.sort(key=lambda s: (s.source != "human", -s.probability, s.start - s.end, s.document, s.start))
    taken: dict[int, set[int]] = {}
    kept = []
    for span in found:
        own = taken.setdefault(span.document, set())
        if own.isdisjoint(range(span.start, span.end)):
            own.update(range(span.start, span.end))
            kept.append(span)
    return tuple(sorted(kept))
