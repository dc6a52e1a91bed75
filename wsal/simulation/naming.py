"""Learners by name: any label model with any strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from wsal.errors import InputError, did_you_mean
from wsal.label_models import DawidSkene, LabelModel, MajorityVote, SnorkelModel
from wsal.selection import DEFAULT_STRATEGY, chooser
from wsal.simulation.learner import AnswersAlone, Learner, Makes, Wsal

__all__ = ["MODELS", "learner_named"]

_NO_RULES: Final = "none"

MODELS: Final[Mapping[str, Callable[[], Makes]]] = {
    "wsal": lambda: Wsal(LabelModel()),
    "majority-vote": lambda: Wsal(MajorityVote()),
    "dawid-skene": lambda: Wsal(DawidSkene()),
    "snorkel": lambda: Wsal(SnorkelModel()),
    _NO_RULES: AnswersAlone,
}
"""What makes labels: wsal with one of its label models; or, called none, answers alone."""


def learner_named(model: str, strategy: str = DEFAULT_STRATEGY, *, hunt: Sequence[str] = ()) -> Learner:
    """Make a learner.

    Parameters
    ----------
    model : str
        One of `MODELS`.
    strategy : str
        One of `wsal.selection.strategy_names`. With rules it has the audit draws that it has in a project;
        without them it is as published.
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
    as_published = {"audit_share": 0.0} if model == _NO_RULES else {}
    chosen = chooser(strategy, hunt=hunt, **as_published)
    hunted = f", hunting {', '.join(hunt)}" if hunt else ""
    return Learner(f"{model} + {strategy}{hunted}", MODELS[model](), chosen)
