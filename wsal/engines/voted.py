"""What an engine is, and what it hands back: one column of votes at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from wsal.engines.progress import Progress
from wsal.items import Items
from wsal.types import LabelSpace, VoteArray
from wsal.votes import LFCost, LFFailure

__all__ = ["AnyLF", "Engine", "Voted"]

AnyLF: TypeAlias = Callable[[Any], Any]
"""A labelling function of wsal or Snorkel, or any object with a ``name`` that is called with an item."""


@dataclass(frozen=True, eq=False)
class Voted:
    """The votes of one labelling function on all items.

    Parameters
    ----------
    position : int
        Which of the functions given to the engine, from 0.
    votes : ndarray of int8, shape (n,)
        Class index, or -1.
    failure : LFFailure, optional
        What a fault-tolerant run passed over.
    cost : LFCost, optional
        What the votes took; None where the engine does not measure it.
    """

    position: int
    votes: VoteArray
    failure: LFFailure | None = None
    cost: LFCost | None = None


class Engine(Protocol):
    """Computes votes. Every engine passes the suite in ``tests/contracts/test_engines_contract.py``."""

    def __call__(
        self,
        lfs: Sequence[AnyLF],
        items: Items,
        labels: LabelSpace | None,
        *,
        fault_tolerant: bool,
        progress: Progress,
        workers: int = 1,
    ) -> Iterator[Voted]:
        """Vote on every item, and yield each column as soon as it is finished.

        Parameters
        ----------
        lfs : sequence of m labelling functions
            With different names.
        items : Items
            n items.
        labels : LabelSpace or None
            None where class indices are all that is known; then no function is a rule.
        fault_tolerant : bool
            A function that raises abstains on that item.
        progress : Progress
            Told what is being done.
        workers : int
            Processes that vote; votes and errors do not depend on it.

        Yields
        ------
        Voted
            One for each function, in any order.

        Raises
        ------
        LabelingFunctionError
            A function raised, unless ``fault_tolerant``.
        InputError
            A function returned what is no vote, or a rule reads what the items do not have.
        """
        ...
