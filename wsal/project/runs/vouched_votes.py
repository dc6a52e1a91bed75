"""Columns of votes held against what earlier runs of `apply` recorded of the same rule on the same data.

The cache of votes lies in the project's folder, where whoever can write there can put other votes into it. The ledger
keeps a hash of every column of every run, so a cached column that an earlier run contradicts is not believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from wsal.engines import VoteCache
from wsal.project.history import History
from wsal.types import VoteArray
from wsal.votes import VoteMatrix

__all__ = ["Rewriting", "column_hashes", "contradicted_columns"]


class Rewriting:
    """A cache that believes nothing it holds, and takes what is computed in its place.

    Parameters
    ----------
    cache : VoteCache
    """

    def __init__(self, cache: VoteCache) -> None:
        self._cache = cache

    def get(self, lf_fingerprint: str, data_fingerprint: str) -> VoteArray | None:  # noqa: ARG002  # as the protocol
        """Return None: whatever there is, it is computed again."""
        return None

    def put(self, lf_fingerprint: str, data_fingerprint: str, votes: VoteArray) -> None:
        """Keep votes: int8, shape (n,)."""
        self._cache.put(lf_fingerprint, data_fingerprint, votes)


def column_hashes(votes: VoteMatrix) -> tuple[str, ...]:
    """Return the SHA-256 of each of m columns as int8, in hexadecimal digits; O(n·m).

    Examples
    --------
    >>> column_hashes(VoteMatrix.from_array([[0], [-1]], ["a", "b"])) == (hashlib.sha256(bytes([0, 255])).hexdigest(),)
    True
    """
    return tuple(hashlib.sha256(column.data).hexdigest() for column in votes.columns())


def contradicted_columns(
    votes: VoteMatrix, hashes: Sequence[str], history: History, *, data_fingerprint: str
) -> Mapping[str, str]:
    """Return the rules whose votes are others than those that the same version gave on the same data, and in which run.

    Only runs with the classes of now count: in others, the same number may stand for another class.

    Parameters
    ----------
    votes : VoteMatrix
    hashes : sequence of str
        Its `column_hashes`.
    history : History
    data_fingerprint : str
        Of the items.
    """
    since = max((change.seq for change in history.store.class_changes()), default=0)
    told: dict[str, tuple[str, str]] = {}
    for run in history.store.runs("run_applied"):
        applied = run.payload
        if run.seq > since and applied.data_fingerprint == data_fingerprint:
            for rule, column in zip(applied.rules, applied.column_sha256, strict=False):
                if rule.fingerprint is not None:
                    told[rule.fingerprint] = (column, applied.run)
    now = zip(votes.lf_names, votes.lf_fingerprints, hashes, strict=True)
    return {
        name: told[fingerprint][1]
        for name, fingerprint, column in now
        if fingerprint in told and told[fingerprint][0] != column
    }
