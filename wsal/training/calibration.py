"""Calibration: probabilities that say how often they are right, learned from answers that trained no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from wsal.errors import DataError, InputError
from wsal.label_models.log_space import softmax
from wsal.types import Floats

__all__ = ["Calibration", "CalibrationMethod", "Isotonic", "Temperature", "calibrate"]

CalibrationMethod: TypeAlias = Literal["temperature", "isotonic"]

_TINY = 1e-12  # a probability of 0 has no logarithm
_LEAST = {"temperature": 20, "isotonic": 200}  # answers; below, the map is noise


@dataclass(frozen=True)
class Temperature:
    """``p^(1/T)``, normalised: T above 1 makes a classifier less sure, below 1 surer. Never changes a label.

    Parameters
    ----------
    value : float
        T.
    n_answers : int
        Answers that it was chosen by.
    """

    value: float
    n_answers: int

    def apply(self, probabilities: Floats) -> Floats:
        """Return calibrated probabilities, shape (n, k)."""
        return softmax(np.log(np.maximum(probabilities, _TINY)) / self.value)


@dataclass(frozen=True, eq=False)
class Isotonic:
    """A rising step function for each class, normalised; may change labels, and ties many items.

    Parameters
    ----------
    given, taken : tuple of ndarray of float64
        Of each class: probabilities, rising, and what stands in their place; linear in between.
    n_answers : int
    """

    given: tuple[Floats, ...]
    taken: tuple[Floats, ...]
    n_answers: int

    def apply(self, probabilities: Floats) -> Floats:
        """Return calibrated probabilities, shape (n, k)."""
        mapped = np.stack(
            [
                np.interp(probabilities[:, y], x, v)
                for y, (x, v) in enumerate(zip(self.given, self.taken, strict=True))
            ],
            axis=1,
        )
        return np.asarray(mapped / mapped.sum(axis=1, keepdims=True), dtype=np.float64)


Calibration: TypeAlias = Temperature | Isotonic


def calibrate(
    probabilities: Floats, truth: Floats, *, method: CalibrationMethod = "temperature"
) -> Calibration:
    """Learn how to correct probabilities.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (B, k)
        Of a model that has **not** seen the items' answers: of a hold-out, or of `cross_fit`.
    truth : ndarray of float64, shape (B, k)
        Share of people's answers by class. Of items drawn at random: chosen ones are harder than the rest.
    method : {"temperature", "isotonic"}
        ``temperature`` has one parameter; ``isotonic`` has many and wants hundreds of answers.

    Returns
    -------
    Temperature or Isotonic

    Raises
    ------
    DataError
        Shapes that do not fit, or too few answers: 20 for a temperature, 200 for isotonic regression.
    InputError
        An unknown method.

    Notes
    -----
    The temperature minimises the log loss over T in [1/20, 20] by bounded search in log T. Source: Guo et al.,
    On Calibration of Modern Neural Networks (ICML 2017), section 4.2. Each answer is first mixed with one
    imagined answer of every class, ``(B·truth + 1)/(B + k)``: else T would be 0 where all B answers agree with the
    model, and every label certain (Platt, 1999, does the same with two classes). Isotonic
    regression: scikit-learn's, one class against the rest (Zadrozny and Elkan, KDD 2002).

    Examples
    --------
    >>> sure = np.array([[0.99, 0.01]] * 40)
    >>> truth = np.array([[1.0, 0.0]] * 30 + [[0.0, 1.0]] * 10)
    >>> calibrate(sure, truth).apply(sure)[0].round(2).tolist()
    [0.74, 0.26]
    """
    if method not in get_args(CalibrationMethod):
        raise InputError(f"unknown method {method!r}; use one of {', '.join(get_args(CalibrationMethod))}")
    if probabilities.shape != truth.shape or probabilities.ndim != 2 or not np.isfinite(probabilities).all():
        raise DataError(
            f"probabilities of shape {probabilities.shape} do not fit answers of shape {truth.shape}, "
            "or are not finite"
        )
    if len(truth) < _LEAST[method]:
        raise DataError(
            f"{len(truth)} answers are too few for {method} calibration, which needs {_LEAST[method]}",
            hint="answer more audit items, or leave calibration out",
        )
    return _temperature(probabilities, truth) if method == "temperature" else _isotonic(probabilities, truth)


def _temperature(probabilities: Floats, truth: Floats) -> Temperature:
    from scipy.optimize import minimize_scalar

    log_p = np.log(np.maximum(probabilities, _TINY))
    n, k = truth.shape
    smooth = (n * truth + 1.0) / (n + k)

    def loss(log_t: float) -> float:
        scores = log_p / np.exp(log_t)
        top = scores.max(axis=1)
        log_total = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
        return float((log_total - (smooth * scores).sum(axis=1)).mean())

    found = minimize_scalar(loss, bounds=(-np.log(20.0), np.log(20.0)), method="bounded")
    return Temperature(float(np.exp(found.x)), len(truth))


def _isotonic(probabilities: Floats, truth: Floats) -> Isotonic:
    from sklearn.isotonic import IsotonicRegression

    least = 1.0 / (len(truth) + 2)  # B answers cannot show that something never happens
    fitted = [
        IsotonicRegression(y_min=least, y_max=1.0 - least, out_of_bounds="clip").fit(
            probabilities[:, y], truth[:, y]
        )
        for y in range(truth.shape[1])
    ]
    return Isotonic(
        tuple(np.asarray(one.X_thresholds_, dtype=np.float64) for one in fitted),
        tuple(np.asarray(one.y_thresholds_, dtype=np.float64) for one in fitted),
        len(truth),
    )
