"""The share of votes v, and the scores of patterns that depend on it.

v is an internal quantity: how often rules speak for each class. It is never a class balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.label_models.human_counts import HumanCounts
from wsal.label_models.log_space import log_normalize
from wsal.types import Floats

__all__ = ["StopReason", "VoteShareFit", "VoteShareRule", "correct_locally"]

StopReason: TypeAlias = Literal["converged", "max_iter"]
"""Why the fixed point of v was left."""


@dataclass(frozen=True, eq=False)
class VoteShareFit:
    """The share of votes, and how it was found.

    Parameters
    ----------
    share : ndarray of float64, shape (k,)
        v; sums to 1.
    history : tuple of float
        The largest change of a share in each step.
    stop_reason : {"converged", "max_iter"}
    """

    share: Floats
    history: tuple[float, ...]
    stop_reason: StopReason


@dataclass(frozen=True)
class VoteShareRule:
    """How v enters the scores, and how it is found.

    Parameters
    ----------
    tie_weight, local_strength, uniform_share, max_iter, tolerance
        As in `LabelModel`.
    """

    tie_weight: float
    local_strength: float
    uniform_share: float
    max_iter: int
    tolerance: float

    def weight(self, n_votes: Floats) -> Floats:
        """Return the weight of log v in the scores of patterns with n_u votes; shape (p,).

        1 where nobody votes, 0 for a single vote, and −`tie_weight` for two or more: there it breaks ties
        towards the class that rules vote for less. A full −log v would make agreement count against the
        common class.
        """
        return np.asarray(
            np.select([n_votes == 0, n_votes == 1], [1.0, 0.0], -self.tie_weight), dtype=np.float64
        )

    def log_opinion(self, scores: Floats, n_votes: Floats, share: Floats) -> Floats:
        """Return log m_u(y), what votes alone say.

        Parameters
        ----------
        scores : ndarray of float64, shape (p, k)
            ``n_u^(−1/2) Σ w log P_s(y)``, nats.
        n_votes : ndarray of float64, shape (p,)
        share : ndarray of float64, shape (k,)
            v.

        Returns
        -------
        ndarray of float64, shape (p, k)
            Nats; the exponentials of a row sum to 1.
        """
        return log_normalize(scores + self.weight(n_votes)[:, None] * np.log(share))

    def fit(
        self, scores: Floats, n_votes: Floats, *, items: NDArray[np.int64], human: HumanCounts
    ) -> VoteShareFit:
        """Find v by fixed-point steps from uniform.

        ``v ← (1 − ε)·normalise(Σ_covered (c_u − |H_u|)₊·q_u + H_u) + ε/k`` with ε the `uniform_share`.

        Parameters
        ----------
        scores : ndarray of float64, shape (p, k)
        n_votes : ndarray of float64, shape (p,)
        items : ndarray of int64, shape (p,)
            c, the items of each pattern.
        human : HumanCounts
            H.
        """
        k = scores.shape[1]
        answered = _by_row(human, len(scores))
        free = np.maximum(items - answered.sum(axis=1), 0.0)
        # Where a single vote speaks and nobody answered, v has no part in q: those rows add a constant.
        still = n_votes == 1
        still[human.codes] = False
        moves = (n_votes > 0) & ~still
        constant = _column_sums(np.exp(log_normalize(scores[still])), free[still]) + answered[
            n_votes > 0
        ].sum(axis=0)
        moving = _Rows(scores[moves], n_votes[moves], free[moves], answered[moves])

        share, history = np.full(k, 1.0 / k), list[float]()
        while len(history) < self.max_iter:
            mass = constant + _column_sums(self._opinions(moving, share), moving.free)
            total = mass.sum()
            proportion = mass / total if total > 0 else np.full(k, 1.0 / k)
            new = (1.0 - self.uniform_share) * proportion + self.uniform_share / k
            history.append(float(np.abs(new - share).max()))
            share = new
            if history[-1] < self.tolerance:
                return VoteShareFit(share, tuple(history), "converged")
        return VoteShareFit(share, tuple(history), "max_iter")

    def _opinions(self, rows: _Rows, share: Floats) -> Floats:
        opinion = np.exp(self.log_opinion(rows.scores, rows.n_votes, share))
        totals = rows.answered.sum(axis=1, keepdims=True)
        return np.asarray(
            (self.local_strength * opinion + rows.answered) / (self.local_strength + totals), dtype=np.float64
        )


@dataclass(frozen=True, eq=False)
class _Rows:
    scores: Floats
    n_votes: Floats
    free: Floats
    answered: Floats


def correct_locally(
    log_opinion: Floats, codes: NDArray[np.int64], counts: Floats, *, local_strength: float
) -> Floats:
    """Return log q_u: ``q_u = (λ·m_u + H_u) / (λ + |H_u|)`` where people answered items of the pattern.

    Parameters
    ----------
    log_opinion : ndarray of float64, shape (p, k)
        log m, nats. Not changed.
    codes : ndarray of int64, shape (a,)
        Rows that hold answers.
    counts : ndarray of float64, shape (a, k)
        H of those rows.
    local_strength : float
        λ: m counts as so many answers.
    """
    if not len(codes):
        return log_opinion
    out = log_opinion.copy()
    mass = local_strength * np.exp(log_opinion[codes]) + counts
    out[codes] = np.log(mass) - np.log(mass.sum(axis=1, keepdims=True))
    return out


def _by_row(human: HumanCounts, p: int) -> Floats:
    out = np.zeros((p, human.counts.shape[1]))
    out[human.codes] = human.counts
    return out


def _column_sums(values: Floats, weights: Floats) -> Floats:
    """Sum rows in their order; a BLAS product might add in an order that depends on threads."""
    return np.asarray((values * weights[:, None]).sum(axis=0), dtype=np.float64)
