"""Learners by name: any label model with any strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from wsal.errors import InputError, did_you_mean
from wsal.label_models import DawidSkene, LabelModel, MajorityVote, SnorkelModel
from wsal.selection import select, strategies, strategy
from wsal.simulation.learner import AnswersAlone, Learner, Makes, Strategy, Wsal

__all__ = ["MODELS", "NO_RULES", "learner_named", "strategy_names"]

NO_RULES: Final = "none"
"""Name of the model that looks at no votes: active learning on answers alone."""

DEFAULT: Final = "default"
"""Name of `wsal.select`."""

MODELS: Final[Mapping[str, Callable[[], Makes]]] = {
    "wsal": lambda: Wsal(LabelModel()),
    "majority-vote": lambda: Wsal(MajorityVote()),
    "dawid-skene": lambda: Wsal(DawidSkene()),
    "snorkel": lambda: Wsal(SnorkelModel()),
    NO_RULES: AnswersAlone,
}
"""What makes labels: wsal with one of its label models, or answers alone."""


def strategy_names() -> tuple[str, ...]:
    """Return the names of strategies: the default first."""
    return (DEFAULT, *strategies())


def learner_named(model: str, strategy_name: str = DEFAULT, *, hunt: Sequence[str] = ()) -> Learner:
    """Make a learner.

    Parameters
    ----------
    model : str
        One of `MODELS`.
    strategy_name : str
        One of `strategy_names`.
    hunt : sequence of str
        Rare labels that the default strategy looks for.

    Raises
    ------
    InputError
        A name that stands for nothing, or a hunt with a strategy that does not hunt.

    Examples
    --------
    >>> learner_named("majority-vote", "margin").name
    'majority-vote + margin'
    """
    if model not in MODELS:
        raise InputError(
            f"unknown model {model!r}; there are {', '.join(MODELS)}", hint=did_you_mean(model, MODELS)
        )
    if strategy_name not in strategy_names():
        raise InputError(
            f"unknown strategy {strategy_name!r}; there are {', '.join(strategy_names())}",
            hint=did_you_mean(strategy_name, strategy_names()),
        )
    chosen: Strategy = select
    if strategy_name != DEFAULT:
        chosen = strategy(strategy_name)
        if hunt:
            raise InputError(
                f"the strategy {strategy_name!r} does not hunt for a label", hint=f"only {DEFAULT!r} does"
            )
    elif hunt:
        chosen = partial(select, hunt=tuple(hunt))
    hunted = f", hunting {', '.join(hunt)}" if hunt else ""
    return Learner(f"{model} + {strategy_name}{hunted}", MODELS[model](), chosen)
