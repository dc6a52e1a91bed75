"""Texts that are the same but for case, spaces and punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["first_of_their_kind", "normalised"]


def normalised(text: str) -> str:
    """Return what two texts share that are the same but for case, spaces and punctuation.

    Examples
    --------
    >>> normalised("Win,  a PRIZE!"), normalised("?!")
    ('win a prize', '?!')
    """
    # A text of nothing but punctuation is like no other.
    return " ".join(re.findall(r"\w+", text.casefold())) or text


def first_of_their_kind(texts: Iterable[str]) -> NDArray[np.bool_]:
    """Tell which texts repeat none before them; shape (n,)."""
    known: set[str] = set()
    first = []
    for text in map(normalised, texts):
        first.append(text not in known)
        known.add(text)
    return np.array(first, dtype=np.bool_)
