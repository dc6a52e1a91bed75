"""Carriers: which rules make the labels of one group differ from those of the others, and what leaving one out does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.analysis.groups import Groups
from wsal.errors import DataError
from wsal.label_models import FittedModel
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats

__all__ = ["CarriedGap", "Carrier", "carried_gaps"]


@dataclass(frozen=True)
class Carrier:
    """A rule, and what the labels would be without it.

    Parameters
    ----------
    rule : str
    without : float
        The gap without the rule; the model's parameters stay as they are.
    carried : float
        By how much the gap shrinks without it, in the gap's own direction; below 0 where the rule hides some of it.
    n_changed : int
        Items of the group whose most probable class by the rules is then another one, or none.
    """

    rule: str
    without: float
    carried: float
    n_changed: int


@dataclass(frozen=True)
class CarriedGap:
    """A gap in what the rules say, and the rules that carry it.

    Parameters
    ----------
    label, group : str
    share, share_others : float
        Expected share of the class among the items of the group, and of all others, by the label model alone;
        items that no rule covers count for no class.
    carriers : tuple of Carrier
        Every rule, the one that carries most first.
    """

    label: str
    group: str
    share: float
    share_others: float
    carriers: tuple[Carrier, ...]

    @property
    def gap(self) -> float:
        """Share in the group less that among the others."""
        return self.share - self.share_others


def carried_gaps(
    patterns: VotePatterns,
    model: FittedModel,
    groups: Groups,
    *,
    wanted: Sequence[tuple[str, str]] | None = None,
) -> tuple[CarriedGap, ...]:
    """Say for gaps between groups which rules carry them.

    Parameters
    ----------
    patterns : VotePatterns
        p patterns of n items.
    model : FittedModel
        Fitted on them.
    groups : Groups
        Of the same items.
    wanted : sequence of (label, group), optional
        All pairs where not given.

    Returns
    -------
    tuple of CarriedGap
        In the order of ``wanted``; all pairs: the largest gap first.

    Raises
    ------
    DataError
        Groups of other items.

    Notes
    -----
    Each rule in turn abstains in every pattern, and the model labels the patterns again: O(m · cost of labelling p
    patterns), whatever n is. What rules carry does not add up to the gap: two rules that say the same each carry
    nothing alone.
    """
    inverse = patterns.require_inverse()
    if groups.codes.shape != inverse.shape:
        raise DataError(f"{len(groups.codes)} items are grouped, and {len(inverse)} have votes")
    n_groups = len(groups.names)
    table = np.bincount(np.int64(n_groups) * inverse + groups.codes, minlength=patterns.n_patterns * n_groups)
    table = table.reshape(patterns.n_patterns, n_groups)
    full, labels = _shares(patterns.votes, patterns, model, table)
    pairs = wanted
    if pairs is None:
        every = [(y, g) for y in range(patterns.n_classes) for g in range(n_groups)]
        every.sort(key=lambda pair: -abs(full[pair[1], pair[0], 0] - full[pair[1], pair[0], 1]))
        pairs = [(patterns.labels.names[y], groups.names[g]) for y, g in every]
    places = [(patterns.labels.index(label), groups.names.index(group)) for label, group in pairs]
    without = []
    for j in range(patterns.n_lfs):
        votes = patterns.votes.copy()
        votes[:, j] = ABSTAIN
        shares, then = _shares(votes, patterns, model, table)
        without.append((shares, table[then != labels].sum(axis=0)))
    return tuple(_carried(patterns, groups, y, g, full, without) for y, g in places)


def _shares(
    votes: NDArray[np.int8], patterns: VotePatterns, model: FittedModel, table: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64]]:
    """Return expected shares by group, class and (in the group, among others), and the class of each pattern."""
    again = VotePatterns(votes, patterns.counts, patterns.labels, patterns.lf_names)
    covered = again.covered
    q = np.where(covered[:, None], model.pattern_proba(again), 0.0)
    sums, sizes = table.T @ q, table.sum(axis=0)
    inside = sums / sizes[:, None]
    others = (sums.sum(axis=0) - sums) / (sizes.sum() - sizes)[:, None]
    return np.stack([inside, others], axis=2), np.where(covered, q.argmax(axis=1), ABSTAIN)


def _carried(
    patterns: VotePatterns,
    groups: Groups,
    y: int,
    g: int,
    full: Floats,
    without: Sequence[tuple[Floats, NDArray[np.int64]]],
) -> CarriedGap:
    gap = float(full[g, y, 0] - full[g, y, 1])
    sign = -1.0 if gap < 0 else 1.0
    carriers = []
    for name, (shares, changed) in zip(patterns.lf_names, without, strict=True):
        left = float(shares[g, y, 0] - shares[g, y, 1])
        carriers.append(Carrier(name, left, sign * (gap - left), int(changed[g])))
    carriers.sort(key=lambda one: -one.carried)
    return CarriedGap(
        patterns.labels.names[y],
        groups.names[g],
        float(full[g, y, 0]),
        float(full[g, y, 1]),
        tuple(carriers),
    )
