"""What every contract check shares: the error, the check itself, and a watch on what must not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["ContractViolation", "demand", "leaves_numpy_alone", "same_bits"]

T = TypeVar("T")


class ContractViolation(AssertionError):  # noqa: N818  # a violation is what it is, and how tests read
    """A plug-in breaks a promise that the rest of wsal relies on."""


def demand(kept: bool, promise: str) -> None:  # noqa: FBT001  # reads as a sentence: demand(x == y, "…")
    """Raise `ContractViolation` with the broken promise unless it was kept."""
    if not kept:
        raise ContractViolation(promise)


def same_bits(first: NDArray[np.generic], second: NDArray[np.generic]) -> bool:
    """Whether two arrays have the same shape, type and bytes (so NaN equals NaN)."""
    return first.shape == second.shape and first.dtype == second.dtype and first.tobytes() == second.tobytes()


def leaves_numpy_alone(work: Callable[[], T]) -> T:
    """Run something and demand that numpy's global generator is where it was."""
    before = np.random.get_state(legacy=False)  # noqa: NPY002  # the global state is what is watched
    result = work()
    after = np.random.get_state(legacy=False)  # noqa: NPY002  # the same
    moved = before["state"]["pos"] != after["state"]["pos"] or not np.array_equal(
        before["state"]["key"],
        after["state"]["key"],
    )
    demand(not moved, "numpy's global random state is left alone: pass a generator")
    return result
