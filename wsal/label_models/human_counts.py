"""Answers of people, joined with votes: by item for carrying, by pattern for learning."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import Floats, ItemId
from wsal.votes import VoteMatrix, patterns_of

__all__ = [
    "AnsweredRows",
    "Answers",
    "DrawnAnswers",
    "HumanCounts",
    "PlacedAnswers",
    "as_human_counts",
    "drawn_answers",
]

_SHOWN_IDS = 5


@dataclass(frozen=True, eq=False)
class Answers:
    """What people answered, one row an item.

    Parameters
    ----------
    item_ids : tuple of str or int
        B different answered items.
    shares : ndarray of float64, shape (B, k)
        Share of the item's answers by class; rows sum to 1.
    weights : ndarray of float64, shape (B,)
        1 where an answer came from a random draw, else ½ (DESIGN §5).
    """

    item_ids: tuple[ItemId, ...]
    shares: Floats
    weights: Floats

    @classmethod
    def of(cls, human: HumanLabels | None, k: int) -> Answers:
        """Take what counts of human labels: item, shares by class, weight. No annotator is kept.

        Raises
        ------
        DataError
            An answer is no class of a task with k classes.
        """
        shares = human.shares(k) if human is not None else {}
        if human is None or not shares:
            return cls((), np.zeros((0, k)), np.zeros(0))
        items = human.items()
        return cls(
            tuple(item.item() if isinstance(item, np.generic) else item for item in items),
            np.array([shares[item] for item in items]),
            np.array([human.weight(item) for item in items]),
        )

    def __len__(self) -> int:
        """Return the number of answered items, B."""
        return len(self.item_ids)

    def found_in(self, votes: VoteMatrix) -> AnsweredRows:
        """Find the answered items among votes; answers for other items are left out."""
        rows = [votes.find(item) for item in self.item_ids]
        here = [i for i, row in enumerate(rows) if row is not None]
        return AnsweredRows(
            np.array([rows[i] for i in here], dtype=np.int64), self.shares[here], self.weights[here]
        )

    def require_in(self, votes: VoteMatrix) -> AnsweredRows:
        """Find the answered items among votes.

        Raises
        ------
        DataError
            There are answers for items that are not among the votes.
        """
        missing = [item for item in self.item_ids if votes.find(item) is None]
        if missing:
            raise DataError(
                _not_among_votes(missing), hint="leave them out: human.only(set(votes.item_ids.tolist()))"
            )
        return self.found_in(votes)


@dataclass(frozen=True, eq=False)
class AnsweredRows:
    """Answered items as row numbers of a vote matrix.

    Parameters
    ----------
    rows : ndarray of int64, shape (B,)
    shares : ndarray of float64, shape (B, k)
    weights : ndarray of float64, shape (B,)
    """

    rows: NDArray[np.int64]
    shares: Floats
    weights: Floats

    def __len__(self) -> int:
        """Return the number of answered items found, B."""
        return len(self.rows)

    def none(self) -> AnsweredRows:
        """Return no answers, of the same classes."""
        return AnsweredRows(self.rows[:0], self.shares[:0], self.weights[:0])

    def carried(self, probabilities: Floats) -> Floats:
        """Return probabilities of shape (n, k) in which answered items hold their answers."""
        if not len(self):
            return probabilities
        out = probabilities.copy()
        out[self.rows] = self.shares
        return out

    def mask(self, n: int) -> NDArray[np.bool_]:
        """Return which of n items are answered; shape (n,)."""
        out = np.zeros(n, dtype=np.bool_)
        out[self.rows] = True
        return out


@dataclass(frozen=True, eq=False)
class HumanCounts:
    """H: weighted human answers by pattern, of those patterns that hold any.

    Parameters
    ----------
    codes : ndarray of int64, shape (a,)
        Ascending pattern numbers.
    counts : ndarray of float64, shape (a, k)
        Weighted answers by class, not all zero.
    """

    codes: NDArray[np.int64]
    counts: Floats

    @cached_property
    def totals(self) -> Floats:
        """Weighted answers of each pattern, |H_u|; shape (a,)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64)

    def __len__(self) -> int:
        """Return the number of patterns that hold answers, a."""
        return len(self.codes)


@dataclass(frozen=True, eq=False)
class PlacedAnswers:
    """Answers by item with the pattern of each item: for votes in parts, where patterns are all that is in memory.

    Parameters
    ----------
    human : HumanLabels
        B answered items.
    pattern_of : mapping of item id to int
        The number of the pattern of every answered item, in the order of the items; others may stand in it too.
    """

    human: HumanLabels
    pattern_of: Mapping[ItemId, int]

    def codes(self, item_ids: Sequence[ItemId], n_patterns: int) -> NDArray[np.int32]:
        """Return the patterns of items.

        Raises
        ------
        DataError
            There is no pattern for one of them.
        """
        missing = [item for item in item_ids if not 0 <= self.pattern_of.get(item, -1) < n_patterns]
        if missing:
            raise DataError(
                _not_among_votes(missing), hint="leave them out: human.only(votes.pattern_of(human.items()))"
            )
        return np.array([self.pattern_of[item] for item in item_ids], dtype=np.int32)


def as_human_counts(
    votes: VoteMatrix | VotePatterns, human: HumanLabels | PlacedAnswers | Floats | None
) -> tuple[HumanCounts, Answers]:
    """Gather answers by pattern.

    Parameters
    ----------
    votes : VoteMatrix or VotePatterns
    human : HumanLabels, PlacedAnswers, ndarray of float64 of shape (p, k), or None
        Answers by item (needs a VoteMatrix, which knows items), answers with the patterns of their items, or
        weighted counts by pattern.

    Returns
    -------
    HumanCounts
        H_u(y): the sum over answered items of weight times share of answers.
    Answers
        By item, to be carried; empty where only counts are given.

    Raises
    ------
    DataError
        Answers for items that are not among the votes; answers by item together with patterns, which know no
        items; counts of a wrong shape, or negative or not finite.
    """
    patterns = patterns_of(votes)
    k = patterns.n_classes
    if isinstance(human, np.ndarray):
        return _checked_counts(human, (patterns.n_patterns, k)), Answers.of(None, k)
    answers = Answers.of(human.human if isinstance(human, PlacedAnswers) else human, k)
    if isinstance(human, PlacedAnswers) and len(answers):
        codes = human.codes(answers.item_ids, patterns.n_patterns)
        return _sum_by_pattern(codes, answers.shares * answers.weights[:, None]), answers
    if not len(answers):
        return HumanCounts(np.zeros(0, dtype=np.int64), np.zeros((0, k))), answers
    if not isinstance(votes, VoteMatrix):
        raise DataError(
            "patterns hold no item ids, so answers by item cannot be joined with them",
            hint="fit on the VoteMatrix, or pass weighted counts of shape (patterns, classes) as human",
        )
    found = answers.require_in(votes)
    return _sum_by_pattern(
        patterns.require_inverse()[found.rows], found.shares * found.weights[:, None]
    ), answers


@dataclass(frozen=True, eq=False)
class DrawnAnswers:
    """Answers to items that were drawn at random, in the order of items.

    Parameters
    ----------
    codes : ndarray of int32, shape (N,)
        The pattern of each drawn item.
    shares : ndarray of float64, shape (N, k)
        Share of its answers by class.
    weights : ndarray of float64, shape (N,)
        1 / propensity of a single draw.
    """

    codes: NDArray[np.int32]
    shares: Floats
    weights: Floats


def drawn_answers(
    votes: VoteMatrix | VotePatterns, human: HumanLabels | PlacedAnswers | Floats | None
) -> DrawnAnswers:
    """Take the answers to items that were drawn at random.

    Raises
    ------
    DataError
        Counts by pattern, or patterns that hold no items: they know no draws.
    """
    patterns = patterns_of(votes)
    k = patterns.n_classes
    if human is None:
        return DrawnAnswers(np.zeros(0, dtype=np.int32), np.zeros((0, k)), np.zeros(0))
    if isinstance(human, PlacedAnswers):
        told = human.human
        drawn = [item for item in human.pattern_of if item in told and not math.isnan(told.propensity(item))]
        codes = human.codes(drawn, patterns.n_patterns)
    elif isinstance(votes, VoteMatrix) and isinstance(human, HumanLabels):
        told = human
        drawn = [item for item in human.items() if not math.isnan(human.propensity(item))]
        drawn.sort(key=votes.row_of)
        rows = np.array([votes.row_of(item) for item in drawn], dtype=np.int64)
        codes = patterns.require_inverse()[rows]
    else:
        raise DataError(
            'class_balance="audit" needs to know which answers were drawn at random; counts by pattern do not say',
            hint="give a VoteMatrix and HumanLabels, or the balance itself",
        )
    shares = told.shares(k)
    return DrawnAnswers(
        codes,
        np.array([shares[item] for item in drawn]).reshape(-1, k),
        np.array([1.0 / told.propensity(item) for item in drawn]),
    )


def _sum_by_pattern(codes: NDArray[np.int32], parts: Floats) -> HumanCounts:
    by_pattern: defaultdict[int, list[list[float]]] = defaultdict(list)
    for code, part in zip(codes.tolist(), parts.tolist(), strict=True):
        by_pattern[code].append(part)
    order = sorted(by_pattern)
    # fsum rounds once, so the sum does not depend on the order of items.
    counts = [[fsum(column) for column in zip(*by_pattern[code], strict=True)] for code in order]
    return HumanCounts(np.array(order, dtype=np.int64), np.array(counts))


def _checked_counts(counts: Floats, shape: tuple[int, int]) -> HumanCounts:
    if counts.shape != shape:
        raise DataError(f"human counts have shape {counts.shape}; these patterns and classes need {shape}")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise DataError("human counts are finite and not negative")
    codes = np.flatnonzero((counts > 0).any(axis=1)).astype(np.int64)
    return HumanCounts(codes, counts[codes].astype(np.float64))


def _not_among_votes(missing: Sequence[ItemId]) -> str:
    shown = ", ".join(repr(item) for item in missing[:_SHOWN_IDS])
    rest = f" and {len(missing) - _SHOWN_IDS} more" if len(missing) > _SHOWN_IDS else ""
    what = "an item that is" if len(missing) == 1 else f"{len(missing)} items that are"
    return f"there are answers for {what} not among the votes: {shown}{rest}"
