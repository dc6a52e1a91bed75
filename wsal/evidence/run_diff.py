"""The difference between two runs, item by item, split into what caused it.

Between the labels of run A and those of run B stand three that nobody delivered: A with the votes that B has of rules
that were not edited, then with all votes of B, then with the answers of B. Each step changes one thing alone, so the
changes of an item add up to the whole. docs/explanation/run-differences.md has the reasons.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from math import fsum
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.evidence.label_parts import LabelParts, LabelsThen
from wsal.evidence.run_state import RunState
from wsal.label_models import FittedLabelModel
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray
from wsal.votes import VoteMatrix

__all__ = ["CAUSES", "KINDS", "Cause", "Kind", "RunDiff", "compare_runs"]

Cause: TypeAlias = Literal["data", "rules", "answers", "refit"]
"""Why a label changed."""

CAUSES: Final[tuple[Cause, ...]] = ("data", "rules", "answers", "refit")
"""In the order in which they are taken."""

Kind: TypeAlias = Literal["same", "gained", "lost", "flipped", "moved"]
"""What became of an item's label."""

KINDS: Final[tuple[Kind, ...]] = ("same", "gained", "lost", "flipped", "moved")

_TOLERANCE = 1e-6  # between labels as they were kept, and put together again


@dataclass(frozen=True, eq=False)
class RunDiff:
    """What changed from run A to run B, for the u items of either: first those of B, then those of A alone.

    Parameters
    ----------
    labels : LabelSpace
    item_ids : ndarray, shape (u,)
    rows_before, rows_after : ndarray of int64, shape (u,)
        The rows in A and in B; −1 where the item is not there.
    changed_content : ndarray of bool, shape (u,)
        Items of both whose content is another.
    before, after : ndarray of int64, shape (u,)
        Class index; ABSTAIN where there is no label, or no item.
    kind : ndarray of int8, shape (u,)
        Index into `KINDS`.
    cause : ndarray of int8, shape (u,)
        Index into `CAUSES`: the step that settled the label, or, for items that moved, the one that moved them most; −1
        where nothing changed.
    probability_before, probability_after : ndarray of float64, shape (u,)
        Of the label after, or, where there is none, of the label before; NaN where nothing speaks.
    steps : ndarray of float64, shape (u, 4)
        By how much each cause changed that probability. They sum to the whole change. NaN where the item is not in
        both runs or nothing speaks in one of them.
    votes_before, votes_after : ndarray of int8, shape (u, q)
        The votes in either run, of the functions of both; ABSTAIN where there were none.
    lf_names : tuple of str
        The q functions.
    edited : tuple of str
        Functions that were edited, added or removed.
    told : ndarray of bool, shape (u,)
        Whether answers on the item, its duplicates or items alike changed.
    """

    labels: LabelSpace
    item_ids: NDArray[np.generic]
    rows_before: NDArray[np.int64]
    rows_after: NDArray[np.int64]
    changed_content: NDArray[np.bool_]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    kind: NDArray[np.int8]
    cause: NDArray[np.int8]
    probability_before: Floats
    probability_after: Floats
    steps: Floats
    votes_before: VoteArray
    votes_after: VoteArray
    lf_names: tuple[str, ...]
    edited: tuple[str, ...]
    told: NDArray[np.bool_]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Items by kind (but ``same``) and cause, shape (4, 4): rows gained, lost, flipped, moved."""
        code = (self.kind.astype(np.int64) - 1) * len(CAUSES) + self.cause
        return np.bincount(code[self.kind > 0], minlength=16).reshape(4, 4)

    @property
    def mean_steps(self) -> tuple[Floats, int]:
        """Mean change of the probability by cause, shape (4,), and the items with a label in both that it is over."""
        known = ~np.isnan(self.steps).any(axis=1)
        n = int(known.sum())
        return (self.steps[known].mean(axis=0) if n else np.zeros(len(CAUSES))), n

    def rule_changes(self, row: int) -> tuple[tuple[str, str | None, str | None], ...]:
        """Return (function, vote before, vote after) of those that vote otherwise on an item."""
        other = np.flatnonzero(self.votes_before[row] != self.votes_after[row])
        name = self.labels.name
        return tuple(
            (self.lf_names[j], name(int(self.votes_before[row, j])), name(int(self.votes_after[row, j])))
            for j in other.tolist()
        )


def compare_runs(a: RunState, b: RunState, *, min_move: float = 0.05) -> RunDiff:
    """Compare two runs item by item, and say what caused each change.

    Parameters
    ----------
    a, b : RunState
        Of the same classes.
    min_move : float
        δ: an item with the same label has moved where the probability of a class changed by more.

    Returns
    -------
    RunDiff

    Raises
    ------
    DataError
        The runs have other classes; or the labels of A do not come out of its parts again.

    Notes
    -----
    O(q·n + n·k): four evaluations of patterns, gathers and array operations.
    """
    if a.votes.labels != b.votes.labels:
        raise DataError(
            f"runs {a.name} and {b.name} have other classes: {', '.join(a.votes.labels)} and "
            f"{', '.join(b.votes.labels)}"
        )
    pairs = _Pairs.of(a, b)
    both = np.flatnonzero((pairs.before >= 0) & (pairs.after >= 0) & ~pairs.changed_content)
    states, told = _states(a.only(pairs.before[both]), b.only(pairs.after[both]), pairs, both, now=b.votes)
    return _diff(a, b, pairs, both, states=states, told=told, min_move=min_move)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Items of either run, matched by id, and the votes on them by the functions of both."""

    item_ids: NDArray[np.generic]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    lf_names: tuple[str, ...]
    edited: tuple[str, ...]
    votes_before: VoteArray
    votes_after: VoteArray
    changed_content: NDArray[np.bool_]

    @classmethod
    def of(cls, a: RunState, b: RunState) -> _Pairs:
        found = _rows_in(a.votes, b.votes)
        alone = np.ones(a.votes.n_items, dtype=np.bool_)
        alone[found[found >= 0]] = False
        gone = np.flatnonzero(alone)
        before = np.concatenate([found, gone])
        after = np.concatenate([np.arange(b.votes.n_items), np.full(len(gone), -1)])
        ids = np.concatenate([b.votes.item_ids.astype(object), a.votes.item_ids[gone].astype(object)])
        names = (*b.votes.lf_names, *(name for name in a.votes.lf_names if name not in set(b.votes.lf_names)))
        prints = [dict(zip(s.votes.lf_names, s.votes.lf_fingerprints, strict=True)) for s in (a, b)]
        edited = tuple(name for name in names if _is_edited(name, *prints))
        both = (before >= 0) & (after >= 0)
        changed = np.zeros(len(ids), dtype=np.bool_)
        if a.digests is not None and b.digests is not None:
            changed[both] = a.digests[before[both]] != b.digests[after[both]]
        return cls(
            ids,
            before,
            after,
            names,
            edited,
            _spread(a.votes, before, names),
            _spread(b.votes, after, names),
            changed,
        )


def _is_edited(name: str, then: dict[str, str | None], now: dict[str, str | None]) -> bool:
    """Whether a function is another; one without a fingerprint may always be."""
    return name not in then or name not in now or then[name] is None or then[name] != now[name]


def _rows_in(votes: VoteMatrix, other: VoteMatrix) -> NDArray[np.int64]:
    """Return the row of each item of ``other`` in ``votes``, −1 where it is not there."""
    if np.array_equal(votes.item_ids, other.item_ids):
        return np.arange(votes.n_items)
    found = map(votes.find, other.item_ids.tolist())
    return np.array([-1 if row is None else row for row in found], dtype=np.int64)


def _spread(votes: VoteMatrix, rows: NDArray[np.int64], names: tuple[str, ...]) -> VoteArray:
    """Return the votes on some items by all functions of both runs; ABSTAIN where there are none."""
    there = np.flatnonzero(rows >= 0)
    values = np.full((len(there), len(names)), ABSTAIN, dtype=np.int8)
    values[:, [names.index(name) for name in votes.lf_names]] = votes.values[rows[there]]
    out = np.full((len(rows), len(names)), ABSTAIN, dtype=np.int8)
    out[there] = values
    return out


def _states(
    a: RunState, b: RunState, pairs: _Pairs, both: NDArray[np.int64], *, now: VoteMatrix
) -> tuple[tuple[LabelsThen, ...], NDArray[np.bool_]]:
    """Evaluate the labels from A to B, one cause after another; also, where the answers changed anything."""
    model = a.model.with_lfs(pairs.lf_names)
    edited = [pairs.lf_names.index(name) for name in pairs.edited]
    middle = pairs.votes_after.copy()
    same = (pairs.before >= 0) & ~pairs.changed_content
    for j in edited:
        middle[same, j] = pairs.votes_before[same, j]
    last = b.model.with_lfs(pairs.lf_names)
    tables = (
        (pairs.votes_before, model.answered_votes, model.answered_counts, a.parts),
        (middle, *_answered(model, now, middle), a.parts),
        (pairs.votes_after, *_answered(model, now, pairs.votes_after), a.parts),
        (
            pairs.votes_after,
            last.answered_votes,
            last.answered_counts,
            replace(a.parts, carried=b.parts.carried),
        ),
    )
    found = [
        _evaluate(replace(model, answered_votes=rows, answered_counts=counts), votes[both], parts)
        for votes, rows, counts, parts in tables
    ]
    _require_same(a.name, found[0], a.labels)
    states = [a.labels]
    for old, new in pairwise(found):
        changed = _differs(old, new)
        # What a step does not change stays as it was delivered: rounding is no change.
        p = np.where(changed[:, None], new.probabilities, states[-1].probabilities)
        states.append(LabelsThen(p, np.where(changed, new.spoken, states[-1].spoken)))
    return (*states, b.labels), _differs(found[2], found[3])


def _differs(old: LabelsThen, new: LabelsThen) -> NDArray[np.bool_]:
    return np.asarray((old.probabilities != new.probabilities).any(axis=1) | (old.spoken != new.spoken))


def _require_same(run: str, again: LabelsThen, kept: LabelsThen) -> None:
    off = float(np.abs(again.probabilities - kept.probabilities).max(initial=0.0))
    if not off <= _TOLERANCE:
        raise DataError(
            f"the labels of run {run} do not come out of what it kept: off by up to {off:.2g}",
            hint="another version of wsal made it; compare later runs, or run `wsal fit` again",
        )


def _answered(model: FittedLabelModel, now: VoteMatrix, votes: VoteArray) -> tuple[VoteArray, Floats]:
    """Sum the answers that a model was fitted with by pattern of other votes, over the items that are in B."""
    parts: defaultdict[bytes, list[list[float]]] = defaultdict(list)
    answers = model.answers
    counts = answers.shares * answers.weights[:, None]
    for item, part in zip(answers.item_ids, counts.tolist(), strict=True):
        row = now.find(item)  # the items of B stand first, in its order
        if row is not None:
            parts[votes[row].tobytes()].append(part)
    rows = np.frombuffer(b"".join(parts), dtype=np.int8).reshape(len(parts), votes.shape[1])
    # As the fit does: fsum rounds once, whatever the order.
    sums = [[fsum(column) for column in zip(*found, strict=True)] for found in parts.values()]
    return rows, np.array(sums, dtype=np.float64).reshape(len(parts), len(model.labels))


def _evaluate(model: FittedLabelModel, votes: VoteArray, parts: LabelParts) -> LabelsThen:
    patterns = VotePatterns.from_rows(votes, model.labels, model.lf_names)
    log_q = np.log(model.pattern_proba(patterns))
    codes = patterns.require_inverse()
    return parts.labels(log_q[codes], patterns.covered[codes])


def _diff(
    a: RunState,
    b: RunState,
    pairs: _Pairs,
    both: NDArray[np.int64],
    *,
    states: tuple[LabelsThen, ...],
    told: NDArray[np.bool_],
    min_move: float,
) -> RunDiff:
    u = len(pairs.item_ids)
    before, p_before = _of_all(a.labels, pairs.before)
    after, p_after = _of_all(b.labels, pairs.after)
    watched = np.where(after != ABSTAIN, after, np.maximum(before, 0))
    all_told = np.zeros(u, dtype=np.bool_)
    all_told[both] = told

    steps = np.full((u, len(CAUSES)), np.nan)
    of_watched = np.stack([s.probabilities[np.arange(len(both)), watched[both]] for s in states], axis=1)
    spoken = states[0].spoken & states[-1].spoken
    steps[both] = np.where(spoken[:, None], np.diff(of_watched, axis=1), np.nan)

    shift = np.abs(p_after - p_before).max(axis=1)
    kind = np.select(
        [
            (before == ABSTAIN) & (after == ABSTAIN),
            before == ABSTAIN,
            after == ABSTAIN,
            before != after,
            shift > min_move,
        ],
        [0, 1, 2, 3, 4],
        0,
    ).astype(np.int8)
    cause = np.zeros(u, dtype=np.int8)  # an item that is new, gone or another: data
    cause[both] = _causes(states, moved=kind[both] == 4)
    cause[kind == 0] = -1
    rows = np.arange(u)
    return RunDiff(
        labels=b.votes.labels,
        item_ids=pairs.item_ids,
        rows_before=pairs.before,
        rows_after=pairs.after,
        changed_content=pairs.changed_content,
        before=before,
        after=after,
        kind=kind,
        cause=cause,
        probability_before=p_before[rows, watched],
        probability_after=p_after[rows, watched],
        steps=steps,
        votes_before=pairs.votes_before,
        votes_after=pairs.votes_after,
        lf_names=pairs.lf_names,
        edited=pairs.edited,
        told=all_told,
    )


def _of_all(labels: LabelsThen, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Return label and probabilities by item of either run; ABSTAIN and NaN where it is not there or nothing speaks."""
    hard = np.where(rows >= 0, labels.hard[rows] if len(labels.spoken) else ABSTAIN, ABSTAIN)
    p = np.full((len(rows), labels.probabilities.shape[1]), np.nan)
    there = np.flatnonzero(rows >= 0)
    there = there[labels.spoken[rows[there]]]
    p[there] = labels.probabilities[rows[there]]
    return hard, p


def _causes(states: tuple[LabelsThen, ...], *, moved: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the step that settled each label; for items that kept their label, the one that moved them most."""
    hard = np.stack([state.hard for state in states], axis=1)
    # The last step after which the label was not yet the final one.
    settled = (hard[:, :-1] != hard[:, -1:]) * np.arange(1, len(states))
    moves = [np.abs(new.probabilities - old.probabilities).max(axis=1) for old, new in pairwise(states)]
    largest = np.stack(moves, axis=1).argmax(axis=1)
    found = np.where(moved, largest, settled.max(axis=1) - 1)
    return np.asarray(found, dtype=np.int8)
