"""``column``: a column that already holds votes, as of an annotator, another model or an LLM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wsal.errors import DataError, did_you_mean
from wsal.lf.conditions.base import Faults
from wsal.lf.conditions.vote_source import VoteSource
from wsal.lf.table import Table, as_number
from wsal.types import ABSTAIN, LabelSpace, is_missing

__all__ = ["ColumnVotes"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnVotes(VoteSource):
    """Votes what a column says; in one bin of confidence where the rule has bins.

    Without ``values`` the cells hold label names, and -1 abstains as everywhere in wsal.

    Parameters
    ----------
    column : str
    values : tuple of (object, str or None), optional
        From cell to label name; None abstains.
    confidence : str, optional
        A numeric column.
    low, high : float, optional
        Votes only where ``low <= confidence < high``; abstains where the confidence is missing.
    """

    column: str
    values: tuple[tuple[object, str | None], ...] | None = None
    confidence: str | None = None
    low: float | None = None
    high: float | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns it reads; empty where it reads whole items."""
        return (self.column,) if self.confidence is None else (self.column, self.confidence)

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        values = None if self.values is None else sorted((repr(cell), label) for cell, label in self.values)
        return {
            "column": self.column,
            "values": values,
            "confidence": self.confidence,
            "low": self.low,
            "high": self.high,
        }

    def label_names(self, table: Table, labels: LabelSpace | None, faults: Faults) -> list[str | None]:  # noqa: ARG002  # as its base
        """Return n label names, None to abstain."""
        mapping = None if self.values is None else dict(self.values)
        names = [
            self._name(cell, row, mapping, labels) for row, cell in enumerate(self.read(table, self.column))
        ]
        if self.confidence is None:
            return names
        inside = self._inside_bin(self.read(table, self.confidence))
        return [name if keep else None for name, keep in zip(names, inside, strict=True)]

    def _name(
        self, cell: object, row: int, mapping: dict[object, str | None] | None, labels: LabelSpace | None
    ) -> str | None:
        if is_missing(cell):
            return None
        if mapping is not None:
            # True == 1 in Python, but not in a table.
            if cell in mapping and not (isinstance(cell, bool) and cell not in _of_type(mapping, bool)):
                return mapping[cell]
            raise DataError(
                f"{self._cell(row, cell)}, which 'values:' does not name",
                location=self.location,
                hint=f"add it to values, with a label or with null to abstain: {{{cell!r}: null}}",
            )
        if not isinstance(cell, str) and cell == ABSTAIN:
            return None
        if not isinstance(cell, str) or (labels is not None and cell not in labels):
            known = labels.names if labels is not None else ()
            raise DataError(
                f"{self._cell(row, cell)}, which is no label",
                location=self.location,
                hint=did_you_mean(str(cell), known)
                or f"say what its values mean: values: {{{cell!r}: <label>}}",
            )
        return cell

    def _cell(self, row: int, cell: object) -> str:
        return f"rule '{self.rule}': column {self.column!r}, row {row + 1} holds {cell!r}"

    def _inside_bin(self, confidences: list[object]) -> list[bool]:
        inside = []
        for row, cell in enumerate(confidences):
            number = None if is_missing(cell) else as_number(cell)
            if number is None and not is_missing(cell):
                raise DataError(
                    f"rule '{self.rule}' reads numbers in column {self.confidence!r}, "
                    f"but row {row + 1} holds {cell!r}",
                    location=self.location,
                    hint="name a numeric column",
                )
            above = number is not None and (self.low is None or number >= self.low)
            inside.append(above and (self.high is None or (number is not None and number < self.high)))
        return inside


def _of_type(mapping: dict[object, str | None], kind: type) -> list[object]:
    return [key for key in mapping if isinstance(key, kind)]
