"""Estimate: a figure that never stands without its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Estimate", "Unit"]

Unit: TypeAlias = Literal["share", "items"]
"""A number between 0 and 1, or a count of items."""


@dataclass(frozen=True)
class Estimate:
    """An estimate with its interval.

    Parameters
    ----------
    name : str
        What is estimated, such as ``precision of spam``.
    unit : {"share", "items"}
    value : float
        The point. NaN where nothing was observed that bears on it.
    low, high : float
        The interval; show it rather than the point.
    level : float
        Nominal coverage of the interval.
    n_draws : int
        Audit draws that bear on the estimate, repeats and unanswered ones included.
    n_hits : float
        Draws that found what was counted, repeats included; an item whose annotators differ is a fraction.
    method : str
        How the interval was made.
    conservative : bool
        Whether the interval is known to be wider than it need be, or the point to be pessimistic: for bounds of
        skipped items, Poisson limits of unequal weights, cross-fitted models. An exact interval is never too
        narrow either, but it is not marked.
    note : str
        What a reader has to know to use the figure; empty where there is nothing.
    self_graded : bool
        Whether answers graded a model that they had trained. Such a figure is no estimate of quality, and its
        interval holds nothing.

    Examples
    --------
    >>> print(Estimate("recall of spam", "share", 0.8, 0.61, 0.93, 0.95, 300, 41, "MOVER", False, ""))
    recall of spam: 0.610 to 0.930 (point 0.800, 95 % interval from 300 draws; MOVER)
    """

    name: str
    unit: Unit
    value: float
    low: float
    high: float
    level: float
    n_draws: int
    n_hits: float
    method: str
    conservative: bool
    note: str
    self_graded: bool = False

    @property
    def width(self) -> float:
        """Width of the interval, in the estimate's unit."""
        return self.high - self.low

    def __str__(self) -> str:
        digits = 3 if self.unit == "share" else 1
        if self.self_graded:
            return f"{self.name}: no estimate, since answers graded a model that they trained"
        text = (
            f"{self.name}: {self.low:.{digits}f} to {self.high:.{digits}f} (point {self.value:.{digits}f}, "
            f"{100 * self.level:g} % interval from {self.n_draws} draws; {self.method})"
        )
        return f"{text}; {self.note}" if self.note else text
