"""Which tokens of a text satisfy which attributes.

spaCy cuts the text and compares the tokens, except for ``REGEX``, for which spaCy's Matcher has no time limit:
those are searched here, each different token once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wsal.lf.search import SEARCH_FAILURES, PatientSearch, SafePattern

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

__all__ = ["Satisfied", "TokenTable"]

_ANY_TOKEN: Final = "{}"  # noqa: S105  # a token of a text is no password
_TEXT_OF: Final = {
    "TEXT": "orth_",
    "ORTH": "orth_",
    "LOWER": "lower_",
    "NORM": "norm_",
    "SHAPE": "shape_",
    "POS": "pos_",
    "TAG": "tag_",
    "DEP": "dep_",
    "LEMMA": "lemma_",
    "ENT_TYPE": "ent_type_",
    "ENT_ID": "ent_id_",
}


@dataclass(frozen=True)
class Satisfied:
    """What is known of the tokens of one text.

    Parameters
    ----------
    n_tokens : int
    masks : dict of str to int
        For attributes, the tokens that satisfy them: bit i is token i. What no token satisfies may be left out.
    failures : dict of str to Exception
        For attributes of which that is not known, the reason: a search took too long.
    """

    n_tokens: int
    masks: dict[str, int]
    failures: dict[str, Exception]


class TokenTable:
    """Asks of one doc after another which tokens satisfy which attributes.

    Parameters
    ----------
    pipeline : spacy.Language
        The one that makes the docs.
    attributes : iterable of str
        As canonical JSON; ``{}`` is any token.
    """

    def __init__(self, pipeline: Language, attributes: Iterable[str]) -> None:
        from spacy.matcher import Matcher

        self._matcher = Matcher(pipeline.vocab)
        self._wanted = {wanted: _taken_apart(wanted) for wanted in sorted(set(attributes))}
        plain = {plain for plain, _ in self._wanted.values()} - {_ANY_TOKEN}
        for attributes_of_one in sorted(plain):
            self._matcher.add(attributes_of_one, [[json.loads(attributes_of_one)]])
        self._names = {pipeline.vocab.strings[name]: name for name in plain}

    def of(self, doc: Doc) -> Satisfied:
        """Say which tokens of a doc satisfy what.

        To be called inside ``pipeline.memory_zone()``; nothing of spaCy's is handed out.
        """
        places: dict[str, Sequence[int]] = self._places(doc)
        masks: dict[str, int] = {}
        failures: dict[str, Exception] = {}
        for wanted, (plain, searches) in self._wanted.items():
            starts = places.get(plain, ())
            try:
                for search in searches:
                    starts = [i for i in starts if search.found_in(doc[i])]
            except SEARCH_FAILURES as cause:
                failures[wanted] = cause.with_traceback(None)  # it would keep the doc beyond the memory zone
                continue
            masks[wanted] = (1 << len(doc)) - 1 if len(starts) == len(doc) else _bits(starts, len(doc))
        return Satisfied(len(doc), masks, failures)

    def _places(self, doc: Doc) -> dict[str, Sequence[int]]:
        """Return the tokens that satisfy each set of plain attributes."""
        places: dict[str, list[int]] = {}
        # A doc in which no token has, say, a lemma is one without that lemma, and no error.
        found = self._matcher(doc, allow_missing=True) if self._names else ()
        for name, start, _ in found:
            places.setdefault(self._names[name], []).append(start)
        return {**places, _ANY_TOKEN: range(len(doc))}


class _TokenSearch:
    """A pattern and the attribute that it is searched in; remembers what it has searched."""

    def __init__(self, attribute: str, pattern: str) -> None:
        self._text_of = _TEXT_OF[attribute]
        self._search = PatientSearch(SafePattern(pattern))
        self._known: dict[str, bool | Exception] = {}

    def found_in(self, token: Token) -> bool:
        """Whether the pattern is found; raises what `PatientSearch` raises."""
        text: str = getattr(token, self._text_of)
        answer = self._known.get(text)
        if answer is None:
            try:
                answer = self._search.found_in(text)
            except SEARCH_FAILURES as cause:
                answer = cause
            self._known[text] = answer
        if isinstance(answer, Exception):
            raise answer
        return answer


def _taken_apart(wanted: str) -> tuple[str, tuple[_TokenSearch, ...]]:
    """Split attributes into what spaCy compares, as canonical JSON, and what is searched for."""
    plain: dict[str, Any] = {}
    searches: list[_TokenSearch] = []
    for name, value in json.loads(wanted).items():
        if isinstance(value, dict) and "REGEX" in value:
            searches.append(_TokenSearch(name, value.pop("REGEX")))
            if not value:
                continue
        plain[name] = value
    return json.dumps(plain, sort_keys=True), tuple(searches)


def _bits(places: Sequence[int], n: int) -> int:
    bits = bytearray(n // 8 + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")
