"""Seed search: which items resemble some words, or some other items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.features.density import unit_rows
from wsal.features.matrix import FeatureMatrix
from wsal.features.text import token_pattern
from wsal.types import Floats, is_missing

__all__ = ["ItemSearch"]


@dataclass(frozen=True, eq=False)
class ItemSearch:
    """Items that can be searched; make one with `of_texts` or `of_features`.

    Parameters
    ----------
    unit : ndarray or scipy.sparse.csr_array, shape (n, d)
        Rows of length 1, of 0 where there is nothing.
    vectorizer : TfidfVectorizer, optional
        Turns words into such a row.
    """

    unit: Any
    vectorizer: Any = None

    @classmethod
    def of_texts(cls, texts: Sequence[object]) -> ItemSearch:
        """Search texts by TF-IDF of single words, rare ones too, in lower case; ``1 + log`` of their count.

        Examples
        --------
        >>> search = ItemSearch.of_texts(["Claim your prize", "See you at lunch", "A prize for lunch"])
        >>> search.scores(words="prize").round(2).tolist()
        [0.47, 0.0, 0.43]
        """
        from scipy.sparse import csr_array
        from sklearn.feature_extraction.text import TfidfVectorizer

        documents = ["" if is_missing(text) else str(text) for text in texts]
        word = token_pattern(shortest=1)
        vectorizer = TfidfVectorizer(sublinear_tf=True, token_pattern=word, dtype=np.float64)
        try:
            return cls(csr_array(vectorizer.fit_transform(documents)), vectorizer)
        except ValueError:  # scikit-learn's word for: no word at all
            return cls(csr_array((len(documents), 0), dtype=np.float64))

    @classmethod
    def of_features(cls, features: FeatureMatrix) -> ItemSearch:
        """Search by examples only, by the cosine of their features."""
        return cls(unit_rows(features))

    def unknown(self, words: str) -> tuple[str, ...]:
        """Return the words that stand in no text."""
        if self.vectorizer is None:
            return tuple(words.split())
        known = self.vectorizer.vocabulary_
        return tuple(dict.fromkeys(w for w in self.vectorizer.build_analyzer()(words) if w not in known))

    def scores(self, *, words: str = "", rows: Sequence[int] = ()) -> Floats:
        """Return how much each item resembles the words or the examples, whichever more; shape (n,).

        Parameters
        ----------
        words : str
        rows : sequence of int
            Examples.

        Returns
        -------
        ndarray of float64, shape (n,)
            The largest cosine to the words, taken together, and to each example; 1 for an example itself.

        Raises
        ------
        InputError
            Nothing to search for; words without a text to search; or words none of which stands in any text.
        """
        if not words.strip() and not len(rows):
            raise InputError(
                "there is nothing to search for", hint="give some words, or items that are examples"
            )
        found = [self._to(self.unit[np.array([row])]) for row in rows]
        if words.strip():
            if self.vectorizer is None:
                raise InputError(
                    f"{words!r} cannot be searched for: there is no text",
                    hint='name a column of text under [data] in wsal.toml: text = "body"; or search by examples',
                )
            query = self.vectorizer.transform([words])
            if not query.nnz:
                raise InputError(
                    f"none of the words {words!r} stands in any text", hint="try other forms of them"
                )
            found.append(self._to(query))
        return np.asarray(np.maximum.reduce(found), dtype=np.float64)

    def nearest(self, scores: Floats, size: int) -> NDArray[np.bool_]:
        """Return which items are the ``size`` with the highest scores above 0; shape (n,). Ties: the first."""
        order = np.lexsort((np.arange(len(scores)), -np.round(scores, 12)))[:size]
        mask = np.zeros(len(scores), dtype=np.bool_)
        mask[order[scores[order] > 0]] = True
        return mask

    def _to(self, query: Any) -> Floats:  # noqa: ANN401  # a row, as sparse as the items
        if isinstance(self.unit, np.ndarray):
            return np.asarray(self.unit @ query.ravel(), dtype=np.float64)
        return np.asarray((self.unit @ query.T).toarray(), dtype=np.float64).ravel()
