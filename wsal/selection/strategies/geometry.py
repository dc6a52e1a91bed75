"""Strategies that ask where items lie: dense regions, typical items of a cold start, and core-sets."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.selection.building import Pick
from wsal.selection.margin import margins, pick_items
from wsal.selection.reasons import between
from wsal.selection.strategies.base import QueryStrategy, ScoredStrategy
from wsal.selection.strategies.situation import Situation
from wsal.selection.strategies.uncertainty import entropies, least_confidence
from wsal.types import Floats

__all__ = [
    "CoreSet",
    "DensityWeighted",
    "Typicality",
    "information_density",
    "nearest_centre",
    "neighbour_typicality",
]

_UNCERTAINTY: Mapping[str, Callable[[Floats], Floats]] = {
    "entropy": entropies,
    "least-confidence": least_confidence,
    "margin": lambda probabilities: 1.0 - margins(probabilities),
}
_MOST_CLUSTERS = 500  # Hacohen, Dekel and Weinshall (2022), as the next two
_EXACT_CLUSTERS = 50  # more are found by mini-batches
_SMALL_CLUSTER = 5  # a smaller one is of outliers
_MOST_MEMBERS = 5_000  # of one cluster; neighbours are looked for by brute force
_TINY = 1e-7  # keeps the typicality of duplicates finite


def information_density(matrix: Any, *, metric: Literal["cosine", "euclidean"] = "cosine") -> Floats:  # noqa: ANN401
    """Return the mean similarity of each item to all items, itself included.

    Parameters
    ----------
    matrix : ndarray or scipy sparse matrix, shape (n, d)
    metric : {"cosine", "euclidean"}
        Similarity is the cosine, or 1/(1 + distance).

    Returns
    -------
    ndarray of float64, shape (n,)
        Between 0 and 1. By cosines, an item that points away from the mean has density 0, and so has one
        without any feature.

    Notes
    -----
    Settles and Craven (2008); Settles (2010), section 3.6. The mean cosine is x/‖x‖ times the mean of all x/‖x‖,
    so no pair is looked at: O(n·d). By distances: O(n²·d) time, in blocks of memory.
    """
    if metric == "cosine":
        from sklearn.preprocessing import normalize

        unit = normalize(matrix)
        middle = np.asarray(unit.mean(axis=0), dtype=np.float64).reshape(-1)
        return np.maximum(np.asarray(unit @ middle, dtype=np.float64).reshape(-1), 0.0)
    from sklearn.metrics import pairwise_distances_chunked

    blocks = pairwise_distances_chunked(
        matrix, reduce_func=lambda block, _: (1.0 / (1.0 + block)).mean(axis=1)
    )
    return np.concatenate(list(blocks))


def nearest_centre(matrix: Any, centres: NDArray[np.int64]) -> Floats:  # noqa: ANN401  # array or sparse matrix
    """Return the Euclidean distance of each item to the nearest of some items, shape (n,). O(n·d) a centre.

    Examples
    --------
    >>> nearest_centre(np.array([[0.0], [3.0], [5.0]]), np.array([0, 2])).tolist()
    [0.0, 2.0, 0.0]
    """
    from sklearn.metrics import pairwise_distances_argmin_min

    return np.asarray(pairwise_distances_argmin_min(matrix, matrix[centres])[1], dtype=np.float64)


def neighbour_typicality(matrix: Any, n_neighbours: int) -> Floats:  # noqa: ANN401  # array or sparse matrix
    """Return the inverse mean distance of each item to its nearest neighbours among all items.

    Parameters
    ----------
    matrix : ndarray or scipy sparse matrix, shape (c, d)
    n_neighbours : int
        K; c − 1 where there are no more.

    Returns
    -------
    ndarray of float64, shape (c,)
        Above 0; ``K/(Σ distance + 1e-7)``. 1 for a single item.

    Notes
    -----
    Hacohen, Dekel and Weinshall (2022), their definition of typicality. O(c²·d).
    """
    from sklearn.neighbors import NearestNeighbors

    k = min(n_neighbours, matrix.shape[0] - 1)
    if k == 0:
        return np.ones(1)
    distances, _ = NearestNeighbors(n_neighbors=k).fit(matrix).kneighbors()  # of others: no item is its own
    return np.asarray(k / (distances.sum(axis=1) + _TINY), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class DensityWeighted(ScoredStrategy):
    """Largest uncertainty times density: uncertain items that stand for many others.

    Parameters
    ----------
    uncertainty : {"entropy", "least-confidence", "margin"}
    beta : float
        Exponent of the density; 0 is uncertainty sampling.
    metric : {"cosine", "euclidean"}
        See `information_density`.
    """

    uncertainty: Literal["entropy", "least-confidence", "margin"] = "entropy"
    beta: float = 1.0
    metric: Literal["cosine", "euclidean"] = "cosine"
    name: ClassVar[str] = "density-weighted"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.uncertainty not in _UNCERTAINTY:
            raise InputError(f"uncertainty={self.uncertainty!r} is none of {', '.join(_UNCERTAINTY)}")
        if self.metric not in ("cosine", "euclidean"):
            raise InputError(f"metric={self.metric!r} is none of cosine, euclidean")
        if not 0 <= self.beta < np.inf:
            raise InputError(f"beta={self.beta}: the exponent of the density is a number not below 0")

    def utilities(self, situation: Situation) -> Floats:
        """Return uncertainty times density to the power of β."""
        density = information_density(situation.geometry.matrix, metric=self.metric)
        uncertain: Floats = _UNCERTAINTY[self.uncertainty](situation.voice[1])
        return np.asarray(uncertain * density**self.beta, dtype=np.float64)

    def lead(self, situation: Situation, row: int, utility: float) -> str:  # noqa: ARG002  # of every strategy
        """Name the two likeliest classes."""
        who, probabilities = situation.voice
        said = between(situation.pool, probabilities[row], " and ")
        return f"many items are like it, and {who} cannot decide between {said}"


@dataclass(frozen=True, kw_only=True)
class CoreSet(QueryStrategy):
    """Farthest first: the item that is farthest from every item answered, set aside or chosen.

    The greedy 2-approximation of the k-centre problem: Sener and Savarese (2018), algorithm 1. The first item of
    all is the one nearest to the mean.
    """

    name: ClassVar[str] = "core-set"

    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take items one by one, each the farthest from all before it."""
        from sklearn.metrics import pairwise_distances_argmin_min

        matrix, picks = situation.geometry.matrix, list[Pick]()
        distance = np.full(matrix.shape[0], np.inf)
        if len(situation.closed):
            distance = nearest_centre(matrix, situation.closed)
        else:
            middle = np.asarray(matrix.mean(axis=0), dtype=np.float64).reshape(1, -1)
            near = np.round(pairwise_distances_argmin_min(matrix, middle)[1], 12)
            picks.append(Pick(self._take(situation, near), "explore", lead="the item in the middle of all"))
            distance = nearest_centre(matrix, np.array([picks[0].row]))
        while len(picks) < count:
            row = self._take(situation, -np.round(distance, 12))
            said = f"far from every item answered or chosen (distance {distance[row]:.2f})"
            picks.append(Pick(row, "explore", lead=said))
            distance = np.minimum(distance, nearest_centre(matrix, np.array([row])))
        return picks

    @staticmethod
    def _take(situation: Situation, scores: Floats) -> int:
        return pick_items(situation.choice, scores, 1, generator=situation.generator)[0]


@dataclass(frozen=True, kw_only=True)
class Typicality(QueryStrategy):
    """Cold start: the most typical item of each of the largest clusters that hold no answer yet.

    Hacohen, Dekel and Weinshall (2022), TypiClust: as many clusters as there are answers and items
    to choose, at most 500, by k-means (by mini-batches from 50 on). Clusters with the fewest items answered, set
    aside or chosen come first, then the larger; clusters of fewer than five items come last.

    Parameters
    ----------
    n_neighbours : int
        K of `neighbour_typicality`. In clusters above 5,000 items, 5,000 drawn at random are looked at.
    """

    n_neighbours: int = 20
    name: ClassVar[str] = "typicality"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_neighbours < 1:
            raise InputError(f"n_neighbours={self.n_neighbours}: an item has at least one neighbour")

    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take the most typical item of one cluster after the other."""
        choice, matrix = situation.choice, situation.geometry.matrix
        clusters = _clusters(matrix, min(len(situation.closed) + count, _MOST_CLUSTERS), situation.generator)
        sizes = np.bincount(clusters)
        taken = np.bincount(clusters[situation.closed], minlength=len(sizes))
        picks: list[Pick] = []
        while len(picks) < count:
            free = np.bincount(clusters[choice.free], minlength=len(sizes)) > 0
            order = np.lexsort((-sizes, taken, sizes < _SMALL_CLUSTER, ~free))
            cluster = int(order[0])
            members = np.flatnonzero(clusters == cluster)
            if len(members) > _MOST_MEMBERS:
                open_ = np.flatnonzero(choice.free & (clusters == cluster))
                drawn = situation.generator.choice(members, _MOST_MEMBERS, replace=False)
                members = np.union1d(drawn, situation.generator.choice(open_, 1))
            scores = np.zeros(len(clusters))
            scores[members] = -np.round(neighbour_typicality(matrix[members], self.n_neighbours), 12)
            allowed = np.zeros(len(clusters), dtype=np.bool_)
            allowed[members] = True
            row = pick_items(choice, scores, 1, generator=situation.generator, allowed=allowed)[0]
            said = f"typical of a group of {sizes[cluster]} items with {taken[cluster]} looked at so far"
            picks.append(Pick(row, "explore", lead=said))
            taken[cluster] += 1
        return picks


def _clusters(matrix: Any, n_clusters: int, generator: np.random.Generator) -> NDArray[np.int64]:  # noqa: ANN401
    """Cluster the items by k-means; shape (n,). Fewer clusters where there are fewer different items."""
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    kind = KMeans if n_clusters <= _EXACT_CLUSTERS else MiniBatchKMeans
    wanted = min(n_clusters, matrix.shape[0])
    seed = int(generator.integers(2**31))
    with warnings.catch_warnings():
        # There may be fewer different items than clusters; the others are then empty, and never chosen.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = kind(n_clusters=wanted, n_init="auto", random_state=seed).fit_predict(matrix)
    return np.asarray(found, dtype=np.int64)
