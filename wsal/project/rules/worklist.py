"""Where rules are worth writing: conflicts by the labels at stake, and what no rule covers, by its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.estimation.ceiling import pattern_ceiling
from wsal.features.text import as_documents, tfidf
from wsal.items import Items
from wsal.labels import SoftLabels
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats, ItemId
from wsal.votes import VoteMatrix

__all__ = ["RuleConflict", "UncoveredCluster", "rule_conflicts", "typical_words", "uncovered_clusters"]

_MOST: Final = 12
_CLUSTERED: Final = 5_000
_FEW: Final = 5
_WORDS: Final = 6


@dataclass(frozen=True)
class RuleConflict:
    """Two rules that say different things of the same items.

    Parameters
    ----------
    first, second : str
    says : tuple of (str, str)
        What each says.
    n_items : int
    wrong : float
        Labels expected to be wrong among them now, which is what a change of these rules can put right.
    items : tuple of (str or int)
        Some of them.
    rows : tuple of int
        Their rows.
    """

    first: str
    second: str
    says: tuple[str, str]
    n_items: int
    wrong: float
    items: tuple[ItemId, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class UncoveredCluster:
    """Items alike that no rule votes on.

    Parameters
    ----------
    n_items : int
        Of the items that were clustered.
    share : float
        Of all uncovered items.
    words : tuple of str
        That stand here more often than elsewhere.
    label : str, optional
        What the labels of the last fit mostly are here; None where there are none.
    items : tuple of (str or int)
        Those in the middle.
    rows : tuple of int
        Their rows.
    """

    n_items: int
    share: float
    words: tuple[str, ...]
    label: str | None
    items: tuple[ItemId, ...]
    rows: tuple[int, ...]


def rule_conflicts(
    votes: VoteMatrix, probabilities: Floats, *, most: int = _MOST
) -> tuple[RuleConflict, ...]:
    """Rank pairs of rules by the labels that are expected to be wrong where they disagree.

    Parameters
    ----------
    votes : VoteMatrix
    probabilities : ndarray of float64, shape (p, k)
        Of each class by pattern of votes, from the label model.
    most : int

    Notes
    -----
    O(p·c²) for c votes in a pattern. The pattern ceiling says how many labels of a pattern are wrong.
    """
    patterns = votes.patterns()
    counts = np.where(patterns.covered, patterns.counts, 0)
    found = pattern_ceiling(probabilities, counts, np.zeros(patterns.n_patterns))
    wrong = counts * (1 - found.now)
    pairs: dict[tuple[int, int, int, int], list[int]] = {}
    for code in np.flatnonzero(_conflicting(patterns)).tolist():
        said = [(j, v) for j, v in enumerate(patterns.votes[code].tolist()) if v != ABSTAIN]
        for (i, a), (j, b) in combinations(said, 2):
            if a != b:
                pairs.setdefault((i, j, a, b), []).append(code)
    ranked = sorted(pairs.items(), key=lambda pair: (-float(wrong[pair[1]].sum()), pair[0]))[:most]
    codes = patterns.require_inverse()
    conflicts = []
    for (i, j, a, b), own in ranked:
        rows = np.flatnonzero(np.isin(codes, own))[:_FEW]
        conflicts.append(
            RuleConflict(
                votes.lf_names[i],
                votes.lf_names[j],
                (votes.labels.names[a], votes.labels.names[b]),
                int(patterns.counts[own].sum()),
                float(wrong[own].sum()),
                tuple(votes.item_ids[rows].tolist()),
                tuple(rows.tolist()),
            )
        )
    return tuple(conflicts)


def uncovered_clusters(
    votes: VoteMatrix, items: Items, soft: SoftLabels | None, *, most: int = 8
) -> tuple[UncoveredCluster, ...]:
    """Group the items that no rule votes on by the words that they share; the largest group first.

    At most 5,000 of them, drawn with a fixed seed, are grouped: by k-means on TF-IDF. None where the data has no
    text column.
    """
    from scipy.sparse import csr_array
    from sklearn.cluster import MiniBatchKMeans

    rows = np.flatnonzero((votes.values == ABSTAIN).all(axis=1))
    column = items.text_column
    if column is None or len(rows) < 2 * _FEW:
        return ()
    n_all, rng = len(rows), np.random.default_rng(0)
    if n_all > _CLUSTERED:
        rows = np.sort(rng.choice(rows, _CLUSTERED, replace=False))
    texts = items.column(column)
    vectorizer = tfidf(min_df=2, max_features=5_000, stop_words="english", max_df=0.5)
    try:
        matrix = csr_array(vectorizer.fit_transform(as_documents([texts[row] for row in rows.tolist()])))
    except ValueError:  # scikit-learn's word for: no term remains
        return ()
    names: Sequence[str] = vectorizer.get_feature_names_out().tolist()
    k = int(min(most, max(2, len(rows) // (2 * _FEW))))
    model = MiniBatchKMeans(k, random_state=0, n_init=3, batch_size=1024)
    distances = model.fit_transform(matrix)
    member = distances.argmin(axis=1)
    overall = np.asarray(matrix.mean(axis=0)).ravel()
    found = []
    for cluster in range(k):
        inside = np.flatnonzero(member == cluster)
        centre = np.asarray(matrix[inside].mean(axis=0)).ravel() if len(inside) else overall
        words = _distinct(np.argsort(overall - centre, kind="stable"), centre - overall, names)
        if len(inside) < 2 or not words:
            continue
        nearest = rows[inside[np.argsort(distances[inside, cluster], kind="stable")[:_FEW]]]
        found.append(
            UncoveredCluster(
                len(inside),
                len(inside) / len(rows),
                words,
                _usual_label(soft, rows[inside]),
                tuple(votes.item_ids[nearest].tolist()),
                tuple(nearest.tolist()),
            )
        )
    return tuple(sorted(found, key=lambda cluster: -cluster.n_items))


def typical_words(texts: Sequence[object], others: Sequence[object]) -> tuple[str, ...]:
    """Return the words that stand in some texts more often than in others."""
    vectorizer = tfidf(stop_words="english", max_features=5_000)
    try:
        matrix: Any = vectorizer.fit_transform(as_documents([*texts, *others]))
    except ValueError:
        return ()
    inside, outside = (
        np.asarray(part.mean(axis=0)).ravel() for part in (matrix[: len(texts)], matrix[len(texts) :])
    )
    lift = inside - outside
    return _distinct(np.argsort(-lift, kind="stable"), lift, vectorizer.get_feature_names_out().tolist())


def _distinct(order: NDArray[np.int64], lift: Floats, names: Sequence[str]) -> tuple[str, ...]:
    """Return the best single words: of pairs, the small words between them were left out."""
    best = [names[place] for place in order[: 8 * _WORDS].tolist() if lift[place] > 0]
    return tuple([name for name in best if " " not in name][:_WORDS])


def _usual_label(soft: SoftLabels | None, rows: NDArray[np.int64]) -> str | None:
    if soft is None or len(soft.item_ids) <= int(rows.max()):
        return None
    spoken = rows[np.asarray(soft.sources[rows] != "none")]
    if not len(spoken):
        return None
    return str(soft.labels.names[int(soft.probabilities[spoken].mean(axis=0).argmax())])


def _conflicting(patterns: VotePatterns) -> NDArray[np.bool_]:
    votes = patterns.votes
    highest = votes.max(axis=1)
    lowest = np.where(votes == ABSTAIN, np.iinfo(np.int8).max, votes).min(axis=1)
    return np.asarray((highest != ABSTAIN) & (lowest != highest))
