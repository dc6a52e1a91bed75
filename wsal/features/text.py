"""Text as TF-IDF of words and pairs of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wsal.features.matrix import FeatureMatrix
from wsal.lf.scripts import UNSPACED
from wsal.types import is_missing

__all__ = ["as_documents", "text_features", "tfidf", "token_pattern"]

_FEW_TEXTS = 50


def text_features(
    texts: Sequence[object], *, min_df: int = 2, max_features: int = 20_000, prefix: str = ""
) -> FeatureMatrix:
    """Turn texts into TF-IDF features.

    Words and pairs of neighbouring words, in lower case, where a script puts no spaces between words (Chinese,
    Japanese, Thai, …) its letters and pairs of them; ``1 + log`` of the count in the text, times the
    smooth inverse document frequency; rows of length 1.

    Parameters
    ----------
    texts : sequence of n values
        A missing text is an empty one; a value that is no text is written out.
    min_df : int
        A word or pair that stands in fewer texts is left out. With fewer than 50 texts, or where that
        would leave nothing, it is 1.
    max_features : int
        The most frequent ones are kept.
    prefix : str
        Put before every name.

    Returns
    -------
    FeatureMatrix
        Sparse, shape (n, d); d = 0 where there is no word at all.

    Examples
    --------
    >>> text_features(["free prize", None]).names
    ('free', 'free prize', 'prize')
    """
    import numpy as np
    from scipy.sparse import csr_array

    documents = as_documents(texts)
    lowest = min_df if sum(map(bool, documents)) >= _FEW_TEXTS else 1
    notes: list[str] = []
    for least in dict.fromkeys((lowest, 1)):
        vectorizer = tfidf(min_df=least, max_features=max_features)
        try:
            matrix = csr_array(vectorizer.fit_transform(documents))
        except ValueError:  # scikit-learn's word for: no term remains
            continue
        if least < min_df:
            notes.append("There are few texts, so words that stand in only one of them are features too.")
        names = tuple(prefix + name for name in vectorizer.get_feature_names_out().tolist())
        return FeatureMatrix(matrix, names, tuple(notes))
    return FeatureMatrix(csr_array((len(documents), 0), dtype=np.float64), (), ("The texts hold no words.",))


def as_documents(texts: Sequence[object]) -> list[str]:
    """Return texts for the vectorizer: a missing one is empty, what is no text is written out."""
    return ["" if is_missing(text) else str(text) for text in texts]


def tfidf(**settings: Any) -> Any:  # noqa: ANN401  # scikit-learn has no types
    """Make a vectorizer as all TF-IDF features here have it: words and pairs, logarithmic counts."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    pattern = token_pattern(shortest=2)
    return TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, token_pattern=pattern, dtype=np.float64, **settings
    )


def token_pattern(*, shortest: int) -> str:
    r"""Return the regex of a token: a word of so many letters, or one letter of a script without spaces.

    In other scripts it is what scikit-learn's own ``\b\w\w+\b`` finds.

    Examples
    --------
    >>> import re
    >>> re.findall(token_pattern(shortest=2), "A new 画面, 2 of them")
    ['new', '画', '面', 'of', 'them']
    """
    return rf"(?u)[{UNSPACED}]|[^\W{UNSPACED}]{{{shortest},}}"
