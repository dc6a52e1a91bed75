"""Sources: what a vote of one labelling function for one class says about every class.

A source is a pair (labelling function j, vote l); it has the number ``j·k + l``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wsal.label_models.human_counts import HumanCounts
from wsal.label_models.near_copies import CopyGroups
from wsal.types import ABSTAIN, Floats, VoteArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["SourceCounts", "VoteShares", "share_votes", "source_log_posterior"]


@dataclass(frozen=True, eq=False)
class SourceCounts:
    """Weighted human answers on the items of each source that has any.

    Parameters
    ----------
    sources : ndarray of int64, shape (s,)
        Ascending source numbers.
    counts : ndarray of float64, shape (s, k)
        Σ of H_u(y) over the patterns u in which the source votes.
    """

    sources: NDArray[np.int64]
    counts: Floats

    @classmethod
    def of(cls, votes: VoteArray, human: HumanCounts) -> SourceCounts:
        """Sum human counts by source; ``votes`` of shape (p, m) are those of all patterns."""
        k = human.counts.shape[1]
        entries = _entries(votes[human.codes], k)
        sources, position = np.unique(entries.source, return_inverse=True)
        counts = np.zeros((len(sources), k))
        # Entries stand in the order of patterns, which is the same for every order of items.
        np.add.at(counts, position.reshape(-1), human.counts[entries.row])
        return cls(sources, counts)


def source_log_posterior(
    found: SourceCounts, *, prior_precision: float, prior_strength: float, lean: Floats
) -> Floats:
    """Return log P_s(y) of every source.

    ``P_s(y) = (α·prior_s(y) + Σ H_u(y)) / (α + Σ |H_u|)`` (DESIGN §5). The prior's odds for the class voted
    for, against all others together, are ``ρ/(1 − ρ)/√(k − 1)``, times exp of the source's lean: a rule that is
    right as often as ρ between two classes is right less often among many, but not as much less as if every
    other class were an equal rival (ADR 0008).

    Parameters
    ----------
    found : SourceCounts
    prior_precision : float
        ρ, of a rule that tells two classes apart.
    prior_strength : float
        α, in answers.
    lean : ndarray of float64, shape (m·k,)
        By how much the prior log odds of each source differ from those of a typical one, nats.

    Returns
    -------
    ndarray of float64, shape (m·k, k)
        Nats.
    """
    k = found.counts.shape[1]
    odds = prior_precision / (1.0 - prior_precision) / math.sqrt(k - 1) * np.exp(lean)
    right = odds / (1.0 + odds)
    posterior = np.repeat(((1.0 - right) / (k - 1))[:, None], k, axis=1)
    posterior[np.arange(len(lean)), np.arange(len(lean)) % k] = right
    mass = prior_strength * posterior[found.sources] + found.counts
    posterior[found.sources] = mass / (prior_strength + found.counts.sum(axis=1, keepdims=True))
    return np.asarray(np.log(posterior), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class VoteShares:
    """The votes of patterns, each with its share.

    Parameters
    ----------
    weights : scipy.sparse.csr_array, shape (p, m·k)
        Row u, column s: the share w of source s in pattern u; copies share one vote.
    n_votes : ndarray of float64, shape (p,)
        n_u = Σ w, a whole number: voices that are heard once. 0 where all abstain.
    """

    weights: csr_array
    n_votes: Floats

    def log_scores(self, log_posterior: Floats) -> Floats:
        """Return ``n_u^(−1/2) Σ_s w log P_s(y)``, shape (p, k); zeros where all abstain. Nats."""
        total = np.asarray(self.weights @ log_posterior, dtype=np.float64)
        return np.asarray(total / np.sqrt(np.maximum(self.n_votes, 1.0))[:, None], dtype=np.float64)


def share_votes(votes: VoteArray, k: int, copies: CopyGroups) -> VoteShares:
    """Give every vote its share: 1/(groups of its cluster that vote the same · votes of its group).

    Parameters
    ----------
    votes : ndarray of int8, shape (p, m)
    k : int
        Classes.
    copies : CopyGroups
        As found at fit; in other votes, copies may speak one by one.

    Notes
    -----
    The shares of one cluster on one class sum to 1, so n_u is the number of (cluster, class) pairs that
    speak; counted as whole numbers it has no rounding. O(votes).
    """
    from scipy.sparse import csr_array

    p, m = votes.shape
    entries = _entries(votes, k)
    share = np.ones(len(entries.row))
    n_votes = np.bincount(entries.row, minlength=p).astype(np.float64)
    among = np.flatnonzero(copies.shared[entries.lf])
    if len(among):
        row, lf, vote = entries.row[among], entries.lf[among], entries.source[among] % k
        # A voice is a group that votes for a class in a pattern; the voices of one cluster share one vote.
        _, first, voice, members = np.unique(
            (row * m + copies.group[lf]) * k + vote,
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        cluster_key = (row * m + copies.cluster[lf]) * k + vote
        _, cluster, voices = np.unique(cluster_key[first], return_inverse=True, return_counts=True)
        share[among] = 1.0 / (members * voices[cluster])[voice]
        n_clusters = np.bincount(np.unique(cluster_key) // (m * k), minlength=p)
        n_votes += n_clusters - np.bincount(row, minlength=p)
    start = np.zeros(p + 1, dtype=np.int64)
    np.cumsum(np.bincount(entries.row, minlength=p), out=start[1:])
    return VoteShares(csr_array((share, entries.source, start), shape=(p, m * k)), n_votes)


@dataclass(frozen=True, eq=False)
class _Entries:
    row: NDArray[np.int64]
    lf: NDArray[np.int64]
    source: NDArray[np.int64]


def _entries(votes: VoteArray, k: int) -> _Entries:
    """List the votes that are not ABSTAIN, by pattern and then by function."""
    row, lf = np.nonzero(votes != ABSTAIN)
    return _Entries(row, lf, lf * k + votes[row, lf])
