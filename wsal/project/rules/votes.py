"""What a rule votes on items, within a time that a person waits for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wsal.items import Items
from wsal.lf import Rule, vote_rules
from wsal.types import ABSTAIN, LabelSpace, VoteArray, as_generator

__all__ = ["PATIENCE", "SAMPLE", "QuickVotes", "Voter"]

SAMPLE: Final = 2_000
PATIENCE: Final = 2.0
"""Seconds that the votes on all items may take before a sample has to do."""

_AT_ONCE: Final = 16_384


@dataclass(frozen=True, eq=False)
class QuickVotes:
    """Votes on some items.

    Parameters
    ----------
    rows : ndarray of int64, shape (r,)
        All items, or a simple random sample; ascending.
    votes : ndarray of int8, shape (r,)
        Class index, or ABSTAIN.
    """

    rows: NDArray[np.int64]
    votes: VoteArray


class Voter:
    """Lets rules vote on the same items again and again.

    Parameters
    ----------
    items : Items
    labels : LabelSpace
    patience : float
        Seconds.
    """

    def __init__(self, items: Items, labels: LabelSpace, *, patience: float = PATIENCE) -> None:
        self._items = items
        self._labels = labels
        self._patience = patience
        n = items.n_items
        self._every = np.arange(n)
        self._rows = np.sort(as_generator(0).choice(n, size=min(SAMPLE, n), replace=False))
        self._sample = items.take(self._rows.tolist())

    def votes(self, rules: Sequence[Rule]) -> QuickVotes:
        """Let a rule vote on all items; on a sample where that would take longer than a person waits.

        Parameters
        ----------
        rules : sequence of Rule
            One, or one a bin of its confidence, of which at most one votes on an item.

        Raises
        ------
        LabelingFunctionError
            A pattern ran out of time.
        DataError
            A column holds what the rule cannot read.
        """
        began = time.perf_counter()
        seen = self._joined(rules, self._sample)
        taken = time.perf_counter() - began
        n = self._items.n_items
        if n <= len(self._rows):
            return QuickVotes(self._every, seen)
        if taken * n / len(self._rows) <= 5 * self._patience:  # a small pass is dear for its size
            votes = np.empty(n, dtype=np.int8)
            for start in range(0, n, _AT_ONCE):
                part = self._items.slice(start, start + _AT_ONCE)
                votes[start : part.stop] = _join(vote_rules(rules, part, self._labels))
                if time.perf_counter() - began > self._patience:
                    break
            else:
                return QuickVotes(self._every, votes)
        return QuickVotes(self._rows, seen)

    def _joined(self, rules: Sequence[Rule], items: Items) -> VoteArray:
        return _join(vote_rules(rules, items.slice(0, items.n_items), self._labels))


def _join(columns: VoteArray) -> VoteArray:
    if columns.shape[1] == 1:
        return columns[:, 0]
    return np.asarray(columns.max(axis=1, initial=ABSTAIN), dtype=np.int8)
