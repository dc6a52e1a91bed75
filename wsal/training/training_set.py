"""TrainingSet: items with soft labels, weights and groups; and synthetic items that train and do nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.training.inputs import Inputs, n_inputs, stack_inputs, take_inputs
from wsal.types import Floats

__all__ = ["TrainingSet"]


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What an end model is trained on.

    Parameters
    ----------
    inputs : Inputs
        n rows of what the model reads.
    soft : ndarray of float64, shape (n, k)
        Soft labels; a row of weight 0 is not looked at.
    weights : ndarray of float64, shape (n,), optional
        0 leaves an item out of training; it is scored all the same.
    groups : ndarray of int64, shape (n,), optional
        Copies of one item have one number and stay together in folds and hold-outs.
    synthetic : ndarray of bool, shape (n,), optional
        Items that were made from others: they train, in the fold of their parent, and are never scored.

    Raises
    ------
    DataError
        Shapes that do not fit.
    """

    inputs: Inputs
    soft: Floats
    weights: Floats | None = None
    groups: NDArray[np.int64] | None = None
    synthetic: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        n = n_inputs(self.inputs)
        for name in ("soft", "weights", "groups", "synthetic"):
            value = getattr(self, name)
            if value is not None and len(value) != n:
                raise DataError(f"{name} of {len(value)} items do not fit {n} rows of inputs")

    def __len__(self) -> int:
        """Return n, synthetic items among them."""
        return len(self.soft)

    @cached_property
    def is_real(self) -> NDArray[np.bool_]:
        """Which items were not made from others; shape (n,)."""
        return np.ones(len(self), dtype=np.bool_) if self.synthetic is None else ~self.synthetic

    @cached_property
    def item_weights(self) -> Floats:
        """Weights, 1 where none were given; shape (n,)."""
        return np.ones(len(self)) if self.weights is None else self.weights

    @cached_property
    def group_numbers(self) -> NDArray[np.int64]:
        """Groups, one for each item where none were given; shape (n,)."""
        return np.arange(len(self)) if self.groups is None else self.groups

    @cached_property
    def strata(self) -> NDArray[np.int64]:
        """Most probable class of each item, −1 where it has no weight; shape (n,)."""
        best = np.nan_to_num(self.soft, nan=-1.0).argmax(axis=1)
        return np.where(self.item_weights > 0, best, -1).astype(np.int64)

    def rows(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> TrainingSet:
        """Return some items, by number or mask."""
        at = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        return TrainingSet(
            take_inputs(self.inputs, at),
            self.soft[at],
            self.item_weights[at],
            self.group_numbers[at],
            ~self.is_real[at],
        )

    def with_synthetic(
        self, inputs: Inputs, parents: NDArray[np.int64], *, weight: float = 1.0
    ) -> TrainingSet:
        """Add items that were made from these ones.

        Parameters
        ----------
        inputs : Inputs
            s rows, of the kind of the items' own.
        parents : ndarray of int64, shape (s,)
            Row of the item that each was made from.
        weight : float
            Of all items made from one parent together, as a part of the parent's weight.

        Returns
        -------
        TrainingSet
            Each new item has its parent's soft label and group.

        Raises
        ------
        DataError
            A parent that is no row, or is synthetic itself; a weight that is none; inputs that do not fit.
        """
        parents = np.asarray(parents, dtype=np.int64)
        if parents.shape != (n_inputs(inputs),):
            raise DataError(f"{n_inputs(inputs)} synthetic items have {len(parents)} parents")
        if len(parents) and (parents.min() < 0 or parents.max() >= len(self)):
            raise DataError(f"a synthetic item has the parent {int(parents.max())} of {len(self)} items")
        if not self.is_real[parents].all():
            raise DataError("a synthetic item cannot be a parent", hint="transform the items themselves")
        if not (np.isfinite(weight) and weight > 0):
            raise DataError(
                f"synthetic items of weight {weight!r} cannot train", hint="write a number above 0"
            )
        copies = np.bincount(parents, minlength=len(self))[parents]
        return TrainingSet(
            stack_inputs(self.inputs, inputs),
            np.concatenate([self.soft, self.soft[parents]]),
            np.concatenate([self.item_weights, weight * self.item_weights[parents] / np.maximum(copies, 1)]),
            np.concatenate([self.group_numbers, self.group_numbers[parents]]),
            np.concatenate([~self.is_real, np.ones(len(parents), dtype=np.bool_)]),
        )
