"""How a batch is chosen, by name: the default, a hunt, or a classic strategy with its audit draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from wsal.errors import InputError, did_you_mean
from wsal.selection.batch import Batch
from wsal.selection.select import select
from wsal.selection.strategies import strategies, strategy

__all__ = ["DEFAULT_STRATEGY", "chooser", "strategy_names"]

DEFAULT_STRATEGY: Final = "default"
"""Name of `select`."""

_AUDIT_SHARE = 0.3  # at least: without draws of known chance nothing can be said about how good labels are


def strategy_names() -> tuple[str, ...]:
    """Return the names that `chooser` knows, the default first."""
    return (DEFAULT_STRATEGY, *strategies())


def chooser(
    name: str = DEFAULT_STRATEGY, *, hunt: Sequence[str] = (), audit_share: float = _AUDIT_SHARE
) -> Callable[..., Batch]:
    """Return what chooses the items of a batch, called as `select` is.

    Parameters
    ----------
    name : str
        One of `strategy_names`.
    hunt : sequence of str
        Rare labels to look for; only the default does.
    audit_share : float
        Least share of a classic strategy's batch that is drawn at random from all items. (The default has its
        own.)

    Raises
    ------
    InputError
        No strategy has the name, or it cannot hunt.

    Examples
    --------
    >>> chooser("margin").audit_share, chooser("random").audit_share
    (0.3, 1.0)
    """
    if name == DEFAULT_STRATEGY:
        return partial(select, hunt=tuple(hunt) or None)
    if name not in strategy_names():
        raise InputError(
            f"unknown strategy {name!r}; there are {', '.join(strategy_names())}",
            hint=did_you_mean(name, strategy_names()),
        )
    if hunt:
        raise InputError(
            f"the strategy {name} does not hunt for {', '.join(hunt)}", hint="leave out --strategy or --hunt"
        )
    found = strategy(name)
    return replace(found, audit_share=max(found.audit_share, audit_share))
