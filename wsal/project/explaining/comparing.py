"""What changed between two runs of `fit`, item by item, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wsal.audit import RunFitted
from wsal.errors import InputError
from wsal.evidence import CAUSES, KINDS, Cause, Kind, RunDiff, RunState, compare_runs
from wsal.project.classes.crossing import (
    ClassCrossing,
    changes_between,
    cross_runs,
    only_renamed,
    under_later_names,
)
from wsal.project.history import History
from wsal.project.replacing import refuse_replacing, require_folder
from wsal.project.runs.states import fit_named, read_columns, read_state
from wsal.store import RunRow, write_atomically
from wsal.types import ItemId

__all__ = [
    "AnswerChange",
    "ChangedLabel",
    "RuleChange",
    "RunComparison",
    "compare_two",
    "diff_runs",
    "write_diff",
]

_LEAST = 1e-9  # a change of a probability that is worth a word


@dataclass(frozen=True)
class RuleChange:
    """A rule that is not the same in both runs."""

    name: str
    change: Literal["edited", "added", "removed"]


@dataclass(frozen=True)
class AnswerChange:
    """An answer that stands in one run and not in the other, or with another label.

    Parameters
    ----------
    item : str or int
    annotator : str
    before, after : str or None
        The label in either run; None where there was no answer.
    """

    item: ItemId
    annotator: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ChangedLabel:
    """An item whose label changed, and what caused it.

    Parameters
    ----------
    item : str or int
    kind : {"gained", "lost", "flipped", "moved"}
    before, after : str or None
    cause : {"data", "rules", "answers", "refit"}
        What settled the label; for an item that moved, what moved it most.
    probability_before, probability_after : float or None
        Of the label after, or, where there is none, of the one before; None where nothing speaks.
    steps : mapping of cause to float, or None
        By how much each cause changed that probability; they sum to the whole. None where the item is new, gone or
        another, or nothing spoke for it in one of the runs.
    why : tuple of str
        In words.
    """

    item: ItemId
    kind: Kind
    before: str | None
    after: str | None
    cause: Cause
    probability_before: float | None
    probability_after: float | None
    steps: Mapping[Cause, float] | None
    why: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RunComparison:
    """Two runs of `fit` beside each other.

    Parameters
    ----------
    run_a, run_b : str
    min_move : float
        δ: items with the same label have moved where a probability changed by more.
    diff : RunDiff
    rules : tuple of RuleChange
    answers : tuple of AnswerChange
    settings : tuple of str
        Settings of the fit and versions of software that are others, in words: a part of the refit.
    notes : tuple of str
    """

    run_a: str
    run_b: str
    min_move: float
    diff: RunDiff
    rules: tuple[RuleChange, ...]
    answers: tuple[AnswerChange, ...]
    settings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[Kind, dict[Cause, int]]:
        """Items by kind and cause."""
        table = self.diff.counts.tolist()
        return {kind: dict(zip(CAUSES, row, strict=True)) for kind, row in zip(KINDS[1:], table, strict=True)}

    @property
    def n_new(self) -> int:
        """Items that are in the second run alone."""
        return int((self.diff.rows_before < 0).sum())

    @property
    def n_gone(self) -> int:
        """Items that are in the first run alone."""
        return int((self.diff.rows_after < 0).sum())

    @property
    def n_changed(self) -> int:
        """Items whose content is another."""
        return int(self.diff.changed_content.sum())

    def rows(self, kinds: Sequence[Kind] = (), causes: Sequence[Cause] = ()) -> NDArray[np.int64]:
        """Return the rows of `diff` that changed, of some kinds and causes; all where none are named."""
        wanted = self.diff.kind > 0
        if kinds:
            wanted = wanted & np.isin(self.diff.kind, [KINDS.index(kind) for kind in kinds])
        if causes:
            wanted = wanted & np.isin(self.diff.cause, [CAUSES.index(cause) for cause in causes])
        return np.flatnonzero(wanted)

    def changes(self, rows: NDArray[np.int64]) -> Iterator[ChangedLabel]:
        """Yield what happened to some items."""
        diff, name = self.diff, self.diff.labels.name
        for row in rows.tolist():
            steps = diff.steps[row]
            yield ChangedLabel(
                diff.item_ids[row],
                KINDS[diff.kind[row]],
                name(int(diff.before[row])),
                name(int(diff.after[row])),
                CAUSES[diff.cause[row]],
                _known(diff.probability_before[row]),
                _known(diff.probability_after[row]),
                None if np.isnan(steps).any() else dict(zip(CAUSES, steps.tolist(), strict=True)),
                self._why(row),
            )

    def to_dict(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Return it for JSON, with some of the items."""
        means, n = self.diff.mean_steps
        return {
            "run_a": self.run_a,
            "run_b": self.run_b,
            "min_move": self.min_move,
            "n_new": self.n_new,
            "n_gone": self.n_gone,
            "n_changed": self.n_changed,
            "rules": [asdict(rule) for rule in self.rules],
            "answers": [asdict(answer) for answer in self.answers],
            "settings": list(self.settings),
            "counts": self.counts,
            "mean_steps": dict(zip(CAUSES, means.tolist(), strict=True)),
            "mean_steps_over": n,
            "notes": list(self.notes),
            "items": [asdict(changed) for changed in self.changes(rows)],
        }

    @cached_property
    def _answers_on(self) -> dict[ItemId, list[AnswerChange]]:
        found: dict[ItemId, list[AnswerChange]] = {}
        for answer in self.answers:
            found.setdefault(answer.item, []).append(answer)
        return found

    def _why(self, row: int) -> tuple[str, ...]:
        diff = self.diff
        if diff.rows_before[row] < 0:
            return ("new item",)
        if diff.rows_after[row] < 0:
            return ("item gone",)
        if diff.changed_content[row]:
            return ("its content changed",)
        words = []
        for name, before, after in diff.rule_changes(row):
            by = "" if name in diff.edited else " (not edited: it read other data)"
            words.append(f"{name}: {before or 'no vote'} → {after or 'no vote'}{by}")
        own = self._answers_on.get(diff.item_ids[row], [])
        words += [_in_words(answer) for answer in own]
        if diff.told[row] and not own:
            words.append("answers on duplicates or items alike")
        steps = diff.steps[row]
        if CAUSES[diff.cause[row]] == "refit" or abs(steps[CAUSES.index("refit")]) > _LEAST:
            words.append("parameters learned anew")
        return tuple(words)


def diff_runs(
    history: History, run_a: str | None, run_b: str | None, *, min_move: float = 0.05
) -> RunComparison | ClassCrossing:
    """Compare two runs of `fit`: the last two where none is named, one with the last where one is.

    Where classes were added, merged or split between them, their labels are crossed, and no cause is told.

    Raises
    ------
    InputError
        There is no such run, there are no two, they are the same, or an older wsal made one.
    """
    runs = history.store.runs("run_fitted")
    b = history.run("run_fitted") if run_b is None else fit_named(history, run_b)
    if run_a is None:
        if len(runs) < 2:
            raise InputError(
                "there are no two runs to compare yet", hint="run `wsal fit` again after a change"
            )
        a = runs[-2]
    else:
        a = fit_named(history, run_a)
    if a.run == b.run:
        raise InputError(f"{a.run} cannot be compared with itself", hint="name an earlier run")
    if not only_renamed(changes_between(history, a, b)):
        return cross_runs(history, a, b)
    found = compare_two(
        history, a, b, states=(read_state(history, a), read_state(history, b)), min_move=min_move
    )
    return replace(found, settings=_settings_changes(a.payload, b.payload), notes=_notes(history, a, b))


def compare_two(
    history: History,
    a: RunRow[RunFitted],
    b: RunRow[RunFitted],
    *,
    states: tuple[RunState, RunState],
    min_move: float,
) -> RunComparison:
    """Compare two runs that are read already, or some of their items; classes were at most renamed between them."""
    changes = changes_between(history, a, b)
    if changes:
        first, second = states
        states = (
            (under_later_names(first, changes), second)
            if a.seq < b.seq
            else (first, under_later_names(second, changes))
        )
    if read_columns(history, a) != read_columns(history, b):
        # A column more or less makes every digest another: then votes alone say whether an item changed.
        states = (replace(states[0], digests=None), states[1])
    diff = compare_runs(*states, min_move=min_move)
    return RunComparison(
        a.run, b.run, min_move, diff, _rule_changes(diff, *states), _answer_changes(history, a, b)
    )


def write_diff(compared: RunComparison, rows: NDArray[np.int64], path: Path, *, force: bool = False) -> None:
    """Write what happened to items to a CSV file, whole or not at all.

    Raises
    ------
    InputError
        A folder that is not there, or a file that is.
    """
    require_folder(path)
    refuse_replacing(path, force=force)

    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            heads = ["id", "kind", "before", "after", "cause", "probability_before", "probability_after"]
            writer.writerow([*heads, *CAUSES, "why"])
            for one in compared.changes(rows):
                steps = [""] * len(CAUSES) if one.steps is None else list(one.steps.values())
                p = [one.probability_before, one.probability_after]
                writer.writerow(
                    [one.item, one.kind, one.before, one.after, one.cause, *p, *steps, "; ".join(one.why)]
                )

    write_atomically(path, write)


def _rule_changes(diff: RunDiff, a: RunState, b: RunState) -> tuple[RuleChange, ...]:
    then, now = set(a.votes.lf_names), set(b.votes.lf_names)
    return tuple(
        RuleChange(name, "added" if name not in then else "removed" if name not in now else "edited")
        for name in diff.edited
    )


def _answer_changes(history: History, a: RunRow[RunFitted], b: RunRow[RunFitted]) -> tuple[AnswerChange, ...]:
    then, now = (
        {
            (answer.item, answer.annotator): answer.label
            for answer in history.store.answers(as_of=run.payload.answers_seq)
            if answer.label is not None
        }
        for run in (a, b)
    )
    # The earlier answers under the names that their classes have in the later run.
    for change in changes_between(history, a, b):
        earlier = then if a.seq < b.seq else now
        earlier.update({key: change.becomes(label) or label for key, label in earlier.items()})
    return tuple(
        AnswerChange(item, who, then.get((item, who)), now.get((item, who)))
        for item, who in dict.fromkeys([*then, *now])
        if then.get((item, who)) != now.get((item, who))
    )


def _settings_changes(a: RunFitted, b: RunFitted) -> tuple[str, ...]:
    then, now = (
        {**(asdict(run.settings) if run.settings else {}), **{one.name: one.version for one in run.software}}
        for run in (a, b)
    )
    return tuple(
        f"{name}: {then[name]} → {now[name]}"
        for name in sorted(then.keys() & now.keys())
        if then[name] != now[name]
    )


def _notes(history: History, a: RunRow[RunFitted], b: RunRow[RunFitted]) -> tuple[str, ...]:
    notes = []
    if a.seq > b.seq:
        notes.append(f"{a.run} is the later run: causes are told backwards")
    notes += [f"under the names of the later run: {change}" for change in changes_between(history, a, b)]
    then, now = (read_columns(history, run) for run in (a, b))
    if then != now:
        others = ", ".join(sorted(set(then) ^ set(now)))
        notes.append(
            f"the columns of the data differ ({others or 'they cannot be compared'}): an item counts as changed only "
            "where a rule that was not edited votes otherwise"
        )
    return tuple(notes)


def _in_words(answer: AnswerChange) -> str:
    who = answer.annotator or "somebody"
    if answer.before is None:
        return f"{who} answered {answer.after}"
    if answer.after is None:
        return f"{who}'s answer {answer.before} was taken back"
    return f"{who}'s answer: {answer.before} → {answer.after}"


def _known(p: float) -> float | None:
    return None if np.isnan(p) else float(p)
