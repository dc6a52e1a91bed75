r"""What of a pattern the fast engine (RE2) can run: exactly, or widened so that it misses nothing.

Only nodes of the parse tree that stand in this module are handed over. What RE2 cannot say is widened: a look-ahead is
left out, a back-reference matches anything. A widened form finds every text that the pattern matches, and some that it
does not match, which the exact engine then sorts out. Sets of characters are kept as what ``re`` says they are, and
written down once the alphabet is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from wsal.lf.search.character_sets import LAST_ASCII, CharacterSet, Ranges, word_set
from wsal.lf.search.parse_tree import parse
from wsal.lf.search.translation import flags_inside

__all__ = ["FastForm", "NotFastError", "fast_form"]

_MOST_REPEATS: Final = 1000  # RE2 refuses more
_SHORT_REPEAT: Final = 8
_ANYTHING: Final = r"[\x00-\xff]*"
_SINGLE: Final = frozenset({"LITERAL", "NOT_LITERAL", "IN", "ANY"})
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


class NotFastError(ValueError):
    """Nothing of the pattern is left for the fast engine."""


@dataclass(frozen=True)
class FastForm:
    """A pattern for the fast engine.

    Parameters
    ----------
    parts : tuple of (str or CharacterSet)
        RE2's own syntax, and sets of characters between.
    widened : tuple of str
        What was widened; where it is empty, the form is exact on every text that is not empty.
    wanders : bool
        A long repeat goes on through letters and spaces alike, as in ``a.*b``. An automaton remembers to the end of
        the text that it has begun, once for each such pattern.
    """

    parts: tuple[str | CharacterSet, ...]
    widened: tuple[str, ...]
    wanders: bool = False

    @classmethod
    def any_of(cls, forms: Sequence[FastForm]) -> FastForm:
        """Return the form of several patterns of which any will do."""
        parts: list[str | CharacterSet] = []
        for i, form in enumerate(forms):
            parts += ["|(?:" if i else "(?:", *form.parts, ")"]
        widened = dict.fromkeys(what for form in forms for what in form.widened)
        return cls(_merged(parts), tuple(widened), any(form.wanders for form in forms))

    @property
    def sets(self) -> tuple[CharacterSet, ...]:
        """The different sets of characters, in their order."""
        return tuple(dict.fromkeys(part for part in self.parts if isinstance(part, CharacterSet)))


def fast_form(pattern: str, flags: int = 0) -> FastForm:
    r"""Say a pattern of ``re`` to the fast engine.

    Parameters
    ----------
    pattern : str
        It compiles.
    flags : int
        Of ``re``.

    Returns
    -------
    FastForm

    Raises
    ------
    NotFastError
        A node that this module does not know.

    Examples
    --------
    >>> fast_form(r"\d+\b").widened
    ()
    >>> fast_form(r"a(?!b)").widened
    ('look-ahead',)
    """
    tree, all_flags = parse(pattern, flags)
    writer = _Writer()
    writer.sequence(list(tree), all_flags, last=True)
    return FastForm(_merged(writer.parts), tuple(dict.fromkeys(writer.widened)), writer.wanders)


class _Writer:
    """Appends parts; ``last`` says that nothing of the pattern follows."""

    def __init__(self) -> None:
        self.parts: list[str | CharacterSet] = []
        self.widened: list[str] = []
        self.wanders = False

    def sequence(self, nodes: list[Any], flags: int, *, last: bool) -> None:
        for i, (op, argument) in enumerate(nodes):
            if str(op) in {"ASSERT", "ASSERT_NOT"}:
                self.assertion(nodes, i, flags)
            else:
                self.node(op, argument, flags, last=last and i == len(nodes) - 1)

    def node(self, op: Any, argument: Any, flags: int, *, last: bool) -> None:  # noqa: ANN401, C901  # a case a node
        name = str(op)
        if name in _SINGLE:
            self.parts.append(CharacterSet.of(op, argument, flags))
        elif name in _REPEATS:
            self.repeat(name, argument, flags)
        else:
            match name:
                case "AT":
                    self.place(str(argument), flags, last=last)
                case "SUBPATTERN":
                    _, added, removed, body = argument
                    if added & (
                        re.ASCII | re.UNICODE
                    ):  # on which Python 3.11 is of two minds; it finds less, never more
                        self.widened.append("flag inside a group")
                    self.group([body], flags_inside(flags, added, removed), last=last)
                case "BRANCH":
                    self.group(argument[1], flags, last=last)
                case "ATOMIC_GROUP":
                    self.widened.append("atomic group")
                    self.group([argument], flags, last=last)
                case "GROUPREF":
                    self.wanders = True
                    self.widen("back-reference", _ANYTHING)
                case "GROUPREF_EXISTS":
                    self.widened.append("conditional group")
                    self.group([body or [] for body in argument[1:]], flags, last=last)
                case "FAILURE":
                    self.parts.append(r"[^\x00-\xff]")
                case _:
                    raise NotFastError(f"{name} is not known")

    def group(self, branches: list[Any], flags: int, *, last: bool) -> None:
        self.parts.append("(?:")
        for i, branch in enumerate(branches):
            if i:
                self.parts.append("|")
            self.sequence(list(branch), flags, last=last)
        self.parts.append(")")

    def repeat(self, name: str, argument: Any, flags: int) -> None:  # noqa: ANN401  # as above
        low, high, body = argument
        unbounded = str(high) == "MAXREPEAT"
        if name == "POSSESSIVE_REPEAT":
            self.widened.append("possessive repeat")
        if body.getwidth()[0] == 0:  # what `re` does with an empty pass is its own affair
            self.widened.append("repeat of what may be empty")
            low = 0
        if low > _MOST_REPEATS or (not unbounded and int(high) > _MOST_REPEATS):
            self.widened.append(f"repeat beyond {_MOST_REPEATS}")
            low, unbounded = min(int(low), 1), True
        begin = len(self.parts)
        self.group([body], flags, last=False)
        if unbounded or int(high) > _SHORT_REPEAT:
            self.wanders = self.wanders or _goes_on(self.parts[begin:])
        times = {(0, True): "*", (1, True): "+"}.get((int(low), unbounded))
        self.parts.append(times or f"{{{int(low)},{'' if unbounded else int(high)}}}")

    def place(self, name: str, flags: int, *, last: bool) -> None:
        multiline = bool(flags & re.MULTILINE)
        match name:
            case "AT_BEGINNING":
                self.parts.append("(?m:^)" if multiline else r"\A")
            case "AT_BEGINNING_STRING":
                self.parts.append(r"\A")
            case "AT_END" if multiline:
                self.parts.append("(?m:$)")
            case "AT_END" if (
                last
            ):  # before a newline that ends the text; nothing follows that could want the newline
                self.parts.append(r"(?:\x0a?\z)")
            case "AT_END":
                self.widen("$ before the end of the pattern")
            case "AT_END_STRING":
                self.parts.append(r"\z")
            case "AT_BOUNDARY" | "AT_NON_BOUNDARY" if flags & re.ASCII:
                self.widen("word boundary of ASCII")
            case "AT_BOUNDARY":
                self.parts.append(r"\b")
            case "AT_NON_BOUNDARY":
                self.parts.append(r"\B")
            case _:
                raise NotFastError(f"{name} is not known")

    def assertion(self, nodes: list[Any], i: int, flags: int) -> None:
        r"""Write ``(?<!\w)`` and ``(?!\w)`` beside a character as what they are there: a word boundary, or none."""
        op, (direction, body) = nodes[i]
        beside = i + 1 if direction < 0 else i - 1
        if str(op) == "ASSERT_NOT" and not flags & re.ASCII and 0 <= beside < len(nodes) and len(body) == 1:
            (inner, argument), (near, near_argument) = body[0], nodes[beside]
            if str(inner) == "IN" and CharacterSet.of(inner, argument, 0) == _bare(word_set(flags)):
                side = _side(near, near_argument, flags)
                if side is not None:
                    self.parts.append(side)
                    return
        self.widen("look-behind" if direction < 0 else "look-ahead")

    def widen(self, what: str, instead: str = "") -> None:
        self.widened.append(what)
        if instead:
            self.parts.append(instead)


def _bare(characters: CharacterSet) -> CharacterSet:
    return CharacterSet(characters.op, characters.argument, 0)


def _side(op: Any, argument: Any, flags: int) -> str | None:  # noqa: ANN401  # the parser has no public types
    r"""Return ``\b`` or ``\B`` for "no word character here", beside a literal; None where that depends.

    It depends where a letter has a counterpart in the other case that is no word character, as iota has.
    """
    if str(op) != "LITERAL":
        return None
    matched: Ranges = ((argument, argument),)
    if flags & re.IGNORECASE and argument > LAST_ASCII:
        matched = CharacterSet.of(op, argument, flags).ranges(ascii_only=False)
    sides = {re.match(r"\w", chr(c)) is not None for low, high in matched for c in range(low, high + 1)}
    return None if len(sides) != 1 else r"\b" if sides.pop() else r"\B"


def _goes_on(parts: Sequence[str | CharacterSet]) -> bool:
    """Whether what is repeated matches both a letter and a space."""
    sets = [part.ranges(ascii_only=True) for part in parts if isinstance(part, CharacterSet)]
    return all(any(low <= ord(c) <= high for ranges in sets for low, high in ranges) for c in "e ")


def _merged(parts: list[str | CharacterSet]) -> tuple[str | CharacterSet, ...]:
    merged: list[str | CharacterSet] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)
