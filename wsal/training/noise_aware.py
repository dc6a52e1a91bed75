"""NoiseAware: an end model of any kind, trained on soft labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError, did_you_mean
from wsal.training.end_model import class_weights
from wsal.training.inputs import Inputs, n_inputs, take_inputs
from wsal.training.soft_classifiers import (
    FittedSoftClassifier,
    ScikitLearn,
    SoftLogistic,
    WithoutWeights,
    as_soft_classifier,
)
from wsal.types import Floats, Rng, as_generator

__all__ = ["ClassWeight", "FittedNoiseAware", "NoiseAware", "Sampling"]

ClassWeight: TypeAlias = Literal["none", "root", "balanced"]
"""How much more a rare class weighs: not at all, by the root of how rare it is, or until all weigh the same."""

Sampling: TypeAlias = Literal["none", "over", "under"]
"""Whether items are drawn until the classes (by most probable label) are of one size, and which way."""

_SMOOTHING = 0.01


@dataclass(frozen=True)
class NoiseAware:
    """A classifier that learns from the probabilities of labels, not from labels.

    Parameters
    ----------
    model : object
        Any scikit-learn classifier with ``predict_proba``, a whole pipeline, or a `SoftClassifier`; by default
        logistic regression on features. It is cloned for every training and never changed.
    minimum_confidence : float
        An item whose most probable class is less probable than this is left out.
    minimum_probability : float
        A class less probable than this counts as impossible for the item; the others share what it had.
    class_weight : {"none", "root", "balanced"}
    sampling : {"none", "over", "under"}
        ``over`` draws items of smaller classes again until each class has as many as the largest; ``under``
        leaves items of larger classes out. It is the last thing before training, so that nothing that is
        scored, held out or counted is ever a repeat. Not together with class weights, which do the same.
    without_weights : {"refuse", "resample"}
        See `wsal.training.ScikitLearn`.

    Raises
    ------
    InputError
        An unknown choice, a cut outside of 0 to 1, or no classifier.

    Notes
    -----
    The training set minimises Σ_i w_i Σ_y c_y·q_iy·loss(y, x_i): the expected loss under the soft labels q,
    with weights of items w and classes c. Source: Ratner et al., Data Programming (NeurIPS 2016), eq. 5, with
    an item written once for each class. A class without any probability mass among the training items gets
    0.01/k afterwards, since nothing is known about it.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, soft = np.array([[0.0], [1.0], [2.0]]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
    >>> fitted = NoiseAware(DecisionTreeClassifier(max_depth=3)).fit(X, soft)
    >>> fitted.predict_proba(X).round(2).tolist()
    [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]]
    """

    model: Any = field(default_factory=SoftLogistic)
    minimum_confidence: float = 0.0
    minimum_probability: float = 0.0
    class_weight: ClassWeight = "none"
    sampling: Sampling = "none"
    without_weights: WithoutWeights = "refuse"

    def __post_init__(self) -> None:
        _refuse_unknown("class_weight", self.class_weight, get_args(ClassWeight))
        _refuse_unknown("sampling", self.sampling, get_args(Sampling))
        for name in ("minimum_confidence", "minimum_probability"):
            cut = getattr(self, name)
            if not 0 <= cut < 1:
                raise InputError(
                    f"{name}={cut!r} is no probability below 1", hint="leave it out to cut nothing"
                )
        if self.class_weight != "none" and self.sampling != "none":
            raise InputError(
                f"class_weight={self.class_weight!r} and sampling={self.sampling!r} both make up for rare classes",
                hint="choose one of them",
            )
        as_soft_classifier(self.model, without_weights=self.without_weights)

    def __sklearn_clone__(self) -> Self:
        if isinstance(self.model, ScikitLearn) or not hasattr(self.model, "get_params"):
            return replace(self)
        from sklearn.base import clone

        return replace(self, model=clone(self.model))

    def fit(
        self, inputs: Inputs, soft: Floats, *, weights: Floats | None = None, rng: Rng = 0
    ) -> FittedNoiseAware:
        """Learn from soft labels.

        Parameters
        ----------
        inputs : Inputs
            n rows of what the model reads: features, texts, a data frame.
        soft : ndarray of float64, shape (n, k)
            Probability of each class; rows with a weight sum to 1.
        weights : ndarray of float64, shape (n,), optional
            Weight of each item; an item of weight 0 takes no part. All 1 where not given.
        rng : Generator, int or None
            One seed, one model.

        Returns
        -------
        FittedNoiseAware

        Raises
        ------
        DataError
            Shapes that do not fit, rows that are no probabilities, or fewer than two classes left.
        InputError
            The classifier takes no weights, and ``without_weights`` is ``refuse``.
        """
        soft, weights = _checked(inputs, soft, weights)
        generator = as_generator(rng)
        rows = np.flatnonzero((weights > 0) & (soft.max(axis=1) >= self.minimum_confidence))
        if self.sampling != "none":
            rows = _balanced_rows(rows, soft, self.sampling, generator)
        labels = _without_improbable(soft[rows], self.minimum_probability)
        mass = labels * weights[rows, None]
        totals = mass.sum(axis=0)
        if (totals > 0).sum() < 2:
            raise DataError(
                f"there is nothing to learn: {len(np.unique(rows))} items are left, of fewer than two classes",
                hint="label more items, write rules for other classes, or lower minimum_confidence",
            )
        by_class = self._class_weights(totals / totals.sum())
        classifier = as_soft_classifier(self.model, without_weights=self.without_weights)
        learned = classifier.learn(take_inputs(inputs, rows), mass * by_class, rng=generator)
        return FittedNoiseAware(learned, np.unique(rows), int((weights > 0).sum()), by_class, totals > 0)

    def _class_weights(self, shares: Floats) -> Floats:
        if self.class_weight == "root":
            return class_weights(shares, power=0.5)
        if self.class_weight == "balanced":
            present = shares > 0
            return np.where(present, 1.0 / (present.sum() * np.where(present, shares, 1.0)), 1.0)
        return np.ones(len(shares))


@dataclass(frozen=True, eq=False)
class FittedNoiseAware:
    """What `NoiseAware` returns from ``fit``.

    Parameters
    ----------
    learned : FittedSoftClassifier
    rows : ndarray of int64
        Items that it was trained on, as rows of what was given.
    n_weighted : int
        Items that had a weight.
    class_weights : ndarray of float64, shape (k,)
    present : ndarray of bool, shape (k,)
        Classes that had any mass.
    """

    learned: FittedSoftClassifier
    rows: NDArray[np.int64]
    n_weighted: int
    class_weights: Floats
    present: NDArray[np.bool_]

    @property
    def n_items(self) -> int:
        """Different items that it was trained on."""
        return len(self.rows)

    @property
    def n_left_out(self) -> int:
        """Items with a weight that a cut, or sampling, left out."""
        return self.n_weighted - self.n_items

    def predict_proba(self, inputs: Inputs) -> Floats:
        """Return probabilities of n items, shape (n, k); rows sum to 1."""
        p = self.learned.predict_proba(inputs)
        if self.present.all():
            return p
        p = np.where(self.present, p, 0.0)
        p = p / p.sum(axis=1, keepdims=True)
        return np.asarray((1.0 - _SMOOTHING) * p + _SMOOTHING / p.shape[1], dtype=np.float64)


def _checked(inputs: Inputs, soft: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    soft = np.asarray(soft, dtype=np.float64)
    if soft.ndim != 2 or soft.shape[1] < 2:
        raise DataError(
            f"soft labels have shape {soft.shape}; they need (items, classes), two classes at least"
        )
    n = n_inputs(inputs)
    weights = np.ones(len(soft)) if weights is None else np.asarray(weights, dtype=np.float64)
    if n != len(soft) or weights.shape != (n,):
        raise DataError(
            f"{n} rows of inputs, soft labels of {len(soft)} items and weights of shape {weights.shape} "
            "do not fit together"
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise DataError("a weight is negative or not finite", hint="give 0 to leave an item out")
    # An item without a weight may carry anything, also NaN: where no label is known, none is looked at.
    soft = np.where(weights[:, None] > 0, soft, 1.0 / soft.shape[1])
    bad = ~(np.isfinite(soft).all(axis=1) & (soft >= 0).all(axis=1) & (np.abs(soft.sum(axis=1) - 1) < 1e-6))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"row {row} of the soft labels, {soft[row].tolist()}, is no distribution over classes",
            hint="rows are at least 0 and sum to 1; give an item without a label the weight 0",
        )
    return soft, weights


def _without_improbable(labels: Floats, cut: float) -> Floats:
    kept = np.where((labels >= cut) | (labels >= labels.max(axis=1, keepdims=True)), labels, 0.0)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True), dtype=np.float64)


def _balanced_rows(
    rows: NDArray[np.int64], soft: Floats, sampling: Sampling, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Draw rows until every class that is anyone's most probable one has the same number."""
    classes = soft[rows].argmax(axis=1)
    groups = [rows[classes == y] for y in np.unique(classes).tolist()]
    sizes = [len(group) for group in groups]
    if not sizes:
        return rows
    if sampling == "over":
        extra = [generator.choice(group, size=max(sizes) - len(group), replace=True) for group in groups]
        return np.sort(np.concatenate([rows, *extra]))
    kept = [generator.choice(group, size=min(sizes), replace=False) for group in groups]
    return np.sort(np.concatenate(kept))


def _refuse_unknown(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(
            f"{name}={value!r} is no choice; use one of {', '.join(known)}",
            hint=did_you_mean(str(value), known),
        )
