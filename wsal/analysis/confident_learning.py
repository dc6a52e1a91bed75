"""Confident learning: answers that a classifier which has not seen them contradicts, through cleanlab."""

from __future__ import annotations

from typing import Any

import numpy as np

from wsal.analysis.contradictions import Contradiction, votes_in_words
from wsal.errors import DataError, InputError
from wsal.labels import HumanLabels
from wsal.types import Floats
from wsal.votes import VoteMatrix

__all__ = ["find_label_issues"]

_LEAST_PROBABILITY = 1e-12


def find_label_issues(
    votes: VoteMatrix, human: HumanLabels, probabilities: Floats
) -> tuple[Contradiction, ...]:
    """Rank answers that are likely to be wrong by cleanlab's confident learning.

    Parameters
    ----------
    votes : VoteMatrix
        n items; the functions that vote on an item are named beside it.
    human : HumanLabels
        Answers on items that are not among the votes are passed over.
    probabilities : ndarray of float64, shape (n, k)
        Of each class, by a model that has not seen the answers to the item. Rows of items without an answer are not
        looked at.

    Returns
    -------
    tuple of Contradiction
        With cleanlab's most doubtful answer first; ``log_odds`` are those of the classifier. Only answers that
        confident learning takes for wrong.

    Raises
    ------
    InputError
        cleanlab is not installed.
    DataError
        Probabilities of other items or classes, or none for an answered item.

    Notes
    -----
    An answer is suspected where the probability of another class is above the mean that this class has among the
    answers that name it; ranked by the probability of the answer itself. Source: Northcutt, Jiang and Chuang,
    Confident Learning, Journal of Artificial Intelligence Research 70 (2021).
    """
    here = human.only({item for item in human.items() if votes.find(item) is not None})
    if probabilities.shape != (votes.n_items, votes.n_classes):
        raise DataError(
            f"probabilities of shape {probabilities.shape} for {votes.n_items} items and {votes.n_classes} classes"
        )
    if not len(here):
        return ()
    rows = np.array([votes.row_of(item) for item in here.item_ids], dtype=np.int64)
    p = probabilities[rows]
    if not np.isfinite(p).all():
        item = here.item_ids[int(np.flatnonzero(~np.isfinite(p).all(axis=1))[0])]
        raise DataError(f"item {item!r} was answered and has no probabilities")
    names, found = votes.labels.names, []
    for i in _ranked(here.values, p):
        value, best = int(here.values[i]), int(p[i].argmax())
        if best == value:
            continue
        scores = np.log(np.maximum(p[i], _LEAST_PROBABILITY))
        odds = float(scores[best] - scores[value])
        found.append(
            Contradiction(
                here.item_ids[i],
                here.annotators[i],
                names[value],
                names[best],
                odds,
                odds,
                0.0,
                votes_in_words(votes, votes.values[rows[i]]),
                (),
                (),
                "confident learning",
            )
        )
    return tuple(found)


def _ranked(values: Any, p: Floats) -> list[int]:  # noqa: ANN401  # int64, shape (B,)
    """Return the places of the answers that cleanlab suspects, the most doubtful first."""
    try:
        from cleanlab.filter import find_label_issues as suspected
    except ImportError as error:
        raise InputError(
            "confident learning needs cleanlab, which is not installed",
            hint="run `pip install 'wsal[cleanlab]'`, or leave --by out: wsal's own evidence needs nothing",
        ) from error
    # cleanlab wants classes 0..K−1 of which each was answered; the others cannot be wrong answers.
    seen = np.unique(values)
    if len(seen) < 2:
        return []
    codes = np.searchsorted(seen, values)
    shares = np.maximum(p[:, seen], _LEAST_PROBABILITY)
    shares = shares / shares.sum(axis=1, keepdims=True)
    found = suspected(codes, shares, return_indices_ranked_by="self_confidence", n_jobs=1)
    ranked: list[int] = np.asarray(found, dtype=np.int64).tolist()
    return ranked
