"""replay: a labelled dataset through the loop, batch by batch, with an expert who answers by the gold label."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from wsal.errors import InputError
from wsal.simulation.dataset import LabelledDataset
from wsal.simulation.expert import Expert
from wsal.simulation.learner import Learner
from wsal.simulation.record import Asked, Record, human_labels, measure
from wsal.training import Delivered
from wsal.types import ABSTAIN

__all__ = ["BUDGETS", "replay"]

BUDGETS: Final = (10, 20, 40, 80, 160, 320)
"""Questions asked where quality is measured, unless other budgets are named; 0 always is."""


def replay(  # a public signature; all but two are keywords
    data: LabelledDataset,
    learner: Learner,
    *,
    seed: int = 0,
    expert: Expert | None = None,
    budgets: Sequence[int] = BUDGETS,
    batch_size: int = 10,
    done: Iterable[Record] = (),
) -> Iterator[Record]:
    """Play the loop: make labels, choose a batch, let the expert answer, and again.

    Parameters
    ----------
    data : LabelledDataset
    learner : Learner
    seed : int
        Of the draws, and of the expert's errors. All learners meet the same expert under one seed.
    expert : Expert, optional
        A perfect one where not given.
    budgets : sequence of int
        Ascending; a record is made at 0 questions and at each of these.
    batch_size : int
        Labels are made anew after so many questions; a batch is cut where a budget is reached.
    done : iterable of Record
        What an earlier replay of the same arguments yielded: it is not played again.

    Yields
    ------
    Record
        As soon as it is known, so that whoever stops loses one batch at most. Where the items run out, the
        last record is at the number of questions that there were.

    Raises
    ------
    InputError
        Budgets that do not ascend, or a batch of no items.

    Notes
    -----
    One training for every batch. The draws of a batch depend on the seed and the number of questions asked
    before, so a replay that is taken up again goes on as it would have.
    """
    if batch_size < 1:
        raise InputError(f"batch_size={batch_size}: a batch has at least one item")
    if not budgets or list(budgets) != sorted({*budgets}) or budgets[0] < 1:
        raise InputError(f"budgets {list(budgets)} do not ascend from 1", hint="write them as 10,20,40")
    before = _own(done, data, learner, seed)
    yield from _Replay(data, learner, seed, expert or Expert(), batch_size, before).run(budgets)


class _Replay:
    """One replay as it goes: what was asked, and the labels made of it."""

    def __init__(
        self,
        data: LabelledDataset,
        learner: Learner,
        seed: int,
        expert: Expert,
        batch_size: int,
        done: Sequence[Record],
    ) -> None:
        self.data, self.learner, self.seed, self.batch_size = data, learner, seed, batch_size
        self.said = expert.answers(data.gold, data.votes.n_classes, rng=np.random.default_rng([seed, 1]))
        ids = data.votes.item_ids
        self.unknown = tuple(ids[data.gold == ABSTAIN].tolist())
        self.asked = [question for record in done for question in record.asked]
        self.recorded = done[-1].budget if done else -1
        self.n_before = len(self.asked)
        self.seconds = 0.0

    def run(self, budgets: Sequence[int]) -> Iterator[Record]:
        if self.recorded >= budgets[-1]:
            return
        delivered: Delivered | None = None
        due = [budget for budget in (0, *budgets) if budget > self.recorded]
        while due:
            started = time.process_time()
            delivered = self._make(delivered)
            batch = () if len(self.asked) >= due[-1] else self._ask(delivered, self._room(due))
            self.seconds += time.process_time() - started
            over = not batch and len(self.asked) < due[-1]
            if len(self.asked) == due[0] or (over and len(self.asked) > self.recorded):
                yield self._record(delivered)
                due.pop(0)
            if over:
                return
            self.asked.extend(batch)

    def _room(self, due: Sequence[int]) -> int:
        n = len(self.asked)
        return min(self.batch_size, next(budget for budget in due if budget > n) - n)

    def _make(self, previous: Delivered | None) -> Delivered:
        return self.learner.make(
            self.data.votes,
            features=self.data.features,
            human=human_labels(self.asked),
            duplicates=self.data.duplicates,
            previous=previous,
        )

    def _ask(self, delivered: Delivered, n: int) -> tuple[Asked, ...]:
        unsure = tuple(question.item_id for question in self.asked if question.answer == ABSTAIN)
        batch = self.learner.strategy(
            delivered.votes,
            delivered.model,
            n=n,
            human=human_labels(self.asked),
            rng=np.random.default_rng([self.seed, 2, len(self.asked)]),
            delivered=delivered,
            exclude=(*self.unknown, *unsure),
        )
        return tuple(
            Asked(
                item,
                int(self.said[self.data.votes.row_of(item)]),
                purpose,
                None if math.isnan(propensity) else propensity,
            )
            for item, purpose, propensity in zip(
                batch.item_ids, batch.purposes, batch.propensities, strict=True
            )
        )

    def _record(self, delivered: Delivered) -> Record:
        votes = self.data.votes
        gold = self.data.gold[[votes.row_of(question.item_id) for question in self.asked]]
        record = Record(
            dataset=self.data.name,
            learner=self.learner.name,
            seed=self.seed,
            budget=len(self.asked),
            found=tuple(np.bincount(gold, minlength=votes.n_classes).tolist()),
            seconds=round(self.seconds, 3),
            asked=tuple(self.asked[self.n_before :]),
            **measure(self.data, delivered),
        )
        self.recorded, self.n_before, self.seconds = len(self.asked), len(self.asked), 0.0
        return record


def _own(done: Iterable[Record], data: LabelledDataset, learner: Learner, seed: int) -> list[Record]:
    mine = (data.name, learner.name, seed)
    return sorted(
        (record for record in done if (record.dataset, record.learner, record.seed) == mine),
        key=lambda record: record.budget,
    )
