"""ColumnScan: many patterns over a column of many texts, most of which hold few of them.

To ask RE2 about one text costs from Python several times what RE2 itself needs. Arrow has RE2 inside and loops over a
column by itself, but answers yes or no to one pattern. So Arrow is asked which texts hold any of some patterns (their
union), and RE2 is asked which ones these are. That pays where unions are quick and seldom found: what each of them took
and found is looked at, and a union that does not pay is cut up or given up. No answer depends on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wsal.arrays import arrow_numbers, numpy_numbers
from wsal.lf.search.re2_set import Re2Pass, SetResult
from wsal.lf.search.texts import FEW, Bytes

__all__ = ["ColumnScan", "ScanPattern"]

_UNION_INSTRUCTIONS: Final = 5_000  # so that Arrow's 8 MiB hold the automaton
_MOST_UNIONS: Final = 4  # beyond, one pass of RE2 over all texts is cheaper
_WANDERERS: Final = 12
_FREQUENT: Final = 0.25  # of the texts: then a pattern is better asked for by itself
_MOST_FREQUENT: Final = 4
_CROWDED: Final = 0.6  # of the texts: then nearly all of them have to be asked about twice
_FIRST_STRETCH: Final = 1_024  # texts, before the first look
_LONGEST_STRETCH: Final = 65_536
_GROWTH: Final = 8
_START: Final = 5e-3  # seconds: Arrow compiles a pattern with every call
_SLOW_TEXT: Final = 2e-6  # seconds
_SLOW_BYTE: Final = 1.5e-8  # seconds; without new states RE2 takes a tenth


@dataclass(frozen=True)
class ScanPattern:
    """A pattern to scan for.

    Parameters
    ----------
    written : str
        In RE2's syntax, over bytes.
    size : int
        Instructions.
    wanders : bool
        It can go on through any text once it has begun (``a.*b``). Such patterns multiply each other's states.
    """

    written: str
    size: int
    wanders: bool


class ColumnScan:
    """Patterns over columns of texts.

    Parameters
    ----------
    patterns : mapping of int to ScanPattern
    keep : callable
        As `Re2Pass`.

    Examples
    --------
    >>> scan = ColumnScan({4: ScanPattern("a", 1, False), 7: ScanPattern("b+c", 3, False)}, keep=lambda j: False)
    >>> found = scan.search([b"a", b"", b"abc"])
    >>> found.patterns.tolist(), found.texts.tolist()
    ([4, 4, 7], [0, 2, 2])
    """

    def __init__(self, patterns: Mapping[int, ScanPattern], *, keep: Callable[[int], bool]) -> None:
        self.group = tuple(patterns)
        self._patterns = dict(patterns)
        self._keep = keep
        self._unions: list[_Union] | None = None  # planned for the first long column
        self._given_up: list[int] = []
        self._stretch = _FIRST_STRETCH

    @cached_property
    def _together(self) -> Re2Pass:
        return self._pass(self.group)

    @cached_property
    def _rest(self) -> Re2Pass:
        return self._pass(self._given_up)

    def search(self, texts: Bytes) -> SetResult:
        """Search every text for every pattern.

        Parameters
        ----------
        texts : list of bytes, or pyarrow.LargeBinaryArray
            Not empty.
        """
        if len(texts) < FEW:
            return self._together.search(texts if isinstance(texts, list) else texts.to_pylist())
        if self._unions is None:
            self._plan()
        results = []
        start = 0
        while start < len(texts):
            part = texts[start : start + self._stretch]
            results += [_moved(result, np.arange(start, start + len(part))) for result in self._search(part)]
            start += len(part)
            self._stretch = min(self._stretch * _GROWTH, _LONGEST_STRETCH)
            self._look()
        return SetResult(
            np.concatenate([result.patterns for result in results]),
            np.concatenate([result.texts for result in results]),
            [one for result in results for one in result.left],
        )

    def _search(self, part: Bytes) -> list[SetResult]:
        results = [union.search(part) for union in self._unions or ()]
        if self._given_up:
            results.append(self._rest.search(part.to_pylist()))
        return results

    def _plan(self) -> None:
        """Put patterns into unions; those that wander into small ones of their own."""
        tame: list[list[int]] = []
        wanderers: list[int] = []
        room = 0
        for j, pattern in self._patterns.items():
            if pattern.wanders:
                wanderers.append(j)
                continue
            if not tame or pattern.size > room:
                tame.append([])
                room = _UNION_INSTRUCTIONS
            room -= pattern.size
            tame[-1].append(j)
        n_small = -(-len(wanderers) // _WANDERERS)
        small = [wanderers[i::n_small] for i in range(n_small)]
        if len(tame) > _MOST_UNIONS:
            self._give_up([j for group in tame for j in group])
            tame = []
        self._unions = [self._union(group) for group in (*tame, *small)]

    def _look(self) -> None:
        """Cut up or give up the unions that do not pay."""
        kept: list[_Union] = []
        for union in self._unions or ():
            numbers = list(union.patterns)
            frequent = union.frequent()
            if union.slow and len(numbers) > 1:
                kept += [self._union(half) for half in (numbers[::2], numbers[1::2])]
            elif union.slow or len(frequent) > _MOST_FREQUENT or (union.crowded and not frequent):
                self._give_up(numbers)
            elif frequent and len(numbers) > 1:
                others = [j for j in numbers if j not in frequent]
                kept += [self._union(group) for group in (*([j] for j in frequent), others) if group]
            else:
                kept.append(union)
        self._unions = kept

    def _give_up(self, numbers: Iterable[int]) -> None:
        self._given_up = [*self._given_up, *numbers]
        self.__dict__.pop("_rest", None)

    def _union(self, numbers: Iterable[int]) -> _Union:
        return _Union({j: self._patterns[j].written for j in numbers}, self._keep)

    def _pass(self, numbers: Iterable[int]) -> Re2Pass:
        return Re2Pass({j: self._patterns[j].written for j in numbers}, keep=self._keep)


class _Union:
    """Some patterns of which Arrow says whether a text holds any.

    Parameters
    ----------
    patterns : mapping of int to str
    keep : callable
        As `Re2Pass`.
    """

    def __init__(self, patterns: Mapping[int, str], keep: Callable[[int], bool]) -> None:
        self.patterns = dict(patterns)
        self.slow = False
        self.crowded = False
        self._keep = keep
        self._written = "|".join(f"(?:{written})" for written in self.patterns.values())
        self._counts = dict.fromkeys(self.patterns, 0)
        self._n_texts = 0

    @cached_property
    def _which(self) -> Re2Pass:
        return Re2Pass(self.patterns, keep=self._keep)

    def frequent(self) -> list[int]:
        """Return the patterns that stand in so many texts that they are better asked for by themselves."""
        return [j for j, count in self._counts.items() if count > _FREQUENT * self._n_texts]

    def search(self, texts: Bytes) -> SetResult:
        """Search every text, and note whether that paid."""
        began = time.thread_time()
        holds = self._holding(texts)
        took = time.thread_time() - began
        if holds is None:
            self.slow = True
            return self._which.search(texts.to_pylist())
        self.slow = took > _START + _SLOW_TEXT * len(texts) + _SLOW_BYTE * texts.nbytes
        rows = np.flatnonzero(holds)
        self._n_texts += len(texts)
        if len(self.patterns) == 1:
            (j,) = self.patterns
            return SetResult(np.full(len(rows), j, dtype=np.int64), rows)
        self.crowded = len(rows) > _CROWDED * len(texts)
        found = _moved(self._which.search(texts.take(arrow_numbers(rows)).to_pylist()), rows)
        for j, count in zip(*np.unique(found.patterns, return_counts=True), strict=True):
            self._counts[int(j)] += int(count)
        return found

    def _holding(self, texts: Bytes) -> NDArray[np.bool_] | None:
        """Return which texts hold any of the patterns; None where the union is more than Arrow takes."""
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            return numpy_numbers(pc.match_substring_regex(texts, self._written))
        except pa.ArrowInvalid:
            return None


def _moved(result: SetResult, rows: NDArray[np.int64]) -> SetResult:
    """Return what was found in some texts, by the rows that these have elsewhere."""
    return SetResult(result.patterns, rows[result.texts], [(j, rows[texts]) for j, texts in result.left])
