"""Labelling functions in Python vote item by item."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from time import process_time
from traceback import format_exc
from types import NoneType
from typing import Any

import numpy as np

from wsal.engines.local.rows import items_between
from wsal.engines.progress import Progress
from wsal.engines.voted import AnyLF, Voted
from wsal.errors import DataError, LabelingFunctionError, did_you_mean
from wsal.items import Items
from wsal.lf import LabelingFunction
from wsal.types import ABSTAIN, MAX_CLASSES, ItemId, LabelSpace, VoteArray
from wsal.votes import LFCost, LFFailure

__all__ = ["preprocessors", "python_votes"]


def preprocessors(lf: object) -> set[Hashable]:
    """Return the preprocessors of a function, and theirs, each by its identity.

    Functions that share one vote together, so that it finds what it remembers of the same items.
    """
    found: set[Hashable] = set()
    waiting = list(getattr(lf, "pre", ()) or ())
    while waiting:
        step = waiting.pop()
        if id(step) not in found:
            found.add(id(step))
            waiting += getattr(step, "pre", ()) or ()
    return found


def python_votes(
    lfs: Mapping[int, AnyLF],
    items: Items,
    labels: LabelSpace | None,
    *,
    fault_tolerant: bool,
    progress: Progress,
    chunk: int,
) -> Iterator[Voted]:
    """Let a group of functions vote on every item: all of them on ``chunk`` items, then on the next.

    Raises
    ------
    LabelingFunctionError
        A function raised, unless ``fault_tolerant``; what it raised is the cause.
    DataError
        It returned what is no vote.
    """
    voters = {j: _Voter(lf, items, labels, fault_tolerant=fault_tolerant) for j, lf in lfs.items()}
    for start in range(0, items.n_items, chunk):
        stop = min(start + chunk, items.n_items)
        for voter in voters.values():
            voter.vote(start, stop)
        progress.advance(stop - start)
    for j, voter in voters.items():
        progress.finish(1)
        yield Voted(j, voter.votes, voter.failure, LFCost(voter.seconds, items.n_items))


class _Voter:
    """One function and its votes so far."""

    def __init__(self, lf: AnyLF, items: Items, labels: LabelSpace | None, *, fault_tolerant: bool) -> None:
        self._name = str(getattr(lf, "name", lf))
        self._answer, self._items_between = _answerer(lf), items_between(lf, items)
        self._item_ids = items.item_ids.tolist()
        self._labels = labels
        self._fault_tolerant = fault_tolerant
        self._codes = _codes(labels)
        self._n_failed, self._first = 0, ("", "")
        self.seconds = 0.0
        self.votes: VoteArray = np.full(items.n_items, ABSTAIN, dtype=np.int8)

    @property
    def failure(self) -> LFFailure | None:
        """What was passed over."""
        return LFFailure(self._name, self._n_failed, *self._first) if self._n_failed else None

    def vote(self, start: int, stop: int) -> None:
        started = process_time()
        self._vote(start, stop)
        self.seconds += process_time() - started

    def _vote(self, start: int, stop: int) -> None:
        answer = self._answer
        answers: list[Any] = []
        add = answers.append
        for x in self._items_between(start, stop):
            try:
                add(answer(x))
            except Exception as error:
                item_id = self._item_ids[start + len(answers)]
                if not self._fault_tolerant:
                    self._read(answers, start)  # what came before and is no vote is the first error
                    raise LabelingFunctionError(self._name, item_id, error) from error
                self._first = self._first if self._n_failed else (item_id, format_exc())
                self._n_failed += 1
                add(None)
        self.votes[start:stop] = self._read(answers, start)

    def _read(self, answers: list[Any], start: int) -> VoteArray:
        # Of these types, equal values are equal votes; True and 1.0 are equal to 1 and are none.
        if {int, str, NoneType}.issuperset(map(type, answers)):
            with suppress(KeyError):
                return np.frombuffer(bytes(map(self._codes.__getitem__, answers)), dtype=np.int8)
        votes = [
            _read_vote(value, self._name, self._item_ids[start + i], self._labels)
            for i, value in enumerate(answers)
        ]
        return np.array(votes, dtype=np.int8)


def _codes(labels: LabelSpace | None) -> dict[object, int]:
    """Return the vote of each answer that is one, as the byte that holds it: ABSTAIN is 255."""
    n_classes = len(labels) if labels is not None else MAX_CLASSES
    codes: dict[object, int] = {i: i for i in range(n_classes)}
    codes[None] = codes[ABSTAIN] = ABSTAIN % 256
    codes.update((name, i) for i, name in enumerate(labels or ()))
    return codes


def _read_vote(value: Any, lf_name: str, item_id: ItemId, labels: LabelSpace | None) -> int:  # noqa: ANN401  # checked here
    """Read what a function returned: a class index, a label name, -1 or None.

    Raises
    ------
    DataError
        It is no vote: with the function, the item, the value and the cure.

    Examples
    --------
    >>> _read_vote("spam", "prize", "a", LabelSpace(("ham", "spam")))
    1
    """
    if value is None:
        return ABSTAIN
    n_classes = len(labels) if labels is not None else MAX_CLASSES
    if type(value) is int or (isinstance(value, int | np.integer) and not isinstance(value, bool)):
        if ABSTAIN <= value < n_classes:
            return int(value)
    elif isinstance(value, str) and labels is not None and value in labels:
        return labels.index(value)
    raise _no_vote(value, f"labelling function '{lf_name}' returned {value!r} on item {item_id!r}", labels)


def _no_vote(value: object, what: str, labels: LabelSpace | None) -> DataError:
    """Say why a value is no vote, and what to return instead."""
    if isinstance(value, str):
        if labels is None:
            return DataError(
                f"{what}, but the labels are not known", hint='pass them: labels=["ham", "spam"]'
            )
        listed = f"the labels are {', '.join(labels)}"
        return DataError(f"{what}, which is no label", hint=did_you_mean(value, labels) or listed)
    if isinstance(value, bool | np.bool_):
        cure = "return a label where the answer is yes, and None where it is no"
        return DataError(f"{what}, which is no vote but yes or no", hint=cure)
    if isinstance(value, int | np.integer):
        n_classes = len(labels) if labels is not None else MAX_CLASSES
        cure = f"return 0..{n_classes - 1}, or {ABSTAIN} to abstain"
        return DataError(f"{what}; there are {n_classes} classes", hint=cure)
    return DataError(
        f"{what} ({type(value).__name__}), which is no vote",
        hint="return a class index (a whole number), a label's name, or None to abstain",
    )


def _answerer(lf: AnyLF) -> Callable[[Any], Any]:
    """Return a call that gives the answer as the function's author returned it.

    `LabelingFunction` raises on what is no vote; taken apart, that is told from what the function raises.
    """
    if not isinstance(lf, LabelingFunction) or type(lf).__call__ is not LabelingFunction.__call__:
        return lf
    function = partial(lf.f, **lf.resources) if lf.resources else lf.f
    steps = lf.pre
    if not steps:
        return function

    def answer(x: Any) -> Any:  # noqa: ANN401  # the user's item and answer
        for before in steps:
            x = before(x)
        return function(x)

    return answer
