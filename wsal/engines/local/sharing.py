"""Which labelling functions share work, directly or through others, and so vote together."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet

__all__ = ["that_share"]


def that_share(work: Mapping[int, AbstractSet[Hashable]]) -> list[list[int]]:
    """Put functions that share work into one group, the others into groups of their own.

    Small groups finish, and are kept in the cache, early; no work is done twice.

    Parameters
    ----------
    work : mapping of position to set
        What each function has done for it (passes over a column, preprocessors).

    Returns
    -------
    list of list of int
        Positions, each in one group.

    Examples
    --------
    >>> that_share({0: {"a"}, 1: {"b"}, 2: {"c", "a"}, 3: set(), 4: {"c"}})
    [[1], [3], [0, 2, 4]]
    """
    groups: list[tuple[AbstractSet[Hashable], list[int]]] = []
    for position, done in work.items():
        shared, members = done, [position]
        apart = []
        for other in groups:
            if shared & other[0]:
                shared, members = shared | other[0], other[1] + members
            else:
                apart.append(other)
        groups = [*apart, (shared, members)]
    return [members for _, members in groups]
