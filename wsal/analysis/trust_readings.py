"""Readings: what the votes say of the truth under different assumptions, none of them that of the label model.

A reading is a latent class model fitted to patterns by EM. Where the readings agree on who is right in the patterns
that label model and majority vote dispute, votes tell which of the two to trust; where not, votes cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wsal.label_models.confusions import vote_table
from wsal.label_models.human_counts import HumanCounts
from wsal.label_models.log_space import softmax
from wsal.patterns import VotePatterns
from wsal.types import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["READINGS", "Reading", "read_votes_as"]

_LIFT = 6.0  # a vote is so many times likelier on its own class, before the votes are seen
_STRENGTH = 50.0  # that belief counts as so many items of each class
_BALANCE_ITEMS = 5.0  # an even balance counts as so many items of each class
_LOCAL = 10.0  # a reading's opinion on a pattern counts as so many answers, as in LabelModel
_MOST = 0.97  # no function votes on more of a class's items than this, before the votes are seen
_LEAST_ABSTAIN = 1e-3


@dataclass(frozen=True)
class Reading:
    """A set of assumptions.

    Parameters
    ----------
    name : str
        In words.
    abstains : float or None
        How much an abstain says, where a vote says 1; None where only which functions vote says something and
        not how many: long texts make many rules fire, whatever their class.
    sharing : bool
        Whether correlated functions share one vote.
    steps : int
        Of EM; after few of them majority vote is still nearly right.
    """

    name: str
    abstains: float | None
    sharing: bool
    steps: int


READINGS: Final = (
    Reading("which functions vote, correlated ones sharing a vote", None, sharing=True, steps=40),
    Reading("which functions vote, each on its own", None, sharing=False, steps=40),
    Reading("abstains say half, correlated functions sharing a vote", 0.5, sharing=True, steps=5),
    Reading("abstains say half, each function on its own", 0.5, sharing=False, steps=5),
)
"""The readings that a trust report compares."""


def read_votes_as(
    reading: Reading,
    patterns: VotePatterns,
    *,
    human: HumanCounts,
    shares: Floats,
    class_balance: Sequence[float] | Floats | None = None,
) -> Floats:
    """Return the probability of each class for each pattern under a reading.

    Parameters
    ----------
    reading : Reading
    patterns : VotePatterns
    human : HumanCounts
        Answers by pattern, which are taken for right as far as their weight goes.
    shares : ndarray of float64, shape (m,)
        How much each function counts where correlated ones share a vote; see `dependence.vote_shares`.
    class_balance : sequence of float, optional
        Of covered items; met at every step where it is given.

    Returns
    -------
    ndarray of float64, shape (p, k)

    Notes
    -----
    EM for a latent class model in which each function emits k votes or an abstain, from the softmax of vote counts,
    with a prior on each table that keeps the function's rate of votes and makes a vote `_LIFT` times likelier on its
    own class.
    O(steps · votes of patterns · k).
    """
    k, m = patterns.n_classes, patterns.n_lfs
    weights = shares if reading.sharing else np.ones(m)
    counts, covered = patterns.counts.astype(np.float64), patterns.covered
    table = vote_table(patterns.votes, k)
    rate = np.asarray(table.T @ counts).reshape(m, k) / max(counts.sum(), 1.0)
    answered = np.zeros((len(counts), k))
    answered[human.codes] = human.counts
    free = np.maximum(counts - answered.sum(axis=1), 0.0)
    balance = None if class_balance is None else np.asarray(class_balance, dtype=np.float64)
    log_balance = np.zeros(k)
    q = softmax(patterns.tally().astype(np.float64))
    for _ in range(reading.steps):
        mass = q * free[:, None] + answered
        totals = mass.sum(axis=0)
        if balance is None:
            log_balance = np.log((totals + _BALANCE_ITEMS) / (totals.sum() + k * _BALANCE_ITEMS))
        else:
            met = mass[covered].sum(axis=0) + 1e-9
            log_balance = log_balance + np.log(balance) - np.log(met / met.sum())
        expected = _prior_votes(rate, softmax(log_balance[None, :])[0])
        votes = np.asarray(table.T @ mass).reshape(m, k, k) + _STRENGTH * expected
        emits = np.maximum(votes / (totals + _STRENGTH), 1e-9)
        q = softmax(_log_likelihood(reading, emits, weights, table) + log_balance)
    q[human.codes] = _LOCAL * q[human.codes] + human.counts
    return np.asarray(q / q.sum(axis=1, keepdims=True), dtype=np.float64)


def _prior_votes(rate: Floats, balance: Floats) -> Floats:
    """Probability of each vote given the class by rate and lift alone, shape (m, k votes, k classes)."""
    k = len(balance)
    relative = np.full((k, k), 1 / _LIFT)
    np.fill_diagonal(relative, 1.0)
    expected = rate[:, :, None] * (relative / (relative @ balance)[:, None])[None]
    total = expected.sum(axis=1, keepdims=True)
    return np.asarray(expected * np.minimum(1.0, _MOST / np.maximum(total, 1e-300)), dtype=np.float64)


def _log_likelihood(reading: Reading, emits: Floats, weights: Floats, table: csr_array) -> Floats:
    """Log likelihood of each pattern by class, shape (p, k), nats, up to a constant of the pattern."""
    m, k, _ = emits.shape
    if reading.abstains is None:
        # Given how many votes an item has, they fall on functions in proportion to these rates.
        scores = np.log(emits) - np.log((emits * weights[:, None, None]).sum(axis=(0, 1)))
        silent = np.zeros(k)
    else:
        abstain = reading.abstains * np.log(np.clip(1 - emits.sum(axis=1), _LEAST_ABSTAIN, 1.0))
        scores = np.log(emits) - abstain[:, None, :]
        silent = weights @ abstain
    weighted = (scores * weights[:, None, None]).reshape(m * k, k)
    return np.asarray(table @ weighted + silent, dtype=np.float64)
