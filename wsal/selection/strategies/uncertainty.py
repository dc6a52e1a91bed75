"""Uncertainty sampling: ask where one model cannot decide; and the baseline of random items."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from wsal.selection.building import Pick
from wsal.selection.margin import margins, pick_items
from wsal.selection.reasons import between
from wsal.selection.strategies.base import QueryStrategy, ScoredStrategy
from wsal.selection.strategies.situation import Situation
from wsal.types import Floats

__all__ = ["Entropy", "LeastConfidence", "Margin", "RandomItems", "entropies", "least_confidence"]

_CHUNK: Final = 1_024  # rows at a time: they fit into the processor's cache
_TINY: Final = float(np.finfo(np.float64).tiny)


def least_confidence(probabilities: Floats) -> Floats:
    """Return 1 − the largest probability of each row, shape (n,); between 0 and 1 − 1/k. O(n·k).

    Lewis and Gale (1994) for two classes; Settles (2010), section 3.1, for more.

    Examples
    --------
    >>> least_confidence(np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])).tolist()
    [0.5, 0.0]
    """
    return np.asarray(1.0 - probabilities.max(axis=-1), dtype=np.float64)


def entropies(probabilities: Floats) -> Floats:
    """Return Shannon's entropy of each row in nats, shape (n,); between 0 and log k. O(n·k).

    Settles (2010), section 3.1.

    Examples
    --------
    >>> entropies(np.array([[0.5, 0.5], [1.0, 0.0]])).round(4).tolist()
    [0.6931, 0.0]
    """
    found = np.empty(probabilities.shape[:-1])
    rows, sums = probabilities.reshape(-1, probabilities.shape[-1]), found.reshape(-1)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        # p·log p is 0 where p is; the least number above 0 makes it so.
        np.einsum("ij,ij->i", part, np.log(np.maximum(part, _TINY)), out=sums[start : start + _CHUNK])
    return np.asarray(0.0 - found, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class RandomItems(QueryStrategy):
    """Random items: every one is an audit draw, so all of them serve estimates.

    The baseline that every other strategy has to beat.
    """

    audit_share: float = 1.0
    name: ClassVar[str] = "random"

    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take what an audit leaves: its draws end where nearly everything is answered."""
        nothing = np.zeros(situation.pool.votes.n_items)
        rows = pick_items(situation.choice, nothing, count, generator=situation.generator)
        return [Pick(row, "explore", lead="taken at random from what is left") for row in rows]


@dataclass(frozen=True, kw_only=True)
class _Uncertainty(ScoredStrategy):
    @abstractmethod
    def score(self, probabilities: Floats) -> Floats:
        """Return the uncertainty of each row of probabilities."""

    def utilities(self, situation: Situation) -> Floats:
        """Score the voice that speaks for the items."""
        return self.score(situation.voice[1])

    def lead(self, situation: Situation, row: int, utility: float) -> str:  # noqa: ARG002  # of every strategy
        """Name the two likeliest classes."""
        who, probabilities = situation.voice
        return f"{who} cannot decide between {between(situation.pool, probabilities[row], ' and ')}"


@dataclass(frozen=True, kw_only=True)
class LeastConfidence(_Uncertainty):
    """Smallest probability of the likeliest class: `least_confidence`."""

    name: ClassVar[str] = "least-confidence"

    def score(self, probabilities: Floats) -> Floats:
        """Return 1 − the largest probability."""
        return least_confidence(probabilities)


@dataclass(frozen=True, kw_only=True)
class Margin(_Uncertainty):
    """Smallest distance between the two likeliest classes (Scheffer, Decomain and Wrobel, 2001)."""

    name: ClassVar[str] = "margin"

    def score(self, probabilities: Floats) -> Floats:
        """Return 1 − the margin."""
        return 1.0 - margins(probabilities)


@dataclass(frozen=True, kw_only=True)
class Entropy(_Uncertainty):
    """Largest entropy of the class probabilities: `entropies`."""

    name: ClassVar[str] = "entropy"

    def score(self, probabilities: Floats) -> Floats:
        """Return the entropy, in nats."""
        return entropies(probabilities)
