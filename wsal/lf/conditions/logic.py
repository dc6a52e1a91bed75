"""``all``, ``any``, ``not`` and ``rule``: conditions made of conditions, in Kleene's three-valued logic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wsal.lf.conditions.base import FALSE, TRUE, UNKNOWN, Condition, Truth

__all__ = ["AllCondition", "AnyCondition", "LogicCondition", "NotCondition", "RuleCondition"]


@dataclass(frozen=True, eq=False, kw_only=True)
class LogicCondition(Condition):
    """A condition whose truth follows from that of its parts."""

    def combine(self, truths: list[Truth]) -> Truth:
        """Return the truth, shape (n,), from that of the parts, each of shape (n,)."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, kw_only=True)
class AllCondition(LogicCondition):
    """TRUE where all parts are; FALSE where one is; else UNKNOWN."""

    kind = "all"
    conditions: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions it is made of."""
        return self.conditions

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {"all": sorted(part.digest for part in self.conditions)}

    def combine(self, truths: list[Truth]) -> Truth:
        """Combine the truth of the parts, each of shape (n,)."""
        stacked = np.stack(truths)
        unknown = np.where((stacked == UNKNOWN).any(axis=0), UNKNOWN, TRUE)
        return np.where((stacked == FALSE).any(axis=0), FALSE, unknown).astype(np.int8)


@dataclass(frozen=True, eq=False, kw_only=True)
class AnyCondition(LogicCondition):
    """TRUE where one part is; FALSE where all are; else UNKNOWN."""

    kind = "any"
    conditions: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions it is made of."""
        return self.conditions

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {"any": sorted(part.digest for part in self.conditions)}

    def combine(self, truths: list[Truth]) -> Truth:
        """Combine the truth of the parts, each of shape (n,)."""
        stacked = np.stack(truths)
        unknown = np.where((stacked == UNKNOWN).any(axis=0), UNKNOWN, FALSE)
        return np.where((stacked == TRUE).any(axis=0), TRUE, unknown).astype(np.int8)


@dataclass(frozen=True, eq=False, kw_only=True)
class NotCondition(LogicCondition):
    """TRUE where the part is FALSE; UNKNOWN where it is UNKNOWN, so a missing value abstains here too."""

    kind = "not"
    condition: Condition

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions it is made of."""
        return (self.condition,)

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {"not": self.condition.digest}

    def combine(self, truths: list[Truth]) -> Truth:
        """Combine the truth of the parts, each of shape (n,)."""
        (truth,) = truths
        return np.where(truth == UNKNOWN, UNKNOWN, 1 - truth).astype(np.int8)


@dataclass(frozen=True, eq=False, kw_only=True)
class RuleCondition(LogicCondition):
    """The condition of another rule of the pack; what label that rule votes for does not matter.

    Parameters
    ----------
    target : str
        Id of the other rule.
    condition : Condition
        That rule's condition.
    """

    kind = "rule"
    target: str
    condition: Condition

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions it is made of."""
        return (self.condition,)

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {"rule": self.condition.digest}

    def combine(self, truths: list[Truth]) -> Truth:
        """Combine the truth of the parts, each of shape (n,)."""
        return truths[0]
