"""Gazetteer: whether a text contains one of very many entries as whole words.

Two ways to the same answer. Looking up every run of words that is as long as an entry needs no preparation; the
Aho–Corasick automaton (A. Aho and M. Corasick, *CACM* 18, 1975; the library pyahocorasick) reads a text once,
but building it costs about as much as looking up a text of the list's own size. So entries are looked up at
first, and the automaton is built once as many characters were searched as the list has (the rent-or-buy
rule: never more than about twice the cost of the better way). Property tests hold the two to each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

__all__ = ["Gazetteer"]


class Gazetteer:
    """The entries of a list, to be found in texts.

    Parameters
    ----------
    entries : frozenset of str
        Not empty texts, compared as they are.

    Examples
    --------
    >>> places = Gazetteer(frozenset({"new york", "york"}))
    >>> places.stands_in("to new york."), places.stands_in("yorkshire")
    (True, False)
    """

    def __init__(self, entries: frozenset[str]) -> None:
        self.entries = entries
        self.searched = 0  # characters
        self._automaton: Any = None  # ahocorasick.Automaton

    @cached_property
    def size(self) -> int:
        """Characters of all entries."""
        return sum(map(len, self.entries))

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        """How many parts the entries have; only runs of such a length can be entries."""
        return tuple(sorted({len(_parts(entry)) for entry in self.entries}))

    def stands_in(self, text: str) -> bool:
        """Whether an entry stands in a text, with no word character touching it."""
        if self._automaton is not None:
            return self.found_by_automaton(text)
        self.searched += len(text)
        if self.searched >= self.size:
            self.build()
        return self.found_by_lookup(text)

    def build(self) -> None:
        """Build the automaton. O(``size``): seconds for a million entries."""
        from ahocorasick import STORE_LENGTH, Automaton

        automaton = Automaton(STORE_LENGTH)
        for entry in self.entries:
            automaton.add_word(entry)
        automaton.make_automaton()
        self._automaton = automaton  # last: another thread sees it whole or not at all

    def found_by_automaton(self, text: str) -> bool:
        """Read the text once; stop at the first entry that no word touches."""
        for end, length in self._automaton.iter(text):
            before, after = end - length, end + 1
            if (before < 0 or not _is_word(text[before])) and (
                after == len(text) or not _is_word(text[after])
            ):
                return True
        return False

    def found_by_lookup(self, text: str) -> bool:
        """Look up every run of parts that is as long as an entry; the time does not grow with the list."""
        parts = ["", *_parts(text), ""]
        return any(run in self.entries for run in self._runs(parts))

    def _runs(self, parts: list[str]) -> Iterator[str]:
        for length in self._lengths:
            for start in range(1, len(parts) - length):
                if not _is_word(parts[start - 1]) and not _is_word(parts[start + length]):
                    yield "".join(parts[start : start + length])

    def __getstate__(self) -> dict[str, Any]:
        return {"entries": self.entries, "searched": 0, "_automaton": None}  # built again where it is needed


def _parts(text: str) -> list[str]:
    """Cut a text into words and the single characters between them; joined, they are the text again.

    An entry stands in a text as whole words exactly where its parts are a run of the text's parts and no word
    touches that run.
    """
    return re.findall(r"\w+|\W", text)


def _is_word(part: str) -> bool:
    return bool(part) and (part[0].isalnum() or part[0] == "_")
