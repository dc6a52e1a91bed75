"""Decisive rules of one item: which rules its label hangs on, alone or together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.evidence.case import Case
from wsal.types import ABSTAIN

__all__ = ["DecisiveRules", "Removal", "decisive_rules"]

_MOST_SETS = 20_000  # evaluated, one row of votes each
_LISTED = 20  # of the smallest sets


@dataclass(frozen=True)
class Removal:
    """What the label becomes without some rules.

    Parameters
    ----------
    rules : tuple of str
    label : str or None
        None where nothing speaks then, or the best classes tie.
    probabilities : dict of str to float
    """

    rules: tuple[str, ...]
    label: str | None
    probabilities: dict[str, float]


@dataclass(frozen=True)
class DecisiveRules:
    """Which rules a label hangs on; parameters stay as they are.

    Parameters
    ----------
    label : str or None
        As it is.
    each : tuple of Removal
        Without each rule that votes on the item, one at a time, in the order of the rules.
    smallest : tuple of Removal
        The smallest sets of rules without which the label is another (or none): all of one size, 20 at most. Empty
        where no set searched changes it.
    n_smallest : int
        How many sets of that size there are.
    searched : int
        Sets of up to so many rules were tried: all, unless more than 20,000 sets would have been.
    n_votes : int
        Rules that vote on the item.
    """

    label: str | None
    each: tuple[Removal, ...]
    smallest: tuple[Removal, ...]
    n_smallest: int
    searched: int
    n_votes: int

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules without which alone the label is another."""
        return tuple(removal.rules[0] for removal in self.each if removal.label != self.label)

    @property
    def complete(self) -> bool:
        """Whether ``smallest`` is certain: something was found, or every set was tried."""
        return bool(self.smallest) or self.searched == self.n_votes

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""

        def plain(removal: Removal) -> dict[str, Any]:
            return {
                "rules": list(removal.rules),
                "label": removal.label,
                "probabilities": removal.probabilities,
            }

        return {
            "rules": list(self.rules),
            "each": [plain(removal) for removal in self.each],
            "smallest": [plain(removal) for removal in self.smallest],
            "n_smallest": self.n_smallest,
            "searched": self.searched,
            "complete": self.complete,
        }


def decisive_rules(case: Case) -> DecisiveRules:
    """Find the rules that the label of an item hangs on.

    Notes
    -----
    Taking away a rule may raise or lower what the others say, so no set can be left out beforehand: sets are tried
    by size, all of a size together, until one changes the label. 2^v sets for v votes at most, O(v + k) each.
    """
    voters = np.flatnonzero(case.row != ABSTAIN)
    label = _labels(case, np.zeros((1, 0), dtype=np.int64))[0].label
    each = _labels(case, voters[:, None])
    found: list[Removal] = []
    searched, tried = 0, 0
    for size in range(1, len(voters) + 1):
        tried += comb(len(voters), size)
        if tried > _MOST_SETS and size > 1:
            break
        sets = np.array(list(combinations(voters.tolist(), size)), dtype=np.int64)
        found = [removal for removal in _labels(case, sets) if removal.label != label]
        searched = size
        if found:
            break
    return DecisiveRules(label, tuple(each), tuple(found[:_LISTED]), len(found), searched, len(voters))


def _labels(case: Case, sets: NDArray[np.int64]) -> list[Removal]:
    """Evaluate the item without each set of functions; ``sets`` has shape (s, size)."""
    rows = np.repeat(case.row[None, :], len(sets), axis=0)
    np.put_along_axis(rows, sets, np.int8(ABSTAIN), axis=1)
    then = case.labels_of(rows)
    names = case.labels.names
    return [
        Removal(
            tuple(case.lf_names[j] for j in members),
            case.labels.name(label),
            dict(zip(names, p, strict=True)),
        )
        for members, label, p in zip(
            sets.tolist(), then.hard.tolist(), then.probabilities.tolist(), strict=True
        )
    ]
