"""deliver: the whole default of DESIGN §5, from votes and answers to the labels that are handed out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.features import FeatureMatrix, Features, as_feature_matrix
from wsal.label_models import (
    AnsweredRows,
    Answers,
    FittedModel,
    geometric_pool,
    human_trust,
    with_human_classifier,
)
from wsal.labels import HumanLabels, SoftLabels
from wsal.training.end_model import EndModel, FittedEndModel
from wsal.training.human_classifier import FittedHumanClassifier, HumanClassifier
from wsal.types import Floats
from wsal.votes import VoteMatrix

__all__ = ["Delivered", "deliver"]


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
        q_i: the label model, joined by the human classifier.
    end_probabilities : ndarray of float64, shape (n, k), or None
        F.
    unanswered : ndarray of float64, shape (n, k)
        The delivered label before any item's own answer is put in its place.
    soft : SoftLabels
        What is handed out: answered items carry their answers.
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

    @property
    def trust(self) -> float:
        """How far the human classifier is trusted: b = B/(B + 100), with B the answered items."""
        return human_trust(len(self.answers))


def deliver(
    votes: VoteMatrix,
    model: FittedModel,
    *,
    human: HumanLabels | None = None,
    features: Features | None = None,
) -> Delivered:
    """Deliver labels: label model, human classifier, end model, and answers.

    Parameters
    ----------
    votes : VoteMatrix
        n items.
    model : FittedModel
        Of the same functions and labels.
    human : HumanLabels, optional
        The answers that the model was fitted with, where not given.
    features : FeatureMatrix, ndarray or scipy sparse matrix, shape (n, d), optional
        Without any there are no classifiers, and nothing is known of uncovered items.

    Returns
    -------
    Delivered
        ``.soft`` holds the labels. An answered item carries the share of its answers; another covered item
        the geometric pool of rules and end model; an uncovered item the end model's opinion.

    Raises
    ------
    DataError
        Answers for items that are not among the votes, votes of other functions, or features that do not fit.

    Examples
    --------
    >>> from wsal.label_models import LabelModel
    >>> votes = VoteMatrix.from_array([[1, 1], [0, 0], [-1, -1]], labels=["ham", "spam"])
    >>> model = LabelModel().fit(votes)
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> soft = deliver(votes, model, features=X).soft
    >>> soft.hard().tolist(), soft.sources.tolist()
    ([1, 0, 1], ['rules', 'rules', 'model'])
    """
    answers = (
        model.answers.found_in(votes)
        if human is None
        else Answers.of(human, votes.n_classes).require_in(votes)
    )
    X = None if features is None else as_feature_matrix(features, votes.n_items)
    patterns = votes.patterns()
    covered = patterns.covered[patterns.require_inverse()]
    by_pattern = model.pattern_proba(patterns)
    q = np.asarray(patterns.expand(by_pattern), dtype=np.float64)

    f_h = HumanClassifier().fit(X, answers) if X is not None else None
    human_p, prior = None, None
    if f_h is not None and X is not None:
        human_p = f_h.predict_proba(X)
        prior = _mean_over(human_p, covered, answers)
        q = with_human_classifier(q, human_p, prior, len(answers))
    f = None
    if X is not None:
        f = EndModel().fit(X, q, covered=covered, answers=answers, trust=human_trust(len(answers)))
    end_p = f.predict_proba(X) if f is not None and X is not None else None
    unanswered = q if end_p is None else np.where(covered[:, None], geometric_pool(q, end_p), end_p)
    return Delivered(
        votes=votes,
        model=model,
        human=human,
        features=X,
        answers=answers,
        human_classifier=f_h,
        end_model=f,
        pattern_probabilities=by_pattern,
        human_prior=prior,
        human_probabilities=human_p,
        rule_probabilities=q,
        end_probabilities=end_p,
        unanswered=unanswered,
        soft=_soft_labels(votes, unanswered, answers, covered=covered, classified=end_p is not None),
    )


def _mean_over(probabilities: Floats, covered: NDArray[np.bool_], answers: AnsweredRows) -> Floats:
    """Return π_h: the mean over unanswered covered items, or over all items where there is none."""
    where = covered & ~answers.mask(len(covered))
    return np.asarray((probabilities[where] if where.any() else probabilities).mean(axis=0), dtype=np.float64)


def _soft_labels(
    votes: VoteMatrix,
    unanswered: Floats,
    answers: AnsweredRows,
    *,
    covered: NDArray[np.bool_],
    classified: bool,
) -> SoftLabels:
    sources = np.where(covered, "rules", "model" if classified else "none")
    sources[answers.mask(votes.n_items)] = "human"
    return SoftLabels(answers.carried(unanswered), votes.labels, votes.item_ids, sources)
