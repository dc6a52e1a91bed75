"""Confidences as votes: what another model is sure of, cut into bins, each bin a source of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from wsal.errors import DataError, InputError
from wsal.types import ABSTAIN, ItemId, LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["binned_votes"]


def binned_votes(
    confidences: ArrayLike,
    labels: LabelSpace | Sequence[str],
    *,
    edges: Sequence[float] = (0.5, 0.7, 0.9),
    name: str = "model",
    item_ids: Iterable[ItemId] | None = None,
) -> VoteMatrix:
    """Turn the confidences of a model into columns of votes.

    A label model learns one reliability for each function and class. A classifier that is right in 95 of 100 cases
    where it is sure, and in 60 where it is not, is therefore no one function but one for each bin of confidence.

    Parameters
    ----------
    confidences : array-like of float, shape (n, k)
        Between 0 and 1, for each class; rows need not sum to 1. A row with a missing value abstains.
    labels : LabelSpace or sequence of str
        The k classes.
    edges : sequence of float
        Lower ends of the bins, ascending; the last bin ends at 1. Below the first edge the model abstains.
    name : str
        Begins the name of every column: ``"model 0.7-0.9"``.
    item_ids : iterable of (str or int), optional

    Returns
    -------
    VoteMatrix
        n items, one column a bin: in the bin of its largest confidence an item has a vote for that class, in all others
        an abstain. Where the two largest are equal it abstains everywhere.

    Raises
    ------
    DataError
        The confidences are no array of shape (n, k), or not between 0 and 1.
    InputError
        Edges that do not ascend within 0 to 1.

    Examples
    --------
    >>> votes = binned_votes([[0.95, 0.05], [0.4, 0.6], [0.5, 0.5]], ["ham", "spam"])
    >>> votes.lf_names
    ('model 0.5-0.7', 'model 0.7-0.9', 'model 0.9-1')
    >>> votes.values.tolist()
    [[-1, -1, 0], [1, -1, -1], [-1, -1, -1]]
    """
    space = LabelSpace.of(labels)
    ends = [float(edge) for edge in edges]
    if not ends or not all(0 <= edge < 1 for edge in ends) or ends != sorted(set(ends)):
        raise InputError(
            f"edges={list(edges)} are no bins",
            hint="write ascending numbers, at least 0 and below 1: [0.5, 0.7, 0.9]",
        )
    values = np.asarray(confidences, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(space):
        raise DataError(
            f"confidences have shape {values.shape}; {len(space)} classes need (items, {len(space)})",
            hint="of two classes give both columns: numpy.column_stack([1 - p, p])",
        )
    known = np.asarray(~np.isnan(values).any(axis=1))
    wrong = known & np.any((values < 0) | (values > 1), axis=1)
    if np.any(wrong):
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"row {row + 1} of the confidences is {values[row].tolist()}", hint="they lie between 0 and 1"
        )
    filled = np.where(known[:, None], values, 0.0)
    top = filled.max(axis=1, initial=0.0)
    speaks = known & ((filled == top[:, None]).sum(axis=1) == 1) & (top >= ends[0])
    which = np.searchsorted(ends, top, side="right") - 1
    L = np.full((len(values), len(ends)), ABSTAIN, dtype=np.int8)
    rows = np.flatnonzero(speaks)
    L[rows, which[rows]] = filled[rows].argmax(axis=1)
    names = [f"{name} {low:g}-{high:g}" for low, high in zip(ends, [*ends[1:], 1.0], strict=True)]
    return VoteMatrix.from_array(L, space, lf_names=names, item_ids=item_ids)
