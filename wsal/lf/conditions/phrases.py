"""Token patterns that are phrases, found together by spaCy's PhraseMatcher, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["Phrase", "PhraseTable", "as_phrase"]

_ATTRIBUTES = {"LOWER": "LOWER", "TEXT": "ORTH", "ORTH": "ORTH"}


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other.

    Parameters
    ----------
    attribute : {"LOWER", "ORTH"}
        What of a token equals the word.
    words : tuple of str
    """

    attribute: str
    words: tuple[str, ...]


def as_phrase(tokens: Sequence[Mapping[str, Any]]) -> Phrase | None:
    """Read a token pattern as a phrase; None where it is more than one.

    Examples
    --------
    >>> as_phrase([{"LOWER": "act"}, {"LOWER": "now"}])
    Phrase(attribute='LOWER', words=('act', 'now'))
    >>> as_phrase([{"LOWER": "act"}, {"IS_DIGIT": True}]) is None
    True
    """
    names = {name for token in tokens for name in token}
    kinds = {_ATTRIBUTES.get(name) for name in names}
    words = [word for token in tokens for word in token.values()]
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None or len(words) != len(tokens) or not all(isinstance(word, str) and word for word in words):
        return None
    return Phrase(kind, tuple(words))


class PhraseTable:
    """Finds many phrases in one doc after another.

    Parameters
    ----------
    pipeline : spacy.Language
        The one that makes the docs.
    phrases : mapping of int to Phrase
        By the position of their condition.
    """

    def __init__(self, pipeline: Language, phrases: Mapping[int, Phrase]) -> None:
        from spacy.matcher import PhraseMatcher
        from spacy.tokens import Doc

        self.positions = list(phrases)
        self._index: dict[int, int] = {}
        self._matchers: dict[str, PhraseMatcher] = {}
        for i, phrase in enumerate(phrases.values()):
            matcher = self._matchers.setdefault(
                phrase.attribute, PhraseMatcher(pipeline.vocab, attr=phrase.attribute)
            )
            matcher.add(f"phrase {i}", [Doc(pipeline.vocab, words=list(phrase.words))])
            self._index[pipeline.vocab.strings[f"phrase {i}"]] = i

    def found_in(self, doc: Doc) -> NDArray[np.bool_]:
        """Say which phrases stand in a doc; shape (phrases,)."""
        found = np.zeros(len(self.positions), dtype=bool)
        for matcher in self._matchers.values():
            for name, _, _ in matcher(doc):
                found[self._index[name]] = True
        return found
