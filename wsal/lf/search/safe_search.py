"""SafePattern: ``re.search(...) is not None`` that ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wsal.lf.search.cost import Bound, search_cost
from wsal.lf.search.parse_tree import compile_pattern, parse
from wsal.lf.search.translation import NotTranslatableError, translate

if TYPE_CHECKING:
    import regex

__all__ = [
    "DEFAULT_TIMEOUT",
    "SEARCH_FAILURES",
    "AnyPattern",
    "PatientSearch",
    "SafePattern",
    "SearchRefusedError",
    "SearchTimeoutError",
]

DEFAULT_TIMEOUT: Final = 2.0
"""Seconds of processor time for one pattern on one text."""

_MAX_TIMEOUTS: Final = 5
_ORDINARY_LENGTH: Final = 300  # characters: two or three sentences
_SAFE_STEPS: Final = 5e6  # re takes about 50 million steps a second


class SearchTimeoutError(TimeoutError):
    """A pattern was still searching a text when its time was up."""


class SearchRefusedError(ValueError):
    """A pattern may run for ever on this text, and there is no way to stop it."""


class SafePattern:
    r"""A regular expression with the meaning of Python's ``re`` and a limit on its time.

    Where the parse tree bounds the steps for a text of this length, ``re`` itself searches. Elsewhere the
    ``regex`` module does, under a time limit, with a translation that matches the same characters.

    Parameters
    ----------
    pattern : str
    flags : int
        Of ``re``.
    timeout : float
        Seconds of processor time for one text.

    Raises
    ------
    re.error, OverflowError, RecursionError
        As ``re.compile``.

    Examples
    --------
    >>> SafePattern(r"\bprize\b").found_in("Claim your prize!")
    True
    """

    def __init__(self, pattern: str, flags: int = 0, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.pattern = pattern
        self.flags = flags
        self.timeout = timeout
        self._re = compile_pattern(pattern, flags)

    @cached_property
    def cost(self) -> Bound:
        """Bound on the steps of ``re``, by length of text."""
        return search_cost(parse(self.pattern, self.flags)[0])

    @property
    def may_explode(self) -> bool:
        """Whether the steps of ``re`` have no useful bound on a text of ordinary length."""
        return self.cost.at(_ORDINARY_LENGTH) > _SAFE_STEPS

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in a text: ``re.search(pattern, text) is not None``.

        Raises
        ------
        SearchTimeoutError
            The time was up.
        SearchRefusedError
            A back-reference in any case, in a text that is long and not ASCII; or ``(?a:…)`` in a long text.
        """
        if self.cost.at(len(text)) <= _SAFE_STEPS:
            return self._re.search(text) is not None
        limited = self._limited_for(text)
        try:
            return limited.search(text, timeout=self.timeout) is not None
        except TimeoutError:
            raise self._out_of_time(text) from None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the pattern matches, as ``re.finditer``: start and stop, in characters.

        Raises
        ------
        SearchTimeoutError, SearchRefusedError
            As `found_in`.

        Examples
        --------
        >>> list(SafePattern("a+").spans("aa ba"))
        [(0, 2), (4, 5)]
        """
        if self.cost.at(len(text)) <= _SAFE_STEPS:
            yield from (match.span() for match in self._re.finditer(text))
            return
        limited = self._limited_for(text)
        try:
            yield from (match.span() for match in limited.finditer(text, timeout=self.timeout))
        except TimeoutError:
            raise self._out_of_time(text) from None

    def _limited_for(self, text: str) -> regex.Pattern[str]:
        limited = self._limited_ascii if text.isascii() else self._limited
        if limited is None:
            raise SearchRefusedError(
                f"the pattern {self.pattern!r} refers back to a group in any case, or says inside a group what a "
                f"letter is, and may run for ever on a text of {len(text)} characters"
            )
        return limited

    def _out_of_time(self, text: str) -> SearchTimeoutError:
        return SearchTimeoutError(
            f"the pattern {self.pattern!r} was still searching a text of {len(text)} characters after "
            f"{self.timeout:g} s; bound its repeats, or do not put a repeat inside a repeat"
        )

    @cached_property
    def _limited_ascii(self) -> regex.Pattern[str] | None:
        return _compile_limited(self.pattern, self.flags, ascii_only=True)

    @cached_property
    def _limited(self) -> regex.Pattern[str] | None:
        return _compile_limited(self.pattern, self.flags, ascii_only=False)


@dataclass(frozen=True)
class AnyPattern:
    """Several patterns, any of which will do.

    Parameters
    ----------
    patterns : tuple of SafePattern
    """

    patterns: tuple[SafePattern, ...]

    @property
    def may_explode(self) -> bool:
        """Whether one of them may."""
        return any(pattern.may_explode for pattern in self.patterns)

    def found_in(self, text: str) -> bool:
        """Whether one of them matches anywhere in a text; raises what `SafePattern.found_in` does."""
        return any(pattern.found_in(text) for pattern in self.patterns)


SEARCH_FAILURES: Final = (SearchTimeoutError, SearchRefusedError, MemoryError)
"""What a search can end with besides an answer."""


class PatientSearch:
    """Searches one text after another, until the pattern has run out of time on five of them.

    Parameters
    ----------
    pattern : SafePattern or AnyPattern
    """

    def __init__(self, pattern: SafePattern | AnyPattern) -> None:
        self._pattern = pattern
        self._n_timeouts = 0

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in a text.

        Raises
        ------
        SearchTimeoutError
            The time was up, or has been up on five texts before.
        SearchRefusedError, MemoryError
            As `SafePattern.found_in`.
        """
        if self._n_timeouts >= _MAX_TIMEOUTS:
            raise SearchTimeoutError(
                f"not searched: the pattern ran out of time on {self._n_timeouts} texts before"
            )
        try:
            return self._pattern.found_in(text)
        except SearchTimeoutError:
            self._n_timeouts += 1
            raise


def _compile_limited(pattern: str, flags: int, *, ascii_only: bool) -> regex.Pattern[str] | None:
    import regex

    try:
        return regex.compile(translate(pattern, flags, ascii_only=ascii_only), regex.V0)
    except NotTranslatableError:
        return None
