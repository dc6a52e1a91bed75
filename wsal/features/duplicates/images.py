"""Near-duplicate images: a difference hash of 64 bits, compared by the share of equal bits."""

from __future__ import annotations

import numpy as np

from wsal.errors import DataError
from wsal.types import Floats, is_missing

__all__ = ["BITS", "difference_hash"]

_SIDE = 8
BITS = _SIDE * _SIDE
"""Bits of a hash."""


def difference_hash(image: object, *, name: str = "image") -> Floats | None:
    """Return the difference hash of an image: whether it grows brighter from each cell to its right neighbour.

    Parameters
    ----------
    image : array of shape (height, width) or (height, width, channels)
        Brightness, on any scale; channels are averaged. Scaling, light and compression hardly change the
        hash; a mirror image has another one.
    name : str
        What to call it in an error.

    Returns
    -------
    ndarray of float64, shape (64,), or None
        +1 and −1, so that the cosine of two hashes is 1 − 2·(differing bits)/64. None for a missing image and
        for one of a single colour, whose hash would say nothing.

    Raises
    ------
    DataError
        Not an image of finite numbers, or smaller than 8 × 9 cells.

    Notes
    -----
    dHash by N. Krawetz, "Kind of like that", The Hacker Factor Blog, 2013: the mean brightness of 8 × 9 cells,
    each compared with the next in its row. (imagehash does the same with Pillow, which wsal does not need
    otherwise.)

    Examples
    --------
    >>> ramp = np.tile(np.arange(18), (16, 1))
    >>> difference_hash(ramp).tolist() == [1.0] * 64, difference_hash(ramp[:, ::-1]).sum()
    (True, np.float64(-64.0))
    """
    if is_missing(image):
        return None
    try:
        pixels = np.asarray(image, dtype=np.float64)
    except (TypeError, ValueError):
        # A column of a Parquet file holds lists of arrays.
        pixels = _stacked(image, name)
    if pixels.ndim == 1 and len(pixels) and not np.isscalar(image):
        pixels = _stacked(image, name)
    if pixels.ndim == 3:
        pixels = pixels.mean(axis=2)
    if pixels.ndim != 2 or min(pixels.shape[0] // _SIDE, pixels.shape[1] // (_SIDE + 1)) < 1:
        raise DataError(
            f"{name}: shape {pixels.shape} is no image of at least {_SIDE} × {_SIDE + 1} cells",
            hint="give rows of brightness, or name a column of vectors under `vectors`",
        )
    if not np.isfinite(pixels).all():
        raise DataError(f"{name} has a cell that is not finite", hint="leave the image out")
    if pixels.min() == pixels.max():
        return None
    small = _mean_cells(_mean_cells(pixels, _SIDE).T, _SIDE + 1).T
    return np.where(small[:, 1:] > small[:, :-1], 1.0, -1.0).ravel()


def _stacked(image: object, name: str) -> Floats:
    try:
        return np.asarray([np.asarray(row, dtype=np.float64) for row in image], dtype=np.float64)  # type: ignore[attr-defined]  # tried here
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} is no image: {error}", hint="give rows of numbers, of one length") from error


def _mean_cells(pixels: Floats, n: int) -> Floats:
    """Average rows in n strips of nearly equal height."""
    edges = np.linspace(0, len(pixels), n + 1).round().astype(np.int64)
    sums = np.add.reduceat(pixels, edges[:-1], axis=0)
    return np.asarray(sums / np.diff(edges)[:, None], dtype=np.float64)
