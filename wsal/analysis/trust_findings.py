"""Findings: what about a set of functions keeps a label model from being identified, in words, with a cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats

if TYPE_CHECKING:
    import networkx as nx

    from wsal.analysis.dependence import ExcessAgreement

__all__ = ["Finding", "FindingKind", "find_all"]

FindingKind: TypeAlias = Literal[
    "never votes", "duplicates", "few overlaps", "correlated", "unstable balance", "one class each"
]
"""What a finding is about."""

_LEAST_TOGETHER = 10  # items on which two functions must vote together, for their agreement to say something
_UNSTABLE_FACTOR, _UNSTABLE_SHARE = (
    2.0,
    0.02,
)  # a class's share is unstable if readings differ by more than both
_SHOWN_NAMES = 8


@dataclass(frozen=True)
class Finding:
    """Something that keeps votes from telling who is right.

    Parameters
    ----------
    kind : {"never votes", "duplicates", "few overlaps", "correlated", "unstable balance", "one class each"}
    text : str
        What was found, with figures.
    cure : str
        What to do about it.
    lfs, classes : tuple of str
        Which functions and classes it is about.
    figures : mapping of str to float
        Items are counted, shares are between 0 and 1.
    """

    kind: FindingKind
    text: str
    cure: str
    lfs: tuple[str, ...]
    classes: tuple[str, ...]
    figures: Mapping[str, float]


def find_all(
    patterns: VotePatterns,
    graph: nx.Graph[int],
    *,
    balances: Sequence[Floats],
    known_balance: bool,
    n_answers: int,
) -> tuple[Finding, ...]:
    """List everything that is found.

    Parameters
    ----------
    patterns : VotePatterns
    graph : networkx.Graph
        Of `wsal.analysis.dependence.agreement_graph`.
    balances : sequence of ndarray of float64, shape (k,)
        Shares of the classes among covered items, as the model and each reading have them.
    known_balance : bool
        Whether a balance was given.
    n_answers : int
        Answered items.

    Notes
    -----
    O(Σ_u n_u² + m²·k).
    """
    return (
        *_never_voting(patterns),
        *_duplicates(patterns),
        *_few_overlaps(patterns, graph),
        *_correlated(patterns, graph),
        *_one_class_each(patterns, known_balance=known_balance, n_answers=n_answers),
        *(() if known_balance else _unstable_balance(patterns, balances)),
    )


def _never_voting(patterns: VotePatterns) -> list[Finding]:
    silent = [
        name
        for name, votes in zip(patterns.lf_names, (patterns.votes != ABSTAIN).any(axis=0), strict=True)
        if not votes
    ]
    if not silent:
        return []
    verb = "never votes" if len(silent) == 1 else "never vote"
    return [
        Finding(
            "never votes",
            f"{_listed(silent)} {verb} on these {patterns.n_items} items",
            "mend or remove what never votes: nothing can be learned about it",
            tuple(silent),
            (),
            {"functions": len(silent), "items": patterns.n_items},
        )
    ]


def _duplicates(patterns: VotePatterns) -> list[Finding]:
    columns: dict[bytes, list[int]] = {}
    for j, column in enumerate(np.ascontiguousarray(patterns.votes.T)):
        if (column != ABSTAIN).any():
            columns.setdefault(column.tobytes(), []).append(j)
    return [
        Finding(
            "duplicates",
            f"{_listed(names)} vote alike on every item ({votes} votes)",
            f"keep one of them: majority vote counts one opinion {len(same)} times",
            tuple(names),
            (),
            {"functions": len(same), "votes": votes},
        )
        for same in columns.values()
        if len(same) > 1
        for names in [[patterns.lf_names[j] for j in same]]
        for votes in [int(patterns.counts[patterns.votes[:, same[0]] != ABSTAIN].sum())]
    ]


def _few_overlaps(patterns: VotePatterns, graph: nx.Graph[int]) -> list[Finding]:
    """Find the classes without three independent functions of which each two vote together often enough."""
    import networkx as nx

    own = _opinions(patterns, graph)
    findings = []
    for y, name in enumerate(patterns.labels):
        voters = np.flatnonzero((patterns.votes == y).any(axis=0)).tolist()
        if not voters:
            findings.append(
                Finding(
                    "few overlaps",
                    f"no function ever votes for '{name}'",
                    f"write functions for '{name}', or take it out of the labels: votes will never find it",
                    (),
                    (name,),
                    {"functions": 0},
                )
            )
            continue
        together: nx.Graph[int] = nx.Graph()
        together.add_nodes_from({own[j] for j in voters})
        counts = _votes_together(patterns, y, voters)
        for a, i in enumerate(voters):
            for b in range(a + 1, len(voters)):
                if counts[a, b] >= _LEAST_TOGETHER and own[i] != own[voters[b]]:
                    together.add_edge(own[i], own[voters[b]])
        if any(nx.triangles(together, j) for j in together):
            continue
        linked = [patterns.lf_names[j] for j in voters if together.degree(own[j])]
        findings.append(_too_few(name, [patterns.lf_names[j] for j in voters], linked))
    return findings


def _too_few(name: str, voters: list[str], linked: list[str]) -> Finding:
    least = f"on {_LEAST_TOGETHER} items or more"
    if len(voters) < 3:
        only = "only one function votes" if len(voters) == 1 else "only 2 functions vote"
        text = f"{only} for '{name}': {_listed(voters)}"
        cure = f"write {'two more' if len(voters) == 1 else 'a third'} that vote on some of the same items"
    elif not linked:
        text = f"no two independent functions vote together for '{name}' {least} ({len(voters)} vote for it)"
        cure = "write functions that look at other evidence in the same items, or ask people about them"
    else:
        text = (
            f"no three independent functions for '{name}' vote together, each two {least}; "
            f"overlapping: {_listed(linked)}"
        )
        cure = "write a third that votes on the same items: of two that disagree, votes cannot tell which is wrong"
    return Finding(
        "few overlaps",
        text,
        cure,
        tuple(linked or voters),
        (name,),
        {"functions": len(voters), "overlapping": len(linked), "items needed": _LEAST_TOGETHER},
    )


def _opinions(patterns: VotePatterns, graph: nx.Graph[int]) -> dict[int, int]:
    """Give functions of one cluster, and duplicates, the number of the first of them: they are one opinion."""
    import networkx as nx

    joined = nx.Graph(graph)
    first: dict[bytes, int] = {}
    for j, column in enumerate(np.ascontiguousarray(patterns.votes.T)):
        joined.add_edge(first.setdefault(column.tobytes(), j), j)
    return {j: min(part) for part in nx.connected_components(joined) for j in part}


def _votes_together(patterns: VotePatterns, y: int, voters: Sequence[int]) -> Floats:
    """Items on which each two functions vote, at least one of them for class y; shape (v, v)."""
    from scipy.sparse import csr_array

    columns = patterns.votes[:, voters]
    weights = patterns.counts[:, None].astype(np.float64)
    votes, for_y = csr_array((columns != ABSTAIN) * 1.0), csr_array((columns == y) * 1.0)
    either = (votes.T @ (for_y * weights)).toarray()
    both = (for_y.T @ (for_y * weights)).toarray()
    return np.asarray(either + either.T - both, dtype=np.float64)


def _correlated(patterns: VotePatterns, graph: nx.Graph[int]) -> list[Finding]:
    import networkx as nx

    findings = []
    for part in sorted(map(sorted, nx.connected_components(graph))):
        if len(part) < 2:
            continue
        edges: list[ExcessAgreement] = [graph.edges[edge]["agreement"] for edge in graph.subgraph(part).edges]
        most = max(edges, key=lambda edge: (edge.z, edge.first, edge.second))
        names = [patterns.lf_names[j] for j in part]
        classes = [name for y, name in enumerate(patterns.labels) if (patterns.votes[:, part] == y).any()]
        findings.append(
            Finding(
                "correlated",
                f"{_listed(names)} agree more often than their classes explain: {most.first} and {most.second} "
                f"vote the same on {most.equal} items, {most.expected:.0f} expected (z {most.z:.1f}; "
                f"such pairs: {len(edges)})",
                "count them as one opinion: merge them, or let each look at evidence of its own",
                tuple(names),
                tuple(classes),
                {
                    "functions": len(part),
                    "pairs": len(edges),
                    "equal votes": most.equal,
                    "expected": most.expected,
                    "z": most.z,
                },
            )
        )
    return findings


def _one_class_each(patterns: VotePatterns, *, known_balance: bool, n_answers: int) -> list[Finding]:
    voted = np.stack([(patterns.votes == y).any(axis=0) for y in range(patterns.n_classes)])
    if known_balance or n_answers or not voted.any() or (voted.sum(axis=0) > 1).any():
        return []
    tally = patterns.tally() > 0
    clash = float(patterns.counts[tally.sum(axis=1) > 1].sum() / patterns.counts[tally.any(axis=1)].sum())
    return [
        Finding(
            "one class each",
            "every function votes for one class, so votes cannot say how common the classes are, nor who is right "
            f"where functions for different classes clash ({100 * clash:.1f} % of covered items)",
            "state the class balance if it is known (class_balance in wsal.toml), or answer some thirty audit items",
            (),
            tuple(patterns.labels),
            {"share in conflict": clash},
        )
    ]


def _unstable_balance(patterns: VotePatterns, balances: Sequence[Floats]) -> list[Finding]:
    table = np.stack(balances)
    low, high = table.min(axis=0), table.max(axis=0)
    shaky = (high > _UNSTABLE_FACTOR * low) & (high - low > _UNSTABLE_SHARE)
    return [
        Finding(
            "unstable balance",
            f"the share of '{patterns.labels.names[y]}' among covered items is {100 * low[y]:.1f} % to "
            f"{100 * high[y]:.1f} %, according to how votes are read",
            "answer some thirty audit items, or state the class balance: labels of doubtful items hang on it",
            (),
            (patterns.labels.names[y],),
            {"low": float(low[y]), "high": float(high[y])},
        )
        for y in np.flatnonzero(shaky).tolist()
    ]


def _listed(names: Sequence[str]) -> str:
    shown = [
        *names[:_SHOWN_NAMES],
        *([f"{len(names) - _SHOWN_NAMES} more"] if len(names) > _SHOWN_NAMES else []),
    ]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
