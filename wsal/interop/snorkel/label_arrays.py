"""Labels as arrays: probabilities to classes and back, and the items of each combination of labels."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wsal.errors import DataError, did_you_mean
from wsal.types import ABSTAIN, Floats, Rng, as_generator

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "TieBreakPolicy",
    "as_classes",
    "filter_unlabeled_dataframe",
    "get_label_buckets",
    "get_label_instances",
    "preds_to_probs",
    "probs_to_preds",
]

TieBreakPolicy: TypeAlias = Literal["abstain", "random", "true-random"]
"""What the class is where the best ones tie: none, one by the number of the row (always the same), or one by lot."""

_POLICIES = ("abstain", "random", "true-random")


def probs_to_preds(
    probs: ArrayLike, tie_break_policy: TieBreakPolicy = "random", tol: float = 1e-5, *, rng: Rng = None
) -> NDArray[np.int64]:
    """Turn probabilities into classes.

    Parameters
    ----------
    probs : array-like of float, shape (n, k)
        k ≥ 2.
    tie_break_policy : {"random", "abstain", "true-random"}
        ``random`` depends on the row's number alone: SHA-1 of its decimal text, as Snorkel does.
    tol : float
        Classes within this of the best one tie.
    rng : Generator, int or None
        Used by ``true-random``; numpy's global generator is never touched.

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    DataError
        Fewer than two classes, or an unknown policy.

    Examples
    --------
    >>> probs_to_preds([[0.5, 0.5], [0.2, 0.8]], tie_break_policy="abstain").tolist()
    [-1, 1]
    """
    if tie_break_policy not in _POLICIES:
        raise DataError(
            f"tie_break_policy={tie_break_policy!r} is no policy; there are {', '.join(_POLICIES)}",
            hint=did_you_mean(str(tie_break_policy), _POLICIES),
        )
    P = np.asarray(probs, dtype=np.float64)
    if P.ndim != 2 or P.shape[1] < 2:
        raise DataError(
            f"probabilities have the shape (n, k) with k of at least 2, got {P.shape}",
            hint="of one class, pass a column for the other one too",
        )
    best = P.max(axis=1, keepdims=True) - P < tol
    chosen: NDArray[np.int64] = best.argmax(axis=1).astype(np.int64)
    tied = np.flatnonzero(best.sum(axis=1) > 1)
    if tie_break_policy == "abstain":
        chosen[tied] = ABSTAIN
        return chosen
    lots = as_generator(rng) if tie_break_policy == "true-random" else None
    for row in tied.tolist():
        classes = np.flatnonzero(best[row])
        chosen[row] = lots.choice(classes) if lots is not None else classes[_number(row) % len(classes)]
    return chosen


def _number(row: int) -> int:
    return int(hashlib.sha1(str(row).encode(), usedforsecurity=False).hexdigest(), 16)


def preds_to_probs(preds: ArrayLike, num_classes: int) -> Floats:
    """Turn classes into probabilities: 1 for the class, 0 elsewhere; shape (n, num_classes).

    Raises
    ------
    DataError
        An abstain, or no class of that many.
    """
    classes = as_classes(preds)
    if len(classes) and not 0 <= classes.min() <= classes.max() < num_classes:
        wrong = classes[(classes < 0) | (classes >= num_classes)][0]
        raise DataError(
            f"the class {wrong} has no probabilities among {num_classes} classes",
            hint="leave out items without a class: filter_unlabeled_dataframe",
        )
    return np.asarray(np.eye(num_classes)[classes])


def filter_unlabeled_dataframe(
    X: pd.DataFrame, y: NDArray[Any], L: NDArray[np.integer[Any]]
) -> tuple[pd.DataFrame, NDArray[Any]]:
    """Return the rows of ``X`` and ``y`` on which at least one function votes.

    Parameters
    ----------
    X : DataFrame
        n items.
    y : ndarray, shape (n,) or (n, k)
        Their labels.
    L : ndarray of int, shape (n, m)
        Votes; -1 is none.
    """
    voted = (np.asarray(L) != ABSTAIN).any(axis=1)
    return X.iloc[voted], np.asarray(y)[voted]


def get_label_buckets(*y: ArrayLike) -> dict[tuple[int, ...], NDArray[np.int64]]:
    """Return the row numbers of each combination of labels that occurs, in the order of the arrays given.

    Raises
    ------
    DataError
        The arrays differ in length, or a label is no whole number.

    Examples
    --------
    >>> {pair: rows.tolist() for pair, rows in get_label_buckets([1, 1, 0], [1, -1, -1]).items()}
    {(1, 1): [0], (1, -1): [1], (0, -1): [2]}
    """
    columns = [as_classes(labels).tolist() for labels in y]
    if len({len(column) for column in columns}) != 1:
        raise DataError(f"the labels have different lengths: {', '.join(str(len(c)) for c in columns)}")
    buckets: dict[tuple[int, ...], list[int]] = {}
    for row, labels in enumerate(zip(*columns, strict=True)):
        buckets.setdefault(labels, []).append(row)
    return {labels: np.array(rows, dtype=np.int64) for labels, rows in buckets.items()}


def get_label_instances(bucket: tuple[int, ...], x: NDArray[Any], *y: ArrayLike) -> NDArray[Any]:
    """Return the rows of ``x`` whose labels are those of ``bucket``; none where the combination does not occur.

    Raises
    ------
    DataError
        ``bucket`` has another number of labels than there are arrays, or lengths differ.
    """
    if len(y) != len(bucket):
        raise DataError(f"the bucket {bucket} has {len(bucket)} labels, but {len(y)} arrays were given")
    buckets = get_label_buckets(*y)
    n_labels = sum(map(len, buckets.values()))
    if len(x) != n_labels:
        raise DataError(f"there are {len(x)} instances and {n_labels} labels")
    return np.asarray(x[buckets.get(tuple(bucket), np.empty(0, dtype=np.int64))])


def as_classes(labels: ArrayLike) -> NDArray[np.int64]:
    """Return labels as whole numbers, shape (n,); shape (n, 1) is flattened.

    Raises
    ------
    DataError
        A label is no whole number.
    """
    values = np.asarray(labels)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(f"labels have the shape (n,), got {values.shape}")
    try:
        with np.errstate(invalid="ignore"):  # NaN becomes a number here, and is named below
            whole = values.astype(np.int64)
    except (TypeError, ValueError) as error:
        raise DataError(f"labels are whole numbers: {error}") from error
    if not np.array_equal(whole, values):
        raise DataError(f"the label {values[whole != values][0]!r} is no whole number")
    return whole
