"""What every kind of condition has in common."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType
from typing import Any, ClassVar, Final, Self, cast

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, LabelingFunctionError, Location
from wsal.types import ItemId, is_missing

__all__ = ["FALSE", "TRUE", "UNKNOWN", "Condition", "Fault", "Faults", "LeafCondition", "Truth", "texts_of"]

FALSE: Final = 0
TRUE: Final = 1
UNKNOWN: Final = -1
"""The truth of a condition on an item whose value is missing."""

Truth = NDArray[np.int8]
"""Three-valued truth: TRUE, FALSE or UNKNOWN."""


@dataclass(frozen=True)
class Fault:
    """A condition failed on one item of a fault-tolerant run and counts as unknown there.

    Parameters
    ----------
    lf_name : str
        The rule it stands in.
    row : int
        From 0.
    item_id : str or int
    cause : Exception
    """

    lf_name: str
    row: int
    item_id: ItemId
    cause: Exception


class Faults:
    """Where conditions report what failed: raises at once, or keeps count in a fault-tolerant run.

    Parameters
    ----------
    item_ids : sequence or ndarray of (str or int), optional
        Row numbers where not given.
    tolerant : bool
        Keep the faults in ``found`` instead of raising.
    """

    def __init__(
        self, item_ids: Sequence[Any] | NDArray[Any] | None = None, *, tolerant: bool = False
    ) -> None:
        self._item_ids = item_ids
        self._tolerant = tolerant
        self.found: list[Fault] = []

    def report(self, rule: str, row: int, cause: Exception) -> None:
        """Report that a condition of a rule failed on a row.

        Raises
        ------
        LabelingFunctionError
            Unless tolerant.
        """
        item_id = row if self._item_ids is None else self._item_ids[row]
        item_id = item_id.item() if isinstance(item_id, np.generic) else item_id
        if not self._tolerant:
            raise LabelingFunctionError(rule, item_id, cause) from cause
        self.found.append(Fault(rule, row, item_id, cause))


@dataclass(frozen=True, eq=False, kw_only=True)
class Condition(ABC):
    """A question about an item that is answered TRUE, FALSE or UNKNOWN.

    Parameters
    ----------
    rule : str
        Id of the rule in which it is written, for errors.
    location : Location, optional
        Where it is written.
    """

    kind: ClassVar[str]
    rule: str = ""
    location: Location | None = None

    @abstractmethod
    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON: defaults spelt out, files by their content."""

    @cached_property
    def key(self) -> str:
        """Equal for two conditions that always answer alike because they say the same."""
        return json.dumps(self.normal_form(), sort_keys=True, ensure_ascii=True, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """Hash of ``key`` (sha256, hex). Conditions made of others hold these, so that keys stay short."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions it is made of; none for a leaf."""
        return ()


@dataclass(frozen=True, eq=False, kw_only=True)
class LeafCondition(Condition):
    """A condition that reads the items itself.

    Leaves with the same ``group_key`` are evaluated together, in one pass over their column.

    Parameters
    ----------
    field : str or None
        The column it reads; None for one that is given the whole table (``reads`` says which columns).
    """

    texts_as_stored: ClassVar[bool] = False
    """Whether it would rather be given `wsal.lf.search.Texts` than a list, where the table has its texts as such."""

    field: str | None = field(default=None)

    @property
    def group_key(self) -> Hashable:
        """What conditions that share a pass, and no others, have in common."""
        return (type(self), self.field)

    @property
    def reads(self) -> tuple[str, ...] | None:
        """The columns it reads; None where that may be any of them."""
        return None if self.field is None else (self.field,)

    @classmethod
    @abstractmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401  # see column
        """Answer several conditions of one group on every item.

        Parameters
        ----------
        conditions : sequence of c conditions
            With one ``group_key``.
        column : list of n values, Texts, or Table
            The column ``field``; the whole table where ``field`` is None.
        faults : Faults
            Told of what failed on an item.

        Returns
        -------
        ndarray of int8, shape (c, n)
            TRUE, FALSE or UNKNOWN.
        """


def texts_of(column: Sequence[object], condition: LeafCondition) -> list[str | None]:
    """Check that a column holds texts and missing values, and return it with None for missing.

    Raises
    ------
    DataError
        A value that is neither.
    """
    if {str, NoneType}.issuperset(map(type, column)):
        return cast("list[str | None]", list(column))
    texts: list[str | None] = []
    for row, value in enumerate(column):
        if isinstance(value, str):
            texts.append(value)
        elif is_missing(value):
            texts.append(None)
        else:
            raise DataError(
                f"rule '{condition.rule}' reads text in column {condition.field!r}, "
                f"but row {row + 1} holds {value!r} ({type(value).__name__})",
                location=condition.location,
                hint="name a column of texts with 'field:', or use {number: …} or {in_list: …}",
            )
    return texts
