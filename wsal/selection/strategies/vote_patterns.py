"""Strategies of weak supervision: they rank patterns of votes, not items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from wsal.selection.building import Pick
from wsal.selection.margin import pick_items, pick_patterns
from wsal.selection.pool import Pool
from wsal.selection.strategies.base import QueryStrategy
from wsal.selection.strategies.committee import vote_entropy
from wsal.selection.strategies.situation import Situation
from wsal.types import Floats

__all__ = ["ConflictFirst", "MaxKL", "conflict_weight", "label_divergence"]

_LEAST_Q, _LEAST_SHARE = 1e-5, 1e-2  # Active WeaSuL's own bounds, which keep the divergence finite


def label_divergence(probabilities: Floats, answers: Floats, tally: NDArray[np.int64]) -> Floats:
    """Return the divergence of the label model from what people answered, by pattern of votes.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (p, k)
        q: the label model on each pattern.
    answers : ndarray of float64, shape (p, k)
        Answered items of each pattern by class; an item whose answers differ is shared out.
    tally : ndarray of int64, shape (p, k)
        Votes for each class. Where nobody has answered, the class of most votes stands for one answer; a tie
        is shared.

    Returns
    -------
    ndarray of float64, shape (p,)
        ``KL(q ‖ h) = Σ_y q_y log(q_y/h_y)`` in nats, not negative; h is the share of the answers.

    Notes
    -----
    Biegel, El-Khatib, Oliveira, Baak and Aben (2021), by the code they published. As there, q is kept within
    [1e-5, 1 − 1e-5] and h within [0.01/B, 1 − 0.01/B] for B answers; both are then normalised, which changes
    nothing for two classes. O(p·k).
    """
    leading = (tally == tally.max(axis=1, keepdims=True)).astype(np.float64)
    unanswered = answers.sum(axis=1, keepdims=True) == 0
    counted = np.where(unanswered, leading / leading.sum(axis=1, keepdims=True), answers)
    n_answers = counted.sum(axis=1, keepdims=True)
    least = _LEAST_SHARE / n_answers
    h = _bounded(counted / n_answers, least)
    q = _bounded(probabilities, np.full((1, 1), _LEAST_Q))
    return np.asarray(np.maximum((q * (np.log(q) - np.log(h))).sum(axis=1), 0.0), dtype=np.float64)


def _bounded(shares: Floats, least: Floats) -> Floats:
    kept = np.clip(shares, least, 1.0 - least)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True), dtype=np.float64)


def conflict_weight(tally: NDArray[np.int64], counts: NDArray[np.int64]) -> Floats:
    """Return how much conflict there is in each pattern of votes: entropy of its votes times its items.

    Parameters
    ----------
    tally : ndarray of int64, shape (p, k)
        Votes for each class.
    counts : ndarray of int64, shape (p,)
        Items.

    Returns
    -------
    ndarray of float64, shape (p,)
        Nats times items; 0 where all votes agree or nobody votes. O(p·k).

    Examples
    --------
    >>> conflict_weight(np.array([[1, 1], [2, 0]]), np.array([10, 90])).round(4).tolist()
    [6.9315, 0.0]
    """
    return np.asarray(vote_entropy(tally.astype(np.float64)) * counts, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class MaxKL(QueryStrategy):
    """Active WeaSuL's strategy: patterns where model and answers diverge most, a random item in each.

    See `label_divergence`. What no rule covers comes last.
    """

    name: ClassVar[str] = "max-kl"

    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take a random item of each of the patterns of largest divergence."""
        pool = situation.pool
        answers = np.zeros((pool.patterns.n_patterns, situation.n_classes))
        np.add.at(answers, pool.inverse[situation.answers.rows], situation.answers.shares)
        found = label_divergence(pool.delivered.pattern_probabilities, answers, pool.patterns.tally())
        divergence = np.round(found, 12)[pool.inverse]
        covered = pool.patterns.covered[pool.inverse]
        rows = pick_items(
            situation.choice, -divergence, count, generator=situation.generator, allowed=covered
        )
        n_answers = answers.sum(axis=1)[pool.inverse]
        picks = [
            Pick(
                row,
                "mislead",
                lead=f"the label model is {divergence[row]:.2f} nats away from "
                + (f"{n_answers[row]:.0f} answers" if n_answers[row] else "the votes; nobody has answered")
                + " on such items",
            )
            for row in rows
        ]
        return picks + _uncovered(situation, count - len(picks))


@dataclass(frozen=True, kw_only=True)
class ConflictFirst(QueryStrategy):
    """Patterns with most conflict: the entropy of their votes times their unanswered items.

    See `conflict_weight`. Inside a pattern the most typical item first. What no rule covers comes last.
    """

    name: ClassVar[str] = "conflict-first"

    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take the most typical item of each of the patterns with most conflict."""
        pool = situation.pool
        unanswered = _unanswered(pool)
        weight = conflict_weight(pool.patterns.tally(), unanswered)
        covered = pool.patterns.covered
        rows = pick_patterns(situation.choice, -weight, count, allowed=covered, generator=situation.generator)
        picks = []
        for row in rows:
            code = int(pool.inverse[row])
            said = f"{unanswered[code]} unanswered items have these votes"
            picks.append(Pick(row, "uncertain", lead=said if weight[code] else f"no conflict; {said}"))
        return picks + _uncovered(situation, count - len(picks))


def _unanswered(pool: Pool) -> NDArray[np.int64]:
    return np.bincount(pool.inverse[~pool.answered], minlength=pool.patterns.n_patterns).astype(np.int64)


def _uncovered(situation: Situation, count: int) -> list[Pick]:
    nothing = np.zeros(situation.pool.votes.n_items)
    rows = pick_items(situation.choice, nothing, count, generator=situation.generator)
    return [Pick(row, "explore") for row in rows]
