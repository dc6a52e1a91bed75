"""Audit draws: from what the store keeps of them to the samples that estimates are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from wsal.audit import BatchDrawn
from wsal.errors import DataError
from wsal.estimation import AuditSample, Ways
from wsal.labels import HumanLabels
from wsal.project.history import History
from wsal.project.runs.duplicates import read_duplicates
from wsal.selection import Draw
from wsal.selection.audit import Strata, strata_by_label, strata_of_rules
from wsal.store import DrawRow
from wsal.types import ItemId
from wsal.votes import VoteMatrix

__all__ = ["AuditBatch", "Audits"]

_Way: TypeAlias = tuple[str, tuple[str, ...], bool]


@dataclass(frozen=True, eq=False)
class AuditBatch:
    """The audit draws of a batch.

    Parameters
    ----------
    seq : int
        Row of the ledger that drew it.
    about : BatchDrawn
    draws : tuple of DrawRow
        Those at random, with what is known of their items now.
    """

    seq: int
    about: BatchDrawn
    draws: tuple[DrawRow, ...]

    @property
    def way(self) -> _Way:
        """How it was drawn: batches alike in this had the same strata. Uniform draws are alike in all runs."""
        about = self.about
        stratified = bool(about.hunt) or about.certifies
        return (about.run, about.hunt, about.certifies) if stratified else ("", (), False)

    @property
    def kind(self) -> tuple[str, ...]:
        """What it was drawn for: the uniform audit, a hunt for some classes, or the certificate of a run."""
        return ("certificate", self.about.run) if self.about.certifies else ("audit", *self.about.hunt)

    @property
    def n_open(self) -> int:
        """Items of it that still wait for an answer."""
        return sum(draw.fresh and draw.outcome == "open" for draw in self.draws)

    @property
    def is_begun(self) -> bool:
        """Whether anything was answered because of it; leaving it out until then depends on no answer."""
        asked = [draw for draw in self.draws if draw.fresh]
        return not asked or any(draw.outcome != "open" for draw in asked)


class Audits:
    """The audit draws of a project, over the items of one run.

    Parameters
    ----------
    history : History
    votes : VoteMatrix
        Of the run that is graded: its items are those that the estimates speak of.
    human : HumanLabels
        What people answered, up to now.
    """

    def __init__(self, history: History, votes: VoteMatrix, human: HumanLabels) -> None:
        self.history = history
        self.votes = votes
        self.human = human
        self._votes_of: dict[str, VoteMatrix] = {}

    @cached_property
    def known(self) -> HumanLabels:
        """What is known of items: answers, and copies of them for exact duplicates, whose draws are not asked."""
        run = self.history.store.latest_run("run_fitted")
        if run is None:
            return self.human
        ids = self.history.votes(run.payload.votes_run).item_ids
        kept = read_duplicates(run.payload, ids, history=self.history)
        return self.human if kept is None else kept.groups.with_exact_copies(self.human)

    @cached_property
    def all_batches(self) -> tuple[AuditBatch, ...]:
        """Every batch with audit draws, in the order of the ledger."""
        by_batch: dict[str, list[DrawRow]] = {}
        for draw in self.history.store.draws():
            if draw.purpose == "audit" and draw.p is not None:
                by_batch.setdefault(draw.batch, []).append(draw)
        found = []
        for entry in self.history.store.events("batch_drawn"):
            about = entry.event.payload()
            if isinstance(about, BatchDrawn) and about.batch in by_batch:
                found.append(AuditBatch(entry.seq, about, tuple(by_batch[about.batch])))
        return tuple(found)

    @cached_property
    def batches(self) -> tuple[AuditBatch, ...]:
        """Batches that can be used: begun, and drawn from the items that are there now."""
        return tuple(batch for batch in self.all_batches if batch.is_begun and self._same_items(batch))

    def notes(self) -> tuple[str, ...]:
        """Say what was left out or is unfinished."""
        others = sum(not self._same_items(batch) for batch in self.all_batches)
        n_open = sum(batch.n_open for batch in self.batches)
        notes = []
        if others:
            notes.append(
                f"batches drawn from other items than there are now: {others}; they estimate nothing here"
            )
        if n_open:
            notes.append(
                f"{n_open} audit items of batches that were begun wait for an answer; until then they are counted as "
                "wrong for one limit and as right for the other"
            )
        return tuple(notes)

    def sample(self, batches: Sequence[AuditBatch]) -> AuditSample:
        """Build the sample of some batches, at least one."""
        found = self._strata_of(batches)
        draws = [
            Draw(draw.item, "audit", draw.stratum, float(draw.p or 0), draw.fresh)
            for batch in batches
            for draw in batch.draws
        ]
        cells, ways = None, None
        if found is not None and len(found) == 1:
            cells = next(iter(found.values())).codes
        elif found is not None:
            number = {way: i for i, way in enumerate(found)}
            of_draw = np.array([number[batch.way] for batch in batches for _ in batch.draws], dtype=np.int64)
            ways = Ways.combine([(strata.codes, strata.propensities()) for strata in found.values()], of_draw)
        return AuditSample.from_draws(
            draws, self.known, item_ids=self.votes.item_ids, labels=self.votes.labels, cells=cells, ways=ways
        )

    def _same_items(self, batch: AuditBatch) -> bool:
        then, now = self._votes_at(batch).item_ids, self.votes.item_ids
        return np.array_equal(then, now) or set(then.tolist()) == set(now.tolist())

    def _votes_at(self, batch: AuditBatch) -> VoteMatrix:
        run = self.history.run("run_fitted", batch.about.run).payload.votes_run
        if run not in self._votes_of:
            self._votes_of[run] = self.history.votes(run)
        return self._votes_of[run]

    def _strata_of(self, batches: Sequence[AuditBatch]) -> dict[_Way, Strata] | None:
        """Return the strata of each way of drawing; None where those of a run cannot be found again."""
        found: dict[_Way, Strata] = {}
        for batch in batches:
            if batch.way not in found:
                try:
                    found[batch.way] = self._strata(batch)
                except DataError:  # the model of an old run, which this wsal reads no longer
                    return None
            if not self._agrees(batch, found[batch.way]):
                return None
        return found

    def _strata(self, batch: AuditBatch) -> Strata:
        about, then = batch.about, self._votes_at(batch)
        if about.certifies:
            strata = strata_by_label(self.history.soft_labels(about.run).hard(), then.labels)
        elif about.hunt:
            model = self.history.model(self.history.run("run_fitted", about.run))
            hunted = [then.labels.index(name) for name in about.hunt]
            strata = strata_of_rules(then.patterns(), model.pattern_proba(then.patterns()), hunted)
        else:
            return Strata(("",), np.zeros(self.votes.n_items, dtype=np.int64))
        if np.array_equal(then.item_ids, self.votes.item_ids):
            return strata
        order: list[ItemId] = self.votes.item_ids.tolist()
        return Strata(strata.names, strata.codes[[then.row_of(item) for item in order]])

    def _agrees(self, batch: AuditBatch, strata: Strata) -> bool:
        """Whether the strata found again are those that the draws were made with."""
        p = strata.propensities()
        codes = strata.codes[[self.votes.row_of(draw.item) for draw in batch.draws]]
        return bool(np.allclose(p[codes], [float(draw.p or 0) for draw in batch.draws], rtol=1e-9, atol=0))
