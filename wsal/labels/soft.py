"""SoftLabels: the probability of each class for each item, and how it becomes one class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.types import ABSTAIN, Floats, LabelSpace, Rng, as_generator

__all__ = ["SoftLabels", "Source", "TiePolicy", "UncoveredPolicy", "hard_labels"]

Source: TypeAlias = Literal["human", "duplicate", "rules", "model", "none"]
"""Where a delivered label comes from: a person, a person's answer to a duplicate of the item, the rules (pooled
with the end model where there is one), the end model alone, or nothing."""

TiePolicy: TypeAlias = Literal["abstain", "first", "random"]
"""What a hard label is where the best classes tie."""

UncoveredPolicy: TypeAlias = Literal["abstain", "guess"]
"""What a hard label is where every function abstains: ABSTAIN, or the best class all the same."""


@dataclass(frozen=True, eq=False)
class SoftLabels:
    """Delivered labels: the probability of each class for each item, and where it comes from.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
        Rows sum to 1. A row whose source is ``none`` is no statement about its item.
    labels : LabelSpace
    item_ids : ndarray, shape (n,)
    sources : ndarray of str, shape (n,)
        See `Source`.
    """

    probabilities: Floats
    labels: LabelSpace
    item_ids: NDArray[Any]
    sources: NDArray[np.str_]

    def _repr_html_(self) -> str:
        from wsal.markup import MOST_ROWS, block, percent, table

        part = slice(MOST_ROWS)
        rows = (
            (item, *(percent(p) if source != "none" else None for p in row), source)
            for item, row, source in zip(
                self.item_ids[part].tolist(),
                self.probabilities[part].tolist(),
                self.sources[part].tolist(),
                strict=True,
            )
        )
        return block(
            f"Soft labels of {len(self.item_ids)} items",
            table(["item", *self.labels, "source"], rows, n_rows=len(self.item_ids)),
        )

    def hard(self, *, ties: TiePolicy = "abstain", rng: Rng = 0) -> NDArray[np.int64]:
        """Return the best class of each item, shape (n,); ABSTAIN where the source is ``none``.

        Parameters
        ----------
        ties : {"abstain", "first", "random"}
        rng : Generator, int or None
            Used where ``ties="random"``.
        """
        return hard_labels(
            self.probabilities, self.sources != "none", ties=ties, uncovered="abstain", rng=rng
        )


def hard_labels(
    probabilities: Floats,
    covered: NDArray[np.bool_],
    *,
    ties: TiePolicy = "abstain",
    uncovered: UncoveredPolicy = "abstain",
    rng: Rng = 0,
    tolerance: float = 1e-9,
) -> NDArray[np.int64]:
    """Turn probabilities into classes under explicit policies.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
    covered : ndarray of bool, shape (n,)
        Whether anything spoke for the item.
    ties : {"abstain", "first", "random"}
        What to do where the best classes lie within ``tolerance`` of each other.
    uncovered : {"abstain", "guess"}
        What to do where nothing spoke.
    rng : Generator, int or None
        Used where ``ties="random"``.
    tolerance : float

    Returns
    -------
    ndarray of int64, shape (n,)
        Class index, or ABSTAIN.

    Raises
    ------
    DataError
        A policy that does not exist.

    Examples
    --------
    >>> P = np.array([[0.9, 0.1], [0.5, 0.5]])
    >>> hard_labels(P, np.array([True, True])).tolist()
    [0, -1]
    """
    _refuse_unknown("ties", ties, ("abstain", "first", "random"))
    _refuse_unknown("uncovered", uncovered, ("abstain", "guess"))
    best = probabilities >= probabilities.max(axis=1, keepdims=True) - tolerance
    tied = best.sum(axis=1) > 1
    lots = as_generator(rng).random(best.shape) if ties == "random" else np.ones(best.shape)
    chosen: NDArray[np.int64] = np.argmax(best * lots, axis=1).astype(np.int64)
    if ties == "abstain":
        chosen[tied] = ABSTAIN
    if uncovered == "abstain":
        chosen[~covered] = ABSTAIN
    return chosen


def _refuse_unknown(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise DataError(
            f"{name}={value!r} is no policy; use one of {', '.join(known)}", hint=did_you_mean(value, known)
        )
