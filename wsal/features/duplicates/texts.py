"""Near-duplicate texts: MinHash finds candidates, the Jaccard index of their shingles decides."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.features.duplicates.leaders import Leaders
from wsal.types import is_missing

__all__ = ["group_texts", "normalise", "shingles"]

_WIDTH = 5  # characters of a shingle
_PERMUTATIONS = 128
_SEED = 1  # of the permutations: part of the definition, the same for everybody
_CANDIDATE_SHARE = 0.9  # candidates are sought below the threshold, so that few at it are missed
_WEIGHTS = (0.2, 0.8)  # of a candidate too many against one missed: verifying is cheap

_LOW = np.uint64(0xFFFFFFFF)  # MinHash takes 32 bits
_MULTIPLIER = 0x9E3779B97F4A7C15  # 2^64 / golden ratio, odd (Knuth, TAOCP 3, 6.4)
_MIX = 0xBF58476D1CE4E5B9  # of splitmix64 (Steele, Lea and Flood, OOPSLA 2014)


def normalise(text: object) -> str:
    r"""Return a text in Unicode's form NFKC, in lower case, with single spaces; empty where missing.

    Examples
    --------
    >>> normalise("  Claim\tyour PRIZE ")
    'claim your prize'
    """
    if is_missing(text):
        return ""
    return " ".join(unicodedata.normalize("NFKC", str(text)).casefold().split())


def shingles(text: str) -> NDArray[np.uint64]:
    """Return the set of runs of 5 characters as sorted 64-bit hashes; a shorter text is one run. O(length).

    Examples
    --------
    >>> len(shingles("abcdefg")), len(shingles("aaaaaaaaa")), len(shingles("ab")), len(shingles(""))
    (3, 1, 1, 0)
    """
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if not len(points):
        return points
    width = min(_WIDTH, len(points))
    hashed = np.full(len(points) - width + 1, width, dtype=np.uint64)
    for i in range(width):  # arithmetic modulo 2^64 is meant
        hashed = (hashed ^ points[i : i + len(hashed)]) * np.uint64(_MULTIPLIER)
        hashed ^= hashed >> np.uint64(29)
    hashed *= np.uint64(_MIX)
    return np.unique(hashed ^ (hashed >> np.uint64(32)))


def group_texts(
    texts: Sequence[str], *, threshold: float, on_progress: Callable[[int], object] | None = None
) -> Leaders:
    """Group texts around leaders that they resemble.

    Parameters
    ----------
    texts : sequence of str
        In ascending order, all different, none empty.
    threshold : float
        Least Jaccard index of the shingles of a text and of its leader, above 0 and at most 1.
    on_progress : callable, optional
        Called with the number of texts done since the last call.

    Returns
    -------
    Leaders
        Texts are taken in their order; each goes to the most similar leader that is found, or becomes one.

    Notes
    -----
    Candidates come from MinHash with banding (Broder, 1997; Leskovec, Rajaraman and Ullman, Mining of Massive
    Datasets, ch. 3; library: datasketch) over the leaders alone: a template that stands in the data ten
    thousand times is compared once each time, not with all its copies. Banding misses some pairs near the
    threshold; what is found is verified. O(n) memory.
    """
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold * _CANDIDATE_SHARE, _PERMUTATIONS, weights=_WEIGHTS)
    empty = MinHash(_PERMUTATIONS, seed=_SEED, hashfunc=int, scheme="affine32")
    sets: dict[int, NDArray[np.uint64]] = {}
    leaders, similarity = np.arange(len(texts), dtype=np.int64), np.ones(len(texts))
    for i, text in enumerate(texts):
        own = shingles(text)
        sketch: Any = empty.copy()
        sketch.update_batch((own & _LOW).tolist())
        found = max(((jaccard(own, sets[j]), -j) for j in index.query(sketch)), default=(0.0, 0))
        if found[0] >= threshold:
            similarity[i], leaders[i] = found[0], -found[1]
        else:
            index.insert(i, sketch, check_duplication=False)
            sets[i] = own
        if on_progress is not None:
            on_progress(1)
    return Leaders(leaders, similarity)


def jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Return the share of common elements among all of two sets, each sorted and not empty."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
