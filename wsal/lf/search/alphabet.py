r"""Alphabet: texts of any script as bytes, one a character, for an engine that knows word characters of ASCII alone.

Patterns tell apart few of the 1,114,112 code points: all that no pattern tells apart share a byte. Word characters get
bytes that RE2 holds to be word characters (letters, digits and the underscore of ASCII), all others the rest, so that
RE2's ``\b`` is that of ``re``. Nothing is lost: two characters with one byte are in the same sets of every pattern.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wsal.lf.search.character_sets import CharacterSet, Ranges, word_set

__all__ = ["Alphabet", "Grid", "write_bytes"]

_NEWLINE: Final = 10
_WORD_BYTES: Final = tuple(b for b in range(128) if chr(b).isalnum() or chr(b) == "_")
_OTHER_BYTES: Final = tuple(b for b in range(256) if b not in _WORD_BYTES and b != _NEWLINE)


class Grid:
    """All code points, cut wherever one of several sets of characters begins or ends.

    Parameters
    ----------
    sets : sequence of CharacterSet
    """

    def __init__(self, sets: Sequence[CharacterSet]) -> None:
        # Newlines are told apart from all else: the places ^ and $ depend on them.
        self.ranges = {characters: characters.ranges(ascii_only=False) for characters in sets}
        self._word = word_set(0).ranges(ascii_only=False)
        cuts = {0, sys.maxunicode + 1, _NEWLINE, _NEWLINE + 1}
        for ranges in (self._word, *self.ranges.values()):
            cuts.update(edge for low, high in ranges for edge in (low, high + 1))
        self.starts = np.array(sorted(cuts)[:-1], dtype=np.int64)
        self.lengths = np.diff(np.append(self.starts, sys.maxunicode + 1))
        self.is_word = self.members(self._word)
        self.is_newline = self.starts == _NEWLINE

    def members(self, ranges: Ranges) -> NDArray[np.bool_]:
        """Return which pieces lie in a set; bool, shape (pieces,)."""
        if not ranges:
            return np.zeros(len(self.starts), dtype=bool)
        lows, highs = (np.array(side, dtype=np.int64) for side in zip(*ranges, strict=True))
        before = np.searchsorted(lows, self.starts, side="right") - 1
        return np.asarray((before >= 0) & (self.starts <= highs[before]))


class Alphabet:
    """Which byte each character becomes, for as many sets of characters as fit.

    Parameters
    ----------
    grid : Grid
        Of all sets that may be added.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._classes = grid.is_word + 2 * grid.is_newline.astype(np.int64)
        self._sets: frozenset[CharacterSet] = frozenset()
        self._written: dict[CharacterSet, str] = {}
        self._codes: NDArray[np.uint8] | None = None

    def add(self, sets: Sequence[CharacterSet]) -> bool:
        """Tell the characters of some sets apart from all others; False, and nothing else, where bytes run out."""
        classes = self._classes
        new = [characters for characters in sets if characters not in self._sets]
        for characters in new:
            members = self._grid.members(self._grid.ranges[characters])
            classes = np.unique(classes * 2 + members, return_inverse=True)[1]
        n_word = len(np.unique(classes[self._grid.is_word]))
        n_other = len(np.unique(classes)) - n_word - 1
        if n_word > len(_WORD_BYTES) or n_other > len(_OTHER_BYTES):
            return False
        self._classes, self._sets = classes, self._sets.union(new)
        self._written, self._codes = {}, None
        return True

    def table(self) -> NDArray[np.uint8]:
        """Return the byte of every code point; shape (1114112,)."""
        return np.repeat(self._bytes(), self._grid.lengths)

    def write(self, characters: CharacterSet) -> str:
        """Write a set that was added as a set of bytes, in RE2's syntax."""
        written = self._written.get(characters)
        if written is None:
            members = self._grid.members(self._grid.ranges[characters])
            written = write_bytes(np.unique(self._bytes()[members]).tolist())
            self._written[characters] = written
        return written

    def _bytes(self) -> NDArray[np.uint8]:
        if self._codes is None:
            self._codes = self._assigned()
        return self._codes

    def _assigned(self) -> NDArray[np.uint8]:
        grid = self._grid
        code = np.empty(int(self._classes.max()) + 1, dtype=np.uint8)
        for chosen, free in ((grid.is_word, _WORD_BYTES), (~grid.is_word & ~grid.is_newline, _OTHER_BYTES)):
            numbers = np.unique(self._classes[chosen])
            code[numbers] = free[: len(numbers)]
        code[self._classes[grid.is_newline]] = _NEWLINE
        return np.asarray(code[self._classes], dtype=np.uint8)


def write_bytes(members: Sequence[int]) -> str:
    r"""Write a set of bytes in RE2's syntax.

    Examples
    --------
    >>> write_bytes([97, 98, 99, 120])
    '[\\x61-\\x63\\x78]'
    """
    if not members:
        return r"[^\x00-\xff]"
    spans: list[list[int]] = []
    for byte in members:
        if spans and byte == spans[-1][1] + 1:
            spans[-1][1] = byte
        else:
            spans.append([byte, byte])
    if len(members) == 1:
        return _escaped(members[0])
    written = [_escaped(a) if a == b else f"{_escaped(a)}-{_escaped(b)}" for a, b in spans]
    return f"[{''.join(written)}]"


def _escaped(byte: int) -> str:
    return f"\\x{byte:02x}"
