"""Re2Pass: RE2 over many texts for many patterns at once, which notices where that is slow or fails.

RE2 builds its automaton as it goes. Patterns such as ``was.{0,40}the`` together can need a new state at nearly every
character; then a set is cut in halves, whose automata are the smaller the fewer patterns they watch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Re2Pass", "SetResult", "program_size"]

_MEMORY: Final = 32 << 20  # bytes of one set, with the states that it remembers
_STRETCH: Final = 256  # texts between two looks at the clock
_PATIENCE: Final = 12  # slow stretches, one after another; the first ones are, as there are no states yet
_SLOW_TEXT: Final = 8e-6  # seconds
_SLOW_BYTE: Final = 6e-8  # seconds; without new states RE2 takes a tenth


@dataclass
class SetResult:
    """What a pass found, and what it left to others.

    Parameters
    ----------
    patterns, texts : ndarray of int64, shape (hits,)
        Numbers of patterns, and of the texts they were found in.
    left : list of (pattern, ndarray of texts)
        What was not searched.
    """

    patterns: NDArray[np.int64]
    texts: NDArray[np.int64]
    left: list[tuple[int, NDArray[np.int64]]] = field(default_factory=list)


class Re2Pass:
    r"""Patterns in RE2's syntax, over texts of bytes.

    Parameters
    ----------
    patterns : mapping of int to str
        In ASCII; bytes beyond are written ``\x80``.
    keep : callable, optional
        Says of a pattern that it is never left to others for being slow.

    Examples
    --------
    >>> found = Re2Pass({4: "a", 7: "b+c"}).search([b"a", b"", b"abc"])
    >>> found.patterns.tolist(), found.texts.tolist()
    ([4, 4, 7], [0, 2, 2])
    """

    def __init__(self, patterns: Mapping[int, str], *, keep: Callable[[int], bool] | None = None) -> None:
        self.group = tuple(patterns)
        self._keep = keep
        self._sets, self._alone = _compile_sets(dict(patterns))

    def search(self, texts: Sequence[bytes]) -> SetResult:
        """Search every text for every pattern; O(bytes), unless RE2 makes new states all the time."""
        patterns, rows, left = [], [], []
        left += [(j, np.arange(len(texts))) for j in self._alone]
        for start in range(0, len(texts), _STRETCH):
            stretch = texts[start : start + _STRETCH]
            slow_after = _SLOW_TEXT * len(stretch) + _SLOW_BYTE * sum(map(len, stretch))
            for one in tuple(self._sets):
                began = time.thread_time()
                numbers, places, failed = one.search(stretch)
                patterns.append(numbers)
                rows.append(places + start)
                if len(failed):
                    left += [(j, failed + start) for j in one.patterns]
                one.n_slow = one.n_slow + 1 if time.thread_time() - began > slow_after else 0
                if one.n_slow == _PATIENCE and not self._is_kept(one):
                    left += [(j, np.arange(start + len(stretch), len(texts))) for j in self._replace(one)]
        if not rows:
            return SetResult(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), left)
        return SetResult(np.concatenate(patterns), np.concatenate(rows), left)

    def _is_kept(self, one: _Set) -> bool:
        return len(one.patterns) == 1 and self._keep is not None and all(map(self._keep, one.patterns))

    def _replace(self, slow: _Set) -> Iterable[int]:
        """Cut a slow set in halves; return the patterns that are left to others from now on."""
        self._sets = [one for one in self._sets if one is not slow]
        if len(slow.patterns) == 1:
            self._alone = [*self._alone, *slow.patterns]
            return slow.patterns
        numbers = list(slow.patterns)
        given_up: list[int] = []
        for half in (numbers[::2], numbers[1::2]):
            sets, alone = _compile_sets({j: slow.patterns[j] for j in half})
            self._sets = [*self._sets, *sets]
            given_up += alone
        self._alone = [*self._alone, *given_up]
        return given_up


class _Set:
    """One automaton, which reports every pattern found in a text."""

    def __init__(self, patterns: Mapping[int, str]) -> None:
        import re2

        self.patterns = dict(patterns)
        self.n_slow = 0
        # An automaton out of memory says "found nothing". So the first pattern is found always, or the search failed.
        self._by_index = np.array([-1, *patterns], dtype=np.int64)
        self._set = re2.Set.SearchSet(_options())
        for pattern in ("", *patterns.values()):
            self._set.Add(pattern)
        self._set.Compile()
        # What the binding wraps: the wrapper only encodes texts and turns an empty list into None.
        self._match = getattr(self._set, "_set", self._set).Match

    def search(
        self, texts: Sequence[bytes]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the patterns found, the texts they were found in, and the texts in which the search failed."""
        found = [hits or () for hits in map(self._match, texts)]
        counts = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
        hits = self._by_index[
            np.fromiter(chain.from_iterable(found), dtype=np.int64, count=int(counts.sum()))
        ]
        rows = np.repeat(np.arange(len(found)), counts)
        real = hits >= 0
        return hits[real], rows[real], np.flatnonzero(counts == 0)


def program_size(pattern: str) -> int | None:
    """Return how many instructions RE2 makes of a pattern; None where it refuses it.

    Examples
    --------
    >>> program_size("(") is None
    True
    """
    import re2

    try:
        return int(re2.compile(pattern.encode(), _options()).programsize)
    except re2.error:
        return None


def _compile_sets(patterns: dict[int, str]) -> tuple[list[_Set], list[int]]:
    """Compile patterns into as few sets as RE2 takes them in; return also those that it does not take at all."""
    import re2

    if not patterns:
        return [], []
    try:
        return [_Set(patterns)], []
    except re2.error:
        numbers = list(patterns)
        if len(numbers) == 1:
            return [], numbers
        halves = [_compile_sets({j: patterns[j] for j in half}) for half in (numbers[::2], numbers[1::2])]
        return halves[0][0] + halves[1][0], halves[0][1] + halves[1][1]


def _options() -> Any:  # noqa: ANN401  # re2 publishes no types
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY
    options.never_capture = True
    options.log_errors = False
    return options
