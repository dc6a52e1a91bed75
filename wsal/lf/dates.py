"""Dates as packs and tables write them: ISO 8601, or a format of one's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

__all__ = ["WEEKDAYS", "as_date", "read_threshold"]

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY: Final = timedelta(days=1)


def as_date(value: object, format_: str | None = None) -> datetime | None:
    """Read a cell as a point in time without a zone; None where it is none.

    Parameters
    ----------
    value : object
        A date or datetime (of pandas too), or a text: ISO 8601, or as ``format_`` says.
    format_ : str, optional
        As `datetime.datetime.strptime`; for texts.

    Returns
    -------
    datetime or None
        In UTC where the cell names an offset; a cell without one is taken as it is, a day as its midnight.

    Examples
    --------
    >>> as_date("2024-03-01T01:30:00+02:00"), as_date("31/12/2024", "%d/%m/%Y"), as_date("soon")
    (datetime.datetime(2024, 2, 29, 23, 30), datetime.datetime(2024, 12, 31, 0, 0), None)
    """
    if isinstance(value, str):
        try:
            text = value.strip()
            found = datetime.fromisoformat(text) if format_ is None else datetime.strptime(text, format_)  # noqa: DTZ007  # zones are taken out below
        except ValueError:
            return None
        return _without_zone(found)
    if isinstance(value, datetime):  # pandas.Timestamp is one
        return _without_zone(value)
    return datetime.combine(value, time()) if isinstance(value, date) else None


def read_threshold(text: str) -> tuple[datetime, datetime] | None:
    """Return the first moment that a written date stands for, and the first one after it; None for no date.

    A day is the whole day; a time is that moment, up to the next microsecond.

    Examples
    --------
    >>> first, after = read_threshold("2024-02-29")
    >>> first.isoformat(), after.isoformat()
    ('2024-02-29T00:00:00', '2024-03-01T00:00:00')
    """
    moment = as_date(text)
    if moment is None:
        return None
    try:
        return moment, moment + (_DAY if _is_day(text) else timedelta(microseconds=1))
    except OverflowError:
        return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def _without_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
