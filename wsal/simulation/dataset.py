"""LabelledDataset: votes and features with the truth beside them, so that a past can be played again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.analysis import share_accuracy, share_f1
from wsal.errors import DataError, InputError
from wsal.features import DuplicateGroups, FeatureMatrix
from wsal.types import ABSTAIN, Floats, Rng, as_generator
from wsal.votes import VoteMatrix

__all__ = ["LabelledDataset", "Metric", "TestSplit"]

Metric: TypeAlias = Literal["acc", "f1"]
"""How quality is measured: accuracy, or F1 of class 1; ties count by their share."""


@dataclass(frozen=True, eq=False)
class TestSplit:
    """Items that nobody is asked about and nothing is trained on.

    Parameters
    ----------
    votes : VoteMatrix
        t items.
    gold : ndarray of int64, shape (t,)
        Class index; -1 where unknown.
    features : FeatureMatrix, shape (t, d), or None
    """

    __test__ = False  # pytest takes the name for a test's

    votes: VoteMatrix
    gold: NDArray[np.int64]
    features: FeatureMatrix | None


@dataclass(frozen=True, eq=False)
class LabelledDataset:
    """Items with votes, features and gold labels.

    Parameters
    ----------
    name : str
    votes : VoteMatrix
        n items.
    gold : ndarray of int64, shape (n,)
        Class index; -1 where unknown. Items without gold are used but never asked for.
    features : FeatureMatrix, shape (n, d), or None
    test : TestSplit or None
    metric : {"acc", "f1"}
    notes : tuple of str
        What was done to the data that a reader of results should know.
    duplicates : DuplicateGroups or None
        Copies among the n items, as a project finds them.

    Raises
    ------
    DataError
        Gold labels, features or duplicates that do not fit the votes, no gold label at all, or F1 with three or more
        classes.
    """

    name: str
    votes: VoteMatrix
    gold: NDArray[np.int64]
    features: FeatureMatrix | None = None
    test: TestSplit | None = None
    metric: Metric = "acc"
    notes: tuple[str, ...] = ()
    duplicates: DuplicateGroups | None = None

    def __post_init__(self) -> None:
        _check(self.name, self.votes, self.gold, self.features)
        if self.test is not None:
            _check(f"{self.name}, test items", self.test.votes, self.test.gold, self.test.features)
            if (self.features is None) != (self.test.features is None):
                raise DataError(f"{self.name}: either training and test items have features, or none do")
        groups = self.duplicates
        if groups is not None and groups.item_ids.tolist() != self.votes.item_ids.tolist():
            raise DataError(f"{self.name}: the duplicates are of other items than the votes")
        if self.metric == "f1" and self.votes.n_classes != 2:
            raise DataError(
                f"{self.name}: F1 of class 1 is a measure for two classes, and there are {self.votes.n_classes}",
                hint="use the metric acc",
            )

    def quality(
        self, probabilities: Floats, gold: NDArray[np.int64], *, rows: NDArray[np.bool_] | None = None
    ) -> float:
        """Measure labels by this dataset's metric; ties count by their share."""
        if self.metric == "f1":
            return share_f1(probabilities, gold, rows=rows)
        return share_accuracy(probabilities, gold, rows=rows)

    def with_rare(self, label: str, *, one_in: int, rng: Rng = 0) -> LabelledDataset:
        """Make a class rare: keep one of its items for every ``one_in`` items of other classes, drawn at random.

        Parameters
        ----------
        label : str
        one_in : int
            100 means 1:100.
        rng : Generator, int or None

        Returns
        -------
        LabelledDataset
            Without a test split, which would have another balance. At least one item of the class is kept.

        Raises
        ------
        InputError
            The label is no class; or it is rarer than that already.
        """
        y = self.votes.labels.index(label)
        own = np.flatnonzero(self.gold == y)
        wanted = max(1, int((self.gold != y).sum()) // one_in)
        if wanted > len(own):
            raise InputError(
                f"{label!r} is rarer than 1:{one_in} already: {len(own)} of {len(self.gold)} items",
                hint="leave the data as they are",
            )
        keep = self.gold != y
        keep[as_generator(rng).choice(own, size=wanted, replace=False)] = True
        return replace(
            self,
            name=f"{self.name} ({label} 1:{one_in})",
            votes=self.votes.select_items(keep),
            gold=self.gold[keep],
            features=None if self.features is None else self.features.rows(keep),
            test=None,
            duplicates=None if self.duplicates is None else _kept(self.duplicates, keep),
        )


def _kept(groups: DuplicateGroups, keep: NDArray[np.bool_]) -> DuplicateGroups:
    """Return the groups among some of the items; a group is named by the first row that it has left."""

    def renamed(codes: NDArray[np.int64]) -> NDArray[np.int64]:
        _, first, inverse = np.unique(codes[keep], return_index=True, return_inverse=True)
        return first[inverse.reshape(-1)].astype(np.int64)

    return DuplicateGroups(
        groups.item_ids[keep], renamed(groups.codes), renamed(groups.exact), groups.similarity[keep]
    )


def _check(where: str, votes: VoteMatrix, gold: NDArray[np.int64], features: FeatureMatrix | None) -> None:
    n, k = votes.n_items, votes.n_classes
    if gold.shape != (n,):
        raise DataError(f"{where}: {len(gold)} gold labels for {n} items")
    if ((gold < ABSTAIN) | (gold >= k)).any():
        row = int(np.flatnonzero((gold < ABSTAIN) | (gold >= k))[0])
        raise DataError(
            f"{where}: the gold label {gold[row]} of item {row + 1} is no class",
            hint=f"write 0..{k - 1}, or {ABSTAIN} where it is unknown",
        )
    if not (gold != ABSTAIN).any():
        raise DataError(f"{where}: no item has a gold label")
    if features is not None and features.n_items != n:
        raise DataError(f"{where}: {features.n_items} rows of features for {n} items")
