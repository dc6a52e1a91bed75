"""Dependence: functions that agree more often than a label model can explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["ExcessAgreement", "agreement_graph", "vote_shares"]

_CHANCE = 0.001  # of one false edge in the whole graph, were functions independent
_LEAST_EXCESS = 0.25  # of the rarer function's votes
_LEAST_EQUAL = 10


@dataclass(frozen=True)
class ExcessAgreement:
    """Two functions that agree more often than the class of the items explains.

    Parameters
    ----------
    first, second : str
    equal : int
        Items on which both vote the same.
    expected : float
        As many would be, were the two independent given the class.
    z : float
        ``(equal − expected)/√expected``.
    excess : float
        ``equal − expected`` as a share of the votes of the one that votes less.
    """

    first: str
    second: str
    equal: int
    expected: float
    z: float
    excess: float


def agreement_graph(patterns: VotePatterns, probabilities: Floats) -> nx.Graph[int]:
    """Draw the graph of residual agreement.

    Parameters
    ----------
    patterns : VotePatterns
    probabilities : ndarray of float64, shape (p, k)
        The class of each pattern, as a label model has it.

    Returns
    -------
    networkx.Graph
        Nodes 0..m−1; an edge where two functions agree beyond what ``probabilities`` explain, with its
        `ExcessAgreement` under ``agreement``. Connected components are clusters of correlated functions.

    Notes
    -----
    An edge needs 10 equal votes, an excess of a quarter of the rarer function's votes, and a z beyond the quantile at
    which chance alone would draw one edge in a thousand graphs. O(Σ_u n_u² + m²·k²).
    """
    import networkx as nx

    found: nx.Graph[int] = nx.Graph()
    found.add_nodes_from(range(patterns.n_lfs))
    equal, expected, votes = _equal_and_expected(patterns, probabilities)
    rarer = np.minimum(votes[:, None], votes[None, :])
    z = (equal - expected) / np.sqrt(np.maximum(expected, 1.0))
    excess = (equal - expected) / np.maximum(rarer, 1.0)
    from scipy.special import ndtri

    pairs = max(patterns.n_lfs * (patterns.n_lfs - 1) // 2, 1)
    beyond = -float(ndtri(_CHANCE / pairs))
    linked = np.triu((equal >= _LEAST_EQUAL) & (excess >= _LEAST_EXCESS) & (z >= beyond), 1)
    for i, j in np.argwhere(linked).tolist():
        found.add_edge(
            i,
            j,
            agreement=ExcessAgreement(
                patterns.lf_names[i],
                patterns.lf_names[j],
                int(equal[i, j]),
                float(expected[i, j]),
                float(z[i, j]),
                float(excess[i, j]),
            ),
        )
    return found


def vote_shares(graph: nx.Graph[int]) -> Floats:
    """Return how much each function counts where linked ones share a vote: 1/(1 + its links); shape (m,)."""
    return np.array([1.0 / (1 + graph.degree(j)) for j in range(len(graph))], dtype=np.float64)


def _equal_and_expected(patterns: VotePatterns, probabilities: Floats) -> tuple[Floats, Floats, Floats]:
    """Items with equal votes, observed and expected under independence given the class; votes of each function.

    Of two functions that vote several classes, who votes where says nothing (people are handed items): what they
    say is expected where both vote. Where one of the two votes a single class, its firing is all there is.
    """
    from scipy.sparse import csr_array

    k, m = patterns.n_classes, patterns.n_lfs
    mass = probabilities * patterns.counts[:, None]
    of_class = np.maximum(mass.sum(axis=0), 1e-9)
    speaks = csr_array((patterns.votes != ABSTAIN).astype(np.float64))
    spoken = np.asarray(speaks.T @ mass)
    together = [(speaks.T @ (speaks * mass[:, [y]])).toarray() for y in range(k)]
    equal, by_firing, by_saying = np.zeros((m, m)), np.zeros((m, m)), np.zeros((m, m))
    classes = np.zeros(m, dtype=np.int64)
    for vote in range(k):
        says = csr_array((patterns.votes == vote).astype(np.float64))
        equal += (says.T @ (says * patterns.counts[:, None].astype(np.float64))).toarray()
        by_class = np.asarray(says.T @ mass)
        by_firing += (by_class / of_class) @ by_class.T
        rate = by_class / np.maximum(spoken, 1e-9)
        by_saying += sum(together[y] * np.outer(rate[:, y], rate[:, y]) for y in range(k))
        classes += by_class.sum(axis=1) > 0
    several = classes > 1
    expected = np.where(several[:, None] & several[None, :], by_saying, by_firing)
    return equal, np.asarray(expected), np.asarray(spoken.sum(axis=1))
