"""wsal: a labelling engine that combines weak supervision and active learning.

Everything public is here. A name is imported when it is first used, so that ``import wsal`` costs next to
nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsal.analysis import LFAnalysis
    from wsal.engines import apply
    from wsal.errors import InputError, LabelingFunctionError, WsalError
    from wsal.evidence import Evidence, explain
    from wsal.label_models import DawidSkene, LabelModel, MajorityVote
    from wsal.labels import HumanLabels, SoftLabels
    from wsal.lf import LabelingFunction, labeling_function, load_rules, nlp_labeling_function, preprocessor
    from wsal.patterns import VotePatterns
    from wsal.project import Project
    from wsal.selection import Batch, select
    from wsal.training import deliver
    from wsal.types import ABSTAIN, LabelSpace
    from wsal.votes import VoteMatrix

__version__ = "0.1.0"

_ROOMS = {
    "ABSTAIN": "types",
    "Batch": "selection",
    "DawidSkene": "label_models",
    "Evidence": "evidence",
    "HumanLabels": "labels",
    "InputError": "errors",
    "LFAnalysis": "analysis",
    "LabelModel": "label_models",
    "LabelSpace": "types",
    "LabelingFunction": "lf",
    "LabelingFunctionError": "errors",
    "MajorityVote": "label_models",
    "Project": "project",
    "SoftLabels": "labels",
    "VoteMatrix": "votes",
    "VotePatterns": "patterns",
    "WsalError": "errors",
    "apply": "engines",
    "deliver": "training",
    "explain": "evidence",
    "labeling_function": "lf",
    "load_rules": "lf",
    "nlp_labeling_function": "lf",
    "preprocessor": "lf",
    "select": "selection",
}

__all__ = [
    "ABSTAIN",
    "Batch",
    "DawidSkene",
    "Evidence",
    "HumanLabels",
    "InputError",
    "LFAnalysis",
    "LabelModel",
    "LabelSpace",
    "LabelingFunction",
    "LabelingFunctionError",
    "MajorityVote",
    "Project",
    "SoftLabels",
    "VoteMatrix",
    "VotePatterns",
    "WsalError",
    "apply",
    "deliver",
    "explain",
    "labeling_function",
    "load_rules",
    "nlp_labeling_function",
    "preprocessor",
    "select",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any public object
    if name not in _ROOMS:
        raise AttributeError(f"module 'wsal' has no attribute {name!r}")
    value = getattr(import_module(f"wsal.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
