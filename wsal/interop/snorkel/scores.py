"""Scores by Snorkel's names, computed by scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.types import ABSTAIN, Floats

__all__ = ["METRICS", "scores"]

_Classes: TypeAlias = NDArray[np.int64]
_Metric: TypeAlias = Callable[[_Classes, _Classes, Floats], float]


def _from_sklearn(name: str, average: str | None = None) -> _Metric:
    def metric(truth: _Classes, chosen: _Classes, _: Floats) -> float:
        from sklearn import metrics

        options = {} if average is None else {"average": average}
        return float(getattr(metrics, name)(truth, chosen, **options))

    return metric


def _binary(name: str, truth: _Classes, chosen: _Classes, probabilities: Floats) -> float:
    if probabilities.shape[1] != 2:
        raise DataError(
            f"{name} is defined for two classes, there are {probabilities.shape[1]}",
            hint="f1_micro and f1_macro are defined for any number",
        )
    from sklearn import metrics

    if name == "roc_auc":
        return float(metrics.roc_auc_score(truth, probabilities[:, 1]))
    return float(getattr(metrics, f"{name}_score")(truth, chosen))


METRICS: Mapping[str, _Metric] = MappingProxyType(
    {
        "accuracy": _from_sklearn("accuracy_score"),
        **{name: partial(_binary, name) for name in ("precision", "recall", "f1", "roc_auc")},
        "f1_micro": _from_sklearn("f1_score", "micro"),
        "f1_macro": _from_sklearn("f1_score", "macro"),
        "matthews_corrcoef": _from_sklearn("matthews_corrcoef"),
    }
)
"""Metrics of true classes, chosen classes and probabilities, on items that have both classes."""


def scores(
    truth: _Classes, chosen: _Classes, probabilities: Floats, metrics: Sequence[str]
) -> dict[str, float]:
    """Compute metrics; items without a true or a chosen class are left out, except of ``coverage``.

    Parameters
    ----------
    truth, chosen : ndarray of int64, shape (n,)
        -1 where there is no class.
    probabilities : ndarray of float64, shape (n, k)
    metrics : sequence of str

    Raises
    ------
    DataError
        An unknown metric, one that is not defined for these classes, or no item is left.
    """
    names = ("coverage", *METRICS)
    both = (truth != ABSTAIN) & (chosen != ABSTAIN)
    found: dict[str, float] = {}
    for name in metrics:
        if name not in names:
            raise DataError(
                f"there is no metric {name!r}; there are {', '.join(names)}", hint=did_you_mean(name, names)
            )
        if name == "coverage":
            found[name] = float((chosen != ABSTAIN).mean()) if len(chosen) else 0.0
            continue
        if not both.any():
            raise DataError(f"no row has a true and a chosen class, so there is no {name}")
        found[name] = METRICS[name](truth[both], chosen[both], probabilities[both])
    return found
