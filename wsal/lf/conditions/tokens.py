"""``tokens``: a sequence of tokens stands in a text, with the meaning of spaCy's Matcher.

`TokenTable` says which tokens satisfy which attributes. The operators are followed here, on sets
of positions held as bits: spaCy's own Matcher lists every match, and two ``*`` keep it busy for minutes on a
text of two thousand tokens. Property tests compare the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth, texts_of
from wsal.lf.conditions.phrases import Phrase, PhraseTable, as_phrase
from wsal.lf.conditions.token_table import Satisfied, TokenTable
from wsal.lf.pipelines import PackPipeline, pipeline_of_this_thread

__all__ = ["TokenStep", "TokensCondition", "token_spans"]

_NAMED_TIMES = {"1": (1, 1), "!": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}


@dataclass(frozen=True)
class TokenStep:
    """One token of a pattern.

    Parameters
    ----------
    attributes : str
        What the token satisfies, as canonical JSON; ``{}`` is any token.
    low : int
        How often at least.
    high : int or None
        How often at most.
    negated : bool
        The token does not satisfy them (operator ``!``).
    """

    attributes: str
    low: int
    high: int | None
    negated: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class TokensCondition(LeafCondition):
    """A token pattern matches anywhere in the text.

    Parameters
    ----------
    pattern_json : str
        The pattern as canonical JSON, which keeps it frozen.
    pipeline : PackPipeline, optional
        What makes tokens of texts; plain English tokens unless given.
    """

    kind = "tokens"
    pattern_json: str
    pipeline: PackPipeline | None = None

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        form = {"tokens": json.loads(self.pattern_json), "field": self.field}
        return form if self.pipeline is None else {**form, "pipeline": self.pipeline.source_hash}

    @property
    def group_key(self) -> Hashable:
        """What conditions that share a pass have in common: the docs."""
        return (self.kind, self.field, self.pipeline)

    @cached_property
    def phrase(self) -> Phrase | None:
        """The pattern as a phrase: the words and the attribute that they are; None where it is more than that."""
        return as_phrase(json.loads(self.pattern_json))

    @cached_property
    def steps(self) -> tuple[TokenStep, ...]:
        """The tokens of the pattern."""
        return tuple(map(_step, json.loads(self.pattern_json)))

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401  # as its base
        """Answer several conditions on every item; see `LeafCondition`.

        One doc a text serves all conditions; those that are phrases are found together by spaCy's PhraseMatcher.
        The time of the operators is linear in the length of a text for patterns without unbounded repeats, and at
        worst quadratic (in 64-bit words) with them. A ``REGEX`` is searched once in each different token, under the
        time limit of `SafePattern`.
        """
        texts = texts_of(column, conditions[0])
        pipeline = pipeline_of_this_thread(conditions[0].pipeline)
        make_doc = pipeline if conditions[0].pipeline is not None else pipeline.make_doc
        truth = np.full((len(conditions), len(texts)), UNKNOWN, dtype=np.int8)
        phrases = PhraseTable(pipeline, {i: c.phrase for i, c in enumerate(conditions) if c.phrase})
        patterns = [(i, c) for i, c in enumerate(conditions) if not c.phrase]
        table = TokenTable(pipeline, (step.attributes for _, c in patterns for step in c.steps))
        with pipeline.memory_zone():  # the strings of these texts are forgotten at the end
            for row, text in enumerate(texts):
                if text is None:
                    continue
                doc = make_doc(text)
                truth[phrases.positions, row] = phrases.found_in(doc)
                if not patterns:
                    continue
                satisfied = table.of(doc)
                for i, condition in patterns:
                    cause = condition._failure(satisfied)  # noqa: SLF001  # its own class
                    if cause is None:
                        truth[i, row] = _found(condition.steps, satisfied.masks, satisfied.n_tokens)
                    else:
                        faults.report(condition.rule, row, cause)
        return truth

    def _failure(self, satisfied: Satisfied) -> Exception | None:
        failures = (satisfied.failures.get(step.attributes) for step in self.steps)
        return next((cause for cause in failures if cause is not None), None)


def _step(token: dict[str, Any]) -> TokenStep:
    operator = token.get("OP", "1")
    attributes = {name: value for name, value in token.items() if name != "OP"}
    low, high = _NAMED_TIMES[operator] if operator in _NAMED_TIMES else _counted_times(operator)
    return TokenStep(json.dumps(attributes, sort_keys=True), low, high, operator == "!")


def _counted_times(operator: str) -> tuple[int, int | None]:
    """Read ``{2}``, ``{1,3}``, ``{2,}`` or ``{,3}``."""
    low, comma, high = re.sub(r"[{}]", "", operator).partition(",")
    if not comma:
        return int(low), int(low)
    return int(low or 0), int(high) if high else None


def token_spans(steps: Sequence[TokenStep], satisfied: Satisfied) -> list[tuple[int, int]]:
    """Return the longest match from each token on from which the steps match: first token, and the first behind.

    Raises
    ------
    Exception
        Which tokens satisfy a step is not known: a search took too long.

    Notes
    -----
    Linear in the length of a text for each token on which a match can begin.
    """
    for step in steps:
        if (cause := satisfied.failures.get(step.attributes)) is not None:
            raise cause
    n = satisfied.n_tokens
    if not _found(steps, satisfied.masks, n):
        return []
    ends = ((start, _ends(steps, satisfied.masks, n, 1 << start)) for start in range(n))
    return [(start, last.bit_length() - 1) for start, last in ends if last]


def _found(steps: Sequence[TokenStep], masks: dict[str, int], n_tokens: int) -> bool:
    """Whether the steps match one after another, from any token on, and take at least one token."""
    return _ends(steps, masks, n_tokens, (1 << n_tokens) - 1) != 0


def _ends(steps: Sequence[TokenStep], masks: dict[str, int], n_tokens: int, starts: int) -> int:
    """Return where matches from some tokens on can end: bit i stands for an end before token i."""
    every = (1 << n_tokens) - 1
    # Bit i: the steps so far can end before token i, having taken no token at all, or at least one.
    fresh, moved = starts, 0
    for step in steps:
        mask = masks.get(step.attributes, 0)
        mask = every & ~mask if step.negated else mask
        for required in _passes(step, n_tokens):
            after = ((fresh | moved) & mask) << 1
            if required is None:  # any number of times more
                moved |= _flooded(after, mask)
            elif required:
                fresh, moved = 0, after
            elif after | moved == moved:
                break
            else:
                moved |= after
            if not fresh | moved:
                return 0
    return moved


def _passes(step: TokenStep, n_tokens: int) -> Iterator[bool | None]:
    """Yield True for a token that must come, False for one that may, None for any number that may."""
    yield from [True] * min(step.low, n_tokens + 1)
    if step.high is None:
        yield None
    else:
        yield from [False] * min(step.high - step.low, n_tokens + 1)


def _flooded(reached: int, mask: int) -> int:
    """Follow a repeat to its end: from every place reached, over all tokens of the mask that come next."""
    frontier = reached
    while frontier:
        frontier = ((frontier & mask) << 1) & ~reached
        reached |= frontier
    return reached
