"""RuleProfile: what a labelling function votes, alone and beside each other one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wsal.analysis.dependence import ExcessAgreement, agreement_graph
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats

__all__ = ["Peer", "RuleProfile", "rule_profiles"]


@dataclass(frozen=True)
class Peer:
    """Another function that votes on some of the same items.

    Parameters
    ----------
    name : str
    together, equal : int
        Items on which both vote; on which both vote the same.
    beyond : ExcessAgreement, optional
        Where the two agree more often than the class of the items explains: one opinion rather than two.
    """

    name: str
    together: int
    equal: int
    beyond: ExcessAgreement | None = None

    @property
    def agreement(self) -> float:
        """Share of the items with both votes on which these are the same."""
        return self.equal / self.together


@dataclass(frozen=True)
class RuleProfile:
    """What a labelling function votes.

    Parameters
    ----------
    name : str
    votes : mapping of str to int
        Votes by class, in the order of the labels; classes without a vote are left out.
    n_alone : int
        Items on which no other function votes: without it they have no label from a rule.
    n_contradicted : int
        Items on which another function votes for another class.
    peers : tuple of Peer
        Those that vote on some of the same items, most of them first.
    """

    name: str
    votes: Mapping[str, int]
    n_alone: int
    n_contradicted: int
    peers: tuple[Peer, ...]

    @property
    def n_votes(self) -> int:
        """Items on which it votes."""
        return sum(self.votes.values())


def rule_profiles(patterns: VotePatterns, probabilities: Floats | None = None) -> tuple[RuleProfile, ...]:
    """Profile every labelling function.

    Parameters
    ----------
    patterns : VotePatterns
        p patterns, m functions.
    probabilities : ndarray of float64, shape (p, k), optional
        The class of each pattern, as a label model has it; needed to tell agreement beyond what it explains.

    Notes
    -----
    O(Σ_u n_u² + m²·k).

    Examples
    --------
    >>> from wsal.votes import VoteMatrix
    >>> votes = VoteMatrix.from_array([[1, 1], [1, 0], [1, -1]], ["ham", "spam"], lf_names=["a", "b"])
    >>> a, b = rule_profiles(votes.patterns())
    >>> a.votes, a.n_alone, a.n_contradicted, a.peers
    ({'spam': 3}, 1, 1, (Peer(name='b', together=2, equal=1, beyond=None),))
    """
    from scipy.sparse import csr_array

    counts, votes, names = patterns.counts, patterns.votes, patterns.lf_names
    weights = counts[:, None].astype(np.float64)
    says = [csr_array((votes == y).astype(np.float64)) for y in range(patterns.n_classes)]
    speaks = csr_array((votes != ABSTAIN).astype(np.float64))
    together = np.rint((speaks.T @ (speaks * weights)).toarray()).astype(np.int64)
    equal = sum(np.rint((one.T @ (one * weights)).toarray()).astype(np.int64) for one in says)
    by_class = np.rint(np.stack([one.T @ counts.astype(np.float64) for one in says], axis=1)).astype(np.int64)
    clash = ((patterns.tally() > 0).sum(axis=1) > 1) & patterns.covered
    contradicted = np.rint(speaks.T @ (counts * clash).astype(np.float64)).astype(np.int64)
    alone = np.rint(speaks.T @ (counts * (patterns.n_votes == 1)).astype(np.float64)).astype(np.int64)
    links = {} if probabilities is None else _links(patterns, probabilities)
    profiles = []
    for j, name in enumerate(names):
        order = np.argsort(-together[j], kind="stable").tolist()
        peers = tuple(
            Peer(names[i], int(together[j, i]), int(equal[j, i]), links.get((min(i, j), max(i, j))))
            for i in order
            if i != j and together[j, i]
        )
        said = {label: int(n) for label, n in zip(patterns.labels, by_class[j], strict=True) if n}
        profiles.append(RuleProfile(name, said, int(alone[j]), int(contradicted[j]), peers))
    return tuple(profiles)


def _links(patterns: VotePatterns, probabilities: Floats) -> dict[tuple[int, int], ExcessAgreement]:
    graph = agreement_graph(patterns, probabilities)
    return {(min(i, j), max(i, j)): data["agreement"] for i, j, data in graph.edges(data=True)}
