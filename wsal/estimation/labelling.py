"""Labelling: what is graded, and whether the answers that grade it have trained it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.estimation.folds import NO_FOLD
from wsal.estimation.regions import Region
from wsal.estimation.sample import AuditSample
from wsal.types import ABSTAIN

__all__ = ["Labelling"]


@dataclass(frozen=True, eq=False)
class Labelling:
    """A hard label, or none, for every item.

    Parameters
    ----------
    labels : ndarray of int64, shape (F, n)
        Class index or ABSTAIN; one row, or one for each fold.
    folds : ndarray of int64, shape (n,), optional
        The fold of each answered item, −1 for the others; see `assign_folds`.
    trained_on : ndarray of bool, shape (n,), optional
        Items whose answers trained what made the labels.

    See Also
    --------
    Labelling.fixed, Labelling.trained, Labelling.cross_fitted : how to make one.
    """

    labels: NDArray[np.int64]
    folds: NDArray[np.int64] | None = None
    trained_on: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.labels.ndim != 2 or self.labels.shape[0] == 0 or self.labels.min(initial=ABSTAIN) < ABSTAIN:
            raise DataError(f"labels of shape {self.labels.shape} are no class indices of items")
        for name, given in (("folds", self.folds), ("trained_on", self.trained_on)):
            if given is not None and given.shape != self.labels.shape[1:]:
                raise DataError(f"{name} has shape {given.shape} for {self.labels.shape[1]} items")
        if self.folds is not None and int(self.folds.max(initial=0)) >= len(self.labels):
            raise DataError(
                f"fold {int(self.folds.max())} has no labels; there are {len(self.labels)} sets of labels",
                hint="give one row of labels for each fold, from a model that did not see the fold's answers",
            )

    @classmethod
    def fixed(cls, labels: NDArray[np.integer]) -> Labelling:
        """Take labels that no audit answer has touched: a rule, a pre-filter, a run frozen before the draws.

        Parameters
        ----------
        labels : ndarray of int, shape (n,)

        Examples
        --------
        >>> Labelling.fixed(np.array([1, -1, 0])).labels.tolist()
        [[1, -1, 0]]
        """
        return cls(np.asarray(labels, dtype=np.int64)[None, :])

    @classmethod
    def trained(cls, labels: NDArray[np.integer], trained_on: NDArray[np.bool_]) -> Labelling:
        """Take labels of a model, and say whose answers trained it: estimates on those are marked self-graded.

        Parameters
        ----------
        labels : ndarray of int, shape (n,)
        trained_on : ndarray of bool, shape (n,)
        """
        return cls(np.asarray(labels, dtype=np.int64)[None, :], None, np.asarray(trained_on, dtype=np.bool_))

    @classmethod
    def cross_fitted(cls, fold_labels: NDArray[np.integer], folds: NDArray[np.int64]) -> Labelling:
        """Combine the labels of models each of which has not seen the answers of one fold.

        Parameters
        ----------
        fold_labels : ndarray of int, shape (F, n)
            Row f: labels of **all** items by the model that was fitted without fold f, also without
            carrying the answers of that fold.
        folds : ndarray of int64, shape (n,)
            From `assign_folds` over all items whose answers train.

        Notes
        -----
        A draw is graded by the model of its item's fold; sizes of regions are means over the folds. What is
        estimated is the mean quality of models that learnt from (F−1)/F of the answers, which as a rule is
        below that of the model which learnt from all: conservative, not a guarantee.
        """
        return cls(np.asarray(fold_labels, dtype=np.int64), np.asarray(folds, dtype=np.int64))

    @property
    def is_cross_fitted(self) -> bool:
        """Whether each answer is graded by a model that has not seen it."""
        return self.folds is not None

    def at_draws(self, sample: AuditSample) -> NDArray[np.int64]:
        """Return the label of the item of each draw, shape (T,); out of fold where cross-fitted.

        Raises
        ------
        DataError
            The labels are of other items, or an answered draw has no fold.
        """
        if self.labels.shape[1] != sample.n_items:
            raise DataError(
                f"labels of {self.labels.shape[1]} items cannot be graded by draws from {sample.n_items}"
            )
        if self.folds is None:
            return np.asarray(self.labels[0, sample.rows])
        folds = self.folds[sample.rows]
        stray = (folds == NO_FOLD) & ~sample.missing
        if stray.any():
            raise DataError(
                f"row {int(sample.rows[stray][0])} was drawn and answered but is in no fold",
                hint="deal all answered items into folds",
            )
        # An item without an answer has trained none of the models; any of them may label it.
        return np.asarray(self.labels[np.where(folds == NO_FOLD, 0, folds), sample.rows])

    def is_graded_by_its_own_answers(self, sample: AuditSample) -> bool:
        """Whether an answer of the sample has trained what it grades."""
        if self.trained_on is None:
            return False
        return bool((self.trained_on[sample.rows] & ~sample.missing).any())

    def region(self, sample: AuditSample, label: int | None, *, outside: bool = False) -> Region:
        """Return the items with a label, with any label (None), or all the others.

        Parameters
        ----------
        sample : AuditSample
        label : int or None
        outside : bool
            Take the complement.
        """

        def chosen(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
            inside = labels != ABSTAIN if label is None else labels == label
            return np.asarray(inside != outside)

        codes = sample.partition
        sizes = np.zeros(int(codes.max(initial=0)) + 1)
        inside = chosen(self.at_draws(sample))
        for labels in self.labels:
            sizes += np.bincount(codes[chosen(labels)], minlength=len(sizes))
        return Region(sizes / len(self.labels), inside)
