"""Which values are missing."""

from __future__ import annotations

__all__ = ["is_missing"]


def is_missing(value: object) -> bool:
    """Tell whether a value is None, NaN, or pandas' NA or NaT.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(""), is_missing(0)
    (True, True, False, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value  # noqa: PLR0124  # NaN is the one value unequal to itself
