"""What the cache knows of the votes that are asked for: whole columns, or columns before items were appended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TypeAlias

import numpy as np

from wsal.engines.cache import CastCache, GrowingCache, VoteCache
from wsal.engines.voted import AnyLF
from wsal.errors import DataError
from wsal.items import Items
from wsal.lf import Rule
from wsal.types import ABSTAIN, MAX_CLASSES, LabelSpace
from wsal.votes import CastVotes, VoteColumn

__all__ = ["CacheKey", "known_votes", "own_fingerprint", "vote_key"]

CacheKey: TypeAlias = tuple[str, str]


def own_fingerprint(lf: AnyLF) -> str | None:
    """Return the fingerprint of a labelling function; None for one that has none."""
    fingerprint = getattr(lf, "fingerprint", None)
    return fingerprint if isinstance(fingerprint, str) else None


def vote_key(
    lf: AnyLF, items: Items, labels: LabelSpace | None, *, first: int | None = None
) -> CacheKey | None:
    """Return the key of a column in the cache: what the function is, and what else its votes depend on.

    That is the cells that it reads (of the ``first`` items, or of all), and which index each label has. None for a
    function without a fingerprint, and where the cells cannot be hashed or are not there, which the engine then
    says better.
    """
    own = own_fingerprint(lf)
    fields = lf.fields if isinstance(lf, Rule) else None
    columns = items.columns if fields is None else fields
    if own is None or not set(columns) <= set(items.columns):
        return None
    try:
        data = items.fingerprint_of(columns, first=first)
    except DataError:
        return None
    names = repr(labels.names) if labels is not None else "not known"
    return own, sha256(f"{data}\n{names}".encode("utf-8", "surrogatepass")).hexdigest()


def known_votes(
    cache: VoteCache,
    lfs: Sequence[AnyLF],
    keys: Sequence[CacheKey | None],
    *,
    items: Items,
    labels: LabelSpace | None,
) -> dict[int, VoteColumn]:
    """Return what the cache has of each column, by position: all n votes, or those of the first items.

    What cannot be these votes is passed over. A vote depends on its own item alone, so votes on the items that were
    there before others were appended still hold.

    Notes
    -----
    Where a column is not there, O(bytes of the columns it reads) for each length that the cache remembers.
    """
    found: dict[int, VoteColumn] = {}
    missing: list[int] = []
    for j, key in enumerate(keys):
        votes = None if key is None else _believed(cache, key, items.n_items, labels)
        if votes is not None:
            found[j] = votes
        elif key is not None:
            missing.append(j)
    for size in _smaller_sizes(cache, items.n_items) if missing else ():
        for j in [j for j in missing if j not in found]:
            key = vote_key(lfs[j], items, labels, first=size)
            votes = None if key is None else _believed(cache, key, size, labels)
            if votes is not None:
                found[j] = votes
    return found


def _smaller_sizes(cache: VoteCache, n_items: int) -> Iterator[int]:
    if isinstance(cache, GrowingCache):
        yield from sorted((size for size in cache.sizes() if 0 < size < n_items), reverse=True)


def _believed(cache: VoteCache, key: CacheKey, n_items: int, labels: LabelSpace | None) -> VoteColumn | None:
    """Return the votes kept under a key, if they can be votes on so many items."""
    kept = cache.find(*key) if isinstance(cache, CastCache) else cache.get(*key)
    if kept is None or len(kept) != n_items:
        return None
    votes = kept.votes if isinstance(kept, CastVotes) else kept
    if votes.ndim != 1 or votes.dtype != np.int8:
        return None
    most = MAX_CLASSES if labels is None else len(labels)
    in_range = votes.min(initial=ABSTAIN) >= ABSTAIN and votes.max(initial=ABSTAIN) < most
    return kept if in_range else None
