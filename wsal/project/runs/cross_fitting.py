"""Labels for grading: of every fold of answers, by models that have not seen it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from wsal.audit import RunFitted
from wsal.errors import InputError
from wsal.estimation import Labelling, assign_folds
from wsal.features import DuplicateGroups, FeatureMatrix
from wsal.label_models import ClassBalance, LabelModel
from wsal.labels import HumanLabels
from wsal.training import Delivered, deliver
from wsal.types import Floats
from wsal.votes import VoteMatrix

__all__ = [
    "N_FOLDS",
    "OnFold",
    "covered_items",
    "cross_fitted",
    "cross_fitted_probabilities",
    "delivered_without",
]

N_FOLDS = 5

OnFold = Callable[[int, int], None]
"""Is told how many folds are done, and of how many."""


def cross_fitted(  # all that a fit depends on, by keyword
    votes: VoteMatrix,
    run: RunFitted,
    *,
    trained: HumanLabels,
    answered: HumanLabels,
    features: FeatureMatrix | None,
    duplicates: DuplicateGroups | None = None,
    on_fold: OnFold | None = None,
) -> Labelling:
    """Label all items once for each fold, by the procedure of a run without the answers of the fold.

    Parameters
    ----------
    votes : VoteMatrix
        Of the run.
    run : RunFitted
    trained : HumanLabels
        The answers that the run learnt from.
    answered : HumanLabels
        All answers now; their items are dealt into folds.
    features : FeatureMatrix or None
    duplicates : DuplicateGroups, optional
        Of the run. No model learns from an answer to a duplicate of an item that it labels for grading.
    on_fold : callable, optional

    Raises
    ------
    InputError
        A single answered item, which cannot be graded by a model that learnt from others.
    """
    rows = np.array([votes.row_of(item) for item in answered.items()], dtype=np.int64)
    if len(rows) < 2:
        raise InputError(
            "one answer cannot grade labels that it trained", hint="answer more items: `wsal label`"
        )
    n_folds = min(N_FOLDS, len(rows))
    folds = assign_folds(rows, votes.n_items, n_folds=n_folds)
    labels = np.empty((n_folds, votes.n_items), dtype=np.int64)
    for fold in range(n_folds):
        made = delivered_without(
            votes,
            run,
            folds == fold,
            trained=trained,
            features=features,
            duplicates=duplicates,
        )
        labels[fold] = made.soft.hard()
        if on_fold is not None:
            on_fold(fold + 1, n_folds)
    return Labelling.cross_fitted(labels, folds)


def cross_fitted_probabilities(
    votes: VoteMatrix,
    run: RunFitted,
    *,
    human: HumanLabels,
    features: FeatureMatrix | None,
    duplicates: DuplicateGroups | None = None,
    on_fold: OnFold | None = None,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return what the procedure of a run says of each answered item without the answers of the item's fold.

    Parameters
    ----------
    human : HumanLabels
        The answers; they train, each in all folds but its own.
    votes, run, features, duplicates, on_fold
        As for `cross_fitted`.

    Returns
    -------
    probabilities : ndarray of float64, shape (n, k)
        NaN for items without an answer.
    known : ndarray of bool, shape (n,)
        Answered items of which anything is known without their answers: votes, features, answers to items alike.

    Raises
    ------
    InputError
        A single answered item.
    """
    rows = np.array([votes.row_of(item) for item in human.items()], dtype=np.int64)
    if len(rows) < 2:
        raise InputError("one answer cannot be judged by a model of others", hint="answer more: `wsal label`")
    n_folds = min(N_FOLDS, len(rows))
    folds = assign_folds(rows, votes.n_items, n_folds=n_folds)
    found = np.full((votes.n_items, votes.n_classes), np.nan)
    known = np.zeros(votes.n_items, dtype=np.bool_)
    for fold in range(n_folds):
        away = folds == fold
        made = delivered_without(votes, run, away, trained=human, features=features, duplicates=duplicates)
        found[away] = made.soft.probabilities[away]
        known |= away & (made.soft.sources != "none")
        if on_fold is not None:
            on_fold(fold + 1, n_folds)
    return found, known


def delivered_without(
    votes: VoteMatrix,
    run: RunFitted,
    away: NDArray[np.bool_],
    *,
    trained: HumanLabels,
    features: FeatureMatrix | None,
    duplicates: DuplicateGroups | None = None,
) -> Delivered:
    """Make labels by the procedure of a run, without the answers to some items.

    Parameters
    ----------
    votes, run, trained, features, duplicates
        As for `cross_fitted`.
    away : ndarray of bool, shape (n,)
        The items whose answers are not used, nor those to their duplicates; not for the class balance either.
    """
    if duplicates is not None:
        away = duplicates.spread(away)
    others = trained.only({item for item in trained.items() if not away[votes.row_of(item)]})
    counted = others if duplicates is None else duplicates.counted_once(others)
    balance: ClassBalance | None = "audit" if run.balance_from == "audit" else run.class_balance
    model = LabelModel().fit(votes, human=counted, class_balance=balance)
    return deliver(votes, model, human=others, features=features, duplicates=duplicates)


def covered_items(votes: VoteMatrix) -> NDArray[np.bool_]:
    """Return whether any rule votes on an item, shape (n,)."""
    patterns = votes.patterns()
    return np.asarray(patterns.covered[patterns.require_inverse()], dtype=np.bool_)
