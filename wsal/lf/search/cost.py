"""An upper bound on the steps that a backtracking search can take.

A backtracking matcher tries, at worst, every way in which a pattern can match. The number of ways and the
work of trying them all are bounded here from the parse tree, as ``c · n^d`` in the length n of the text.
Where a repeat stands over something that can itself match in several ways, as in ``(a+)+``, the bound is
infinite.

The bound is never too small, and often far too large: it decides when ``re`` is safe, and nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

__all__ = ["Bound", "search_cost"]

_MAX_COUNTED_REPEAT = 64  # beyond it the bound would be astronomical anyway


@dataclass(frozen=True)
class Bound:
    """``coefficient · n^degree``, for n ≥ 1; an infinite coefficient where nothing is known.

    Examples
    --------
    >>> (Bound(2.0, 1) * Bound(3.0, 1)).at(10)
    600.0
    """

    coefficient: float
    degree: int = 0

    def __add__(self, other: Bound) -> Bound:
        return Bound(self.coefficient + other.coefficient, max(self.degree, other.degree))

    def __mul__(self, other: Bound) -> Bound:
        return Bound(self.coefficient * other.coefficient, self.degree + other.degree)

    def at(self, n: int) -> float:
        """Return the bound for a text of n characters; infinite where it would not fit a float."""
        try:
            return self.coefficient * float(max(n, 1)) ** self.degree
        except OverflowError:
            return math.inf


_ONE = Bound(1.0)
_LENGTH = Bound(1.0, 1)
_INFINITE = Bound(math.inf)


@dataclass(frozen=True)
class _Cost:
    """ways: in how many ways the node can match from one place; work: steps to try them all."""

    ways: Bound
    work: Bound


def search_cost(tree: Any) -> Bound:  # noqa: ANN401  # the standard library's parse tree has no public type
    """Bound the steps of ``re.search`` over a text of n characters.

    Parameters
    ----------
    tree : re._parser.SubPattern
        As returned by `wsal.lf.search.parse_tree.parse`.

    Returns
    -------
    Bound
        Steps, from all starting places together.

    Examples
    --------
    >>> from wsal.lf.search.parse_tree import parse
    >>> search_cost(parse("a.*b")[0]).degree
    2
    >>> search_cost(parse("(a+)+b")[0]).at(1)
    inf
    """
    # n + 1 starting places are at most 2n.
    return Bound(2.0, 1) * _sequence(tree).work


def _sequence(nodes: Any) -> _Cost:  # noqa: ANN401  # as above
    ways, work = _ONE, _ONE
    for op, argument in nodes:
        cost = _node(str(op), argument)
        work = work + ways * cost.work
        ways = ways * cost.ways
    return _Cost(ways, work)


def _node(op: str, argument: Any) -> _Cost:  # noqa: ANN401, PLR0911  # as above; one case a node
    match op:
        case "SUBPATTERN":
            return _sequence(argument[3])
        case "BRANCH":
            return _any_of([_sequence(branch) for branch in argument[1]])
        case "GROUPREF_EXISTS":
            return _any_of([_sequence(branch) for branch in argument[1:] if branch])
        case "ASSERT" | "ASSERT_NOT":
            return _Cost(_ONE, _sequence(argument[1]).work)
        case "ATOMIC_GROUP":
            return _Cost(_ONE, _sequence(argument).work)
        case "MAX_REPEAT" | "MIN_REPEAT":
            return _repeat(*argument)
        case "POSSESSIVE_REPEAT":
            return _Cost(_ONE, _repeat(*argument).work)
        case "GROUPREF":
            return _Cost(_ONE, _LENGTH)
        case _:  # one character, or a place
            return _Cost(_ONE, _ONE)


def _any_of(costs: list[_Cost]) -> _Cost:
    ways, work = Bound(0.0), _ONE
    for cost in costs:
        ways, work = ways + cost.ways, work + cost.work
    return _Cost(ways + _ONE, work)


def _repeat(low: int, high: Any, body: Any) -> _Cost:  # noqa: ANN401  # MAXREPEAT is the parser's own constant
    inner = _sequence(body)
    bounded = int(high) <= _MAX_COUNTED_REPEAT
    if inner.ways == _ONE:
        # One way through the body: what is left open is only how often. An empty pass ends the repeat.
        times = Bound(float(int(high) + 1)) if bounded else Bound(float(low + 2), 1)
        return _Cost(times, times * inner.work)
    if not bounded:
        return _Cost(_INFINITE, _INFINITE)
    ways, work, so_far = _ONE, _ONE, _ONE
    for _ in range(int(high)):
        work = work + so_far * inner.work
        so_far = so_far * inner.ways
        ways = ways + so_far
    return _Cost(ways, work)
