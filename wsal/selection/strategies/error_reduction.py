"""Expected error reduction: ask what is expected to leave the least doubt about everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.selection.building import Pick
from wsal.selection.margin import pick_items
from wsal.selection.strategies.base import QueryStrategy
from wsal.selection.strategies.learner import Examples, Learner
from wsal.selection.strategies.situation import Situation
from wsal.selection.strategies.uncertainty import entropies
from wsal.types import Floats

__all__ = ["ExpectedErrorReduction", "expected_log_loss"]


def expected_log_loss(
    learner: Learner,
    examples: Examples,
    *,
    candidates: NDArray[np.int64],
    probabilities: Floats,
    over: NDArray[np.int64],
) -> Floats:
    """Return the log loss that a classifier expects of itself after each possible answer.

    Parameters
    ----------
    learner : Learner
    examples : Examples
        What is answered.
    candidates : ndarray of int64, shape (c,)
        Items that could be asked for.
    probabilities : ndarray of float64, shape (c, k)
        What the classifier says of the candidates now. An answer of probability 0 is not tried.
    over : ndarray of int64, shape (e,)
        Items whose loss counts.

    Returns
    -------
    ndarray of float64, shape (c,)
        ``Σ_y P(y|x) · 1/e Σ_u H(P_{+(x,y)}(·|u))``, in nats: the mean entropy over the items after training with
        the answer y for x, in expectation over y. Lower is better.

    Notes
    -----
    Roy and McCallum (2001), with log loss; Settles (2010), section 3.4. A classifier's expected log loss under its
    own probabilities is their entropy. c·k trainings and as many predictions of e items.
    """
    loss = np.zeros(len(candidates))
    for i, row in enumerate(candidates.tolist()):
        for y in np.flatnonzero(probabilities[i]).tolist():
            after = learner.fit(examples.with_one(row, y)).predict_proba(over)
            loss[i] += probabilities[i, y] * entropies(after).mean()
    return loss


@dataclass(frozen=True, kw_only=True)
class ExpectedErrorReduction(QueryStrategy):
    """Smallest expected log loss after the answer: `expected_log_loss`.

    Without a classifier it retrains wsal's human classifier. Before there are answers of two classes it asks
    where the voice that speaks for the items has the largest entropy.

    Parameters
    ----------
    max_candidates : int
        So many free items, drawn at random, are tried; as many as the batch asks for, where those are more. The
        number of trainings is this times the number of classes.
    max_evaluated : int
        The loss is taken over so many unanswered items, drawn at random.
    """

    max_candidates: int = 20
    max_evaluated: int = 500
    name: ClassVar[str] = "expected-error-reduction"

    def __post_init__(self) -> None:
        super().__post_init__()
        for what, number in (
            ("max_candidates", self.max_candidates),
            ("max_evaluated", self.max_evaluated),
        ):
            if number < 1:
                raise InputError(f"{what}={number}: at least one item is looked at")

    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take the candidates of smallest expected loss."""
        choice, generator = situation.choice, situation.generator
        if not situation.examples.teach:
            return self._before_two_classes(situation, count)
        n = situation.pool.votes.n_items
        candidates = _sample(np.flatnonzero(choice.free), max(self.max_candidates, count), generator)
        over = _sample(np.flatnonzero(~situation.pool.answered), self.max_evaluated, generator)
        learner, now = self._learner(situation, candidates)
        loss = np.full(n, np.inf)
        found = expected_log_loss(
            learner, situation.examples, candidates=candidates, probabilities=now, over=over
        )
        loss[candidates] = np.round(found, 12)
        rows = pick_items(choice, loss, count, generator=generator, allowed=np.isfinite(loss))
        tried = f"of {len(candidates)} items tried"
        return [
            Pick(
                row,
                "uncertain",
                lead=f"{tried}, an answer here is expected to leave little doubt: {loss[row]:.2f} nats an item",
            )
            for row in rows
        ]

    @staticmethod
    def _learner(situation: Situation, candidates: NDArray[np.int64]) -> tuple[Learner, Floats]:
        if situation.classifiers:
            learner = situation.learner(situation.classifiers[0])
        else:
            learner = Learner(None, situation.geometry, situation.n_classes)
        if situation.given is not None:
            return learner, situation.given[candidates]
        fitted = situation.fitted if situation.fitted is not None else learner.fit(situation.examples)
        return learner, fitted.predict_proba(candidates)

    @staticmethod
    def _before_two_classes(situation: Situation, count: int) -> list[Pick]:
        who, probabilities = situation.voice
        entropy = np.round(entropies(probabilities), 12)
        rows = pick_items(situation.choice, -entropy, count, generator=situation.generator)
        return [
            Pick(
                row,
                "uncertain",
                lead=f"{who} is in doubt by {entropy[row]:.2f} nats; no answers of two classes yet",
            )
            for row in rows
        ]


def _sample(rows: NDArray[np.int64], size: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return rows if len(rows) <= size else np.sort(generator.choice(rows, size=size, replace=False))
