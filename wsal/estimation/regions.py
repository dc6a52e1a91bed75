"""The share of something among the items of a region, from the draws that fell into it.

A region is a set of items whose size in every cell is known; a cell is a set of items that had equal propensity in
each batch. Given how many different items of a cell were drawn, which ones they are is a simple random sample
without replacement (Basu 1958), and that is all that is used: `by_cells`. Where the cells are not known,
the weights 1/p of Hansen and Hurwitz are: `by_weights`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wsal.estimation.intervals import (
    Interval,
    clopper_pearson,
    fay_feuer,
    finite_clopper_pearson,
    mover_ratio,
    mover_sum,
)
from wsal.estimation.sample import AuditSample
from wsal.types import Floats

__all__ = ["Region", "RegionShare", "share_in"]

_FEW = 10
"""Fewer hits, or fewer misses, are counted by gamma limits, together with those of other cells."""

_TELLS_NOTHING = 4
"""With fewer draws than −log(.025) = 3.69, "no hit" rules nothing out in a Poisson limit; an exact one is better."""


_ALIKE = 1.2
"""Weights within this factor of each other are equal but for the number of draws that they are worth."""


@dataclass(frozen=True, eq=False)
class Region:
    """A set of items.

    Parameters
    ----------
    sizes : ndarray of float64, shape (S,)
        Its items in each part of the sample's `partition`. Means over folds need not be whole.
    inside : ndarray of bool, shape (T,)
        Whether the item of each draw is in it.
    """

    sizes: Floats
    inside: NDArray[np.bool_]

    @property
    def n_items(self) -> float:
        """Items in the region."""
        return float(self.sizes.sum())


@dataclass(frozen=True)
class RegionShare:
    """The share of hits in a region.

    Parameters
    ----------
    value : float
        From the answered draws; NaN where there are none.
    worst, best : Interval
        With every missing answer taken for a miss, and for a hit. The same where none is missing.
    n_items : float
    n_draws, n_missing : int
    n_hits : float
    method : str
    conservative : bool
    note : str
    """

    value: float
    worst: Interval
    best: Interval
    n_items: float
    n_draws: int
    n_missing: int
    n_hits: float
    method: str
    conservative: bool
    note: str


def share_in(sample: AuditSample, region: Region, values: Floats, *, level: float) -> RegionShare:
    """Estimate the share of hits among the items of a region.

    Parameters
    ----------
    sample : AuditSample
    region : Region
    values : ndarray of float64, shape (T,)
        For each draw, how much of a hit its item is, 0 to 1; NaN where the answer is missing.
    level : float

    Returns
    -------
    RegionShare
        In an empty region the share is NaN between 0 and 0: none of its items is anything.
    """
    inside = region.inside
    gone = inside & np.isnan(values)
    parts = _by_cells if sample.known_cells is not None else _by_weights
    worst = parts(sample, region, np.where(gone, 0.0, values), level)
    best = parts(sample, region, np.where(gone, 1.0, values), level) if gone.any() else worst
    value = worst.interval.value
    notes = [worst.note]
    if gone.any():
        answered = replace(region, inside=inside & ~gone)
        value = parts(sample, answered, np.where(gone, 0.0, values), level).interval.value
        notes.append(
            f"{int(gone.sum())} of {int(inside.sum())} draws have no answer: counted as all wrong for one limit, "
            "as all right for the other"
        )
    hits = float(np.where(inside & ~gone, values, 0.0).sum())
    return RegionShare(
        value,
        worst.interval,
        best.interval,
        region.n_items,
        int(inside.sum()),
        int(gone.sum()),
        hits,
        worst.method,
        worst.conservative or bool(gone.any()),
        "; ".join(note for note in notes if note),
    )


@dataclass(frozen=True)
class _Part:
    interval: Interval
    method: str
    conservative: bool
    note: str


def _by_cells(sample: AuditSample, region: Region, values: Floats, level: float) -> _Part:
    """Post-stratify: in every cell, different items drawn are a simple random sample of the region's."""
    total = region.n_items
    if total == 0:
        return _Part(Interval(math.nan, 0.0, 0.0), "no items", False, "")
    cells = sample.known_cells
    rows, first = np.unique(sample.rows[region.inside], return_index=True)
    codes = cells[rows] if cells is not None else np.zeros(len(rows), dtype=np.int64)
    n = np.bincount(codes, minlength=len(region.sizes)).astype(np.float64)
    x: Floats = np.bincount(codes, values[region.inside][first], len(region.sizes)).astype(np.float64)
    live = region.sizes > 0
    n, x, sizes = n[live], x[live], region.sizes[live]
    if n.sum() == 0:
        return _Part(Interval(math.nan, 0.0, 1.0), "nothing drawn", True, "no draw fell here")
    unseen = n == 0
    kinds, method = _join_cells(x[~unseen], n[~unseen], sizes[~unseen], level)
    share = sizes / total
    joined = mover_sum([kind.scaled(1 / total) for kind in kinds])
    # Cells without a draw may hold hits alone or none; for the point they are taken to be like the others.
    hidden = float(share[unseen].sum())
    value = joined.value / (1 - hidden)
    interval = Interval(value, joined.low, joined.high + hidden)
    interval = _within_the_seen(interval, float(x.sum()), float((n - x).sum()), total)
    note = ""
    if hidden > 0:
        method = f"{method}, cells without a draw bounded"
        note = f"no draw fell into {sizes[unseen].sum():.0f} of {total:.0f} items: all of them right or all wrong"
    return _Part(interval, method, hidden > 0 or "Fay" in method, note)


def _join_cells(x: Floats, n: Floats, sizes: Floats, level: float) -> tuple[list[Interval], str]:
    """Return independent parts, in items, whose sum is the number of hits in cells with enough draws."""
    alone = (np.minimum(x, n - x) >= _FEW) | (n < _TELLS_NOTHING) | (n >= sizes)
    few_hits, few_misses = ~alone & (2 * x <= n), ~alone & (2 * x > n)
    for group in (few_hits, few_misses):
        if group.sum() == 1:
            alone = alone | group
    parts = [
        _exact(float(x[s]), float(n[s]), float(sizes[s]), level).scaled(float(sizes[s]))
        for s in np.flatnonzero(alone)
    ]
    methods = ["Clopper–Pearson"] if parts else []
    for group, rare in ((few_hits & ~alone, x), (few_misses & ~alone, n - x)):
        if group.any():
            weights, size = sizes[group] / n[group], float(sizes[group].sum())
            found = fay_feuer(rare[group], weights, largest_weight=float(weights.max()), level=level)
            found = Interval(found.value, found.low, min(found.high, size))
            parts.append(
                found if rare is x else Interval(size - found.value, size - found.high, size - found.low)
            )
            methods.append("Fay–Feuer")
    names = list(dict.fromkeys(methods))
    return parts, " and ".join(names) + (" joined by MOVER" if len(parts) > 1 else "")


def _exact(x: float, n: float, size: float, level: float) -> Interval:
    if size == int(size) and n <= size:
        return finite_clopper_pearson(x, int(n), int(size), level=level)
    return clopper_pearson(x, n, level=level)  # a mean size over folds


def _by_weights(sample: AuditSample, region: Region, values: Floats, level: float) -> _Part:
    """Weigh each draw by 1/p: gamma limits of the totals of hits and of misses, joined as hits to misses.

    The share is H/(H + M), so that the draws that happened to fall into the region cancel out.
    """
    total, inside = region.n_items, region.inside
    if total == 0:
        return _Part(Interval(math.nan, 0.0, 0.0), "no items", False, "")
    if not inside.any():
        return _Part(Interval(math.nan, 0.0, 1.0), "nothing drawn", True, "no draw fell here")
    weights, largest = _best_weights(sample, region)
    w, y = weights[inside], values[inside]
    share, effective = min(float(w @ y / w.sum()), 1.0), float(w.sum() ** 2 / (w**2).sum())  # rounding
    if largest <= _ALIKE * w.min():
        hits_ = effective if (y == 1).all() else share * effective
        interval, method = clopper_pearson(hits_, effective, level=level), "Clopper–Pearson"
    else:
        hits = fay_feuer(y, w, largest_weight=largest, level=level)
        misses = fay_feuer(1 - y, w, largest_weight=largest, level=level)
        odds = mover_ratio(misses, hits)
        low, high = (1 / (1 + r) for r in (odds.high, odds.low))
        interval, method = Interval(share, low, high), "Fay–Feuer joined by MOVER"
    _, first = np.unique(sample.rows[inside], return_index=True)
    interval = _within_the_seen(interval, float(y[first].sum()), float((1 - y[first]).sum()), total)
    note = "draws of several runs are weighed, which is wider than draws made at one run"
    return _Part(interval, f"{method} on weights", True, note)


def _best_weights(sample: AuditSample, region: Region) -> tuple[Floats, float]:
    """Return the weight of each draw, shape (T,), and the largest that a draw of the region could have had.

    A draw weighs 1/p times a number that depends on its way of drawing and the region alone: any such number leaves
    the total unbiased but for its scale, which cancels. The harmonic mean of p over the region makes the variance
    least; the smallest p makes the largest weight least. The better one is taken, without a look at answers.
    """
    if sample.ways is None:
        plain = 1 / sample.propensities
        return plain, float(plain.max())
    sizes, ways = region.sizes, sample.ways
    live = sizes > 0
    p = ways.propensities[:, live]
    found: list[tuple[float, Floats, float]] = []
    for scale in (p.min(axis=1), sizes[live].sum() / (sizes[live] / p).sum(axis=1)):
        weights = scale[ways.of_draw] / sample.propensities
        largest = float((scale[np.unique(ways.of_draw), None] / p[np.unique(ways.of_draw)]).max())
        w = weights[region.inside]
        worth = (w.sum() + largest) ** 2 / ((w**2).sum() + largest**2)
        found.append((float(worth), weights, largest))
    _, weights, largest = max(found, key=lambda one: one[0])
    return weights, largest


def _within_the_seen(found: Interval, hits: float, misses: float, total: float) -> Interval:
    """Cut an interval by what is certain: the different items seen to be hits, and misses."""
    low, high = hits / total, 1 - misses / total
    if low > high:  # mean sizes over folds, smaller than what the folds saw
        return Interval(found.value, max(found.low, 0.0), min(found.high, 1.0))
    limits = Interval(found.value, max(found.low, low), min(found.high, high))
    return Interval(min(max(limits.value, limits.low), limits.high), limits.low, limits.high)
