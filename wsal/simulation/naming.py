"""Learners by name: any label model with any strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from wsal.errors import InputError, did_you_mean
from wsal.label_models import DawidSkene, LabelModel, MajorityVote, Model, SnorkelModel
from wsal.selection import DEFAULT_STRATEGY, chooser
from wsal.simulation.learner import AnswersAlone, Learner, Wsal

__all__ = ["MODELS", "learner_named"]

_NO_RULES: Final = "none"

_LABEL_MODELS: Final[Mapping[str, Callable[[], Model]]] = {
    "wsal": LabelModel,
    "majority-vote": MajorityVote,
    "dawid-skene": DawidSkene,
    "snorkel": SnorkelModel,
}

MODELS: Final = (*_LABEL_MODELS, _NO_RULES)
"""What makes labels: wsal with one of its label models; or, called none, answers alone."""


def learner_named(
    model: str,
    strategy: str = DEFAULT_STRATEGY,
    *,
    hunt: Sequence[str] = (),
    class_balance: tuple[float, ...] | None = None,
) -> Learner:
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
    class_balance : tuple of float, optional
        Given to the label model, where it is known.

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
    name = f"{model} + {strategy}" + (f", hunting {', '.join(hunt)}" if hunt else "")
    if model == _NO_RULES:
        return Learner(name, AnswersAlone(), chooser(strategy, hunt=hunt, audit_share=0.0))
    return Learner(name, Wsal(_LABEL_MODELS[model](), class_balance), chooser(strategy, hunt=hunt))
