"""One thing that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from wsal.errors import InputError, WsalError

__all__ = ["Reading", "State", "failed", "in_bytes"]

State: TypeAlias = Literal["ok", "note", "problem"]
"""As it should be; worth knowing, and nothing fails; something fails or will."""


@dataclass(frozen=True)
class Reading:
    """What was found in one place.

    Parameters
    ----------
    area : str
        Where: "software", "extras", "settings", "data", "rules", "store", "ledger", "runs", "cache", "speed", "disk".
    state : str
        "ok", "note" or "problem".
    says : str
    cure : str
        What to do; empty where nothing is to be done.
    figures : mapping of str to int, float or str
        The same for programs; sizes in bytes, times in seconds.
    """

    area: str
    state: State
    says: str
    cure: str = ""
    figures: Mapping[str, int | float | str] = field(default_factory=dict)


def failed(area: str, error: WsalError) -> Reading:
    """Turn an error raised on purpose into what was found."""
    if isinstance(error, InputError):
        where = f"{error.location}: " if error.location else ""
        return Reading(area, "problem", where + error.message, error.hint or "")
    says, _, cure = str(error).partition("\n  hint: ")
    return Reading(area, "problem", says, cure)


def in_bytes(n: float) -> str:
    """Write a size.

    Examples
    --------
    >>> in_bytes(512), in_bytes(2_500_000), in_bytes(3e12)
    ('512 B', '2.5 MB', '3000.0 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return f"{n:.0f} B"
