"""MultiPattern: many patterns in one pass over each text, with the meaning of Python's ``re``.

Patterns that `fast_form` can say go to RE2 together, in time linear in the text. Texts of ASCII are searched as they
are, all others in an `Alphabet`. What is found with a widened form is confirmed by the exact engine, which also
searches for what RE2 cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.lf.search.alphabet import Alphabet, Grid, write_bytes
from wsal.lf.search.character_sets import CharacterSet
from wsal.lf.search.column_scan import ColumnScan, ScanPattern
from wsal.lf.search.fast_form import FastForm, NotFastError, fast_form
from wsal.lf.search.re2_set import program_size
from wsal.lf.search.safe_search import SEARCH_FAILURES, AnyPattern, PatientSearch, SafePattern
from wsal.lf.search.texts import Bytes, ListTexts, Texts

__all__ = ["Alternatives", "EngineChoice", "MultiPattern", "compile_together", "engine_of", "in_one_pass"]

Report: TypeAlias = Callable[[int, int, Exception], None]
"""Told the number of a pattern, the row of a text, and what a search failed with."""

Alternatives: TypeAlias = tuple[tuple[str, int], ...]
"""Patterns with their flags, of which any will do."""

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


def in_one_pass(pattern: str, flags: int) -> bool:
    """Whether RE2 alone searches for a pattern, so that it may be joined with others of which any will do."""
    return not _plan(pattern, flags).choice.why


def _plan_of(pattern: SafePattern | AnyPattern) -> _Plan:
    if not isinstance(pattern, AnyPattern):
        return _plan(pattern.pattern, pattern.flags)
    plans = [_plan_of(one) for one in pattern.patterns]
    forms = [plan.form for plan in plans if plan.form is not None]
    size = sum(plan.size for plan in plans)
    if len(forms) < len(plans) or size > _LONGEST_PATTERN:
        return _Plan(EngineChoice("by itself", "one of several patterns is"))
    return _Plan(plans[0].choice, FastForm.any_of(forms), size)


@lru_cache(maxsize=8)
def compile_together(patterns: tuple[Alternatives, ...]) -> MultiPattern:
    """Return patterns, each with its flags, compiled together; remembered, as chunks of items have the same ones."""
    safe = [[SafePattern(pattern, flags) for pattern, flags in alternatives] for alternatives in patterns]
    return MultiPattern([one[0] if len(one) == 1 else AnyPattern(tuple(one)) for one in safe])


class MultiPattern:
    """Patterns that are searched for together.

    Parameters
    ----------
    patterns : sequence of c SafePattern or AnyPattern

    Examples
    --------
    >>> both = MultiPattern([SafePattern("free"), SafePattern("a(?!b)")])
    >>> both.found_in_each(["a free gift", "ab", None, "für"], print).tolist()
    [[True, False, False, False], [True, False, False, False]]
    """

    def __init__(self, patterns: Sequence[SafePattern | AnyPattern]) -> None:
        self._patterns = tuple(patterns)
        self._forms: dict[int, FastForm] = {}
        self._sizes: dict[int, int] = {}
        self._groups: list[list[int]] = []
        room = 0
        for j, pattern in enumerate(patterns):
            plan = _plan_of(pattern)
            if plan.form is None:
                continue
            if plan.size > room:
                if len(self._groups) == _MOST_PASSES:
                    continue  # a pack beyond all measure: what is left is searched for by itself
                self._groups.append([])
                room = _PASS_INSTRUCTIONS
            room -= plan.size
            self._groups[-1].append(j)
            self._forms[j], self._sizes[j] = plan.form, plan.size

    @cached_property
    def _plain(self) -> list[ColumnScan]:
        return [self._scan(group, _ascii_set) for group in self._groups]

    @cached_property
    def _foreign(self) -> list[tuple[NDArray[np.uint8], ColumnScan]]:
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
        return [(alphabet.table(), self._scan(group, alphabet.write)) for alphabet, group in shared]

    def _scan(self, group: Sequence[int], write: Callable[[CharacterSet], str]) -> ColumnScan:
        patterns = {
            j: ScanPattern(_written(self._forms[j], write), self._sizes[j], self._forms[j].wanders)
            for j in group
        }
        # A pattern that no engine but RE2 ends on soon is left to RE2, however slow that is.
        return ColumnScan(patterns, keep=lambda j: self._patterns[j].may_explode)

    def found_in_each(self, texts: Texts | Sequence[str | None], report: Report) -> NDArray[np.bool_]:
        """Search every text for every pattern: ``re.search(pattern, text) is not None``.

        Parameters
        ----------
        texts : Texts, or sequence of n (str or None)
            In a missing text nothing is found.
        report : callable
            Told of each search that failed; it counts as not found.

        Returns
        -------
        ndarray of bool, shape (c, n)

        Notes
        -----
        O(characters) for all patterns of the one pass together, and O(characters) a pattern for the others.
        """
        given = texts if isinstance(texts, Texts) else ListTexts(texts)
        found = np.zeros((len(self._patterns), len(given)), dtype=bool)
        wanted: list[list[int]] = [[] for _ in self._patterns]  # rows that the exact engine has to search
        for rows, scans in ((given.plain, self._plain_scans(given)), (given.other, self._other_scans(given))):
            if not len(rows):
                continue
            covered: set[int] = set()
            for scan, encoded in scans:
                result = scan.search(encoded)
                found[result.patterns, rows[result.texts]] = True
                covered.update(scan.group)
                for j, texts_left in result.left:
                    wanted[j].extend(rows[texts_left].tolist())
            for j in set(range(len(self._patterns))) - covered:
                wanted[j].extend(rows.tolist())
        for j, rows_left in enumerate(wanted):
            form = self._forms.get(j)
            if form is not None and form.widened:
                rows_left.extend(np.flatnonzero(found[j]).tolist())
            self._search_exactly(j, sorted({*rows_left, *given.empty.tolist()}), given, found, report)
        return found

    def _plain_scans(self, texts: Texts) -> Iterator[tuple[ColumnScan, Bytes]]:
        encoded = texts.plain_bytes
        yield from ((scan, encoded) for scan in self._plain)

    def _other_scans(self, texts: Texts) -> Iterator[tuple[ColumnScan, Bytes]]:
        yield from ((scan, texts.other_bytes(table)) for table, scan in self._foreign)

    def _search_exactly(
        self, j: int, rows: list[int], texts: Texts, found: NDArray[np.bool_], report: Report
    ) -> None:
        found_in = PatientSearch(self._patterns[j]).found_in
        for i in rows:
            try:
                found[j, i] = found_in(texts[i])
            except SEARCH_FAILURES as cause:
                found[j, i] = False
                report(j, i, cause)


def _written(form: FastForm, write: Callable[[CharacterSet], str]) -> str:
    return "".join(part if isinstance(part, str) else write(part) for part in form.parts)


@lru_cache(maxsize=8192)
def _ascii_set(characters: CharacterSet) -> str:
    ranges = characters.ranges(ascii_only=True)
    return write_bytes([byte for low, high in ranges for byte in range(low, high + 1)])
