"""How a project chooses items: the default, a hunt, or a classic strategy with its audit draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from wsal.config import Config
from wsal.errors import ConfigError, InputError, Location, did_you_mean
from wsal.selection import Batch, select, strategies, strategy

__all__ = ["DEFAULT_STRATEGY", "chooser", "require_strategy"]

DEFAULT_STRATEGY = "default"
_AUDIT_SHARE = 0.3  # at least: without draws of known chance nothing can be said about how good labels are


def chooser(config: Config, name: str | None, hunt: Sequence[str]) -> Callable[..., Batch]:
    """Return what chooses the items of a batch.

    Parameters
    ----------
    config : Config
    name : str or None
        A strategy; None for that of the settings, unless there is a hunt, which is always by the default.
    hunt : sequence of str
        Labels.

    Raises
    ------
    InputError
        A label is no class of the task, no strategy has the name, or it cannot hunt.
    """
    for label in hunt:
        config.labels.index(label)
    asked = name or (DEFAULT_STRATEGY if hunt else config.strategy)
    if asked == DEFAULT_STRATEGY:
        return partial(select, hunt=tuple(hunt) or None)
    known = (DEFAULT_STRATEGY, *strategies())
    if asked not in known:
        raise InputError(
            f"unknown strategy {asked!r}; there are {', '.join(known)}", hint=did_you_mean(asked, known)
        )
    found = strategy(asked)
    if hunt:
        raise InputError(
            f"the strategy {asked} does not hunt for {', '.join(hunt)}", hint="leave out --strategy or --hunt"
        )
    return replace(found, audit_share=max(found.audit_share, _AUDIT_SHARE))


def require_strategy(config: Config) -> None:
    """See that the settings name a strategy that there is.

    Raises
    ------
    ConfigError
        They do not.
    """
    try:
        chooser(config, config.strategy, ())
    except InputError as error:
        raise ConfigError(
            f"[selection] strategy: {error.message}", location=Location(str(config.file)), hint=error.hint
        ) from None
