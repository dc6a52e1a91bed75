"""What ``keywords`` and ``regex`` have in common: patterns that are searched for in one pass over a column of texts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth, texts_of
from wsal.lf.search import EngineChoice, SafePattern, compile_together, engine_of

__all__ = ["TextSearchCondition"]


@dataclass(frozen=True, eq=False, kw_only=True)
class TextSearchCondition(LeafCondition):
    """So many of its patterns are found in the text."""

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
        texts = texts_of(column, conditions[0])
        owner: dict[tuple[str, int], str] = {}
        for condition in conditions:
            for pattern in condition.patterns:
                owner.setdefault(pattern, condition.rule)
        number = {pattern: i for i, pattern in enumerate(owner)}
        rules = list(owner.values())
        failed: set[tuple[int, int]] = set()

        def report(i: int, row: int, cause: Exception) -> None:
            faults.report(rules[i], row, cause)
            failed.add((i, row))

        found = compile_together(tuple(owner)).found_in_each(texts, report)
        missing = np.array([text is None for text in texts], dtype=bool)
        truth = np.empty((len(conditions), len(texts)), dtype=np.int8)
        for i, condition in enumerate(conditions):
            rows = [number[pattern] for pattern in condition.patterns]
            truth[i] = found[rows].sum(axis=0) >= condition.n_wanted
            for j, row in failed:
                if j in rows and not truth[i, row]:
                    truth[i, row] = UNKNOWN
        truth[:, missing] = UNKNOWN
        return truth
