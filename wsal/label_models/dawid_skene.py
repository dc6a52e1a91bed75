"""DawidSkene: labels from a crowd of people, each with their own habits of error.

Derivation, assumptions and limits: docs/explanation/dawid-skene.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from wsal.errors import DataError, InputError
from wsal.label_models.balance import as_class_balance
from wsal.label_models.base import FittedModel, Unfitted
from wsal.label_models.confusions import (
    ConfusionPrior,
    CrowdData,
    StopReason,
    log_likelihoods,
    vote_table,
)
from wsal.label_models.evidence_terms import BALANCE, Term
from wsal.label_models.human_counts import Answers, as_human_counts
from wsal.label_models.log_space import softmax
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray
from wsal.votes import VoteMatrix, patterns_of

__all__ = ["DawidSkene", "FittedDawidSkene"]


@dataclass(frozen=True)
class DawidSkene(Unfitted):
    """The model of Dawid and Skene (1979) with tables drawn towards that of the whole crowd.

    For votes of **people**, who err on their own. Functions that depend on each other, or vote for one class
    only, are for `LabelModel`. An abstain means that the person was not asked, and says nothing.

    Parameters
    ----------
    prior_precision : float
        How often the crowd is right before anybody has voted.
    pool_strength : float
        That belief counts as so many answers of the whole crowd for each class.
    person_strength : float
        The table of the crowd counts as so many answers of a person for each class: somebody with few
        answers is taken for a typical member of the crowd.
    balance_strength : float
        An even class balance counts as so many items of each class; without effect where the balance is
        given.
    max_iter : int
        Steps of each of the two stages, at most.
    tolerance : float
        A stage has converged when a step raises the objective by no more than this, in nats an item.

    Raises
    ------
    InputError
        A parameter outside its range.

    Notes
    -----
    The defaults were chosen by simulation, see docs/explanation/dawid-skene.md.

    Source: Dawid and Skene, *Maximum likelihood estimation of observer error-rates using the EM algorithm*,
    Applied Statistics 28 (1979), equations 2.3 to 2.5; pooling after Paun et al., *Comparing Bayesian models
    of annotation*, TACL 6 (2018).

    Examples
    --------
    >>> votes = VoteMatrix.from_array([[1, 1, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]], labels=["no", "yes"],
    ...                               lf_names=["ana", "ben", "cas"])
    >>> model = DawidSkene().fit(votes)
    >>> model.predict_proba(votes).round(2).tolist()
    [[0.03, 0.97], [0.84, 0.16], [0.16, 0.84], [0.97, 0.03]]
    >>> model.stop_reason, bool(model.accuracies[0] > model.accuracies[2])
    ('converged', True)
    """

    prior_precision: float = 0.75
    pool_strength: float = 20.0
    person_strength: float = 8.0
    balance_strength: float = 5.0
    max_iter: int = 200
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        within: tuple[tuple[str, float, bool], ...] = (
            ("prior_precision", self.prior_precision, 0 < self.prior_precision < 1),
            ("pool_strength", self.pool_strength, 0 < self.pool_strength < np.inf),
            ("person_strength", self.person_strength, 0 < self.person_strength < np.inf),
            ("balance_strength", self.balance_strength, 0 < self.balance_strength < np.inf),
            ("max_iter", self.max_iter, self.max_iter >= 1),
            ("tolerance", self.tolerance, 0 < self.tolerance < np.inf),
        )
        for name, value, fits in within:
            if not fits:
                raise InputError(
                    f"{name}={value!r} is out of range", hint=f"the default is {type(self).__dict__[name]}"
                )

    def fit(
        self,
        votes: VoteMatrix | VotePatterns,
        human: HumanLabels | Floats | None = None,
        class_balance: Sequence[float] | None = None,
    ) -> FittedDawidSkene:
        """Learn everybody's table from how they vote together, and from answers that are known to be right.

        Parameters
        ----------
        votes : VoteMatrix or VotePatterns
            One column a person.
        human : HumanLabels, or ndarray of float64 of shape (p, k), optional
            Gold answers by item, or weighted counts of them by pattern. An item with an answer of weight w is
            of that class with weight w, and of unknown class with weight 1 − w.
        class_balance : sequence of float, optional
            Share of each class among items with votes, where it is known.

        Returns
        -------
        FittedDawidSkene
            Bit by bit the same for every order of items, and for shards merged.

        Raises
        ------
        DataError
            Answers for items that are not among the votes, a balance that is none, or counts of a wrong
            shape.

        Notes
        -----
        O(steps · votes of patterns · k) time, 12 bytes a vote and some arrays of shape (p, k).
        """
        patterns = patterns_of(votes)
        balance = None if class_balance is None else as_class_balance(class_balance, patterns.labels)
        human_counts, answers = as_human_counts(votes, human)
        data = CrowdData.of(patterns, human_counts)
        found = self._prior.fit(data, balance)
        return FittedDawidSkene(
            labels=patterns.labels,
            lf_names=patterns.lf_names,
            answers=answers,
            settings=self,
            confusions=np.ascontiguousarray(found.confusions.transpose(0, 2, 1)),
            pooled=np.ascontiguousarray(found.pooled.T),
            class_balance=found.balance,
            n_iter=len(found.history),
            n_pooled_iter=found.n_pooled,
            stop_reason=found.stop_reason,
            history=found.history,
        )

    @property
    def _prior(self) -> ConfusionPrior:
        return ConfusionPrior(
            precision=self.prior_precision,
            pool_strength=self.pool_strength,
            person_strength=self.person_strength,
            balance_strength=self.balance_strength,
            max_iter=self.max_iter,
            tolerance=self.tolerance,
        )


@dataclass(frozen=True, eq=False)
class FittedDawidSkene(FittedModel):
    """What `DawidSkene` returns from ``fit``.

    Parameters
    ----------
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        The m people.
    answers : Answers
        Carried by answered items.
    settings : DawidSkene
        The parameters of the fit.
    confusions : ndarray of float64, shape (m, k, k)
        θ: row y of table j is the probability of each vote of person j on items of class y; rows sum to 1.
    pooled : ndarray of float64, shape (k, k)
        P: the same for the crowd as one person, towards which every table is drawn.
    class_balance : ndarray of float64, shape (k,)
        π, as estimated or given.
    n_iter : int
        Steps of both stages.
    n_pooled_iter : int
        Those of the first stage, in which the crowd shares one table.
    stop_reason : {"converged", "max_iter"}
        Of the second stage.
    history : tuple of float
        The objective after each step: the penalised log likelihood, in nats. It never falls.
    """

    kind: ClassVar[str] = "Dawid-Skene"

    labels: LabelSpace
    lf_names: tuple[str, ...]
    answers: Answers
    settings: DawidSkene
    confusions: Floats
    pooled: Floats
    class_balance: Floats
    n_iter: int
    n_pooled_iter: int
    stop_reason: StopReason
    history: tuple[float, ...]

    @property
    def accuracies(self) -> Floats:
        """How often each person is right on items of this class balance, by the model; shape (m,).

        A parameter of the model and no estimate with an interval: it rests on how people agree.
        """
        return np.asarray(
            np.diagonal(self.confusions, axis1=1, axis2=2) @ self.class_balance, dtype=np.float64
        )

    @cached_property
    def _log_confusions(self) -> Floats:
        """Row ``j·k + l`` is person j voting l; shape (m·k, k), nats."""
        k = len(self.labels)
        return np.ascontiguousarray(np.log(self.confusions).transpose(0, 2, 1)).reshape(-1, k)

    def pattern_proba(self, patterns: VotePatterns) -> Floats:
        """Return the posterior by pattern, shape (p, k); the class balance where nobody votes.

        A probability below 1e-308 becomes 0; hundreds of people who agree can bring that about.
        """
        self.require_same_lfs(patterns)
        table = vote_table(patterns.votes, len(self.labels))
        return softmax(log_likelihoods(table, self._log_confusions) + np.log(self.class_balance))

    def terms(self, row: VoteArray) -> tuple[Term, ...]:
        """Open the label of a row of votes into parts that add up.

        Parameters
        ----------
        row : ndarray of int8, shape (m,)

        Returns
        -------
        tuple of Term
            The class balance, and each person who voted. The sum of ``log_scores`` is the log of
            `pattern_proba` up to a constant common to all classes.

        Raises
        ------
        DataError
            The row does not have m votes.
        """
        row = np.asarray(row, dtype=np.int8)
        if row.shape != (len(self.lf_names),):
            raise DataError(
                f"a row has one vote for each of {len(self.lf_names)} people, got shape {row.shape}"
            )
        k = len(self.labels)
        people = np.flatnonzero(row != ABSTAIN).tolist()
        return (
            Term(BALANCE, None, np.log(self.class_balance)),
            *(
                Term(
                    self.lf_names[j], self.labels.name(int(row[j])), self._log_confusions[j * k + int(row[j])]
                )
                for j in people
            ),
        )

    def to_data(self) -> dict[str, Any]:
        """Return fit and settings, for JSON."""
        return {
            "settings": asdict(self.settings),
            "confusions": self.confusions.tolist(),
            "pooled": self.pooled.tolist(),
            "class_balance": self.class_balance.tolist(),
            "n_iter": self.n_iter,
            "n_pooled_iter": self.n_pooled_iter,
            "stop_reason": self.stop_reason,
            "history": list(self.history),
        }

    @classmethod
    def from_data(
        cls, data: dict[str, Any], labels: LabelSpace, lf_names: tuple[str, ...], answers: Answers
    ) -> Self:
        """Build the model from what `to_data` returned."""
        k = len(labels)
        return cls(
            labels=labels,
            lf_names=lf_names,
            answers=answers,
            settings=DawidSkene(**data["settings"]),
            confusions=np.array(data["confusions"], dtype=np.float64).reshape(-1, k, k),
            pooled=np.array(data["pooled"], dtype=np.float64),
            class_balance=np.array(data["class_balance"], dtype=np.float64),
            n_iter=data["n_iter"],
            n_pooled_iter=data["n_pooled_iter"],
            stop_reason=data["stop_reason"],
            history=tuple(data["history"]),
        )
