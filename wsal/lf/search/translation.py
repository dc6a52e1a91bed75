r"""Say a pattern of Python's ``re`` to the ``regex`` module, without a difference.

The two disagree on what ``\w``, ``\d``, ``\s``, ``\b``, ``$``, letter case and nested sets mean: on
about 30,000 characters for ``\w`` alone. So nothing of that is handed over. ``re`` is asked, node by node
of its parse tree, which characters it matches, and the ``regex`` module gets plain sets of code points,
groups, repeats and look-around. No flags are set.

Texts of ASCII alone get a pattern over ASCII alone, which is much smaller.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final

from wsal.lf.search.character_sets import LAST_ASCII, CharacterSet, Ranges, complement, word_set
from wsal.lf.search.parse_tree import parse

__all__ = ["NotTranslatableError", "flags_inside", "translate"]

_NOTHING: Final = "(?!)"
_ANYTHING: Final = r"[\x00-\U0010ffff]"
_WORD_FLAGS: Final = re.ASCII | re.UNICODE
# Until Python 3.13, \B matched no empty text; later it does. The running `re` is asked.
_NON_BOUNDARY_MATCHES_EMPTY: Final = re.search(r"\B", "") is not None


class NotTranslatableError(ValueError):
    """The pattern says something that the ``regex`` module cannot say in the same sense."""


def translate(pattern: str, flags: int, *, ascii_only: bool) -> str:
    r"""Translate a pattern.

    Parameters
    ----------
    pattern : str
        In Python's syntax; it compiles.
    flags : int
        ``re`` flags.
    ascii_only : bool
        The translation will only ever meet ASCII text.

    Returns
    -------
    str
        For ``regex.compile(…, regex.V0)``.

    Raises
    ------
    NotTranslatableError
        A back-reference in any case, unless ``ascii_only``; a group with a meaning of ``\w`` of its own: ``(?a:…)``.

    Examples
    --------
    >>> translate(r"\d+$", 0, ascii_only=True)
    '[\\x30-\\x39]+(?=\\x0a?\\Z)'
    """
    tree, all_flags = parse(pattern, flags)
    writer = _Writer(ascii_only=ascii_only, capturing=_refers_back(tree))
    return writer.sequence(tree, all_flags)


def _refers_back(nodes: Any) -> bool:  # noqa: ANN401  # the standard library's parse tree has no public type
    """Whether what a group captured is asked for anywhere; if not, no group needs to capture."""
    return "GROUPREF" in repr(nodes)


class _Writer:
    def __init__(self, *, ascii_only: bool, capturing: bool) -> None:
        self._ascii_only = ascii_only
        self._group = "(" if capturing else "(?:"

    def sequence(self, nodes: Any, flags: int) -> str:  # noqa: ANN401  # as above
        return "".join(self.node(str(op), op, argument, flags) for op, argument in nodes)

    def node(self, name: str, op: Any, argument: Any, flags: int) -> str:  # noqa: ANN401, C901, PLR0911  # a case a node
        match name:
            case "LITERAL" | "NOT_LITERAL" | "IN" | "ANY":
                return self.one_character(op, argument, flags)
            case "AT":
                return self.place(str(argument), flags)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                suffix = {"MAX_REPEAT": "", "MIN_REPEAT": "?", "POSSESSIVE_REPEAT": "+"}[name]
                return self.repeat(argument, flags, suffix)
            case "SUBPATTERN":
                number, added, removed, body = argument
                if added & _WORD_FLAGS:
                    # In Python 3.11 the search for a first character does not know of flags inside a group.
                    raise NotTranslatableError("a group with a meaning of \\w of its own")
                inside = flags_inside(flags, added, removed)
                return f"{'(?:' if number is None else self._group}{self.sequence(body, inside)})"
            case "BRANCH":
                return f"(?:{'|'.join(self.sequence(branch, flags) for branch in argument[1])})"
            case "ASSERT" | "ASSERT_NOT":
                direction, body = argument
                sign = "=" if name == "ASSERT" else "!"
                return f"(?{'<' if direction < 0 else ''}{sign}{self.sequence(body, flags)})"
            case "ATOMIC_GROUP":
                return f"(?>{self.sequence(argument, flags)})"
            case "GROUPREF":
                return self.reference(argument, flags)
            case "GROUPREF_EXISTS":
                number, yes, no = argument
                otherwise = self.sequence(no, flags) if no else ""
                return f"(?({number}){self.sequence(yes, flags)}|{otherwise})"
            case "FAILURE":
                return _NOTHING
            case _:
                raise NotTranslatableError(f"{name} of Python's re has no translation")

    def one_character(self, op: Any, argument: Any, flags: int) -> str:  # noqa: ANN401  # as above
        if str(op) == "LITERAL" and not flags & re.IGNORECASE:
            return _escape(argument)
        inside = CharacterSet.of(op, argument, flags).ranges(ascii_only=self._ascii_only)
        return _as_set(inside, LAST_ASCII if self._ascii_only else sys.maxunicode)

    def place(self, name: str, flags: int) -> str:
        multiline = bool(flags & re.MULTILINE)
        match name:
            case "AT_BEGINNING":
                return r"(?<![^\x0a])" if multiline else r"\A"
            case "AT_BEGINNING_STRING":
                return r"\A"
            case "AT_END":
                return r"(?![^\x0a])" if multiline else r"(?=\x0a?\Z)"
            case "AT_END_STRING":
                return r"\Z"
            case "AT_BOUNDARY":
                word = self.word(flags)
                return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"
            case "AT_NON_BOUNDARY":
                word = self.word(flags)
                somewhere = "" if _NON_BOUNDARY_MATCHES_EMPTY else f"(?:(?<={_ANYTHING})|(?={_ANYTHING}))"
                return f"(?:(?<={word})(?={word})|(?<!{word})(?!{word}){somewhere})"
            case _:
                raise NotTranslatableError(f"{name} of Python's re has no translation")

    def word(self, flags: int) -> str:
        word = word_set(flags)
        return self.one_character(word.op, word.argument, word.flags)

    def repeat(self, argument: Any, flags: int, suffix: str) -> str:  # noqa: ANN401  # as above
        low, high, body = argument
        unbounded = str(high) == "MAXREPEAT"
        times = {(0, True): "*", (1, True): "+"}.get((low, unbounded))
        if times is None:
            times = f"{{{low},{'' if unbounded else int(high)}}}"
        inner = self.sequence(body, flags)
        single = len(body) == 1 and str(body[0][0]) in {"LITERAL", "NOT_LITERAL", "IN", "ANY"}
        return f"{inner if single else f'(?:{inner})'}{times}{suffix}"

    def reference(self, number: int, flags: int) -> str:
        if not flags & re.IGNORECASE:
            return rf"\g<{number}>"
        if self._ascii_only:
            return rf"(?i:\g<{number}>)"
        raise NotTranslatableError("a back-reference in any case cannot be searched for under a time limit")


def flags_inside(flags: int, added: int, removed: int) -> int:
    """Return the flags that hold inside a group that adds and removes some."""
    if added & _WORD_FLAGS:  # (?a:…) and (?u:…) replace each other
        flags &= ~_WORD_FLAGS
    return (flags | added) & ~removed


def _as_set(inside: Ranges, last: int) -> str:
    """Write ranges of code points: as they are, or as what they leave out where that is shorter."""
    outside = complement(inside, last)
    if not inside:
        return _NOTHING
    if not outside:
        return _ANYTHING
    if len(inside) == 1 and inside[0][0] == inside[0][1]:
        return _escape(inside[0][0])
    negated = len(outside) < len(inside)
    return f"[{'^' if negated else ''}{''.join(map(_written, outside if negated else inside))}]"


def _written(span: tuple[int, int]) -> str:
    low, high = span
    return _escape(low) if low == high else f"{_escape(low)}-{_escape(high)}"


def _escape(point: int) -> str:
    return f"\\x{point:02x}" if point < 0x100 else f"\\U{point:08x}"
