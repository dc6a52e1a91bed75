"""Audit draws: with replacement from all items at a frozen run, so that estimates are unbiased.

An audit draw may fall on an item that is answered already. Such a draw is kept (leaving it out would make
the estimates speak of the unanswered items only), costs nothing, and drawing goes on until as many unanswered
items are found as were asked for, or the draws have become many: where nearly everything is answered there is
little left to ask, and much known already. Stopping then does no harm where draws of all batches are summed: draws are
independent, so by Wald's identity the expected sum is the expected number of draws times the true rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.patterns import VotePatterns
from wsal.selection.batch import Draw
from wsal.selection.pool import Choice, Pool
from wsal.types import ABSTAIN, Floats, LabelSpace

__all__ = ["Strata", "draw_audit", "strata_by_label", "strata_by_rule_output", "strata_of_rules"]

_MOST_DRAWS = 1000  # of a batch; more of them would say little about the labels that a batch before did not


@dataclass(frozen=True, eq=False)
class Strata:
    """A partition of the items.

    Parameters
    ----------
    names : tuple of str
        S strata, none of them empty.
    codes : ndarray of int64, shape (n,)
        The stratum of each item.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]

    def propensities(self) -> Floats:
        """Probability that a draw falls on an item, by stratum: half uniform, half equal by stratum; (S,)."""
        sizes = np.bincount(self.codes, minlength=len(self.names))
        return np.asarray(0.5 / len(self.codes) + 0.5 / (len(self.names) * sizes), dtype=np.float64)

    def sample(self, size: int, generator: np.random.Generator) -> NDArray[np.int64]:
        """Draw rows with replacement from the mixture; shape (size,)."""
        rows = generator.integers(len(self.codes), size=size)
        chosen = generator.integers(len(self.names), size=size)
        by_stratum = generator.random(size) < 0.5
        for s in np.unique(chosen[by_stratum]):
            members = np.flatnonzero(self.codes == s)
            here = by_stratum & (chosen == s)
            rows[here] = members[generator.integers(len(members), size=int(here.sum()))]
        return rows


def strata_by_rule_output(pool: Pool, hunted: Sequence[int]) -> Strata:
    """Partition the items by what the label model of the pool's run makes of their votes; see `strata_of_rules`."""
    return strata_of_rules(pool.patterns, pool.delivered.pattern_probabilities, hunted)


def strata_of_rules(patterns: VotePatterns, probabilities: Floats, hunted: Sequence[int]) -> Strata:
    """Partition the items by what a label model makes of their votes.

    Parameters
    ----------
    patterns : VotePatterns
    probabilities : ndarray of float64, shape (p, k)
        Of each class, by pattern.
    hunted : sequence of int
        Class indices. Each has a stratum of its own; all other classes share one; what no rule covers is one.
    """
    output = np.argmax(probabilities, axis=1)
    codes = np.full(patterns.n_patterns, len(hunted), dtype=np.int64)
    for s, y in enumerate(hunted):
        codes[output == y] = s
    codes[~patterns.covered] = len(hunted) + 1
    names = [*(f"rules say {patterns.labels.names[y]}" for y in hunted), "rules say another class", "no rule"]
    present, compact = np.unique(codes, return_inverse=True)
    by_pattern = compact.reshape(-1).astype(np.int64)
    return Strata(tuple(names[s] for s in present), by_pattern[patterns.require_inverse()])


def strata_by_label(hard: NDArray[np.int64], labels: LabelSpace) -> Strata:
    """Partition the items by their labels, which are what is to be graded.

    Parameters
    ----------
    hard : ndarray of int64, shape (n,)
        Class index, or ABSTAIN.
    labels : LabelSpace
    """
    present, codes = np.unique(hard, return_inverse=True)
    names = tuple("no label" if y == ABSTAIN else f"labelled {labels.names[y]}" for y in present)
    return Strata(names, codes.reshape(-1).astype(np.int64))


def draw_audit(
    choice: Choice, wanted: int, *, generator: np.random.Generator, strata: Strata | None = None
) -> tuple[list[int], list[Draw]]:
    """Draw from all items until ``wanted`` open ones are found, as many as there are, or 1,000 draws are made.

    Parameters
    ----------
    choice : Choice
        Takes the fresh items.
    wanted : int
    generator : Generator
    strata : Strata, optional
        Draws are uniform where not given.

    Returns
    -------
    rows : list of int
        Items to ask for, in the order of their draws.
    draws : list of Draw
        Every draw. About ``wanted·n/open`` of them.
    """
    pool = choice.pool
    n = pool.votes.n_items
    wanted = min(wanted, int(choice.open.sum()))
    propensities = np.array([1 / n]) if strata is None else strata.propensities()
    rows: list[int] = []
    draws: list[Draw] = []
    most = max(_MOST_DRAWS, wanted)
    while len(rows) < wanted and choice.open.any():  # taking an item takes its duplicates
        size = min(1 + 2 * (wanted - len(rows)) * n // int(choice.open.sum()), most)
        drawn = generator.integers(n, size=size) if strata is None else strata.sample(size, generator)
        for row in drawn.tolist():
            fresh = bool(choice.open[row])
            if fresh:
                choice.take(row)
                rows.append(row)
            stratum = 0 if strata is None else int(strata.codes[row])
            name = "" if strata is None else strata.names[stratum]
            draws.append(Draw(pool.item_id(row), "audit", name, float(propensities[stratum]), fresh))
            if len(rows) == wanted or len(draws) == most:
                return rows, draws
    return rows, draws
