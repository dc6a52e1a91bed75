"""cross_fit: every item is scored by a model that has seen neither its label nor that of a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wsal.training.folds import grouped_folds
from wsal.training.inputs import take_inputs
from wsal.training.noise_aware import FittedNoiseAware, NoiseAware
from wsal.training.training_set import TrainingSet
from wsal.types import Floats, Rng, as_generator

__all__ = ["CrossFitted", "cross_fit"]


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """Out-of-fold probabilities.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
        NaN for synthetic items, which are never scored.
    folds : ndarray of int64, shape (n,)
        The fold whose model scored the item, which was trained without that fold.
    models : tuple of FittedNoiseAware
        One for each fold.
    """

    probabilities: Floats
    folds: NDArray[np.int64]
    models: tuple[FittedNoiseAware, ...]


def cross_fit(
    model: NoiseAware,
    training: TrainingSet,
    *,
    n_folds: int = 5,
    soft_without: Callable[[NDArray[np.bool_]], Floats] | None = None,
    rng: Rng = 0,
    track: Callable[[range], Iterable[int]] = iter,
) -> CrossFitted:
    """Score every item by a model that was trained without its fold.

    Parameters
    ----------
    model : NoiseAware
    training : TrainingSet
        n items. Folds keep its groups together and spread the most probable classes evenly.
    n_folds : int
    soft_without : callable, optional
        Given a mask of items, shape (n,), returns soft labels, shape (n, k), made without the answers to
        those. Needed where people's answers to some items shape the labels of others, as a label model's do:
        without it the label of a scored item reaches the model through its neighbours.
    rng : Generator, int or None
    track : callable
        Is handed the range of folds and yields them; shows progress, for instance.

    Returns
    -------
    CrossFitted

    Raises
    ------
    InputError
        Fewer groups than folds.
    DataError
        A fold leaves fewer than two classes to learn from.

    Examples
    --------
    >>> X = np.repeat([[0.0], [1.0]], 4, axis=0)
    >>> soft = np.repeat([[0.9, 0.1], [0.1, 0.9]], 4, axis=0)
    >>> cross_fit(NoiseAware(), TrainingSet(X, soft), n_folds=2).probabilities.argmax(axis=1).tolist()
    [0, 0, 0, 0, 1, 1, 1, 1]
    """
    generator = as_generator(rng)
    folds = grouped_folds(training.strata, groups=training.group_numbers, n_folds=n_folds, rng=generator)
    seeds = generator.spawn(n_folds)  # so that one fold's training does not change the next one's
    probabilities = np.full(training.soft.shape, np.nan)
    models = []
    for fold in track(range(n_folds)):
        held = folds == fold
        seen = training if soft_without is None else replace(training, soft=soft_without(held))
        part = seen.rows(~held)
        fitted = model.fit(part.inputs, part.soft, weights=part.item_weights, rng=seeds[fold])
        scored = np.flatnonzero(held & training.is_real)
        probabilities[scored] = fitted.predict_proba(take_inputs(training.inputs, scored))
        models.append(fitted)
    return CrossFitted(probabilities, folds, tuple(models))
