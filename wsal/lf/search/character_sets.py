r"""Which characters a node of a parse tree matches, as Python's ``re`` sees it: ranges of code points.

``re`` itself is asked wherever letter case or a class such as ``\w`` is concerned; what can be read off the tree is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias
from unicodedata import unidata_version

import numpy as np

from wsal.lf.search.parse_tree import compile_node, parse

__all__ = ["LAST_ASCII", "CharacterSet", "Ranges", "complement", "word_set"]

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges of code points, both ends included, ascending and apart."""

LAST_ASCII: Final = 0x7F
_WORD_FLAGS: Final = re.ASCII | re.UNICODE
_BLOCK: Final = 256
# Up to Unicode 17, no character from here on is a letter, a digit or a space, or has a case. The running Python knows
# which version it has; a test compares with what it says of all characters.
_SETTLED: Final = 0x34000 if int(unidata_version.partition(".")[0]) <= 17 else sys.maxunicode + 1


@dataclass(frozen=True)
class CharacterSet:
    """The characters that one node matches.

    Parameters
    ----------
    op, argument : the standard library's constants
        LITERAL, NOT_LITERAL, ANY or IN, with a tuple for a list.
    flags : int
        Of ``re``, as they stand at the node.
    """

    op: Any
    argument: Any
    flags: int

    @classmethod
    def of(cls, op: Any, argument: Any, flags: int) -> CharacterSet:  # noqa: ANN401  # the parser has no public types
        """Take a node as the parser returns it; equal nodes give one object, as long patterns have many of them."""
        return _interned(cls(op, tuple(argument) if isinstance(argument, list) else argument, flags))

    def ranges(self, *, ascii_only: bool) -> Ranges:
        r"""Return the characters matched, in all of Unicode or in ASCII.

        Examples
        --------
        >>> word_set(0).ranges(ascii_only=True)
        ((48, 57), (65, 90), (95, 95), (97, 122))
        """
        return _ascii_ranges(self) if ascii_only else _unicode_ranges(self)


@lru_cache(maxsize=8192)
def _interned(characters: CharacterSet) -> CharacterSet:
    return characters


def word_set(flags: int) -> CharacterSet:
    r"""Return what ``\w`` matches."""
    ((op, argument),), all_flags = parse(r"\w", flags & re.ASCII)
    return CharacterSet.of(op, argument, all_flags)


def complement(ranges: Ranges, last: int) -> Ranges:
    """Return what ranges leave out, up to ``last``.

    Examples
    --------
    >>> complement(((0, 9), (11, 20)), 30)
    ((10, 10), (21, 30))
    """
    gaps, start = [], 0
    for low, high in ranges:
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= last:
        gaps.append((start, last))
    return tuple(gaps)


@lru_cache(maxsize=8192)
def _ascii_ranges(characters: CharacterSet) -> Ranges:
    return _asked(characters, "".join(map(chr, range(LAST_ASCII + 1))))


@lru_cache(maxsize=2048)
def _unicode_ranges(characters: CharacterSet) -> Ranges:
    exact = CharacterSet(characters.op, characters.argument, characters.flags & ~re.IGNORECASE)
    ranges = _read_off(exact)
    if not characters.flags & re.IGNORECASE:
        return ranges
    # Case touches no other characters than these, so `re` is asked about these alone.
    cased = _cased()
    found = _compiled(characters).findall(cased)
    untouched = _intersection(ranges, _uncased_ranges())
    return _joined([*untouched, *((ord(c), ord(c)) for run in found for c in run)])


def _read_off(characters: CharacterSet) -> Ranges:
    """Return the characters matched where case does not matter."""
    argument = characters.argument
    match str(characters.op):
        case "LITERAL":
            return ((argument, argument),)
        case "NOT_LITERAL":
            return complement(((argument, argument),), sys.maxunicode)
        case "ANY":
            newline = () if characters.flags & re.DOTALL else ((10, 10),)
            return complement(newline, sys.maxunicode)
        case _:
            members: list[tuple[int, int]] = []
            negated = False
            for op, value in argument:
                match str(op):
                    case "NEGATE":
                        negated = True
                    case "LITERAL":
                        members.append((value, value))
                    case "RANGE":
                        members.append((int(value[0]), int(value[1])))
                    case _:
                        members += _category(
                            CharacterSet(characters.op, ((op, value),), characters.flags & _WORD_FLAGS)
                        )
            joined = _joined(members)
            return complement(joined, sys.maxunicode) if negated else joined


@lru_cache(maxsize=64)
def _category(characters: CharacterSet) -> Ranges:
    ranges = _asked(characters, _unicode())
    if ranges and ranges[-1][1] == _SETTLED - 1:
        return (*ranges[:-1], (ranges[-1][0], sys.maxunicode))
    return ranges


def _asked(characters: CharacterSet, alphabet: str) -> Ranges:
    # A character stands at its own number, so runs of matches are ranges of code points.
    return tuple((run.start(), run.end() - 1) for run in _compiled(characters).finditer(alphabet))


def _compiled(characters: CharacterSet) -> re.Pattern[str]:
    argument = characters.argument
    return compile_node(
        (characters.op, list(argument) if isinstance(argument, tuple) else argument), characters.flags
    )


def _joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Sort ranges, and join those that touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def _intersection(one: Ranges, other: Ranges) -> list[tuple[int, int]]:
    shared, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        low, high = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if low <= high:
            shared.append((low, high))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return shared


@lru_cache(maxsize=1)
def _unicode() -> str:
    """Every character before `_SETTLED`."""
    points = np.arange(_SETTLED, dtype="<u4")
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@lru_cache(maxsize=1)
def _uncased_ranges() -> Ranges:
    return complement(_joined((ord(c), ord(c)) for c in _cased()), sys.maxunicode)


@lru_cache(maxsize=1)
def _cased() -> str:
    """Every character that letter case can touch: the only ones that may equal another in any case."""
    touched: set[str] = set()
    for start in range(0, _SETTLED, _BLOCK):
        block = _unicode()[start : start + _BLOCK]
        if not block == block.lower() == block.upper() == block.casefold():
            touched |= {c for c in block if not c == c.lower() == c.upper() == c.casefold()}
    touched |= {c for changed in touched for c in changed.lower() + changed.upper()}
    return "".join(sorted(touched))
