"""MultiPattern: many patterns in one pass over each text, with the meaning of Python's ``re``.

Patterns that `fast_form` can say go to RE2 together, in time linear in the text. Texts of ASCII are searched as they
are, all others in an `Alphabet`. What is found with a widened form is confirmed by the exact engine, which also
searches for what RE2 cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.lf.search.alphabet import Alphabet, Grid, write_bytes
from wsal.lf.search.character_sets import CharacterSet
from wsal.lf.search.fast_form import FastForm, NotFastError, fast_form
from wsal.lf.search.re2_set import Re2Pass, program_size
from wsal.lf.search.safe_search import SEARCH_FAILURES, PatientSearch, SafePattern

__all__ = ["EngineChoice", "MultiPattern", "compile_together", "engine_of"]

Report: TypeAlias = Callable[[int, int, Exception], None]
"""Told the number of a pattern, the row of a text, and what a search failed with."""

_PASS_INSTRUCTIONS: Final = 100_000
_MOST_PASSES: Final = 8
_LONGEST_PATTERN: Final = 20_000  # instructions


@dataclass(frozen=True)
class EngineChoice:
    """Which engine searches for a pattern, and why.

    Parameters
    ----------
    engine : str
        ``one pass``; ``one pass, confirmed`` where what is found is searched again by the exact engine; ``by itself``
        where that searches every text.
    why : str
        What stands in the way of ``one pass``; empty if nothing does.
    exact : str
        The exact engine: ``re``, or ``regex with a time limit`` where ``re`` might run for ever on a text of
        ordinary length; empty in ``one pass``, which needs none.
    """

    engine: str
    why: str = ""
    exact: str = ""


@dataclass(frozen=True)
class _Plan:
    choice: EngineChoice
    form: FastForm | None = None
    size: int = 0


def engine_of(pattern: SafePattern) -> EngineChoice:
    r"""Say which engine searches for a pattern, and why.

    Examples
    --------
    >>> engine_of(SafePattern(r"\bfree\b"))
    EngineChoice(engine='one pass', why='', exact='')
    >>> engine_of(SafePattern(r"free(?! of)"))
    EngineChoice(engine='one pass, confirmed', why='look-ahead', exact='re')
    """
    choice = _plan(pattern.pattern, pattern.flags).choice
    if not choice.why:
        return choice
    return replace(choice, exact="regex with a time limit" if pattern.may_explode else "re")


@lru_cache(maxsize=2048)
def _plan(pattern: str, flags: int) -> _Plan:
    try:
        form = fast_form(pattern, flags)
    except NotFastError as error:
        return _Plan(EngineChoice("by itself", str(error)))
    except RecursionError:
        return _Plan(EngineChoice("by itself", "groups nested too deeply"))
    size = program_size(_written(form, _ascii_set))
    if size is None or size > _LONGEST_PATTERN:
        return _Plan(EngineChoice("by itself", f"more than {_LONGEST_PATTERN:,} steps in RE2"))
    if form.widened:
        return _Plan(EngineChoice("one pass, confirmed", ", ".join(form.widened)), form, size)
    return _Plan(EngineChoice("one pass"), form, size)


@lru_cache(maxsize=8)
def compile_together(patterns: tuple[tuple[str, int], ...]) -> MultiPattern:
    """Return patterns, each with its flags, compiled together; remembered, as chunks of items have the same ones."""
    return MultiPattern([SafePattern(pattern, flags) for pattern, flags in patterns])


class MultiPattern:
    """Patterns that are searched for together.

    Parameters
    ----------
    patterns : sequence of c SafePattern

    Examples
    --------
    >>> both = MultiPattern([SafePattern("free"), SafePattern("a(?!b)")])
    >>> both.found_in_each(["a free gift", "ab", None, "für"], print).tolist()
    [[True, False, False, False], [True, False, False, False]]
    """

    def __init__(self, patterns: Sequence[SafePattern]) -> None:
        self._patterns = tuple(patterns)
        self._forms: dict[int, FastForm] = {}
        self._groups: list[list[int]] = []
        room = 0
        for j, pattern in enumerate(patterns):
            plan = _plan(pattern.pattern, pattern.flags)
            if plan.form is None:
                continue
            if plan.size > room:
                if len(self._groups) == _MOST_PASSES:
                    continue  # a pack beyond all measure: what is left is searched for by itself
                self._groups.append([])
                room = _PASS_INSTRUCTIONS
            room -= plan.size
            self._groups[-1].append(j)
            self._forms[j] = plan.form

    @cached_property
    def _plain(self) -> list[Re2Pass]:
        return [self._pass(group, _ascii_set) for group in self._groups]

    @cached_property
    def _foreign(self) -> list[tuple[NDArray[np.uint8], Re2Pass]]:
        """Passes over texts that are not ASCII, each with the byte of every code point."""
        grid = Grid([characters for form in self._forms.values() for characters in form.sets])
        shared: list[tuple[Alphabet, list[int]]] = []
        for j, form in self._forms.items():
            if shared and shared[-1][0].add(form.sets):
                shared[-1][1].append(j)
                continue
            alphabet = Alphabet(grid)
            if alphabet.add(form.sets):
                shared.append((alphabet, [j]))
        return [(alphabet.table(), self._pass(group, alphabet.write)) for alphabet, group in shared]

    def _pass(self, group: Sequence[int], write: Callable[[CharacterSet], str]) -> Re2Pass:
        # A pattern that no engine but RE2 ends on soon is left to RE2, however slow that is.
        return Re2Pass(
            {j: _written(self._forms[j], write) for j in group},
            keep=lambda j: self._patterns[j].may_explode,
        )

    def found_in_each(self, texts: Sequence[str | None], report: Report) -> NDArray[np.bool_]:
        """Search every text for every pattern: ``re.search(pattern, text) is not None``.

        Parameters
        ----------
        texts : sequence of n (str or None)
            In None nothing is found.
        report : callable
            Told of each search that failed; it counts as not found.

        Returns
        -------
        ndarray of bool, shape (c, n)

        Notes
        -----
        O(characters) for all patterns of the one pass together, and O(characters) a pattern for the others.
        """
        found = np.zeros((len(self._patterns), len(texts)), dtype=bool)
        wanted: list[list[int]] = [[] for _ in self._patterns]  # rows that the exact engine has to search
        plain = [i for i, text in enumerate(texts) if text and text.isascii()]
        other = [i for i, text in enumerate(texts) if text and not text.isascii()]
        for rows, passes in (
            (plain, self._plain_passes(texts, plain)),
            (other, self._other_passes(texts, other)),
        ):
            covered: set[int] = set()
            numbers = np.array(rows, dtype=np.int64)
            for run, encoded in passes:
                result = run.search(encoded)
                found[result.patterns, numbers[result.texts]] = True
                covered.update(run.group)
                for j, texts_left in result.left:
                    wanted[j].extend(numbers[texts_left].tolist())
            for j in set(range(len(self._patterns))) - covered:
                wanted[j].extend(rows)
        empty = [i for i, text in enumerate(texts) if text == ""]
        for j, rows in enumerate(wanted):
            form = self._forms.get(j)
            if form is not None and form.widened:
                rows.extend(np.flatnonzero(found[j]).tolist())
            self._search_exactly(j, sorted({*rows, *empty}), texts, found, report)
        return found

    def _plain_passes(
        self, texts: Sequence[str | None], rows: list[int]
    ) -> Iterator[tuple[Re2Pass, list[bytes]]]:
        if rows:
            encoded = [(texts[i] or "").encode() for i in rows]
            yield from ((run, encoded) for run in self._plain)

    def _other_passes(
        self, texts: Sequence[str | None], rows: list[int]
    ) -> Iterator[tuple[Re2Pass, list[bytes]]]:
        if rows:
            given = [texts[i] or "" for i in rows]
            ends = list(accumulate(map(len, given), initial=0))
            points = np.frombuffer("".join(given).encode("utf-32-le", "surrogatepass"), dtype="<u4")
            for table, run in self._foreign:
                encoded = table[points].tobytes()
                yield run, [encoded[start:stop] for start, stop in pairwise(ends)]

    def _search_exactly(
        self,
        j: int,
        rows: list[int],
        texts: Sequence[str | None],
        found: NDArray[np.bool_],
        report: Report,
    ) -> None:
        found_in = PatientSearch(self._patterns[j]).found_in
        for i in rows:
            try:
                found[j, i] = found_in(texts[i] or "")
            except SEARCH_FAILURES as cause:
                found[j, i] = False
                report(j, i, cause)


def _written(form: FastForm, write: Callable[[CharacterSet], str]) -> str:
    return "".join(part if isinstance(part, str) else write(part) for part in form.parts)


@lru_cache(maxsize=8192)
def _ascii_set(characters: CharacterSet) -> str:
    ranges = characters.ranges(ascii_only=True)
    return write_bytes([byte for low, high in ranges for byte in range(low, high + 1)])
