"""MajorityVote: the share of votes for each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from wsal.label_models.balance import as_class_balance
from wsal.label_models.base import FittedModel, Unfitted
from wsal.label_models.human_counts import Answers, as_human_counts
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import Floats, LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["FittedMajorityVote", "MajorityVote"]


@dataclass(frozen=True)
class MajorityVote(Unfitted):
    """Every function has one equal vote; a class's probability is its share of the votes.

    The baseline that any other model has to beat. It learns nothing from answers; answered items carry them.
    """

    def fit(
        self,
        votes: VoteMatrix | VotePatterns,
        human: HumanLabels | Floats | None = None,
        class_balance: Sequence[float] | None = None,
    ) -> FittedMajorityVote:
        """Return the fitted model.

        Parameters
        ----------
        votes : VoteMatrix or VotePatterns
        human : HumanLabels, optional
            Carried by answered items. Counts by pattern are taken too, as every model takes them, and are
            without effect.
        class_balance : sequence of float, optional
            Probabilities of items without any vote; 1/k each where not given. Other items keep their shares.

        Raises
        ------
        DataError
            Answers for items that are not among the votes; a balance that is none.
        """
        _, answers = as_human_counts(votes, human)
        k = votes.n_classes
        prior = (
            np.full(k, 1.0 / k) if class_balance is None else as_class_balance(class_balance, votes.labels)
        )
        return FittedMajorityVote(votes.labels, votes.lf_names, answers, prior)


@dataclass(frozen=True, eq=False)
class FittedMajorityVote(FittedModel):
    """What `MajorityVote` returns from ``fit``.

    Parameters
    ----------
    labels : LabelSpace
    lf_names : tuple of str
    answers : Answers
        Carried by answered items.
    prior : ndarray of float64, shape (k,)
        Probabilities of items without any vote.

    Examples
    --------
    >>> votes = VoteMatrix.from_array([[1, 1, 0], [-1, -1, -1]], labels=["ham", "spam"])
    >>> MajorityVote().fit(votes).predict_proba(votes).round(3).tolist()
    [[0.333, 0.667], [0.5, 0.5]]
    """

    kind: ClassVar[str] = "majority vote"

    labels: LabelSpace
    lf_names: tuple[str, ...]
    answers: Answers
    prior: Floats

    n_iter = 0
    stop_reason = "closed form"
    history: tuple[float, ...] = ()

    def pattern_proba(self, patterns: VotePatterns) -> Floats:
        """Return vote shares, shape (p, k); the prior where all abstain."""
        self.require_same_lfs(patterns)
        n_votes = patterns.n_votes[:, None]
        shares = patterns.tally() / np.maximum(n_votes, 1)
        return np.asarray(np.where(n_votes > 0, shares, self.prior), dtype=np.float64)

    def to_data(self) -> dict[str, Any]:
        """Return the prior, for JSON."""
        return {"prior": self.prior.tolist()}

    @classmethod
    def from_data(
        cls, data: dict[str, Any], labels: LabelSpace, lf_names: tuple[str, ...], answers: Answers
    ) -> Self:
        """Build the model from what `to_data` returned."""
        return cls(labels, lf_names, answers, np.array(data["prior"], dtype=np.float64))
