"""deliver: the whole default of DESIGN §5, from votes and answers to the labels that are handed out.

`train` fits the classifiers, `assemble` puts votes, label model, answers and classifiers together, `deliver`
does both. Who has the classifiers of a run can assemble its labels again at any time without training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features import DuplicateGroups, FeatureMatrix, Features, as_feature_matrix
from wsal.label_models import (
    AnsweredRows,
    Answers,
    FittedModel,
    geometric_pool,
    with_human_classifier,
)
from wsal.labels import HumanLabels, SoftLabels
from wsal.training.delivered import Classifiers, Delivered
from wsal.training.end_model import EndModel, FittedEndModel, held_back
from wsal.training.human_classifier import HumanClassifier
from wsal.types import Floats
from wsal.votes import VoteMatrix

__all__ = ["assemble", "deliver", "train"]


def deliver(
    votes: VoteMatrix,
    model: FittedModel,
    *,
    human: HumanLabels | None = None,
    features: Features | None = None,
    duplicates: DuplicateGroups | None = None,
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
    duplicates : DuplicateGroups, optional
        Groups of these n items count once: an answered group as one answer, in training as one item. Fit the
        model with ``duplicates.counted_once(human)``.

    Returns
    -------
    Delivered
        ``.soft`` holds the labels. An answered item carries the share of its answers; an exact duplicate of
        one the same, a near duplicate half of it and half of what follows; another covered item the
        geometric pool of rules and end model; an uncovered item the end model's opinion.

    Raises
    ------
    DataError
        Answers for items that are not among the votes, votes of other functions, or features or duplicates
        that do not fit.

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
    X = None if features is None else as_feature_matrix(features, votes.n_items)
    _require_same_items(votes, duplicates)
    by_pattern = model.pattern_proba(votes.patterns())
    counted = _answered_rows(votes, model, human, duplicates)
    found = Classifiers() if X is None else _train(votes, model, by_pattern, counted, X, duplicates)
    return _assemble(
        votes, model, found, human=human, features=X, by_pattern=by_pattern, duplicates=duplicates
    )


def train(
    votes: VoteMatrix,
    model: FittedModel,
    *,
    features: Features,
    human: HumanLabels | None = None,
    duplicates: DuplicateGroups | None = None,
) -> Classifiers:
    """Fit the human classifier and the end model; arguments and errors as for `deliver`."""
    X = as_feature_matrix(features, votes.n_items)
    _require_same_items(votes, duplicates)
    counted = _answered_rows(votes, model, human, duplicates)
    return _train(votes, model, model.pattern_proba(votes.patterns()), counted, X, duplicates)


def assemble(
    votes: VoteMatrix,
    model: FittedModel,
    classifiers: Classifiers,
    *,
    human: HumanLabels | None = None,
    features: Features | None = None,
    duplicates: DuplicateGroups | None = None,
) -> Delivered:
    """Put labels together from a label model and classifiers that are there already; nothing is trained.

    Parameters
    ----------
    votes, model, human, features, duplicates
        As for `deliver`; those that the classifiers were trained with.
    classifiers : Classifiers
        Of `train`, or as `wsal.training.restore_classifiers` read them.

    Returns
    -------
    Delivered
        Bit by bit what `deliver` returned on the same processor; on another one, within rounding.

    Raises
    ------
    DataError
        As for `deliver`; or classifiers without the features that they read.

    Examples
    --------
    >>> from wsal.label_models import LabelModel
    >>> votes = VoteMatrix.from_array([[1, 1], [0, 0], [-1, -1]], labels=["ham", "spam"])
    >>> model, X = LabelModel().fit(votes), np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> again = assemble(votes, model, train(votes, model, features=X), features=X)
    >>> bool((again.soft.probabilities == deliver(votes, model, features=X).soft.probabilities).all())
    True
    """
    X = None if features is None else as_feature_matrix(features, votes.n_items)
    if X is None and (classifiers.human_classifier is not None or classifiers.end_model is not None):
        raise DataError(
            "there are classifiers, but no features for them to read",
            hint="give the features that they were trained on",
        )
    _require_same_items(votes, duplicates)
    by_pattern = model.pattern_proba(votes.patterns())
    return _assemble(
        votes, model, classifiers, human=human, features=X, by_pattern=by_pattern, duplicates=duplicates
    )


def _require_same_items(votes: VoteMatrix, duplicates: DuplicateGroups | None) -> None:
    if duplicates is not None and not np.array_equal(duplicates.item_ids, votes.item_ids):
        raise DataError(
            f"the duplicates are of other items ({duplicates.n_items}) than the votes ({votes.n_items})",
            hint="find the duplicates of the items that were voted on, in their order",
        )


def _answered_rows(
    votes: VoteMatrix,
    model: FittedModel,
    human: HumanLabels | None,
    duplicates: DuplicateGroups | None = None,
) -> AnsweredRows:
    """Return the answers by row; those to duplicates as one, where duplicates are given."""
    if human is None:
        return model.answers.found_in(votes)
    counted = human if duplicates is None else duplicates.counted_once(human)
    return Answers.of(counted, votes.n_classes).require_in(votes)


def _train(
    votes: VoteMatrix,
    model: FittedModel,
    by_pattern: Floats,
    answers: AnsweredRows,
    X: FeatureMatrix,
    duplicates: DuplicateGroups | None,
) -> Classifiers:
    patterns = votes.patterns()
    covered = patterns.covered[patterns.require_inverse()]
    f_h = HumanClassifier().fit(X, answers)
    prior = None if f_h is None else _mean_over(f_h.predict_proba(X), covered, answers)
    q, _ = _rule_probabilities(votes, by_pattern, Classifiers(f_h, prior), X)

    def end_model(labels: Floats, known: AnsweredRows) -> FittedEndModel | None:
        asked = known.mask(votes.n_items)
        weights = None if duplicates is None else duplicates.training_weights(covered, asked)
        return EndModel().fit(X, labels, covered=covered, answers=known, weights=weights)

    f = end_model(q, answers)
    if len(answers):
        start = np.asarray(patterns.expand(model.start_proba(patterns)), dtype=np.float64)
        f = held_back(f, end_model(start, answers.none()), len(answers))
    return Classifiers(f_h, prior, f)


def _rule_probabilities(
    votes: VoteMatrix, by_pattern: Floats, classifiers: Classifiers, X: FeatureMatrix | None
) -> tuple[Floats, Floats | None]:
    """Return q_i, shape (n, k), and F_h, of the same shape, where there is one."""
    q = np.asarray(votes.patterns().expand(by_pattern), dtype=np.float64)
    f_h, prior = classifiers.human_classifier, classifiers.human_prior
    if f_h is None or prior is None or X is None:
        return q, None
    human_p = f_h.predict_proba(X)
    return with_human_classifier(q, human_p, prior), human_p


def _assemble(
    votes: VoteMatrix,
    model: FittedModel,
    classifiers: Classifiers,
    *,
    human: HumanLabels | None,
    features: FeatureMatrix | None,
    by_pattern: Floats,
    duplicates: DuplicateGroups | None,
) -> Delivered:
    patterns = votes.patterns()
    covered = patterns.covered[patterns.require_inverse()]
    answers = _answered_rows(votes, model, human)
    q, human_p = _rule_probabilities(votes, by_pattern, classifiers, features)
    f = classifiers.end_model
    end_p = f.predict_proba(features) if f is not None and features is not None else None
    unanswered = q if end_p is None else np.where(covered[:, None], geometric_pool(q, end_p), end_p)
    return Delivered(
        votes=votes,
        model=model,
        human=human,
        features=features,
        answers=answers,
        human_classifier=classifiers.human_classifier,
        end_model=f,
        pattern_probabilities=by_pattern,
        human_prior=classifiers.human_prior,
        human_probabilities=human_p,
        rule_probabilities=q,
        end_probabilities=end_p,
        unanswered=unanswered,
        soft=_soft_labels(
            votes, unanswered, answers, covered=covered, classified=end_p is not None, duplicates=duplicates
        ),
        duplicates=duplicates,
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
    duplicates: DuplicateGroups | None,
) -> SoftLabels:
    sources = np.where(covered, "rules", "model" if classified else "none").astype("<U9")
    if duplicates is not None:
        copies = duplicates.copied(answers.rows, answers.shares)
        unanswered = copies.carried(unanswered)
        sources[copies.rows] = "duplicate"
    sources[answers.mask(votes.n_items)] = "human"
    return SoftLabels(answers.carried(unanswered), votes.labels, votes.item_ids, sources)
