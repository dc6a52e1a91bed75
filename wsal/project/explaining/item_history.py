"""The life of an item: its label through the runs with what caused each change, and what people did with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from wsal.audit import AnswerUndone, ItemsReturned, ItemsSetApart, given_id
from wsal.errors import InputError, did_you_mean
from wsal.evidence import RunState
from wsal.project.classes.crossing import changes_between, only_renamed
from wsal.project.explaining.comparing import ChangedLabel, compare_two
from wsal.project.history import History
from wsal.project.runs.states import read_state
from wsal.store import AnswerRow
from wsal.types import ItemId

__all__ = ["ItemEvent", "item_history"]

_MOVE = 0.0005  # below this a probability of a label that stays is as before


@dataclass(frozen=True)
class ItemEvent:
    """Something that happened to an item.

    Parameters
    ----------
    seq : int
        Row of the ledger.
    time, actor : str
    what : {"label", "answer", "taken back", "drawn", "set apart", "put back", "classes changed"}
    text : str
        In words.
    run : str
        The run of `fit`, for a label; the batch, for a draw; else empty.
    label : str or None
        The label delivered, or answered.
    probabilities : dict of str to float, or None
        Of a delivered label; None where nothing spoke.
    change : ChangedLabel or None
        What changed since the run of `fit` before, and why; None where nothing did.
    """

    seq: int
    time: str
    actor: str
    what: Literal["label", "answer", "taken back", "drawn", "set apart", "put back", "classes changed"]
    text: str
    run: str = ""
    label: str | None = None
    probabilities: dict[str, float] | None = None
    change: ChangedLabel | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def item_history(history: History, item: str) -> tuple[ItemEvent, ...]:
    """Tell the life of an item in the order of the ledger.

    Raises
    ------
    InputError
        No run, answer or draw ever held such an item.

    Notes
    -----
    O(n) for each run of `fit`, whose files are read.
    """
    labels = list(_labels(history, item))
    answers = [answer for answer in history.store.answers(current=False) if str(answer.item) == item]
    events = [*labels, *_answers(history, answers), *_draws(history, item), *_marks(history, item)]
    if not events:
        known = (
            map(str, history.votes().item_ids[:10_000].tolist()) if history.store.runs("run_applied") else ()
        )
        raise InputError(f"there never was an item {item!r}", hint=did_you_mean(item, known))
    return tuple(sorted(events, key=lambda event: event.seq))


def _labels(history: History, item: str) -> Iterator[ItemEvent]:
    before: tuple[Any, RunState] | None = None
    for run in history.store.runs("run_fitted"):
        soft = history.soft_labels(run.run)
        row = next((i for i, known in enumerate(soft.item_ids.tolist()) if str(known) == item), None)
        if row is None:
            if before is not None:
                yield ItemEvent(run.seq, run.time, run.actor, "label", "the item is gone", run.run)
            before = None
            continue
        label = soft.labels.name(int(soft.hard()[row]))
        p = None
        if soft.sources[row] != "none":
            p = dict(zip(soft.labels.names, soft.probabilities[row].tolist(), strict=True))
        text = f"{label or 'no label'} from {soft.sources[row]}"
        try:
            state = read_state(history, run).only(np.array([row]))
        except InputError:
            before = None
            text = f"{text} (an older wsal made this run: it cannot be compared)"
            yield ItemEvent(run.seq, run.time, run.actor, "label", text, run.run, label, p)
            continue
        change = None
        if before is not None and not only_renamed(changes_between(history, before[0], run)):
            text += "; the classes changed since the run before"
        elif before is not None:
            found = compare_two(history, before[0], run, states=(before[1], state), min_move=_MOVE)
            change = next(found.changes(found.rows()), None)
            text += f"; {_why(change)}"
        before = (run, state)
        yield ItemEvent(run.seq, run.time, run.actor, "label", text, run.run, label, p, change)


def _why(change: ChangedLabel | None) -> str:
    if change is None:
        return "as before"
    what = "moved" if change.kind == "moved" else f"{change.kind} from {change.before or 'no label'}"
    return f"{what} by {change.cause}: {'; '.join(change.why)}"


def _answers(history: History, answers: list[AnswerRow]) -> Iterator[ItemEvent]:
    for answer in answers:
        if answer.event_id != given_id(answer.event_id):
            continue  # the same answer, under another name of its class
        said = answer.label or answer.outcome
        why = f": {answer.rationale}" if answer.rationale else ""
        how = ", imported" if answer.imported else f", asked as {answer.purpose}" if answer.purpose else ""
        hints = ", with hints shown" if answer.hints_shown else ""
        yield ItemEvent(
            answer.seq,
            answer.time,
            answer.annotator,
            "answer",
            f"answered {said}{why}{how}{hints}",
            label=answer.label,
        )
    by_change = {answer.undone_by for answer in answers}
    for changed in history.store.class_changes():
        if changed.seq in by_change:
            again = "; somebody must look again" if changed.change.change == "split" else ""
            text = f"{changed.change}{again}"
            yield ItemEvent(changed.seq, changed.time, changed.actor, "classes changed", text)
    undone = {answer.event_id: answer for answer in answers if answer.undone_by is not None}
    for entry in history.store.events("answer_undone") if undone else ():
        payload = entry.event.payload()
        if isinstance(payload, AnswerUndone) and payload.supersedes in undone:
            answer = undone[payload.supersedes]
            text = f"the answer {answer.label or answer.outcome} of row {answer.seq} was taken back"
            yield ItemEvent(entry.seq, entry.event.time, entry.event.actor, "taken back", text)


def _draws(history: History, item: str) -> Iterator[ItemEvent]:
    drawn = [draw for draw in history.store.draws() if str(draw.item) == item]
    wanted = {draw.batch for draw in drawn}
    batches = {
        str(entry.event.data.get("batch")): entry
        for entry in (history.store.events("batch_drawn") if wanted else ())
        if entry.event.data.get("batch") in wanted
    }
    for draw in drawn:
        entry = batches[draw.batch]
        chance = "" if draw.p is None else f", with a chance of {draw.p:.3g}"
        why = f": {draw.reason}" if draw.reason else ""
        text = f"drawn as {draw.purpose}{chance}{why}"
        yield ItemEvent(entry.seq, entry.event.time, entry.event.actor, "drawn", text, draw.batch)


def _marks(history: History, item: str) -> Iterator[ItemEvent]:
    def holds(items: tuple[ItemId, ...]) -> bool:
        return any(str(one) == item for one in items)

    for kind in ("items_set_apart", "items_returned"):
        for entry in history.store.events(kind):
            marked, event = entry.event.payload(), entry.event
            if isinstance(marked, ItemsSetApart) and holds(marked.items):
                text = "set apart from its duplicates" if marked.apart else "joined with its duplicates again"
                yield ItemEvent(entry.seq, event.time, event.actor, "set apart", text)
            elif isinstance(marked, ItemsReturned) and holds(marked.items):
                text = "put back, to be asked for again"
                yield ItemEvent(entry.seq, event.time, event.actor, "put back", text)
