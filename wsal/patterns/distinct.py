"""Distinct rows: rows of votes hashed to 64 bits, numbered by a table, and compared with what they are taken for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from wsal.types import VoteArray

__all__ = ["CHUNK", "HashNumbers", "chunks", "distinct_rows", "splitmix"]

CHUNK = 1 << 18
"""Rows numbered at a time, which bounds the working memory."""

_HASHED = 1 << 14  # rows hashed at a time, which fit into the processor's cache
_PROBE = 1 << 16  # rows that tell whether most rows differ
_SLOTS = 1 << 20


def distinct_rows(rows: VoteArray) -> tuple[VoteArray, NDArray[np.int32]]:
    """Return the distinct rows in any order, and which of them each row is."""
    if rows.shape[1] == 0 or len(rows) == 0:
        return rows[:1].copy(), np.zeros(len(rows), dtype=np.int32)
    codes = np.empty(len(rows), dtype=np.int32)
    representatives = rows[:0]
    table = HashNumbers()
    for chunk in chunks(len(rows)):
        part = rows[chunk]
        codes[chunk], new = table.codes(_hash_rows(part))
        representatives = np.concatenate([representatives, part[new]])
        if not np.array_equal(part, representatives[codes[chunk]]):  # two rows share a hash
            representatives, inverse = np.unique(rows, axis=0, return_inverse=True)
            return representatives, inverse.reshape(-1).astype(np.int32)
        if 2 * len(new) > len(part) and chunk.stop < len(rows):
            return _by_sorting(rows)
    return representatives, codes


def chunks(n_rows: int) -> Iterator[slice]:
    """Cut rows into a first few, which tell whether most rows differ, and large parts."""
    starts = [0, *range(min(_PROBE, CHUNK), n_rows, CHUNK)]
    for start, stop in zip(starts, [*starts[1:], n_rows], strict=True):
        yield slice(start, stop)


def _by_sorting(rows: VoteArray) -> tuple[VoteArray, NDArray[np.int32]]:
    """As `distinct_rows`, where so many rows differ that a table would mostly grow."""
    _, first, inverse = np.unique(_hash_rows(rows), return_index=True, return_inverse=True)
    representatives, codes = rows[first], inverse.reshape(-1).astype(np.int32)
    for start in range(0, len(rows), CHUNK):
        chunk = slice(start, start + CHUNK)
        if not np.array_equal(rows[chunk], representatives[codes[chunk]]):
            representatives, inverse = np.unique(rows, axis=0, return_inverse=True)
            return representatives, inverse.reshape(-1).astype(np.int32)
    return representatives, codes


class HashNumbers:
    """Numbers 64-bit hashes in the order of their coming; most of them are found by one look at a table."""

    def __init__(self) -> None:
        self._slots = np.full(_SLOTS, -1, dtype=np.int32)
        self._hashes = np.zeros(1, dtype=np.uint64)  # by number; the last is of none
        # Hashes whose slot is another's, ascending, and their numbers.
        self._beside, self._numbers = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int32)

    def codes(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the number of each hash, and where each new one stands first, in the order of their numbers."""
        codes = self._slots[hashes & np.uint64(_SLOTS - 1)]
        unknown = np.flatnonzero((codes < 0) | (self._hashes[codes] != hashes))
        if not len(unknown):
            return codes, unknown
        asked, first, inverse = np.unique(hashes[unknown], return_index=True, return_inverse=True)
        place = np.searchsorted(self._beside, asked)
        numbers = np.append(self._numbers, np.int32(-1))[place]
        numbers[self._hashes[numbers] != asked] = -1
        new = np.flatnonzero(numbers < 0)
        numbers[new] = np.arange(len(new)) + len(self._hashes) - 1
        self._add(asked[new], numbers[new])
        codes[unknown] = numbers[inverse.reshape(-1)]
        return codes, unknown[first[new]]

    def _add(self, hashes: NDArray[np.uint64], numbers: NDArray[np.int32]) -> None:
        self._hashes = np.concatenate([self._hashes[:-1], hashes, self._hashes[-1:]])
        slots, first = np.unique(hashes & np.uint64(_SLOTS - 1), return_index=True)
        empty = self._slots[slots] < 0
        self._slots[slots[empty]] = numbers[first[empty]]
        beside = np.setdiff1d(np.arange(len(hashes)), first[empty])
        all_beside = np.concatenate([self._beside, hashes[beside]])
        order = np.argsort(all_beside, kind="stable")
        self._beside = all_beside[order]
        self._numbers = np.concatenate([self._numbers, numbers[beside]])[order]


def _hash_rows(rows: VoteArray) -> NDArray[np.uint64]:
    """Hash rows of int8 to 64 bits, eight columns at a time; shape (n,)."""
    n, m = rows.shape
    words = -(-m // 8)
    hashes = np.empty(n, dtype=np.uint64)
    for start in range(0, n, _HASHED):
        part = rows[start : start + _HASHED]
        padded = np.zeros((len(part), words * 8), dtype=np.int8)
        padded[:, :m] = part
        columns = padded.view(np.uint64)
        mixed = np.zeros(len(part), dtype=np.uint64)
        for j in range(words):
            mixed = splitmix(mixed ^ columns[:, j])
        hashes[start : start + len(part)] = mixed
    return hashes


def splitmix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread bits: the step and finalizer of splitmix64 (Steele, Lea and Flood 2014, figure 16)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
