"""LFAnalysis: one line of figures for each labelling function, and the totals of the set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN
from wsal.votes import VoteMatrix

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LFAnalysis", "LFSummary"]


@dataclass(frozen=True)
class LFSummary:
    """What one labelling function does.

    Parameters
    ----------
    name : str
    polarity : tuple of str
        The classes it votes for on these items, in the order of the labels.
    coverage : float
        Share of the items on which it votes.
    overlaps : float
        Share of the items on which it and at least one other function vote.
    conflicts : float
        Share of the items on which it votes and another function votes for a different class.
    n_answered : int
        Answers of people on items on which it votes.
    n_right : int
        Those of them that equal its vote. A raw count and no accuracy: the items were chosen, its author may
        have seen them, and only `wsal.estimation` knows what may be concluded.
    """

    name: str
    polarity: tuple[str, ...]
    coverage: float
    overlaps: float
    conflicts: float
    n_answered: int
    n_right: int


@dataclass(frozen=True, eq=False)
class LFAnalysis:
    """Figures about a set of labelling functions, computed on the patterns of their votes.

    Parameters
    ----------
    votes : VoteMatrix or VotePatterns
        n items, m functions. Patterns have no item ids, so answers need a VoteMatrix.
    human : HumanLabels, optional
        Answers on items that are not among the votes are passed over.

    Raises
    ------
    DataError
        Answers were given with patterns, or an answer is no class.

    Examples
    --------
    >>> L = [[1, 0], [1, 1], [-1, 0], [-1, -1]]
    >>> votes = VoteMatrix.from_array(L, ["ham", "spam"], lf_names=["a", "b"])
    >>> analysis = LFAnalysis(votes, HumanLabels.from_pairs({0: 1, 2: 1}))
    >>> a = analysis.summary()[0]
    >>> a.polarity, a.coverage, a.overlaps, a.conflicts, a.n_answered, a.n_right
    (('spam',), 0.5, 0.5, 0.25, 1, 1)
    >>> analysis.coverage, analysis.overlap, analysis.conflict, analysis.n_uncovered
    (0.75, 0.5, 0.25, 1)
    """

    votes: VoteMatrix | VotePatterns
    human: HumanLabels | None = None

    def __post_init__(self) -> None:
        if self.human is not None and not isinstance(self.votes, VoteMatrix):
            raise DataError(
                "patterns have no item ids, so answers cannot be matched to them",
                hint="pass the VoteMatrix instead of its patterns",
            )

    @cached_property
    def patterns(self) -> VotePatterns:
        """The distinct rows of the votes."""
        return self.votes.patterns() if isinstance(self.votes, VoteMatrix) else self.votes

    @property
    def n_uncovered(self) -> int:
        """Number of items on which no function votes."""
        return int(self.patterns.counts[~self.patterns.covered].sum())

    @property
    def coverage(self) -> float:
        """Share of the items on which at least one function votes."""
        return self._share(self.patterns.covered)

    @property
    def overlap(self) -> float:
        """Share of the items on which at least two functions vote."""
        return self._share(self.patterns.n_votes > 1)

    @property
    def conflict(self) -> float:
        """Share of the items on which two functions vote for different classes."""
        return self._share((self._tally > 0).sum(axis=1) > 1)

    def summary(self) -> tuple[LFSummary, ...]:
        """Return the figures of each function, in the order of the columns.

        Shares follow Snorkel's definitions; with no items all are 0. O(p·m) for p patterns.
        """
        return tuple(self._summarise(j) for j in range(self.patterns.n_lfs))

    def _repr_html_(self) -> str:
        from wsal.markup import block, percent, table

        lines = self.summary()
        shares = ("coverage", "overlaps", "conflicts")
        rows = (
            (
                line.name,
                ", ".join(line.polarity),
                *(percent(getattr(line, name)) for name in shares),
                f"{line.n_right} / {line.n_answered}" if line.n_answered else None,
            )
            for line in lines
        )
        headings = ["function", "votes", *shares, "right / answered"]
        return block(
            f"{len(lines)} labelling functions: {percent(self.coverage)} of the items covered, "
            f"{percent(self.overlap)} by two or more, {percent(self.conflict)} in conflict",
            table(headings, rows, n_rows=len(lines), numeric=4, most=100),
            notes=["answers are counts on chosen items, no estimate of precision"]
            if self.human is not None
            else [],
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the summary as a data frame: function names as the index, one column a figure."""
        import pandas as pd

        columns = ["polarity", "coverage", "overlaps", "conflicts", "n_answered", "n_right"]
        rows = [[getattr(line, column) for column in columns] for line in self.summary()]
        return pd.DataFrame(rows, index=pd.Index(self.patterns.lf_names, name="lf"), columns=columns)

    @cached_property
    def _tally(self) -> NDArray[np.int64]:
        return self.patterns.tally()

    @cached_property
    def _answered(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Patterns and values of the answers on items of these votes; both of shape (answers,)."""
        rows, values = [], []
        if self.human is not None and isinstance(self.votes, VoteMatrix):
            self.human.shares(self.patterns.n_classes)  # refuses an answer that is no class
            for item, value in zip(self.human.item_ids, self.human.values.tolist(), strict=True):
                row = self.votes.find(item)
                if row is not None:
                    rows.append(row)
                    values.append(value)
        inverse = self.patterns.require_inverse() if rows else np.empty(0, dtype=np.int32)
        return inverse[np.array(rows, dtype=np.int64)], np.array(values, dtype=np.int64)

    def _share(self, mask: NDArray[np.bool_]) -> float:
        counts = self.patterns.counts
        return float(counts[mask].sum() / counts.sum()) if counts.sum() else 0.0

    def _summarise(self, j: int) -> LFSummary:
        patterns = self.patterns
        vote = patterns.votes[:, j]
        votes = vote != ABSTAIN
        agreeing = self._tally[np.arange(len(vote)), np.where(votes, vote, 0)]
        at, answers = self._answered
        answered = votes[at]
        return LFSummary(
            patterns.lf_names[j],
            tuple(name for y, name in enumerate(patterns.labels) if (vote == y).any()),
            self._share(votes),
            self._share(votes & (patterns.n_votes > 1)),
            self._share(votes & (agreeing < patterns.n_votes)),
            int(answered.sum()),
            int((answered & (vote[at] == answers)).sum()),
        )
