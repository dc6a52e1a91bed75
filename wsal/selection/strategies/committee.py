"""Query by committee: ask where several models contradict each other."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wsal.errors import InputError
from wsal.selection.strategies.base import ScoredStrategy
from wsal.selection.strategies.situation import Situation
from wsal.selection.strategies.uncertainty import entropies
from wsal.types import Floats

__all__ = ["CommitteeKL", "VoteEntropy", "committee_kl", "vote_entropy"]


def vote_entropy(counts: Floats) -> Floats:
    """Return the entropy of a committee's votes.

    Parameters
    ----------
    counts : ndarray, shape (n, k)
        Members that vote for each class; a tie of one member may be shared. Members may abstain.

    Returns
    -------
    ndarray of float64, shape (n,)
        Nats, between 0 and log(min(c, k)) for c members; 0 where nobody votes.

    Notes
    -----
    ``−Σ_y V(y)/c · log(V(y)/c)``: Dagan and Engelson (1995), in the form of Settles (2010), section 3.2. O(n·k).

    Examples
    --------
    >>> vote_entropy(np.array([[2, 2], [4, 0], [0, 0]])).round(4).tolist()
    [0.6931, 0.0, 0.0]
    """
    voters = counts.sum(axis=1, keepdims=True)
    return entropies(counts / np.maximum(voters, 1.0))


def committee_kl(probabilities: Floats) -> Floats:
    """Return the mean Kullback–Leibler divergence of a committee's members from their mean.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (c, n, k)
        Of c members.

    Returns
    -------
    ndarray of float64, shape (n,)
        Nats, between 0 and log(min(c, k)).

    Notes
    -----
    ``1/c Σ_m KL(P_m ‖ P̄) = H(P̄) − 1/c Σ_m H(P_m)``: McCallum and Nigam (1998), in the form of Settles (2010),
    section 3.2. The right side is the Jensen–Shannon divergence; it needs no logarithm of 0. O(c·n·k).

    Examples
    --------
    >>> committee_kl(np.array([[[1.0, 0.0]], [[0.0, 1.0]]])).round(4).tolist()
    [0.6931]
    """
    together, alone = entropies(probabilities.mean(axis=0)), entropies(probabilities).mean(axis=0)
    return np.asarray(np.maximum(together - alone, 0.0), dtype=np.float64)  # rounding may leave −1e-17


@dataclass(frozen=True, kw_only=True)
class _Committee(ScoredStrategy):
    """A committee: of the classifiers given, or of whoever has an opinion already.

    Without classifiers (or before they can be trained) the members are the labelling functions that vote on the
    item, the human classifier and the end model. A function's vote is a probability of 1.

    Parameters
    ----------
    n_members : int
        Copies of a single classifier, each trained on answers drawn with replacement within each class: query by
        bagging (Abe and Mamitsuka, 1998).
    """

    n_members: int = 5
    committee: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_members < 2:
            raise InputError(f"n_members={self.n_members}: a committee has at least two members")

    @abstractmethod
    def disagreement(self, probabilities: Floats) -> Floats:
        """Return the disagreement of members with probabilities of shape (c, n, k); shape (n,)."""

    @abstractmethod
    def disagreement_with_functions(self, tally: Floats, models: Floats) -> Floats:
        """Return the disagreement of voting functions, tally of shape (n, k), and models, (c, n, k)."""

    def utilities(self, situation: Situation) -> Floats:
        """Return the disagreement of the committee, in nats."""
        members = self._members(situation)
        if members is not None:
            return self.disagreement(members)
        pool = situation.pool
        tally = pool.patterns.tally()[pool.inverse].astype(np.float64)
        models = [pool.delivered.human_probabilities, pool.delivered.end_probabilities]
        known = [p for p in models if p is not None]
        return self.disagreement_with_functions(
            tally, np.stack(known) if known else np.zeros((0, *tally.shape))
        )

    def lead(self, situation: Situation, row: int, utility: float) -> str:  # noqa: ARG002  # of every strategy
        """Say who disagrees, and how much."""
        trained = situation.given is not None or (situation.classifiers and situation.examples.teach)
        who = "a committee of classifiers" if trained else "the committee of rules and models"
        return f"{who} disagrees by {utility:.2f} nats"

    def _members(self, situation: Situation) -> Floats | None:
        if situation.given is not None:
            return situation.given
        if not situation.classifiers or not situation.examples.teach:
            return None
        if len(situation.classifiers) > 1:
            fitted = [situation.learner(one).fit(situation.examples) for one in situation.classifiers]
        else:
            learner = situation.learner(situation.classifiers[0])
            fitted = [
                learner.fit(situation.examples.resampled(situation.generator)) for _ in range(self.n_members)
            ]
        return np.stack([member.predict_proba() for member in fitted])


@dataclass(frozen=True, kw_only=True)
class VoteEntropy(_Committee):
    """Largest entropy of the members' votes: `vote_entropy`."""

    name: ClassVar[str] = "vote-entropy"

    def disagreement(self, probabilities: Floats) -> Floats:
        """Count each member's best class; a tie is shared."""
        return vote_entropy(_votes_of(probabilities))

    def disagreement_with_functions(self, tally: Floats, models: Floats) -> Floats:
        """Count functions and models alike."""
        return vote_entropy(tally + _votes_of(models))


@dataclass(frozen=True, kw_only=True)
class CommitteeKL(_Committee):
    """Largest mean divergence of the members from their mean: `committee_kl`."""

    name: ClassVar[str] = "committee-kl"

    def disagreement(self, probabilities: Floats) -> Floats:
        """Return the mean divergence, in nats."""
        return committee_kl(probabilities)

    def disagreement_with_functions(self, tally: Floats, models: Floats) -> Floats:
        """Return the mean divergence where a function's vote is a probability of 1, which has no entropy."""
        members = np.maximum(tally.sum(axis=1) + len(models), 1.0)
        mean = (tally + models.sum(axis=0)) / members[:, None]
        own = entropies(models).sum(axis=0) / members
        return np.asarray(np.maximum(entropies(mean) - own, 0.0), dtype=np.float64)


def _votes_of(probabilities: Floats) -> Floats:
    """Count the best class of each member, shape (n, k); a member whose best classes tie is shared out."""
    best = (probabilities >= probabilities.max(axis=-1, keepdims=True)).astype(np.float64)
    return np.asarray((best / best.sum(axis=-1, keepdims=True)).sum(axis=0), dtype=np.float64)
