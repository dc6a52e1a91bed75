"""``tokens``: a sequence of tokens stands in a text, found by spaCy's Matcher."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from wsal.lf.conditions.base import FALSE, TRUE, UNKNOWN, Faults, LeafCondition, Truth, texts_of

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["TokensCondition", "blank_english"]

_ANY_LENGTH = (
    1 << 40
)  # spaCy's limit of a million characters guards trained pipelines, and there is none here


@dataclass(frozen=True, eq=False, kw_only=True)
class TokensCondition(LeafCondition):
    """A token pattern matches anywhere in the text.

    Parameters
    ----------
    pattern_json : str
        The pattern as canonical JSON, which keeps it frozen.
    """

    kind = "tokens"
    pattern_json: str

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {"tokens": json.loads(self.pattern_json), "field": self.field}

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003
        """Answer several conditions on every item; see `LeafCondition`."""
        from spacy.matcher import Matcher

        texts = texts_of(column, conditions[0])
        pipeline = blank_english()
        matcher = Matcher(pipeline.vocab)
        for i, condition in enumerate(conditions):
            matcher.add(str(i), [json.loads(condition.pattern_json)])
        number = {pipeline.vocab.strings[str(i)]: i for i in range(len(conditions))}
        truth = np.full((len(conditions), len(texts)), UNKNOWN, dtype=np.int8)
        # One Doc a text, shared by every condition; its strings are forgotten at the end.
        with pipeline.memory_zone():
            for row, text in enumerate(texts):
                if text is None:
                    continue
                truth[:, row] = FALSE
                found = {match[0] for match in matcher(pipeline.make_doc(text))}
                truth[[number[match] for match in found], row] = TRUE
        return truth


def blank_english() -> Language:
    """Return a new pipeline that only cuts English text into tokens; threads do not share one."""
    import spacy

    pipeline = spacy.blank("en")
    pipeline.max_length = _ANY_LENGTH
    return pipeline
