"""How a project chooses items: by the settings, or as asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wsal.config import Config
from wsal.errors import ConfigError, InputError, Location
from wsal.selection import DEFAULT_STRATEGY, Batch, chooser

__all__ = ["project_chooser", "require_strategy"]


def project_chooser(
    config: Config, name: str | None, hunt: Sequence[str], *, within: bool = False
) -> Callable[..., Batch]:
    """Return what chooses the items of a batch.

    Parameters
    ----------
    config : Config
    name : str or None
        A strategy; None for that of the settings, unless there is a hunt, which is always by the default.
    hunt : sequence of str
        Labels.
    within : bool
        Whether items are to be chosen from a sub-pool, which only the default does.

    Raises
    ------
    InputError
        A label is no class of the task, no strategy has the name, or it cannot hunt.
    """
    for label in hunt:
        config.labels.index(label)
    if within and name not in (None, DEFAULT_STRATEGY):
        raise InputError(
            f"strategy {name!r} chooses from all items",
            hint="leave --strategy out, or --within, --near and --about",
        )
    if within:
        return chooser(DEFAULT_STRATEGY, hunt=hunt)
    return chooser(name or (DEFAULT_STRATEGY if hunt else config.strategy), hunt=hunt)


def require_strategy(config: Config) -> None:
    """See that the settings name a strategy that there is.

    Raises
    ------
    ConfigError
        They do not.
    """
    try:
        chooser(config.strategy)
    except InputError as error:
        raise ConfigError(
            f"[selection] strategy: {error.message}", location=Location(str(config.file)), hint=error.hint
        ) from None
