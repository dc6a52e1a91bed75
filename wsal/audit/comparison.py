"""Comparing what was stored with what was computed again: the same bits, as good as the same, or different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.labels import SoftLabels
from wsal.types import ItemId

__all__ = ["TOLERANCE", "Comparison", "Difference", "Verdict", "compare_labels"]

TOLERANCE: Final = 1e-9
"""Probabilities no further apart than this come from the same computation on another processor."""

Verdict: TypeAlias = Literal["identical", "equal", "different"]
"""The same bits; equal within `TOLERANCE`; or neither."""


@dataclass(frozen=True)
class Difference:
    """The first thing that is not the same.

    Parameters
    ----------
    item : str or int
    what : str
        ``class NAME``, ``source``, or ``rule NAME``.
    stored, recomputed : str
        Both values, written so that they can be told apart.
    """

    item: ItemId
    what: str
    stored: str
    recomputed: str

    def __str__(self) -> str:
        return f"item {self.item}, {self.what}: stored {self.stored}, recomputed {self.recomputed}"


@dataclass(frozen=True)
class Comparison:
    """How far two results agree.

    Parameters
    ----------
    verdict : {"identical", "equal", "different"}
    n_items : int
    n_different : int
        Items that differ by more than the tolerance.
    largest : float
        The largest difference of two probabilities; of votes, 0 or 1.
    first : Difference, optional
        In the order of the items, where the verdict is ``different``.
    """

    verdict: Verdict
    n_items: int
    n_different: int = 0
    largest: float = 0.0
    first: Difference | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing differs by more than rounding."""
        return self.verdict != "different"


def compare_labels(stored: SoftLabels, recomputed: SoftLabels) -> Comparison:
    """Compare the labels of a run with those that were computed again.

    Parameters
    ----------
    stored, recomputed : SoftLabels
        Of the same n items and k classes, in the same order.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> from wsal.types import LabelSpace
    >>> def soft(p):
    ...     labels = LabelSpace.of(["ham", "spam"])
    ...     return SoftLabels(np.array([[p, 1 - p]]), labels, np.array(["a"]), np.array(["rules"]))
    >>> compare_labels(soft(0.25), soft(0.25)).verdict
    'identical'
    >>> print(compare_labels(soft(0.25), soft(0.5)).first)
    item a, class ham: stored 0.25, recomputed 0.5
    """
    p, q = stored.probabilities, recomputed.probabilities
    apart = np.abs(p - q)
    wrong = np.column_stack(
        [~(apart <= TOLERANCE), stored.sources != recomputed.sources]
    )  # NaN is wrong, too
    names = (*(f"class {name}" for name in stored.labels), "source")
    largest = float(apart.max(initial=0.0))
    if not wrong.any():
        same = bool(np.array_equal(p, q))
        return Comparison("identical" if same else "equal", len(p), largest=largest)
    row, column = _first(wrong)
    if column == len(stored.labels):
        then, now = str(stored.sources[row]), str(recomputed.sources[row])
    else:
        then, now = repr(float(p[row, column])), repr(float(q[row, column]))
    first = Difference(_plain(stored.item_ids[row]), names[column], then, now)
    return Comparison("different", len(p), int(wrong.any(axis=1).sum()), largest, first)


def _first(wrong: NDArray[np.bool_]) -> tuple[int, int]:
    row = int(wrong.any(axis=1).argmax())
    return row, int(wrong[row].argmax())


def _plain(item: ItemId | np.generic) -> ItemId:
    return item.item() if isinstance(item, np.generic) else item
