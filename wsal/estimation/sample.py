"""AuditSample: audit draws of known propensity, with what people answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.estimation.ways import Ways
from wsal.labels import HumanLabels
from wsal.types import Floats, ItemId, LabelSpace, refuse_synthetic

__all__ = ["AuditDraw", "AuditSample"]


class AuditDraw(Protocol):
    """What is read of a draw; `wsal.selection.Draw` is one."""

    @property
    def item_id(self) -> ItemId:
        """The item it fell on."""

    @property
    def purpose(self) -> str:
        """``audit`` if it was drawn at random; all others are left out."""

    @property
    def stratum(self) -> str:
        """The stratum of the item; empty where there are none."""

    @property
    def propensity(self) -> float:
        """Probability that a single draw of its batch falls on the item."""


@dataclass(frozen=True, eq=False)
class AuditSample:
    """Draws with replacement from n items, each with its single-draw probability, and the answers.

    Parameters
    ----------
    rows : ndarray of int64, shape (T,)
        The item of each draw; repeats are kept.
    propensities : ndarray of float64, shape (T,)
        Single-draw probability of the item at its batch.
    strata : tuple of str
        Stratum of each draw, as recorded.
    observed : ndarray of float64, shape (T, k)
        Share of the answers by class; NaN where there is none: skipped, unsure, or not asked yet.
    n_items : int
    labels : LabelSpace
    cells : ndarray of int64, shape (n,), optional
        Codes 0..: the strata that all draws were made with, fixed before the first of them. Draws that are all
        uniform need none. Where strata changed between draws there are none to give: those of a later run
        depend on what was answered before, so that earlier draws are not random in them. Then only weights
        1/p are left, and intervals are wider.
    n_left_out : int
        Draws that were not made at random.
    ways : Ways, optional
        How the draws were made, where it was in several ways; intervals are wider without.

    Raises
    ------
    DataError
        No draws, propensities that are no probabilities, shapes that do not fit, or cells that contradict
        the propensities.
    """

    rows: NDArray[np.int64]
    propensities: Floats
    strata: tuple[str, ...]
    observed: Floats
    n_items: int
    labels: LabelSpace
    cells: NDArray[np.int64] | None = None
    n_left_out: int = 0
    ways: Ways | None = None

    def __post_init__(self) -> None:
        T, k = len(self.rows), len(self.labels)
        if T == 0:
            raise DataError(
                "there are no audit draws, and answers without a draw cannot estimate anything",
                hint="ask for a batch: its audit items are drawn with known probability",
            )
        if self.propensities.shape != (T,) or len(self.strata) != T or self.observed.shape != (T, k):
            raise DataError(
                f"{T} draws, {len(self.propensities)} propensities, {len(self.strata)} strata and answers "
                f"of shape {self.observed.shape} do not fit together"
            )
        if self.rows.min() < 0 or self.rows.max() >= self.n_items:
            raise DataError(f"a draw fell on row {int(self.rows.max())} of {self.n_items} items")
        wrong = ~((self.propensities > 0) & (self.propensities <= 1))
        if wrong.any():
            raise DataError(
                f"an audit draw has the propensity {self.propensities[wrong][0]}, which is no probability",
                hint="only draws of known propensity can be used",
            )
        if self.cells is not None:
            _check_cells(self.cells, self.rows, self.propensities, self.n_items)
        if self.ways is not None:
            self.ways.require_made(self.rows, self.propensities, self.n_items)

    @classmethod
    def from_draws(
        cls,
        draws: Sequence[AuditDraw],
        human: HumanLabels,
        *,
        item_ids: Sequence[ItemId] | NDArray[Any],
        labels: LabelSpace | Sequence[str],
        cells: NDArray[np.int64] | None = None,
        ways: Ways | None = None,
    ) -> AuditSample:
        """Build a sample from draws as selection made them and the store kept them.

        Parameters
        ----------
        draws : sequence of AuditDraw
            All draws of **complete** batches, repeats and hits on answered items among them. Draws for
            another purpose than ``audit`` are left out.
        human : HumanLabels
            Answers. An answer enters through a draw of its item alone: what was targeted or imported and never
            drawn is not looked at. An item drawn without an answer counts as missing, so leaving a
            batch half done widens the intervals.
        item_ids : sequence of str or int
            All n items that were drawn from, in the order of the rows.
        labels : LabelSpace or sequence of str
        cells : ndarray of int64, shape (n,), optional
        ways : Ways, optional

        Raises
        ------
        DataError
            No audit draws, a draw of an unknown item, an id that stands twice, or cells that contradict the
            propensities.
        """
        space = LabelSpace.of(labels)
        ids = item_ids.tolist() if isinstance(item_ids, np.ndarray) else list(item_ids)
        for item in ids:
            refuse_synthetic(item)
        row_of = {item: row for row, item in enumerate(ids)}
        if len(row_of) != len(ids):
            raise DataError(f"{len(ids) - len(row_of)} item ids stand twice among the items drawn from")
        audit = [draw for draw in draws if draw.purpose == "audit"]
        unknown = next((draw.item_id for draw in audit if draw.item_id not in row_of), None)
        if unknown is not None:
            raise DataError(
                f"a draw fell on item {unknown!r}, which is not among the {len(ids)} items",
                hint="estimates need the same items that the draws were made from",
            )
        drawn = {draw.item_id for draw in audit}
        shares = human.only(drawn).shares(len(space))
        missing = np.full(len(space), np.nan)
        observed = [shares.get(draw.item_id, missing) for draw in audit]
        return cls(
            np.array([row_of[draw.item_id] for draw in audit], dtype=np.int64),
            np.array([draw.propensity for draw in audit], dtype=np.float64),
            tuple(draw.stratum for draw in audit),
            np.array(observed, dtype=np.float64).reshape(len(audit), len(space)),
            len(ids),
            space,
            cells,
            len(draws) - len(audit),
            ways,
        )

    def __len__(self) -> int:
        """Return the number of draws, T."""
        return len(self.rows)

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Whether the item of a draw has no answer; shape (T,)."""
        return np.asarray(np.isnan(self.observed).any(axis=1))

    @property
    def partition(self) -> NDArray[np.int64]:
        """Codes of items that are alike to all draws: cells, or else what the ways of drawing have in common."""
        cells = self.known_cells
        if cells is not None:
            return cells
        return np.zeros(self.n_items, dtype=np.int64) if self.ways is None else self.ways.codes

    @cached_property
    def known_cells(self) -> NDArray[np.int64] | None:
        """Cells as given; one cell where every draw was uniform over all items; else None."""
        if self.cells is None and np.allclose(self.propensities * self.n_items, 1.0, rtol=1e-9, atol=0):
            return np.zeros(self.n_items, dtype=np.int64)
        return self.cells


def _check_cells(cells: NDArray[np.int64], rows: NDArray[np.int64], p: Floats, n_items: int) -> None:
    if cells.shape != (n_items,) or cells.min(initial=0) < 0:
        raise DataError(f"cells of shape {cells.shape} are no codes 0.. of {n_items} items")
    sizes = np.bincount(cells)
    highest = np.zeros(len(sizes))
    np.maximum.at(highest, cells[rows], p)
    hint = (
        "cells are the strata of the run that the draws were made at; leave them out where there were several"
    )
    if not np.allclose(highest[cells[rows]], p, rtol=1e-9, atol=0):
        raise DataError("two draws in one cell had different propensities", hint=hint)
    seen = highest > 0
    total = float((sizes[seen] * highest[seen]).sum())
    if total > 1 + 1e-6 or (seen[sizes > 0].all() and total < 1 - 1e-6):
        raise DataError(
            f"with these cells the propensities of all items would sum to {total:.4g} instead of 1", hint=hint
        )
