"""Soft classifiers: what turns inputs and weighted soft labels into probabilities of classes.

`SoftLogistic` takes soft labels as they are; `ScikitLearn` wraps any scikit-learn classifier or pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.features import FeatureMatrix, Features, as_feature_matrix
from wsal.label_models.log_space import softmax
from wsal.training.expansion import Expansion, expand_soft_labels
from wsal.training.inputs import Inputs, n_inputs, take_inputs
from wsal.training.linear import LinearClassifier, fit_linear, mean_squared_length
from wsal.types import Floats, Rng, as_generator

__all__ = [
    "FittedSoftClassifier",
    "ScikitLearn",
    "SoftClassifier",
    "SoftLogistic",
    "WithoutWeights",
    "as_soft_classifier",
]

WithoutWeights: TypeAlias = Literal["refuse", "resample"]
"""What to do with a classifier that takes no weights."""


class FittedSoftClassifier(Protocol):
    """What a soft classifier returns."""

    def predict_proba(self, inputs: Inputs, /) -> Floats:
        """Return probabilities of n items, shape (n, k); rows sum to 1."""
        ...


@runtime_checkable
class SoftClassifier(Protocol):
    """Anything that can learn from soft labels."""

    def learn(self, inputs: Inputs, mass: Floats, /, *, rng: Rng = 0) -> FittedSoftClassifier:
        """Learn from r items.

        Parameters
        ----------
        inputs : Inputs
            r rows.
        mass : ndarray of float64, shape (r, k)
            Soft label of each item times its weight. Two classes at least have any.
        rng : Generator, int or None
        """
        ...


def as_soft_classifier(model: Any, *, without_weights: WithoutWeights = "refuse") -> SoftClassifier:  # noqa: ANN401  # checked here
    """Take a soft classifier as it is, or wrap a scikit-learn classifier.

    Raises
    ------
    InputError
        Neither a soft classifier nor a classifier with ``predict_proba``.
    """
    if isinstance(model, SoftClassifier):
        return model
    return ScikitLearn(model, without_weights=without_weights)


@dataclass(frozen=True)
class SoftLogistic:
    """Multinomial logistic regression on soft labels as they are, on features.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty, divided by the mean squared length of the rows, so that the scale of
        features does not matter. For TF-IDF, whose rows have length 1, it is scikit-learn's C.
    """

    C: float = 10.0

    def learn(self, inputs: Inputs, mass: Floats, /, *, rng: Rng = 0) -> FittedSoftLogistic:
        """Learn; see `SoftClassifier`. No random numbers are used."""
        del rng
        features = as_feature_matrix(inputs, len(mass))  # type: ignore[arg-type]  # it refuses what is no matrix
        if not features.n_features:
            raise DataError("there are no features to learn from", hint="name columns under [features]")
        return FittedSoftLogistic(fit_linear(features, mass, C=self.C / mean_squared_length(features)))


@dataclass(frozen=True, eq=False)
class FittedSoftLogistic:
    """What `SoftLogistic` learned."""

    classifier: LinearClassifier

    def predict_proba(self, inputs: Inputs, /) -> Floats:
        """Return probabilities of n items, shape (n, k)."""
        features: Features = inputs  # type: ignore[assignment]  # refused where it is no matrix
        return softmax(self.classifier.log_scores(features))


@dataclass(frozen=True, eq=False)
class ScikitLearn:
    """Any scikit-learn classifier with ``predict_proba``, or a whole pipeline that ends in one.

    The object given is cloned for every training and never changed. Every item stands once for each class,
    weighted (`expand_soft_labels`); the weights go to the last step of a pipeline. The steps before it see
    every item **once**: counts of documents, means and the like stay what they are. A supervised step before
    the last one gets the most probable class.

    Parameters
    ----------
    estimator : object
        A classifier or a pipeline.
    without_weights : {"refuse", "resample"}
        What to do where the classifier's ``fit`` has no ``sample_weight``: an error, or as many examples as
        there are items, drawn from the weighted ones by systematic sampling (each is drawn within 1 of its
        expected number of times). That adds noise, and the result depends on the seed.

    Raises
    ------
    InputError
        No classifier: it lacks ``fit``, ``get_params`` or ``predict_proba``.

    Notes
    -----
    A classifier that splits its training rows itself (early stopping, a grid search, calibration) finds copies
    of one item on both sides of the split, since an item stands there once for each class: its own estimate
    is too good. Switch that off, and judge by `cross_fit` or a hold-out.

    Every ``random_state`` that is None is set from ``rng``, so that one seed gives one model.
    """

    estimator: Any
    without_weights: WithoutWeights = "refuse"

    def __post_init__(self) -> None:
        name = type(self.estimator).__name__
        if isinstance(self.estimator, type):
            raise InputError(
                f"{self.estimator.__name__} is a class, not a classifier",
                hint=f"write {self.estimator.__name__}()",
            )
        if self.without_weights not in ("refuse", "resample"):
            raise InputError(f"without_weights={self.without_weights!r}: use refuse or resample")
        for method in ("fit", "get_params"):
            if not hasattr(self.estimator, method):
                raise InputError(
                    f"{name} is no classifier of scikit-learn: it has no {method}",
                    hint="give a classifier such as LogisticRegression(), or a pipeline that ends in one",
                )
        if not hasattr(self.estimator, "predict_proba"):
            raise InputError(
                f"{name} has no predict_proba, so it cannot say how probable a class is",
                hint="put it into sklearn.calibration.CalibratedClassifierCV, or take another classifier",
            )

    def learn(self, inputs: Inputs, mass: Floats, /, *, rng: Rng = 0) -> FittedScikitLearn:
        """Learn; see `SoftClassifier`.

        Raises
        ------
        InputError
            The classifier takes no weights, and ``without_weights`` is ``refuse``.
        DataError
            The classifier refuses the inputs.
        """
        from sklearn import config_context
        from sklearn.base import clone

        if n_inputs(inputs) != len(mass):
            raise DataError(f"there are {n_inputs(inputs)} rows of inputs for {len(mass)} soft labels")
        generator = as_generator(rng)
        present = np.flatnonzero(mass.any(axis=0))
        estimator = _seeded(clone(self.estimator), generator)
        with config_context(enable_metadata_routing=False):  # weights are named here, not routed by settings
            try:
                fitted = self._fit(estimator, _plain(inputs), mass[:, present], generator)
            except (ValueError, TypeError) as error:
                if isinstance(error, InputError):
                    raise
                raise DataError(
                    f"{type(self.estimator).__name__} refuses these inputs: {error}",
                    hint="give a pipeline that starts with a step for inputs of this kind",
                ) from error
        return FittedScikitLearn(fitted, present, mass.shape[1])

    def _fit(self, estimator: Any, X: Any, mass: Floats, generator: np.random.Generator) -> Any:  # noqa: ANN401  # scikit-learn has no types
        """Fit the steps before the last one on items, and the last one on the expansion; return the fitted whole."""
        from sklearn.pipeline import Pipeline

        if isinstance(estimator, Pipeline):
            before, (name, last) = estimator[:-1], estimator.steps[-1]
            if len(before):
                X = before.fit_transform(X, mass.argmax(axis=1))
            return Pipeline([*before.steps, (name, self._fit(last, X, mass, generator))])
        expanded = expand_soft_labels(mass, np.ones(len(mass)))
        weighted = _takes_weights(estimator)
        if not weighted:
            if self.without_weights == "refuse":
                raise InputError(
                    f"{type(estimator).__name__} takes no sample_weight, so it cannot learn from soft labels",
                    hint="take another classifier, or let examples be drawn: without_weights='resample'",
                )
            expanded = _resampled(expanded, len(mass), generator)
        rows = take_inputs(X, expanded.rows)
        if weighted:
            return estimator.fit(rows, expanded.classes, sample_weight=expanded.weights)
        return estimator.fit(rows, expanded.classes)


@dataclass(frozen=True, eq=False)
class FittedScikitLearn:
    """What `ScikitLearn` learned.

    Parameters
    ----------
    estimator : object
        Fitted; its classes are numbers of ``present``.
    present : ndarray of int64
        Class indices that had any mass.
    n_classes : int
        k.
    """

    estimator: Any
    present: NDArray[np.int64]
    n_classes: int

    def predict_proba(self, inputs: Inputs, /) -> Floats:
        """Return probabilities of n items, shape (n, k); 0 for a class without training mass.

        Raises
        ------
        DataError
            The classifier returns something that is no probability.
        """
        given = np.asarray(self.estimator.predict_proba(_plain(inputs)), dtype=np.float64)
        p = np.zeros((n_inputs(inputs), self.n_classes))
        p[:, self.present[np.asarray(self.estimator.classes_, dtype=np.int64)]] = given
        totals = p.sum(axis=1)
        if not (np.isfinite(p).all() and (p >= 0).all() and np.allclose(totals, 1.0, atol=1e-3)):
            raise DataError(
                f"{type(self.estimator).__name__} returned rows that are no probabilities",
                hint="rows of predict_proba are at least 0 and sum to 1",
            )
        return np.asarray(p / totals[:, None], dtype=np.float64)


def _plain(inputs: Inputs) -> Any:  # noqa: ANN401  # what scikit-learn takes
    return inputs.matrix if isinstance(inputs, FeatureMatrix) else inputs


def _takes_weights(estimator: Any) -> bool:  # noqa: ANN401  # scikit-learn has no types
    from sklearn.utils.validation import has_fit_parameter

    return bool(has_fit_parameter(estimator, "sample_weight"))


def _seeded(estimator: Any, generator: np.random.Generator) -> Any:  # noqa: ANN401  # as above
    found = estimator.get_params(deep=True)
    free = sorted(
        name for name, value in found.items() if name.split("__")[-1] == "random_state" and value is None
    )
    seeds = generator.integers(2**31 - 1, size=len(free)).tolist()
    return estimator.set_params(**dict(zip(free, seeds, strict=True))) if free else estimator


def _resampled(expanded: Expansion, size: int, generator: np.random.Generator) -> Expansion:
    """Draw examples in proportion to their weights, by systematic sampling; every class keeps one at least."""
    # Class by class, and at random within: item by item, all would be drawn of one class where labels are alike.
    order = np.lexsort((generator.permutation(len(expanded.rows)), expanded.classes))
    expanded = Expansion(expanded.rows[order], expanded.classes[order], expanded.weights[order])
    total = np.cumsum(expanded.weights)
    edges = np.floor(total / total[-1] * size + generator.random()).astype(np.int64)
    times = np.diff(edges, prepend=0)
    for y in np.unique(expanded.classes).tolist():
        of_class = np.flatnonzero(expanded.classes == y)
        if not times[of_class].any():
            times[of_class[expanded.weights[of_class].argmax()]] = 1
    drawn = np.repeat(np.arange(len(times)), times)
    return Expansion(expanded.rows[drawn], expanded.classes[drawn], np.ones(len(drawn)))
