"""Delivered: labels that are handed out, and every step on the way to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wsal.errors import DataError
from wsal.features import DuplicateGroups, FeatureMatrix
from wsal.label_models import AnsweredRows, FittedModel
from wsal.labels import HumanLabels, SoftLabels
from wsal.training.end_model import FittedEndModel
from wsal.training.human_classifier import FittedHumanClassifier
from wsal.types import Floats, ItemId
from wsal.votes import VoteMatrix

__all__ = ["Classifiers", "Delivered"]


@dataclass(frozen=True, eq=False)
class Classifiers:
    """What was trained beside the label model.

    Parameters
    ----------
    human_classifier : FittedHumanClassifier or None
        F_h; None without features, with few answers, or with answers of one class.
    human_prior : ndarray of float64, shape (k,), or None
        π_h: mean of F_h over unanswered covered items.
    end_model : FittedEndModel or None
        F; None without features, or where nothing could be learned.
    """

    human_classifier: FittedHumanClassifier | None = None
    human_prior: Floats | None = None
    end_model: FittedEndModel | None = None


@dataclass(frozen=True, eq=False)
class Delivered:
    """Delivered labels, and every step on the way to them.

    Parameters
    ----------
    votes : VoteMatrix
        n items.
    model : FittedModel
    human : HumanLabels or None
        As given.
    features : FeatureMatrix or None
    answers : AnsweredRows
        What people answered, by row of the votes.
    human_classifier : FittedHumanClassifier or None
        F_h; None without features, with few answers, or with answers of one class.
    end_model : FittedEndModel or None
        F; None without features, or where nothing could be learned.
    pattern_probabilities : ndarray of float64, shape (p, k)
        q_u: the label model on each pattern of votes.
    human_prior : ndarray of float64, shape (k,), or None
        π_h: mean of F_h over unanswered covered items.
    human_probabilities : ndarray of float64, shape (n, k), or None
        F_h.
    rule_probabilities : ndarray of float64, shape (n, k)
        q_i: the label model, joined by the human classifier as one more voter.
    end_probabilities : ndarray of float64, shape (n, k), or None
        F.
    unanswered : ndarray of float64, shape (n, k)
        The delivered label before any item's own answer is put in its place.
    soft : SoftLabels
        What is handed out: answered items carry their answers, their duplicates a copy.
    duplicates : DuplicateGroups or None
        Which items are copies of each other; None where nobody looked.
    """

    votes: VoteMatrix
    model: FittedModel
    human: HumanLabels | None
    features: FeatureMatrix | None
    answers: AnsweredRows
    human_classifier: FittedHumanClassifier | None
    end_model: FittedEndModel | None
    pattern_probabilities: Floats
    human_prior: Floats | None
    human_probabilities: Floats | None
    rule_probabilities: Floats
    end_probabilities: Floats | None
    unanswered: Floats
    soft: SoftLabels
    duplicates: DuplicateGroups | None = None

    def copied_from(self, row: int) -> tuple[ItemId, ...]:
        """Return the answered duplicates that an item's label is copied from; none for any other label."""
        if self.duplicates is None or self.soft.sources[row] != "duplicate":
            return ()
        return self.duplicates.answered_duplicates(row, self.answers.mask(self.votes.n_items))

    @property
    def classifiers(self) -> Classifiers:
        """What was trained beside the label model."""
        return Classifiers(self.human_classifier, self.human_prior, self.end_model)

    def require_made_of(self, votes: VoteMatrix, model: FittedModel) -> None:
        """See that these labels were made of some votes by some model, so that nothing mixes two runs.

        Raises
        ------
        DataError
            They were not.
        """
        if model is not self.model:
            raise DataError(
                "the labels in `delivered` were made by another model than the one given",
                hint="give delivered.model, or leave `delivered` out to compute the labels anew",
            )
        if not _same_votes(votes, self.votes):
            raise DataError(
                "the labels in `delivered` were made of other votes than those given",
                hint="give delivered.votes, or leave `delivered` out to compute the labels anew",
            )


def _same_votes(one: VoteMatrix, other: VoteMatrix) -> bool:
    return one is other or (
        one.labels == other.labels
        and one.lf_names == other.lf_names
        and np.array_equal(one.item_ids, other.item_ids)
        and np.array_equal(one.values, other.values)
    )
