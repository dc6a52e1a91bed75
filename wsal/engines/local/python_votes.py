"""Labelling functions in Python vote item by item."""

from __future__ import annotations

from collections.abc import Callable
from traceback import format_exc
from typing import Any

import numpy as np

from wsal.engines.local.rows import item_maker
from wsal.engines.progress import Progress
from wsal.engines.voted import AnyLF
from wsal.errors import DataError, LabelingFunctionError, did_you_mean
from wsal.items import Items
from wsal.lf import LabelingFunction
from wsal.types import ABSTAIN, MAX_CLASSES, ItemId, LabelSpace, VoteArray
from wsal.votes import LFFailure

__all__ = ["python_votes", "read_vote"]


def python_votes(
    lf: AnyLF,
    items: Items,
    labels: LabelSpace | None,
    *,
    fault_tolerant: bool,
    progress: Progress,
    chunk: int,
) -> tuple[VoteArray, LFFailure | None]:
    """Let one function vote on every item.

    Returns
    -------
    votes : ndarray of int8, shape (n,)
    failure : LFFailure or None

    Raises
    ------
    LabelingFunctionError
        The function raised, unless ``fault_tolerant``; what it raised is the cause.
    DataError
        It returned what is no vote.
    """
    name = str(getattr(lf, "name", lf))
    answer, item = _answerer(lf), item_maker(lf, items)
    votes = np.full(items.n_items, ABSTAIN, dtype=np.int8)
    item_ids = items.item_ids.tolist()
    n_failed, first = 0, ("", "")
    for start in range(0, items.n_items, chunk):
        stop = min(start + chunk, items.n_items)
        for i in range(start, stop):
            try:
                value = answer(item(i))
            except Exception as error:
                if not fault_tolerant:
                    raise LabelingFunctionError(name, item_ids[i], error) from error
                first = first if n_failed else (item_ids[i], format_exc())
                n_failed += 1
                continue
            if value is not None:
                votes[i] = read_vote(value, name, item_ids[i], labels)
        progress.advance(stop - start)
    progress.finish(1)
    return votes, LFFailure(name, n_failed, *first) if n_failed else None


def read_vote(value: Any, lf_name: str, item_id: ItemId, labels: LabelSpace | None) -> int:  # noqa: ANN401  # checked here
    """Read what a function returned: a class index, a label name, -1 or None.

    Raises
    ------
    DataError
        It is no vote: with the function, the item, the value and the cure.

    Examples
    --------
    >>> read_vote("spam", "prize", "a", LabelSpace(("ham", "spam")))
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
    function, resources, preprocessors = lf.f, dict(lf.resources), lf.pre

    def answer(x: Any) -> Any:  # noqa: ANN401  # the user's item and answer
        for before in preprocessors:
            x = before(x)
        return function(x, **resources)

    return answer
