"""``date``: a column of dates lies on the right side of thresholds, or on certain days of the week."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np

from wsal.errors import DataError
from wsal.lf.conditions.base import UNKNOWN, Faults, LeafCondition, Truth
from wsal.lf.dates import WEEKDAYS, as_date
from wsal.types import is_missing

__all__ = ["DateCondition", "dates_of"]


@dataclass(frozen=True, eq=False, kw_only=True)
class DateCondition(LeafCondition):
    """Every bound given holds. Times with an offset are compared in UTC, others as they are written.

    Parameters
    ----------
    start : datetime, optional
        The date is this moment or later.
    stop : datetime, optional
        The date is earlier than this moment.
    weekdays : frozenset of int
        0 is Monday; empty for any day.
    format_ : str, optional
        How texts write dates, as `datetime.datetime.strptime`; ISO 8601 where not given.
    """

    kind = "date"
    start: datetime | None = None
    stop: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    format_: str | None = None

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {
            "date": self.field,
            "start": self.start.isoformat() if self.start is not None else None,
            "stop": self.stop.isoformat() if self.stop is not None else None,
            "weekdays": [WEEKDAYS[day] for day in sorted(self.weekdays)],
            "format": self.format_,
        }

    @property
    def group_key(self) -> Hashable:
        """What conditions that share a pass have in common."""
        return (self.kind, self.field, self.format_)

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        first = conditions[0]
        moments = dates_of(column, first, first.field, first.format_)
        truth = np.full((len(conditions), len(moments)), UNKNOWN, dtype=np.int8)
        for i, condition in enumerate(conditions):
            for row, moment in enumerate(moments):
                if moment is not None:
                    truth[i, row] = condition._holds(moment)  # noqa: SLF001  # its own class
        return truth

    def _holds(self, moment: datetime) -> bool:
        return (
            (self.start is None or moment >= self.start)
            and (self.stop is None or moment < self.stop)
            and (not self.weekdays or moment.weekday() in self.weekdays)
        )


def dates_of(
    column: Sequence[object], condition: LeafCondition, name: str | None, format_: str | None
) -> list[datetime | None]:
    """Read a column as dates, None where a cell is missing or empty.

    Raises
    ------
    DataError
        A cell that is no date.
    """
    moments: list[datetime | None] = []
    for row, value in enumerate(column):
        if is_missing(value) or (isinstance(value, str) and not value.strip()):
            moments.append(None)
            continue
        moment = as_date(value, format_)
        if moment is None:
            written = "ISO 8601 (2024-03-31)" if format_ is None else f"the format {format_!r}"
            raise DataError(
                f"rule '{condition.rule}' reads dates in column {name!r}, but row {row + 1} holds {value!r}, "
                f"which is no date in {written}",
                location=condition.location,
                hint="say how the column writes dates: format: '%d/%m/%Y'; leave the cell empty where unknown",
            )
        moments.append(moment)
    return moments
