"""Drift: whether a labelling function votes as often, and is contradicted as often, in every stretch of time.

What the tests say and do not say: docs/explanation/scorecards.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.analysis.contingency import homogeneity
from wsal.analysis.groups import MISSING, Groups
from wsal.analysis.multiplicity import holm
from wsal.errors import DataError
from wsal.estimation import clopper_pearson
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN

__all__ = ["Drift", "DriftBin", "DriftTest", "rule_drift"]

What: TypeAlias = Literal["votes", "conflicts"]
"""How often the function votes, and for what; how often another one contradicts its votes."""


@dataclass(frozen=True)
class DriftBin:
    """A stretch of time.

    Parameters
    ----------
    name : str
    n_items, n_votes, n_conflicts : int
        Items; those on which the function votes; those of them on which another votes for another class.
    low, high : float
        Interval of the share of items on which it votes, were the items drawn at random from more like them.
    """

    name: str
    n_items: int
    n_votes: int
    n_conflicts: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Share of the items on which the function votes."""
        return self.n_votes / self.n_items


@dataclass(frozen=True)
class DriftTest:
    """Whether something is the same in every stretch of time.

    Parameters
    ----------
    what : {"votes", "conflicts"}
    statistic : float
    dof : int
    p_value : float
    adjusted : float
        By Holm's method over both tests of all functions.
    n_bins : int
        After bins were merged until the counts were enough for the test.
    """

    what: What
    statistic: float
    dof: int
    p_value: float
    adjusted: float
    n_bins: int


@dataclass(frozen=True)
class Drift:
    """How a labelling function fares over time.

    Parameters
    ----------
    rule, column : str
    bins : tuple of DriftBin
        In the order of time; items without a time are left out.
    tests : tuple of DriftTest
        Fewer than two where votes are too few to test.
    level : float
        1 − level is the chance of one false alarm among all functions.
    """

    rule: str
    column: str
    bins: tuple[DriftBin, ...]
    tests: tuple[DriftTest, ...]
    level: float

    @property
    def found(self) -> tuple[DriftTest, ...]:
        """Tests that found drift."""
        return tuple(test for test in self.tests if test.adjusted <= 1 - self.level)


def rule_drift(patterns: VotePatterns, times: Groups, *, level: float = 0.95) -> tuple[Drift, ...]:
    """Test every labelling function for drift over time.

    Parameters
    ----------
    patterns : VotePatterns
        With the pattern of each of the n items.
    times : Groups
        Stretches of time in their order; see `wsal.analysis.time_bins`.
    level : float

    Raises
    ------
    DataError
        Times of other items than the votes.

    Notes
    -----
    Pearson's test of homogeneity over bins by outcome, abstaining and each class (and, among its votes, contradicted or
    not), adjusted by Holm's method over all functions. O(n + p·m·k·B).
    """
    inverse = patterns.require_inverse()
    if times.codes.shape != inverse.shape:
        raise DataError(f"{len(times.codes)} times for {len(inverse)} items")
    n_bins = len(times.names)
    places = np.int64(n_bins) * inverse + times.codes
    by_pattern = np.bincount(places, minlength=patterns.n_patterns * n_bins).reshape(-1, n_bins)
    if MISSING in times.names:
        by_pattern = np.delete(by_pattern, times.names.index(MISSING), axis=1)
    names = tuple(name for name in times.names if name != MISSING)
    tally = patterns.tally() > 0
    clash = tally.sum(axis=1) > 1
    found = [
        _of_rule(patterns, j, by_pattern, clash, Drift(name, times.column, (), (), level), names)
        for j, name in enumerate(patterns.lf_names)
    ]
    adjusted = iter(holm([test.p_value for one in found for test in one.tests]).tolist())
    return tuple(
        replace(one, tests=tuple(replace(test, adjusted=next(adjusted)) for test in one.tests))
        for one in found
    )


def _of_rule(  # what is known of the table, once for all functions
    patterns: VotePatterns,
    j: int,
    by_pattern: NDArray[np.int64],
    clash: NDArray[np.bool_],
    empty: Drift,
    names: tuple[str, ...],
) -> Drift:
    vote = patterns.votes[:, j]
    outcomes = [ABSTAIN, *range(patterns.n_classes)]
    table = np.stack([by_pattern[vote == y].sum(axis=0) for y in outcomes], axis=1)
    n_items = table.sum(axis=1)
    n_votes = n_items - table[:, 0]
    n_conflicts = by_pattern[(vote != ABSTAIN) & clash].sum(axis=0)
    bins = []
    for i, name in enumerate(names):
        share = clopper_pearson(int(n_votes[i]), int(n_items[i]), level=empty.level)
        bins.append(
            DriftBin(name, int(n_items[i]), int(n_votes[i]), int(n_conflicts[i]), share.low, share.high)
        )
    tests = []
    pairs: tuple[tuple[What, NDArray[np.int64]], ...] = (
        ("votes", table),
        ("conflicts", np.stack([n_conflicts, n_votes - n_conflicts], axis=1)),
    )
    for what, counts in pairs:
        seen = homogeneity(counts)
        if seen is not None:
            tests.append(DriftTest(what, seen.statistic, seen.dof, seen.p_value, 1.0, seen.n_bins))
    return replace(empty, bins=tuple(bins), tests=tuple(tests))
