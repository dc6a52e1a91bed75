"""Confusion tables of people, found by expectation maximisation over patterns of votes.

The mathematics of `DawidSkene`; derivation in docs/explanation/dawid-skene.md. Tables are kept in the layout of
`sources`: row ``j·k + l`` is person j answering l, column y the true class, so that scores of patterns and
counts of answers are both one sparse product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.label_models.human_counts import HumanCounts
from wsal.label_models.log_space import softmax
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats, VoteArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["ConfusionFit", "ConfusionPrior", "CrowdData", "StopReason", "log_likelihoods", "vote_table"]

StopReason: TypeAlias = Literal["converged", "max_iter"]
"""Why expectation maximisation was left."""

_CHUNK = 1 << 18  # rows whose votes are listed at a time, which bounds the working memory


def vote_table(votes: VoteArray, k: int) -> csr_array:
    """Write votes as a sparse table of ones: row u, column ``j·k + l`` where j votes l in pattern u.

    Parameters
    ----------
    votes : ndarray of int8, shape (p, m)
    k : int
        Classes.

    Returns
    -------
    scipy.sparse.csr_array, shape (p, m·k)
        12 bytes a vote.
    """
    from scipy.sparse import csr_array

    p, m = votes.shape
    start = np.zeros(p + 1, dtype=np.int64)
    np.cumsum(np.count_nonzero(votes != ABSTAIN, axis=1), out=start[1:])
    wide = max(int(start[-1]), m * k) > np.iinfo(np.int32).max
    columns = np.empty(int(start[-1]), dtype=np.int64 if wide else np.int32)
    for first in range(0, p, _CHUNK):
        part = votes[first : first + _CHUNK]
        row, lf = np.nonzero(part != ABSTAIN)
        columns[start[first] : start[first + len(part)]] = lf * k + part[row, lf]
    return csr_array((np.ones(len(columns)), columns, start.astype(columns.dtype)), shape=(p, m * k))


def log_likelihoods(table: csr_array, log_confusions: Floats) -> Floats:
    """Return ``Σ_j log θ_j(vote | y)`` of each pattern; shape (p, k), nats; zeros where nobody votes."""
    return np.asarray(table @ log_confusions, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class CrowdData:
    """Patterns that somebody votes in, with the answers that are known on their items.

    Parameters
    ----------
    table : scipy.sparse.csr_array, shape (p, m·k)
        Of `vote_table`.
    free : ndarray of float64, shape (p,)
        Items whose class is not known: ``(c_u − |H_u|)₊``.
    codes : ndarray of int64, shape (a,)
        Patterns with known answers.
    known : ndarray of float64, shape (a, k)
        H of those patterns.
    """

    table: csr_array
    free: Floats
    codes: NDArray[np.int64]
    known: Floats

    @classmethod
    def of(cls, patterns: VotePatterns, human: HumanCounts) -> CrowdData:
        """Keep the covered patterns: nobody's answers can be learnt from the others."""
        covered = patterns.covered
        free = patterns.counts.astype(np.float64)
        free[human.codes] = np.maximum(free[human.codes] - human.totals, 0.0)
        place = np.cumsum(covered) - 1
        here = covered[human.codes]
        return cls(
            vote_table(patterns.votes[covered], patterns.n_classes),
            free[covered],
            place[human.codes[here]],
            human.counts[here],
        )

    @property
    def n_classes(self) -> int:
        """Number of classes, k."""
        return int(self.known.shape[1])

    @property
    def weight(self) -> float:
        """Weight of all items: those that are free, and the known answers."""
        return float(self.free.sum() + self.known.sum())

    def vote_shares(self) -> Floats:
        """Return the share of votes for each class, shape (p, k): where every fit starts."""
        k = self.n_classes
        one_hot = np.tile(np.eye(k), (self.table.shape[1] // k, 1))
        tally = log_likelihoods(self.table, one_hot)
        return np.asarray(tally / tally.sum(axis=1, keepdims=True), dtype=np.float64)

    def masses(self, probabilities: Floats) -> Floats:
        """Return how many items of each pattern are of each class: free ones by probability, known ones as known."""
        masses = probabilities * self.free[:, None]
        masses[self.codes] += self.known
        return masses

    def count_answers(self, masses: Floats) -> Floats:
        """Return how often each person answered l on items of class y; shape (m, k, k), indices j, l, y."""
        k = self.n_classes
        # Added pattern by pattern, in their order, in one thread: the same bits for every order of items.
        return np.asarray(self.table.T @ masses, dtype=np.float64).reshape(-1, k, k)

    def log_likelihood(self, scores: Floats) -> float:
        """Return the log likelihood of votes and known answers, given log joint scores of shape (p, k). Nats."""
        largest = scores.max(axis=1)
        totals = largest + np.log(np.exp(scores - largest[:, None]).sum(axis=1))
        return float((self.free * totals).sum() + (self.known * scores[self.codes]).sum())


@dataclass(frozen=True, eq=False)
class ConfusionFit:
    """Tables and class balance, and how they were found.

    Parameters
    ----------
    confusions : ndarray of float64, shape (m, k, k)
        Probability that person j answers l on an item of class y; indices j, l, y; sums over l are 1.
    pooled : ndarray of float64, shape (k, k)
        The same for the crowd as one person; indices l, y.
    balance : ndarray of float64, shape (k,)
    history : tuple of float
        The objective after each step, nats.
    n_pooled : int
        How many of those steps were of the pooled stage.
    stop_reason : {"converged", "max_iter"}
        Of the last stage.
    """

    confusions: Floats
    pooled: Floats
    balance: Floats
    history: tuple[float, ...]
    n_pooled: int
    stop_reason: StopReason


@dataclass(frozen=True)
class ConfusionPrior:
    """What is believed before any vote, and when to stop.

    Parameters
    ----------
    precision, pool_strength, person_strength, balance_strength, max_iter, tolerance
        As in `DawidSkene`.
    """

    precision: float
    pool_strength: float
    person_strength: float
    balance_strength: float
    max_iter: int
    tolerance: float

    def fit(self, data: CrowdData, balance: Floats | None) -> ConfusionFit:
        """Find the tables in two stages that climb one objective.

        First the crowd shares one table; then each person gets their own, drawn towards that of the crowd,
        which stays.

        Parameters
        ----------
        data : CrowdData
        balance : ndarray of float64, shape (k,), or None
            Where the class balance is known.
        """
        k = data.n_classes
        m = data.table.shape[1] // k
        masses = data.masses(data.vote_shares())
        history = list[float]()
        for _ in range(self.max_iter):
            pooled = self._pool(data.count_answers(masses).sum(axis=0))
            prior = self._balance(masses, balance)
            masses, settled = self._step(data, np.broadcast_to(pooled, (m, k, k)), pooled, prior, history)
            if settled:
                break
        n_pooled = len(history)
        for _ in range(self.max_iter):
            tables = self._draw_to(pooled, data.count_answers(masses))
            prior = self._balance(masses, balance)
            masses, settled = self._step(data, tables, pooled, prior, history)
            if settled:
                break
        stop: StopReason = "converged" if settled else "max_iter"
        return ConfusionFit(tables, pooled, prior, tuple(history), n_pooled, stop)

    def _step(
        self, data: CrowdData, tables: Floats, pooled: Floats, balance: Floats, history: list[float]
    ) -> tuple[Floats, bool]:
        """Return the masses under new parameters, and whether the objective has settled; it joins the history."""
        log_tables = np.log(tables)
        scores = log_likelihoods(data.table, log_tables.reshape(-1, data.n_classes)) + np.log(balance)
        history.append(data.log_likelihood(scores) + self.penalty(log_tables, pooled, balance))
        rise = history[-1] - history[-2] if len(history) > 1 else np.inf
        return data.masses(softmax(scores)), bool(rise <= self.tolerance * data.weight)

    def penalty(self, log_tables: Floats, pooled: Floats, balance: Floats) -> float:
        """Return what the priors add to the log likelihood, in nats.

        ``−s·Σ_j Σ_y KL(P_y ‖ θ_jy) + a·Σ_y Σ_l P⁰_yl log P_yl + b·Σ_y log π_y``
        """
        log_pooled = np.log(pooled)
        divergence = (pooled * (log_pooled - log_tables)).sum()
        belief = (self._first_belief(len(pooled)) * log_pooled).sum()
        return float(
            -self.person_strength * divergence
            + self.pool_strength * belief
            + self.balance_strength * np.log(balance).sum()
        )

    def _first_belief(self, k: int) -> Floats:
        table = np.full((k, k), (1.0 - self.precision) / (k - 1))
        np.fill_diagonal(table, self.precision)
        return table

    def _pool(self, counts: Floats) -> Floats:
        mass = counts + self.pool_strength * self._first_belief(len(counts))
        return np.asarray(mass / mass.sum(axis=0), dtype=np.float64)

    def _draw_to(self, pooled: Floats, counts: Floats) -> Floats:
        mass = counts + self.person_strength * pooled
        return np.asarray(mass / mass.sum(axis=1, keepdims=True), dtype=np.float64)

    def _balance(self, masses: Floats, given: Floats | None) -> Floats:
        if given is not None:
            return given
        mass = masses.sum(axis=0) + self.balance_strength
        return np.asarray(mass / mass.sum(), dtype=np.float64)
