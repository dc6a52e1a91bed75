"""What votes by itself, and so is no condition: a column of votes, or a function that names labels."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wsal.errors import Location
from wsal.lf.conditions.base import Faults
from wsal.lf.table import Table, read_column
from wsal.types import LabelSpace

__all__ = ["NarrowedVotes", "VoteSource"]


@dataclass(frozen=True, eq=False, kw_only=True)
class VoteSource(ABC):
    """Names a label for every item, or None to abstain.

    Parameters
    ----------
    rule : str
        Id of the rule it belongs to, for errors.
    location : Location, optional
    """

    rule: str = ""
    location: Location | None = None

    @property
    @abstractmethod
    def fields(self) -> tuple[str, ...]:
        """The columns it reads; empty where it reads whole items."""

    @abstractmethod
    def normal_form(self) -> dict[str, Any]:
        """Return what the votes depend on, as plain JSON."""

    @abstractmethod
    def label_names(self, table: Table, labels: LabelSpace | None, faults: Faults) -> list[str | None]:
        """Return n label names, None to abstain."""

    @cached_property
    def digest(self) -> str:
        """Hash of the normal form (sha256, hex)."""
        return hashlib.sha256(json.dumps(self.normal_form(), sort_keys=True).encode()).hexdigest()

    def read(self, table: Table, name: str) -> list[object]:
        """Return a column as a list.

        Raises
        ------
        DataError
            The table has no such column.
        """
        return read_column(table, name, rule=self.rule, location=self.location)


@dataclass(frozen=True, eq=False, kw_only=True)
class NarrowedVotes(VoteSource):
    """Votes of another source for some labels; where it names another label, it abstains.

    Parameters
    ----------
    source : VoteSource
    vocabulary : LabelSpace
        What the source may name.
    labels : tuple of str
        What is kept.
    """

    source: VoteSource
    vocabulary: LabelSpace
    labels: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns it reads; empty where it reads whole items."""
        return self.source.fields

    def normal_form(self) -> dict[str, Any]:
        """Return what the votes depend on, as plain JSON."""
        return {"votes": self.source.digest, "for": list(self.labels)}

    def label_names(self, table: Table, labels: LabelSpace | None, faults: Faults) -> list[str | None]:  # noqa: ARG002  # it has its own
        """Return n label names, None to abstain."""
        names = self.source.label_names(table, self.vocabulary, faults)
        return [name if name in self.labels else None for name in names]
