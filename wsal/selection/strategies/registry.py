"""Strategies by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wsal.errors import InputError, did_you_mean
from wsal.selection.strategies.base import QueryStrategy
from wsal.selection.strategies.committee import CommitteeKL, VoteEntropy
from wsal.selection.strategies.error_reduction import ExpectedErrorReduction
from wsal.selection.strategies.geometry import CoreSet, DensityWeighted, Typicality
from wsal.selection.strategies.model_change import ExpectedModelChange
from wsal.selection.strategies.uncertainty import Entropy, LeastConfidence, Margin, RandomItems
from wsal.selection.strategies.vote_patterns import ConflictFirst, MaxKL

__all__ = ["strategies", "strategy"]

_KINDS: Final[tuple[type[QueryStrategy], ...]] = (
    RandomItems,
    LeastConfidence,
    Margin,
    Entropy,
    VoteEntropy,
    CommitteeKL,
    ExpectedModelChange,
    ExpectedErrorReduction,
    DensityWeighted,
    Typicality,
    CoreSet,
    MaxKL,
    ConflictFirst,
)


def strategies() -> Mapping[str, type[QueryStrategy]]:
    """Return every classic strategy by its name; the default, `wsal.select`, is none of them.

    Examples
    --------
    >>> list(strategies())[:4]
    ['random', 'least-confidence', 'margin', 'entropy']
    """
    return {kind.name: kind for kind in _KINDS}


def strategy(name: str, **options: Any) -> QueryStrategy:  # noqa: ANN401  # each strategy has its own
    """Make a strategy.

    Parameters
    ----------
    name : str
        One of `strategies`.
    **options
        Settings of the strategy, such as ``audit_share=0.3``.

    Raises
    ------
    InputError
        No strategy has this name, or it has no such setting.

    Examples
    --------
    >>> strategy("density-weighted", beta=2.0).beta
    2.0
    """
    kinds = strategies()
    if name not in kinds:
        raise InputError(
            f"unknown strategy {name!r}; there are {', '.join(kinds)}", hint=did_you_mean(str(name), kinds)
        )
    known = kinds[name].__dataclass_fields__
    for option in options:
        if option not in known:
            raise InputError(
                f"{name} has no setting {option!r}; it has {', '.join(known)}",
                hint=did_you_mean(option, known),
            )
    return kinds[name](**options)
