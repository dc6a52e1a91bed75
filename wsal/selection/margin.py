"""Choosing by smallest margin, item by item or pattern by pattern."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wsal.selection.pool import Choice
from wsal.selection.typical import by_typicality
from wsal.types import Floats

__all__ = ["margins", "pick_items", "pick_patterns"]

_LOOKED_AT: Final = 32  # rows of lowest score for each that is wanted
_CHUNK: Final = 1_024  # rows at a time: they fit into the processor's cache


def margins(probabilities: Floats) -> Floats:
    """Return the distance between the two largest probabilities of each row; shape (n,). O(n·k).

    Examples
    --------
    >>> margins(np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])).tolist()
    [0.25, 0.625]
    """
    found = np.empty(len(probabilities))
    for start in range(0, len(probabilities), _CHUNK):
        part = probabilities[start : start + _CHUNK]
        first, second = _two_largest(np.ascontiguousarray(part.T))
        np.subtract(first, second, out=found[start : start + len(part)])
    return found


def _two_largest(columns: Floats) -> tuple[Floats, Floats]:
    """Return the largest and the second largest of each column, as in a knock-out tournament; shape (k, c)."""
    first, second = columns, np.full_like(columns, -np.inf)
    while len(first) > 1:
        half = len(first) // 2
        one, other, left = slice(0, half), slice(half, 2 * half), slice(2 * half, None)
        loser = np.minimum(first[one], first[other])
        np.maximum(loser, second[one], out=loser)
        np.maximum(loser, second[other], out=loser)
        winner = np.maximum(first[one], first[other])
        if len(first) % 2:
            winner, loser = np.concatenate([winner, first[left]]), np.concatenate([loser, second[left]])
        first, second = winner, loser
    return first[0], second[0]


def pick_items(
    choice: Choice,
    scores: Floats,
    count: int,
    *,
    generator: np.random.Generator,
    allowed: NDArray[np.bool_] | None = None,
) -> list[int]:
    """Take the free items of lowest score, never sorting: the lowest few are looked at first, then all.

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
    patterns = None
    inverse, n_patterns = choice.pool.inverse, choice.pool.patterns.n_patterns
    near = _lowest_rows(scores, np.flatnonzero(_free(choice, allowed)), _LOOKED_AT * count)
    while len(picked) < count:
        if allowed is not None:
            patterns = np.bincount(inverse[_free(choice, allowed)], minlength=n_patterns) > 0
        diverse = choice.diverse_patterns(patterns)
        near = near[choice.free[near]]
        row = _lowest_new(choice, scores, near[diverse[inverse[near]]], generator)
        if row is None:
            rows = np.flatnonzero(_free(choice, allowed))
            if not len(rows):
                break
            row = _lowest_new(choice, scores, rows[diverse[inverse[rows]]], generator)
            if row is None:
                row = _lowest_new(choice, scores, rows, generator)
            if row is None:
                row = _shuffled_lowest(scores, rows, generator)[0]
        choice.take(row)
        picked.append(row)
    return picked


def _free(choice: Choice, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    return choice.free if allowed is None else choice.free & allowed


def _lowest_rows(scores: Floats, rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the rows of the ``count`` lowest scores and all that tie with them, in their order."""
    if len(rows) <= count:
        return rows
    here = scores[rows]
    near: NDArray[np.bool_] = here <= np.partition(here, count - 1)[count - 1]
    return rows[near]


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
    choice: Choice, scores: Floats, rows: NDArray[np.int64], generator: np.random.Generator
) -> int | None:
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
