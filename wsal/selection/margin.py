"""Choosing by smallest margin, item by item or pattern by pattern."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wsal.selection.pool import Choice
from wsal.selection.typical import by_typicality
from wsal.types import Floats

__all__ = ["margins", "pick_items", "pick_patterns"]


def margins(probabilities: Floats) -> Floats:
    """Return the distance between the two largest probabilities of each row; shape (n,). O(n·k).

    Examples
    --------
    >>> margins(np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])).tolist()
    [0.25, 0.625]
    """
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0], dtype=np.float64)


def pick_items(
    choice: Choice,
    scores: Floats,
    count: int,
    *,
    generator: np.random.Generator,
    allowed: NDArray[np.bool_] | None = None,
) -> list[int]:
    """Take the free items of lowest score, never sorting: one pass over the items for each pick.

    Parameters
    ----------
    choice : Choice
        Takes the items.
    scores : ndarray of float64, shape (n,)
        Ties are broken at random.
    count : int
    generator : Generator
    allowed : ndarray of bool, shape (n,), optional
        Items to choose from; all where not given.

    Returns
    -------
    list of int
        At most ``count`` rows; fewer where the pool ends. At most one item of a pattern while other patterns
        have free items; duplicates when nothing else is left.
    """
    picked: list[int] = []
    inverse, patterns = choice.pool.inverse, None
    while len(picked) < count:
        free = choice.free if allowed is None else choice.free & allowed
        if not free.any():
            break
        if allowed is not None:
            patterns = np.bincount(inverse[free], minlength=choice.pool.patterns.n_patterns) > 0
        row = _lowest_new(choice, scores, free & choice.diverse_patterns(patterns)[inverse], generator)
        if row is None:
            row = _lowest_new(choice, scores, free, generator)
        if row is None:
            row = _shuffled_lowest(scores, np.flatnonzero(free), generator)[0]
        choice.take(row)
        picked.append(row)
    return picked


def pick_patterns(
    choice: Choice,
    scores: Floats,
    count: int,
    *,
    allowed: NDArray[np.bool_],
    generator: np.random.Generator,
) -> list[int]:
    """Take one item each of the patterns of lowest score; only items of chosen patterns are looked at.

    Parameters
    ----------
    choice : Choice
        Takes the items.
    scores : ndarray of float64, shape (p,)
        Of equal patterns, the one with more items comes first.
    count : int
    allowed : ndarray of bool, shape (p,)
        Patterns to choose from.
    generator : Generator

    Returns
    -------
    list of int
        At most ``count`` rows, a second one of a pattern only after one of every other. Inside a pattern: the
        most typical item that is no duplicate of another; at random where there are no features.
    """
    picked: list[int] = []
    counts, inverse = choice.pool.patterns.counts, choice.pool.inverse
    while len(picked) < count:
        codes = np.flatnonzero(choice.diverse_patterns(allowed))
        if len(codes) == 0:
            break
        # Rounded, so that what is equal on paper ties whatever the order of the classes.
        code = codes[np.lexsort((-counts[codes], np.round(scores[codes], 12)))[0]]
        members = np.flatnonzero(choice.free & (inverse == code))
        ordered = by_typicality(choice.pool, members, code=int(code), generator=generator)
        row = next((row for row in ordered if choice.is_new(row)), ordered[0])
        choice.take(row)
        picked.append(row)
    return picked


def _lowest_new(
    choice: Choice, scores: Floats, allowed: NDArray[np.bool_], generator: np.random.Generator
) -> int | None:
    rows = np.flatnonzero(allowed)
    while len(rows):
        tied = _shuffled_lowest(scores, rows, generator)
        for row in tied:
            if choice.is_new(row):
                return row
        rows = rows[scores[rows] > scores[tied[0]]]
    return None


def _shuffled_lowest(scores: Floats, rows: NDArray[np.int64], generator: np.random.Generator) -> list[int]:
    here = scores[rows]
    tied: list[int] = generator.permutation(rows[here == here.min()]).tolist()
    return tied
