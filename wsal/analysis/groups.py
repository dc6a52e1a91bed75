"""Groups: items put together by what a column says of them, by value or by bin."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.lf.dates import as_date
from wsal.types import Floats, is_missing

__all__ = ["MISSING", "OTHERS", "Groups", "group_by", "time_bins"]

MISSING = "(missing)"
"""The group of the items whose cell is empty."""

OTHERS = "(others)"
"""The group of the values that are too many to stand by themselves."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # as_date takes zones out


@dataclass(frozen=True, eq=False)
class Groups:
    """Items by group.

    Parameters
    ----------
    column : str
    names : tuple of str
        G groups, none of them empty; bins in their order, values by their number of items, MISSING last.
    codes : ndarray of int64, shape (n,)
        The group of each item, 0..G−1.
    notes : tuple of str
        What was done to get them.
    """

    column: str
    names: tuple[str, ...]
    codes: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Items by group, shape (G,)."""
        return np.bincount(self.codes, minlength=len(self.names)).astype(np.int64)


def group_by(
    column: str,
    values: Sequence[object],
    *,
    bins: int = 4,
    edges: Sequence[float] | None = None,
    most: int = 12,
) -> Groups:
    """Group items by a column.

    Parameters
    ----------
    column : str
        Its name, for messages.
    values : sequence of object, n cells
    bins : int
        Numbers with more than ``most`` different values are cut into so many bins of about equal size.
    edges : sequence of float, optional
        Cut numbers here instead; a bin holds its lower edge.
    most : int
        Texts with more values than this keep the commonest; the rest become one group.

    Raises
    ------
    InputError
        The column tells no two groups apart, most of its values occur once, edges are given for texts, or they do
        not rise.

    Examples
    --------
    >>> found = group_by("age", [17, 30, None, 70, 45], edges=[18, 65])
    >>> found.names, found.codes.tolist()
    (('below 18', '18 to below 65', '65 and above', '(missing)'), [0, 1, 3, 2, 1])
    """
    known = [not is_missing(value) for value in values]
    cells = [value for value, there in zip(values, known, strict=True) if there]
    if not cells:
        raise InputError(f"column {column!r} is empty: it makes no groups")
    numeric = all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)
    notes: tuple[str, ...] = ()
    if edges is not None:
        if not numeric:
            raise InputError(f"column {column!r} holds no numbers, so --edges cannot cut it")
        names, codes = _cut([float(str(cell)) for cell in cells], _rising(edges))
    elif numeric and len(set(cells)) > most:
        numbers = np.array(cells, dtype=np.float64)
        names, codes = _cut(numbers.tolist(), _quantiles(numbers, bins))
        notes = (f"{column} was cut into bins of about equal size; --edges cuts it elsewhere",)
    else:
        names, codes, notes = _by_value(column, [_written(cell) for cell in cells], most)
    return _complete(column, names, codes, known=known, notes=notes)


def time_bins(column: str, values: Sequence[object], *, bins: int = 8) -> Groups:
    """Cut items into bins of about equal size by a column of times, the earliest first.

    Parameters
    ----------
    column : str
    values : sequence of object, n cells
        Dates, texts in ISO 8601, or numbers that rise with time.
    bins : int

    Raises
    ------
    InputError
        A cell that is no time, or times that are all the same.

    Examples
    --------
    >>> time_bins("day", ["2024-01-01", "2024-01-02", "2024-02-01", None], bins=2).names
    ('2024-01-01 to 2024-01-01', '2024-01-02 to 2024-02-01', '(missing)')
    """
    if bins < 2:
        raise InputError(f"{bins} bins show no drift", hint="use 2 or more")
    known = [not is_missing(value) for value in values]
    moments = [_moment(column, value) for value, there in zip(values, known, strict=True) if there]
    times = np.array([number for number, _ in moments], dtype=np.float64)
    if len(np.unique(times)) < 2:
        raise InputError(f"column {column!r} has fewer than two different times: it shows no drift")
    codes = np.searchsorted(_quantiles(times, bins), times, side="right")
    written = dict(moments)
    names = []
    for code in np.unique(codes).tolist():
        inside = times[codes == code]
        names.append(f"{written[float(inside.min())]} to {written[float(inside.max())]}")
    return _complete(column, tuple(names), np.unique(codes, return_inverse=True)[1], known=known, notes=())


def _moment(column: str, value: object) -> tuple[float, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), _written(value)
    found = as_date(value)
    if found is None:
        raise InputError(
            f"column {column!r} holds {value!r}, which is no time",
            hint="times are dates, texts such as 2024-03-01T12:00, or numbers",
        )
    whole = found.hour == found.minute == found.second == 0
    return (found - _EPOCH) / timedelta(seconds=1), found.date().isoformat() if whole else found.isoformat(
        timespec="minutes"
    )


def _quantiles(numbers: Floats, bins: int) -> list[float]:
    """Return the inner edges of bins of about equal size; fewer where many numbers are the same."""
    if bins < 2:
        raise InputError(f"{bins} bins make no groups", hint="use 2 or more")
    inner = np.quantile(numbers, np.arange(1, bins) / bins, method="lower")
    found: list[float] = np.unique(inner[inner > numbers.min()]).tolist()
    return found or [float(np.unique(numbers)[1])]


def _rising(edges: Sequence[float]) -> list[float]:
    given = [float(edge) for edge in edges]
    if not given or not all(math.isfinite(edge) for edge in given):
        raise InputError(f"edges are numbers, got {given}")
    if any(b <= a for a, b in itertools.pairwise(given)):
        raise InputError(f"edges rise from left to right, got {given}")
    return given


def _cut(numbers: Sequence[float], edges: Sequence[float]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    words = [f"{edge:.12g}" for edge in edges]
    names = (
        f"below {words[0]}",
        *(f"{a} to below {b}" for a, b in itertools.pairwise(words)),
        f"{words[-1]} and above",
    )
    return names, np.searchsorted(np.array(edges), np.array(numbers), side="right").astype(np.int64)


def _by_value(
    column: str, cells: Sequence[str], most: int
) -> tuple[tuple[str, ...], NDArray[np.int64], tuple[str, ...]]:
    counts = Counter(cells)
    if len(counts) > most and 2 * len(counts) > len(cells):
        raise InputError(
            f"column {column!r} has {len(counts)} different values in {len(cells)} items: these are no groups",
            hint="name a column whose values many items share",
        )
    order = sorted(counts, key=lambda name: (-counts[name], name))
    kept = order if len(order) <= most else order[: most - 1]
    place = {name: i for i, name in enumerate(kept)}
    codes = np.array([place.get(cell, len(kept)) for cell in cells], dtype=np.int64)
    if len(kept) == len(order):
        return tuple(kept), codes, ()
    note = f"{column} has {len(order)} values; the {len(order) - len(kept)} rarest are one group, {OTHERS}"
    return (*kept, OTHERS), codes, (note,)


def _written(cell: object) -> str:
    """Write a cell as the name of its group; in quotes where it would pass for one of our own names.

    Examples
    --------
    >>> _written("(missing)"), _written(2.0)
    ("'(missing)'", '2')
    """
    text = f"{cell:.12g}" if isinstance(cell, float) else str(cell)
    return f"'{text}'" if text.strip("'") in (MISSING, OTHERS) else text


def _complete(
    column: str,
    names: tuple[str, ...],
    codes: NDArray[np.int64],
    *,
    known: Sequence[bool],
    notes: tuple[str, ...],
) -> Groups:
    """Put the items without a value into a group of their own, and leave empty groups out."""
    everyone = np.full(len(known), len(names), dtype=np.int64)
    everyone[np.array(known, dtype=np.bool_)] = codes
    named = (*names, MISSING)
    used, dense = np.unique(everyone, return_inverse=True)
    if len(used) < 2:
        raise InputError(f"column {column!r} puts every item into one group, {named[used[0]]!r}")
    return Groups(column, tuple(named[code] for code in used.tolist()), dense.astype(np.int64), notes)
