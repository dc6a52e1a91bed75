"""History: what the ledger of a project and the files it names say, and the way to add to it."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Literal, overload

from wsal.analysis import annotator_weights
from wsal.audit import (
    BatchDrawn,
    Event,
    ItemsReturned,
    ItemsSetApart,
    Payload,
    ProjectCreated,
    RunApplied,
    RunFitted,
)
from wsal.config import Config, user_name
from wsal.engines import VoteParts
from wsal.errors import InputError, WsalError
from wsal.label_models import FittedLabelModel
from wsal.labels import HumanLabels, SoftLabels
from wsal.store import (
    ADJUDICATE,
    PARTS_FOLDER,
    PARTS_MANIFEST,
    RUNS,
    AnswerRow,
    DrawRow,
    RunKind,
    RunRow,
    Store,
    open_store,
    read_json,
    read_soft_labels,
    read_votes,
)
from wsal.types import ItemId, LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["History", "in_parts", "labels_in_parts", "needs_memory"]

_VERB: dict[RunKind, str] = {"run_applied": "apply", "run_fitted": "fit"}


class History:
    """The past of a project.

    Parameters
    ----------
    config : Config
    store : Store
        Open.

    Raises
    ------
    InputError
        The settings have other labels than the project was made with.
    """

    def __init__(self, config: Config, store: Store) -> None:
        self.config = config
        self.store = store
        self._marks_seq = 0
        self._apart: dict[ItemId, bool] = {}
        self._returned: dict[ItemId, int] = {}
        if store.head().seq == 0:
            self.append(ProjectCreated(config.name, config.labels.names))
        if self.labels != config.labels:
            changes = store.class_changes()
            since = f"has since row {changes[-1].seq} of the ledger" if changes else "was made with"
            raise InputError(
                f"{config.file}: the labels are {', '.join(config.labels)}, but the project {since} "
                f"{', '.join(self.labels)}",
                hint=f"write labels = {list(self.labels)} under [task]; `wsal classes` changes classes",
            )

    @property
    def labels(self) -> LabelSpace:
        """The classes that are in force."""
        changes = self.store.class_changes()
        return LabelSpace(changes[-1].change.labels) if changes else self._first_labels

    @cached_property
    def _first_labels(self) -> LabelSpace:
        created = next(self.store.events("project_created")).event.payload()
        return LabelSpace(created.labels) if isinstance(created, ProjectCreated) else self.config.labels

    def require_same_classes(self, run: RunRow[RunApplied] | RunRow[RunFitted]) -> None:
        """Refuse to go on from a run of a time with other classes.

        Raises
        ------
        InputError
            The classes changed after it.
        """
        changes = [row for row in self.store.class_changes() if row.seq > run.seq]
        if changes:
            raise InputError(
                f"the classes changed after run {run.run}: {'; '.join(str(row.change) for row in changes)}",
                hint="run `wsal apply`, then `wsal fit`",
            )

    def _last_seq_of(self, labels: LabelSpace) -> int | None:
        """Return the last row at which these classes were in force; None where they still are."""
        if labels == self.labels:
            return None
        known, last = self._first_labels, None
        for row in self.store.class_changes():
            if known == labels:
                last = row.seq - 1
            known = LabelSpace(row.change.labels)
        return last

    @classmethod
    def open(cls, config: Config) -> History:
        """Open the past of a project; its store is made where there is none yet.

        Raises
        ------
        StoreError
            The store cannot be opened.
        """
        # Where there are runs there was a store: a new one in its place would hide that it is gone.
        new = not (config.folder / RUNS).exists()
        return cls(config, open_store(config.store_url, root=config.folder, create=new))

    def append(self, *payloads: Payload, actor: str | None = None) -> None:
        """Write events in one transaction; on disk when this returns."""
        self.store.append_many([Event.of(payload, actor=actor or user_name()) for payload in payloads])

    @contextmanager
    def new_run(self, kind: RunKind) -> Iterator[str]:
        """Name a run; where it fails before the ledger names it (a full disk, Ctrl-C), its files go.

        Its name is numbered for people, with a random end so that two processes never share one.
        """
        run = f"{_VERB[kind]}-{len(self.store.runs()) + 1:03d}-{uuid.uuid4().hex[:6]}"
        try:
            yield run
        except BaseException:
            with suppress(WsalError):  # a ledger that cannot be read may name it
                if all(row.run != run for row in self.store.runs()):
                    shutil.rmtree(self.config.folder / RUNS / run, ignore_errors=True)
            raise

    @overload
    def run(self, kind: Literal["run_applied"], run_id: str | None = None) -> RunRow[RunApplied]: ...
    @overload
    def run(self, kind: Literal["run_fitted"], run_id: str | None = None) -> RunRow[RunFitted]: ...
    def run(self, kind: RunKind, run_id: str | None = None) -> RunRow[RunApplied | RunFitted]:
        """Return a run by its id, or the last one of its kind.

        Raises
        ------
        InputError
            There is none yet, or none with this id.
        """
        last = self.store.latest_run(
            kind
        )  # alone: it is asked for at every answer, and there may be thousands
        if last is None:
            applied = kind == "run_applied" or self.store.latest_run("run_applied") is not None
            verb = _VERB[kind] if applied else "apply"
            lack = "labels" if verb == "fit" else "votes"
            raise InputError(f"the project has no {lack} yet", hint=f"run `wsal {verb}` first")
        if run_id in (None, last.run):
            return last
        found = next((run for run in self.store.runs(kind) if run.run == run_id), None)
        if found is None:
            raise InputError(f"there is no run {run_id!r}", hint=f"the last one is {last.run}")
        return found

    def votes(self, run_id: str | None = None) -> VoteMatrix:
        """Read the votes of a run of `apply`; of the last one where none is named.

        Raises
        ------
        InputError
            They are kept in parts.
        """
        applied = self.run("run_applied", run_id).payload
        if in_parts(applied):
            raise needs_memory(self.config)
        return read_votes(applied.votes, root=self.config.folder)

    def vote_parts(self, run_id: str | None = None) -> VoteParts | None:
        """Read the votes of a run of `apply` that are kept in parts; None where they are not."""
        applied = self.run("run_applied", run_id).payload
        if not in_parts(applied):
            return None
        return VoteParts.from_data(
            read_json(applied.votes, root=self.config.folder), folder=self.config.folder / PARTS_FOLDER
        )

    def soft_labels(self, run_id: str | None = None) -> SoftLabels:
        """Read the labels of a run of `fit`; of the last one where none is named."""
        return read_soft_labels(self.run("run_fitted", run_id).payload.soft_labels, root=self.config.folder)

    def model(self, run: RunRow[RunFitted]) -> FittedLabelModel:
        """Read the label model of a run of `fit`."""
        return FittedLabelModel.from_json(json.dumps(read_json(run.payload.model, root=self.config.folder)))

    def human(
        self, votes: VoteMatrix | VoteParts, *, as_of: int | None = None
    ) -> tuple[HumanLabels, tuple[str, ...]]:
        """Return the answers on items that are there, and a note about answers on items that are gone.

        Votes of a time with other classes get the answers of that time, under their names of then. Where people
        overlap enough, the answers to one item count as far as their annotators are reliable.
        """
        if as_of is None:
            as_of = self._last_seq_of(votes.labels)
        human = self.store.human_labels(votes.labels, as_of=as_of)
        if isinstance(votes, VoteParts):
            there = set(votes.pattern_of(human.items()))
        else:
            there = {item for item in human.items() if votes.find(item) is not None}
        here = human.only(there)
        gone = len(human) - len(here)
        here = here.weighing(annotator_weights(here, votes.labels))
        return here, (f"{gone} answered items are no longer in the data",) if gone else ()

    def changed_answers(self, run: RunRow[RunFitted]) -> int:
        """Count the labels that people gave, changed or took back after a run of `fit`."""
        now, then = (
            {a.event_id for a in self.store.answers(as_of=seq) if a.outcome == "label"}
            for seq in (None, run.payload.answers_seq)
        )
        return len(now ^ then)

    def last_answer(self, annotator: str) -> AnswerRow | None:
        """Return the last answer of a person to a task that still stands."""
        # A second opinion can be taken back in its own session alone: its item no longer asks.
        own = [
            a
            for a in self.store.answers()
            if a.annotator == annotator and a.draw_id and not a.imported and a.purpose != "overlap"
        ]
        return own[-1] if own else None

    def set_apart(self) -> tuple[ItemId, ...]:
        """Return the items that people set apart from their duplicates, by the last that was said of each."""
        self._read_marks()
        return tuple(item for item, apart in self._apart.items() if apart)

    def returned(self) -> Mapping[ItemId, int]:
        """Return the row of the ledger at which items that were set aside were last put back."""
        self._read_marks()
        return self._returned

    def last_batch(self) -> str | None:
        """Return the name of the batch that was drawn last."""
        draws = self.store.draws()
        return draws[-1].batch if draws else None

    def _read_marks(self) -> None:
        """Read what came to the ledger since the last time."""
        head = self.store.head().seq
        for kind in ("items_set_apart", "items_returned"):
            for entry in self.store.events(kind, after=self._marks_seq):
                marked = entry.event.payload()
                if isinstance(marked, ItemsSetApart):
                    self._apart |= dict.fromkeys(marked.items, marked.apart)
                elif isinstance(marked, ItemsReturned):
                    self._returned |= dict.fromkeys(marked.items, entry.seq)
        self._marks_seq = head

    def open_draws(self, batch: str | None = None) -> list[DrawRow]:
        """Return the draws that still ask, of a batch or of all; an item is asked for by its fresh draw alone."""
        draws = self.store.draws()
        return [d for d in draws if d.fresh and d.outcome == "open" and batch in (None, d.batch)]

    def second_draws(self, annotator: str | None = None) -> list[DrawRow]:
        """Return the draws that ask for a second opinion nobody gave yet; of items that a person did not answer.

        The same that the web asks for, but for items that wait for a judge. Of an item one draw asks, the first.
        """
        said = self.store.answers()
        answered = {answer.draw_id for answer in said}
        own = set() if annotator is None else {a.item for a in said if a.annotator == annotator}
        asking: dict[ItemId, DrawRow] = {}
        for draw in self.store.draws():
            second = draw.purpose == "overlap" and draw.stratum != ADJUDICATE
            if second and draw.draw_id not in answered and draw.item not in own:
                asking.setdefault(draw.item, draw)
        return list(asking.values())

    def batch(self, name: str) -> BatchDrawn:
        """Return what the ledger says of a batch.

        Raises
        ------
        InputError
            There is no such batch.
        """
        for entry in self.store.events("batch_drawn"):
            drawn = entry.event.payload()
            if isinstance(drawn, BatchDrawn) and drawn.batch == name:
                return drawn
        raise InputError(f"there is no batch {name!r}")

    def name_of(self, path: Path) -> str:
        """Name a file for the ledger: relative to the project where it is inside."""
        resolved, root = path.resolve(), self.config.folder
        return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(resolved)


def in_parts(applied: RunApplied) -> bool:
    """Whether a run keeps its votes in parts."""
    return applied.votes.path.endswith(f"/{PARTS_MANIFEST}")


def labels_in_parts(fitted: RunFitted) -> bool:
    """Whether a run of `fit` keeps its labels in parts."""
    return fitted.soft_labels.path.endswith(".json")


def needs_memory(config: Config) -> InputError:
    """Say that a step does not work on data that is read in parts."""
    return InputError(
        f"the data of this project ({config.data_path}) is read in parts, and this step needs all items in memory",
        hint="if they fit, write stream = false under [data] in wsal.toml and name one file; "
        "else work on a sample of them in a project of its own",
    )
