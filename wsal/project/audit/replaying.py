"""Replay: the labels of an old run computed again from what the ledger names, and compared with those kept."""

from __future__ import annotations

import time
from dataclasses import dataclass

from wsal.audit import Comparison, FitSettings, RunApplied, RunFitted, Software, compare_labels
from wsal.errors import DataError, InputError, StoreError, did_you_mean
from wsal.features import FeatureMatrix, FeatureSettings, build_features
from wsal.items import Items, read_items
from wsal.label_models import ClassBalance
from wsal.project.audit.recomputing import compare_votes, recompute_votes, require_packs
from wsal.project.history import History
from wsal.project.runs.circumstances import fit_settings, software_here
from wsal.project.runs.duplicates import read_duplicates
from wsal.store import RunRow
from wsal.training import deliver

__all__ = ["Replay", "replay"]


@dataclass(frozen=True)
class Replay:
    """What came of computing a run again.

    Parameters
    ----------
    run : str
    kind : {"run_applied", "run_fitted"}
    labels : Comparison, optional
        Of the soft labels; None for a run of `apply`.
    votes : Comparison, optional
        Of the votes; None where they were taken as kept.
    n_answers : int
        Human answers that the run had.
    software_changes : tuple of str
        What has another version now.
    seconds : float
        What the replay took.
    notes : tuple of str
    """

    run: str
    kind: str
    labels: Comparison | None
    votes: Comparison | None
    n_answers: int
    software_changes: tuple[str, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all that was computed again is as it was kept."""
        return all(found.ok for found in (self.labels, self.votes) if found is not None)


def replay(
    history: History, run_id: str | None = None, *, from_rules: bool = False, progress: bool = False
) -> Replay:
    """Compute a run again and compare; nothing is written, neither to the ledger nor to the cache.

    Parameters
    ----------
    history : History
    run_id : str, optional
        A run of `fit` or `apply`; the last of `fit` where not given.
    from_rules : bool
        Whether to compute the votes of a run of `fit` again, too; those of a run of `apply` always are.
    progress : bool

    Raises
    ------
    InputError
        There is no such run.
    StoreError, LedgerError
        Something that the ledger names is gone or changed; the message names it and the cure.

    Notes
    -----
    Costs what the run cost: O(votes of patterns) for the label model, the training of the classifiers, and with
    ``from_rules`` all rules on all items.
    """
    start = time.perf_counter()
    run = find_run(history, run_id)
    work = _Work(history, progress=progress)
    if isinstance(run.payload, RunApplied):
        applied, labels, n_answers = run.payload, None, 0
        votes: Comparison | None = work.votes(applied)
    else:
        applied = history.run("run_applied", run.payload.votes_run).payload
        votes = work.votes(applied) if from_rules else None
        labels, n_answers = work.labels(run.payload, applied), run.payload.n_answers
    return Replay(
        run=run.run,
        kind=run.kind,
        labels=labels,
        votes=votes,
        n_answers=n_answers,
        software_changes=_changes(run.payload.software),
        seconds=time.perf_counter() - start,
        notes=tuple(work.notes),
    )


def find_run(history: History, run_id: str | None) -> RunRow[RunApplied | RunFitted]:
    """Find a run of `apply` or `fit` by its id; the last one of `fit` where none is named.

    Raises
    ------
    InputError
        There is none.
    """
    if run_id is None:
        last = history.run("run_fitted")
        return RunRow(last.run, last.kind, last.seq, last.time, last.actor, last.payload)
    runs = {run.run: run for run in history.store.runs()}
    if run_id not in runs:
        last_known = next(reversed(runs), None)
        hint = did_you_mean(run_id, runs) or (f"the last one is {last_known}" if last_known else None)
        raise InputError(f"there is no run {run_id!r}", hint=hint or "run `wsal apply` first")
    return runs[run_id]


class _Work:
    """What a replay reads, each once."""

    def __init__(self, history: History, *, progress: bool) -> None:
        self.history = history
        self.progress = progress
        self.notes: list[str] = []
        self._items: Items | None = None

    def items(self, applied: RunApplied, *, id_column: str | None, text: str | None) -> Items:
        """Read the data, which must be that of the run."""
        if self._items is None:
            path = self.history.config.data_path
            cure = f"put the data of run {applied.run} back at {path}; its fingerprint was {applied.data_fingerprint}"
            try:
                items = read_items(path, id_column=id_column, text=text)
            except InputError as error:
                raise StoreError(
                    f"the data of run {applied.run} cannot be read: {error.message}\n  hint: {cure}"
                ) from error
            if items.fingerprint != applied.data_fingerprint:
                raise StoreError(
                    f"{path} changed after run {applied.run}: {items.n_items} items with fingerprint "
                    f"{items.fingerprint[:12]}… now, {applied.n_items} then\n  hint: {cure}"
                )
            self._items = items
        return self._items

    def votes(self, applied: RunApplied) -> Comparison:
        """Compute votes again and compare."""
        kept = require_packs(applied, history=self.history)
        items = self.items(applied, id_column=kept.id_column, text=kept.text_column)
        again = recompute_votes(applied, kept, items, history=self.history, progress=self.progress)
        return compare_votes(self.history.votes(applied.run), again)

    def labels(self, fitted: RunFitted, applied: RunApplied) -> Comparison:
        """Fit and deliver again and compare."""
        history = self.history
        settings = fitted.settings
        if settings is None:
            self.notes.append(
                "an older wsal made this run and did not keep its settings; those of now are used"
            )
            settings = fit_settings(history.config)
        votes = history.votes(applied.run)
        stored = history.soft_labels(fitted.run)
        human, _ = history.human(votes, as_of=fitted.answers_seq)
        kept = read_duplicates(fitted, votes.item_ids, history=history)
        groups = None if kept is None else kept.groups
        counted = human if groups is None else groups.counted_once(human)
        rule = history.model(history.run("run_fitted", fitted.run)).settings
        try:
            model = rule.fit(votes, human=counted, class_balance=_balance(fitted))
            delivered = deliver(
                votes, model, human=human, features=self._features(applied, settings), duplicates=groups
            )
        except DataError as error:
            raise StoreError(f"run {fitted.run} cannot be computed again: {error}") from error
        return compare_labels(stored, delivered.soft)

    def _features(self, applied: RunApplied, settings: FitSettings) -> FeatureMatrix | None:
        wanted = FeatureSettings(settings.text_features, settings.numeric_features, settings.vector_feature)
        if not wanted:
            return None
        items = self.items(applied, id_column=settings.id_column, text=settings.text_column)
        return build_features(items, wanted)


def _balance(fitted: RunFitted) -> ClassBalance | None:
    if fitted.settings is not None:
        return "audit" if fitted.settings.class_balance is None else fitted.settings.class_balance
    return "audit" if fitted.balance_from == "audit" else fitted.class_balance


def _changes(then: tuple[Software, ...]) -> tuple[str, ...]:
    now = {software.name: software.version for software in software_here()}
    return tuple(
        f"{software.name} {software.version} then, {now.get(software.name, 'missing')} now"
        for software in then
        if now.get(software.name) != software.version
    )
