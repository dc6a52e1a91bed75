"""Learner: how labels are made from votes and answers, and which items are asked for next.

wsal itself and its rivals are learners alike: a function that makes `Delivered` labels, and a query strategy
that is called as `wsal.select` is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from wsal.errors import InputError
from wsal.features import DuplicateGroups, FeatureMatrix
from wsal.label_models import Answers, FittedModel, LabelModel, MajorityVote, Model
from wsal.labels import HumanLabels
from wsal.selection import Batch, select
from wsal.training import Classifiers, Delivered, EndModel, assemble, deliver
from wsal.types import ABSTAIN, ItemId, Rng
from wsal.votes import VoteMatrix

__all__ = ["AnswersAlone", "Learner", "Makes", "ModelThenClassifier", "Strategy", "Wsal"]


class Makes(Protocol):
    """Makes labels; called after every batch of answers."""

    def __call__(
        self,
        votes: VoteMatrix,
        *,
        features: FeatureMatrix | None,
        human: HumanLabels,
        duplicates: DuplicateGroups | None,
        previous: Delivered | None,
    ) -> Delivered:
        """Return labels.

        ``duplicates`` are copies among the items; ``previous`` are the labels of the batch before, None at the
        start and after a resumption.
        """
        ...


class Strategy(Protocol):
    """Chooses items; called as `wsal.select` is."""

    def __call__(
        self,
        votes: VoteMatrix,
        model: FittedModel,
        *,
        n: int,
        human: HumanLabels | None,
        rng: Rng,
        delivered: Delivered,
        exclude: tuple[ItemId, ...],
    ) -> Batch:
        """Return a batch of at most n items."""
        ...


@dataclass(frozen=True)
class Learner:
    """What a replay plays.

    Parameters
    ----------
    name : str
        In tables and records.
    make : Makes
    strategy : Strategy
    """

    name: str
    make: Makes
    strategy: Strategy = select


@dataclass(frozen=True)
class Wsal:
    """Labels as a project makes them: a label model fitted with all answers, then `wsal.deliver`.

    Parameters
    ----------
    model : Model
    class_balance : tuple of float, optional
        Where not given, `LabelModel` takes it from the audit draws, as in a project.
    """

    model: Model = field(default_factory=LabelModel)
    class_balance: tuple[float, ...] | None = None

    def __call__(
        self,
        votes: VoteMatrix,
        *,
        features: FeatureMatrix | None,
        human: HumanLabels,
        duplicates: DuplicateGroups | None,
        previous: Delivered | None,  # noqa: ARG002  # of the protocol
    ) -> Delivered:
        """Fit and deliver; a group of duplicates counts as one answer."""
        counted = human if duplicates is None else duplicates.counted_once(human)
        if isinstance(self.model, LabelModel) and self.class_balance is None:
            model: FittedModel = self.model.fit(votes, human=counted, class_balance="audit")
        else:
            model = self.model.fit(votes, human=counted, class_balance=self.class_balance)
        return deliver(votes, model, human=human, features=features, duplicates=duplicates)


def _plain() -> EndModel:
    return EndModel(class_weight_power=0.0, answer_weight=1.0)  # the same penalty as ours


@dataclass(frozen=True)
class ModelThenClassifier:
    """The usual way: a label model that knows no answers, then a classifier on its labels and the answers.

    Parameters
    ----------
    model : Model
        Fitted once, on the votes alone.
    end_model : EndModel
        Plain logistic regression on soft labels, with wsal's penalty: no class weights, every item and every
        answer weighs 1. It does not follow wsal's defaults, so that tuning wsal moves no rival.
    """

    model: Model = field(default_factory=MajorityVote)
    end_model: EndModel = field(default_factory=_plain)

    def __call__(
        self,
        votes: VoteMatrix,
        *,
        features: FeatureMatrix | None,
        human: HumanLabels,
        duplicates: DuplicateGroups | None,  # noqa: ARG002  # of the protocol
        previous: Delivered | None,
    ) -> Delivered:
        """Fit the label model where there is no earlier one, and the classifier."""
        model = self.model.fit(votes) if previous is None else previous.model
        if features is None:
            return assemble(votes, model, Classifiers(), human=human)
        patterns = votes.patterns()
        answers = Answers.of(human, votes.n_classes).require_in(votes)
        end_model = self.end_model.fit(
            features,
            np.asarray(patterns.expand(model.pattern_proba(patterns)), dtype=np.float64),
            covered=patterns.covered[patterns.require_inverse()],
            answers=answers,
        )
        return assemble(votes, model, Classifiers(end_model=end_model), human=human, features=features)


@dataclass(frozen=True)
class AnswersAlone:
    """Active learning without rules: logistic regression on the answers; the votes are not looked at.

    Parameters
    ----------
    end_model : EndModel
        As for `ModelThenClassifier`.
    """

    end_model: EndModel = field(default_factory=_plain)

    def __call__(
        self,
        votes: VoteMatrix,
        *,
        features: FeatureMatrix | None,
        human: HumanLabels,
        duplicates: DuplicateGroups | None,  # noqa: ARG002  # of the protocol
        previous: Delivered | None,
    ) -> Delivered:
        """Train on the answers.

        Raises
        ------
        InputError
            There are no features.
        """
        if features is None:
            raise InputError("without features nothing can be learned from answers alone")
        if previous is None:
            votes = VoteMatrix.from_array(
                np.full((votes.n_items, 1), ABSTAIN), votes.labels, lf_names=["none"], item_ids=votes.item_ids
            )
        else:
            votes = previous.votes
        model = MajorityVote().fit(votes)
        answers = Answers.of(human, votes.n_classes).require_in(votes)
        end_model = self.end_model.fit(
            features,
            np.full((votes.n_items, votes.n_classes), 1.0 / votes.n_classes),
            covered=np.zeros(votes.n_items, dtype=np.bool_),
            answers=answers,
        )
        return assemble(votes, model, Classifiers(end_model=end_model), human=human, features=features)
