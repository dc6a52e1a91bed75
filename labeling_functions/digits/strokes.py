"""What the rules for digits ask of the pixels themselves: how often a straight line crosses the stroke."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def crosses_down(pixels: Sequence[float], *, times: int, dark: float = 0.375) -> bool:
    """Say whether a line down the middle crosses the stroke so many times.

    Parameters
    ----------
    pixels : sequence of 64 float
        An image of 8 × 8, row by row, ink from 0 to 1.
    times : int
    dark : float
        Ink from which a pixel belongs to the stroke. Of columns 4 and 5 (from 1) the darker pixel counts.

    Examples
    --------
    >>> crosses_down(([0] * 3 + [1] + [0] * 4) * 8, times=1)
    True
    """
    line = [max(pixels[8 * row + 3], pixels[8 * row + 4]) >= dark for row in range(8)]
    return sum(now and not before for before, now in pairwise([False, *line])) == times
