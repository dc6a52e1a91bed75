"""LFAnalysis with Snorkel's methods, column names and order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wsal import analysis
from wsal.errors import DataError
from wsal.interop.snorkel.label_arrays import as_classes
from wsal.types import ABSTAIN, Floats
from wsal.votes import VoteMatrix

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LFAnalysis", "as_vote_matrix"]


class LFAnalysis:
    """Figures about a matrix of votes.

    Parameters
    ----------
    L : array-like of int, shape (n, m)
        Class index, or -1.
    lfs : sequence of m labelling functions, optional
        Their names label the rows of the summary.

    Raises
    ------
    DataError
        ``L`` is no matrix of votes, or there is another number of functions than columns.

    Examples
    --------
    >>> LFAnalysis([[-1, 0, 0], [1, 0, -1], [0, 0, 0]]).lf_polarities()
    [[0, 1], [0], [0]]
    """

    def __init__(self, L: ArrayLike, lfs: Sequence[Any] | None = None) -> None:
        self._votes = as_vote_matrix(L)
        self.L: NDArray[np.int64] = self._votes.to_numpy().astype(np.int64)
        n_lfs = self.L.shape[1]
        if lfs is not None and len(lfs) != n_lfs:
            raise DataError(f"there are {len(lfs)} labelling functions and {n_lfs} columns of votes")
        self._lf_names = None if lfs is None else [str(lf.name) for lf in lfs]

    @cached_property
    def _figures(self) -> analysis.LFAnalysis:
        return analysis.LFAnalysis(self._votes)

    @cached_property
    def _lines(self) -> tuple[analysis.LFSummary, ...]:
        return self._figures.summary()

    def label_coverage(self) -> float:
        """Return the share of the items on which at least one function votes."""
        return self._figures.coverage

    def label_overlap(self) -> float:
        """Return the share of the items on which at least two functions vote."""
        return self._figures.overlap

    def label_conflict(self) -> float:
        """Return the share of the items on which two functions vote differently."""
        return self._figures.conflict

    def lf_polarities(self) -> list[list[int]]:
        """Return the classes that each function votes for, in their order."""
        return [np.unique(column[column != ABSTAIN]).tolist() for column in self.L.T]

    def lf_coverages(self) -> Floats:
        """Return the share of the items on which each function votes, shape (m,)."""
        return np.array([line.coverage for line in self._lines])

    def lf_overlaps(self, normalize_by_coverage: bool = False) -> Floats:
        """Return the share of the items on which each function and another one vote, shape (m,).

        With ``normalize_by_coverage`` the share of the items on which it votes; 0 for one that never does.
        """
        overlaps = np.array([line.overlaps for line in self._lines])
        return _ratio(overlaps, self.lf_coverages()) if normalize_by_coverage else overlaps

    def lf_conflicts(self, normalize_by_overlaps: bool = False) -> Floats:
        """Return the share of the items on which each function votes and another one votes differently, shape (m,).

        With ``normalize_by_overlaps`` the share of the items where they overlap; 0 where they never do.
        """
        conflicts = np.array([line.conflicts for line in self._lines])
        return _ratio(conflicts, self.lf_overlaps()) if normalize_by_overlaps else conflicts

    def lf_empirical_accuracies(self, Y: ArrayLike) -> Floats:
        """Return how often each function is right where it votes and the truth is known, shape (m,).

        Items whose truth is -1 are left out, as in the counts of the summary. 0 for a function that is never judged.
        """
        right, wrong = self._judged(Y)
        return _ratio(right, right + wrong)

    def lf_empirical_probs(self, Y: ArrayLike, k: int) -> Floats:
        """Return P(vote | class), shape (m, k + 1, k): row 0 is abstaining, row l + 1 a vote for class l.

        NaN for a class that no item has.
        """
        truth = self._truth(Y)
        of_class = (truth[:, None] == np.arange(k)).astype(np.float64)
        with np.errstate(invalid="ignore"):
            tables = [
                (self.L[:, j, None] == np.arange(-1, k)).T @ of_class / of_class.sum(axis=0)
                for j in range(self.L.shape[1])
            ]
        return np.stack(tables)

    def lf_summary(self, Y: ArrayLike | None = None, est_weights: ArrayLike | None = None) -> pd.DataFrame:
        """Return one row a function.

        Parameters
        ----------
        Y : array-like of int, shape (n,), optional
            True classes; adds Correct, Incorrect and Emp. Acc.
        est_weights : array-like of float, shape (m,), optional
            Adds Learned Weight.

        Returns
        -------
        DataFrame
            Columns j (where functions were given), Polarity, Coverage, Overlaps, Conflicts, and those above.
        """
        import pandas as pd

        n_lfs = self.L.shape[1]
        names: list[Any] = list(range(n_lfs)) if self._lf_names is None else self._lf_names
        columns: dict[str, Any] = {} if self._lf_names is None else {"j": list(range(n_lfs))}
        columns |= {
            "Polarity": pd.Series(self.lf_polarities(), index=names, dtype=object),
            "Coverage": self.lf_coverages(),
            "Overlaps": self.lf_overlaps(),
            "Conflicts": self.lf_conflicts(),
        }
        if Y is not None:
            right, wrong = self._judged(Y)
            columns |= {"Correct": right, "Incorrect": wrong, "Emp. Acc.": _ratio(right, right + wrong)}
        if est_weights is not None:
            columns["Learned Weight"] = np.asarray(est_weights, dtype=np.float64)
        return pd.DataFrame(columns, index=names)

    def _truth(self, Y: ArrayLike) -> NDArray[np.int64]:
        truth = as_classes(Y)
        if len(truth) != len(self.L):
            raise DataError(f"there are {len(truth)} true classes and {len(self.L)} rows of votes")
        return truth

    def _judged(self, Y: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how often each function is right, and how often wrong, where the truth is known."""
        truth = self._truth(Y)[:, None]
        judged = (self.L != ABSTAIN) & (truth != ABSTAIN)
        right = (judged & (truth == self.L)).sum(axis=0)
        return right, judged.sum(axis=0) - right


def as_vote_matrix(L: ArrayLike, cardinality: int | None = None) -> VoteMatrix:
    """Wrap votes; there are as many classes as are voted for, and at least two, where that is not given.

    Raises
    ------
    DataError
        No matrix of whole numbers, or a vote that is no class.
    """
    votes = np.asarray(L)
    k = cardinality or max(2, int(votes.max(initial=1)) + 1)
    return VoteMatrix.from_array(votes, [str(y) for y in range(k)])


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return ratio
