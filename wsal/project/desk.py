"""The desk: what people who work at once are asked, and what they answer."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from wsal.audit import Event
from wsal.config import read_config
from wsal.errors import InputError
from wsal.items import Items
from wsal.lf import LabelingFunction
from wsal.project.history import History
from wsal.project.labelling.hearing import Classes, Hearing, Receipt, Said
from wsal.project.labelling.second_looks import second_looks
from wsal.project.labelling.tasks import BLIND_PURPOSES, Task, hints_of, task_of
from wsal.project.project import Project
from wsal.project.rules.passages import Passage, passages_of
from wsal.store import AnswerRow, DrawRow, Tally
from wsal.types import ABSTAIN, Rng
from wsal.votes import VoteMatrix

__all__ = ["Card", "Desk", "Handed"]

LEASE_SECONDS: Final = 600.0
"""How long nobody else is asked for an item that somebody was handed; handing more renews it."""


@dataclass(frozen=True)
class Card:
    """A task with its texts cut at the words that rules match; without them where the task is blind."""

    task: Task
    passages: Mapping[str, tuple[Passage, ...]]


@dataclass(frozen=True)
class Handed:
    """Tasks for a person, and the draws that the person held and that ask no longer, or somebody else."""

    cards: tuple[Card, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _View:
    """What cards are made of: the data, and the votes of the last fit on it."""

    run: str
    votes_run: str
    items: Items
    votes: VoteMatrix
    rules: Mapping[str, LabelingFunction]

    def card(self, draw: DrawRow) -> Card | None:
        row = self.votes.find(draw.item)
        if row is None:
            return None
        task = task_of(draw, self.items, row, self.votes)
        if task.purpose in BLIND_PURPOSES:
            return Card(task, {})
        names = self.votes.lf_names
        voting = [names[j] for j in np.flatnonzero(self.votes.values[row] != ABSTAIN).tolist()]
        rules = [self.rules[name] for name in voting if name in self.rules]
        return Card(task, passages_of(task.fields, self.items.row(row), rules))


class Desk:
    """A project's labelling desk; safe to share between threads.

    Parameters
    ----------
    folder : Path
        In the project.
    rng : Generator, int or None
        Draws whose answers are asked again of somebody else.
    """

    def __init__(self, folder: str | Path, *, rng: Rng = None) -> None:
        self.project = Project.open(folder)
        self.store = self.project.history.store
        self._rng = np.random.default_rng(rng)
        self._lock = threading.Lock()
        self._view: _View | None = None

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    @property
    def is_ready(self) -> bool:
        """Whether anything was fitted, so that there is something to ask."""
        return self.store.latest_run("run_fitted") is not None

    @property
    def classes(self) -> Classes:
        """The classes that are in force; where they changed, the project is opened with its new settings."""
        found = Classes.of(self.project.history)
        if found.labels != self.project.config.labels:
            with suppress(InputError):  # the ledger has the change, and the settings get it in a moment
                config = read_config(self.project.config.file)
                self.project = Project(config, History(config, self.store))
        return found

    def take(
        self,
        annotator: str,
        n: int,
        *,
        adjudicates: bool = False,
        holding: Collection[str] = (),
        done: Collection[str] = (),
    ) -> Handed:
        """Hand a person up to n more tasks; parameters as `wsal.store.Leases.claim`.

        Raises
        ------
        InputError
            Nothing was fitted yet, or the data changed since.
        """
        view = self._current()
        claim = self.store.leases.claim(
            annotator, n, seconds=LEASE_SECONDS, adjudicates=adjudicates, holding=holding, done=done
        )
        cards = tuple(card for card in map(view.card, claim.draws) if card is not None)
        return Handed(cards, claim.lost)

    def last_given(self, annotator: str, *, before: int | None = None) -> tuple[AnswerRow, Card] | None:
        """Return the last answer of a person that still stands, and its task; None where there is none."""
        view = self._current()
        for answer in self.store.leases.last_answers(annotator, most=5, before=before):
            draw = self.store.leases.drawn([answer.draw_id or ""]).get(answer.draw_id or "")
            card = None if draw is None else view.card(draw)
            if card is not None:
                return answer, card
        return None

    def keep(self, said: Sequence[Said], *, annotator: str) -> tuple[Receipt, ...]:
        """Keep what a person said, all of it in one transaction; on disk when this returns.

        What was kept before, because its receipt got lost, is not written again.

        Raises
        ------
        StoreError
            The store cannot be written; nothing was kept, and the same may be sent again.
        """
        hearing = Hearing(self.store.leases, self.classes, annotator, said)
        receipts = [hearing.hear(one) for one in said]
        if hearing.reopened:  # before the draw is open for all
            self.store.leases.hold(hearing.reopened, annotator, seconds=LEASE_SECONDS)
        again = second_looks(
            hearing.labels,
            {draw.draw_id: draw for draw in hearing.draws.values()},
            self.store.leases,
            share=self.project.config.overlap,
            rng=self._rng,
        )
        events = [*hearing.events, *again]
        self.store.append_many([Event.of(event, actor=annotator) for event in events])
        return tuple(self._revealed(receipt, hearing) for receipt in receipts)

    def tally(self) -> tuple[Tally, ...]:
        """Count the answers that stand, by person, purpose and outcome."""
        return self.store.leases.tally()

    def _revealed(self, receipt: Receipt, hearing: Hearing) -> Receipt:
        draw = hearing.labelled_blind.get(receipt.event_id)
        view = self._current() if draw is not None else None
        if draw is None or view is None or view.votes.find(draw.item) is None:
            return receipt
        return replace(receipt, hints=hints_of(view.votes, draw.item))

    def _current(self) -> _View:
        """Return the view of the last fit; another process may have made it."""
        run = self.project.history.run("run_fitted")
        with self._lock:
            if self._view is None or self._view.run != run.run:
                self._view = self._look(run.run, run.payload.votes_run)
            return self._view

    def _look(self, run: str, votes_run: str) -> _View:
        old = self._view
        if old is not None and old.votes_run == votes_run:
            return _View(run, votes_run, old.items, old.votes, old.rules)
        applied = self.project.history.run("run_applied", votes_run).payload
        config = read_config(self.project.config.file)
        if config != self.project.config or self.project.items.fingerprint != applied.data_fingerprint:
            # Settings or data may have changed since they were read; the store stays open.
            self.project = Project(config, History(config, self.store))
        items = self.project.items
        if items.fingerprint != applied.data_fingerprint:
            raise InputError(
                f"{self.project.config.data_path} changed after run {votes_run}",
                hint="run `wsal apply`, then `wsal fit`",
            )
        votes = self.project.votes(votes_run)
        prints = dict(zip(votes.lf_names, votes.lf_fingerprints, strict=True))
        return _View(run, votes_run, items, votes, self._rules_as_applied(prints))

    def _rules_as_applied(self, prints: Mapping[str, str | None]) -> dict[str, LabelingFunction]:
        """Load the rules whose words are highlighted: those that are written now as they were when they voted."""
        try:
            rules = self.project.labeling_functions(allow_python=self.project.config.allow_python)
        except InputError:  # somebody is editing a pack
            return {}
        return {rule.name: rule for rule in rules if prints.get(rule.name) == rule.fingerprint is not None}
