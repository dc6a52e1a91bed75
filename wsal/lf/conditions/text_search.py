"""What ``keywords`` and ``regex`` have in common: patterns that are searched for in one pass over a column of texts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final, Self

import numpy as np

from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth, texts_of
from wsal.lf.search import (
    Alternatives,
    EngineChoice,
    ListTexts,
    SafePattern,
    Texts,
    compile_together,
    engine_of,
    in_one_pass,
)

__all__ = ["TextSearchCondition"]

_JOINED: Final = 32  # patterns; more would make the parts of a pass uneven


@dataclass(frozen=True, eq=False, kw_only=True)
class TextSearchCondition(LeafCondition):
    """So many of its patterns are found in the text."""

    texts_as_stored: ClassVar[bool] = True

    @property
    @abstractmethod
    def patterns(self) -> tuple[tuple[str, int], ...]:
        """Patterns of ``re`` with their flags; all different."""

    @property
    @abstractmethod
    def n_wanted(self) -> int:
        """How many of them have to be found."""

    @property
    @abstractmethod
    def written(self) -> tuple[str, ...]:
        """The patterns as the expert wrote them."""

    @property
    def group_key(self) -> Hashable:
        """Shared by all that are searched for in one column, whatever their kind."""
        return (TextSearchCondition, self.field)

    @cached_property
    def searches(self) -> tuple[SafePattern, ...]:
        """The patterns, compiled by themselves."""
        return tuple(SafePattern(pattern, flags) for pattern, flags in self.patterns)

    @property
    def engines(self) -> tuple[EngineChoice, ...]:
        """Which engine searches for each pattern, and why."""
        return tuple(engine_of(search) for search in self.searches)

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        texts = column if isinstance(column, Texts) else ListTexts(texts_of(column, conditions[0]))
        owner: dict[Alternatives, str] = {}
        asked = [_asked(condition) for condition in conditions]
        for condition, patterns in zip(conditions, asked, strict=True):
            for pattern in patterns:
                owner.setdefault(pattern, condition.rule)
        number = {pattern: i for i, pattern in enumerate(owner)}
        rules = list(owner.values())
        failed: set[tuple[int, int]] = set()

        def report(i: int, row: int, cause: Exception) -> None:
            faults.report(rules[i], row, cause)
            failed.add((i, row))

        found = compile_together(tuple(owner)).found_in_each(texts, report)
        truth = np.empty((len(conditions), len(texts)), dtype=np.int8)
        for i, condition in enumerate(conditions):
            rows = [number[pattern] for pattern in asked[i]]
            truth[i] = found[rows[0]] if len(rows) == 1 else found[rows].sum(axis=0) >= condition.n_wanted
            for j, row in failed:
                if j in rows and not truth[i, row]:
                    truth[i, row] = UNKNOWN
        truth[:, texts.missing] = UNKNOWN
        return truth


def _asked(condition: TextSearchCondition) -> tuple[Alternatives, ...]:
    """Return what is searched for: where any pattern will do, several as one, as nobody asks which it was."""
    alone: list[Alternatives] = []
    joined: list[tuple[str, int]] = []
    for pattern in condition.patterns:
        if condition.n_wanted == 1 and in_one_pass(*pattern):
            joined.append(pattern)
        else:
            alone.append((pattern,))
    return (*alone, *(tuple(joined[i : i + _JOINED]) for i in range(0, len(joined), _JOINED)))
