"""Prodigy: JSON lines of choice tasks out; choice and binary answers in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from wsal.interop.exchange import (
    ID_KEY,
    ForeignAnswer,
    ItemFinder,
    answer_table,
    count_notes,
    statements_of,
)
from wsal.interop.json_records import JsonRecord, as_lines, read_json_records
from wsal.interop.outgoing import Outgoing
from wsal.items import Items, RawTable
from wsal.types import LabelSpace, absent

__all__ = ["read_prodigy", "write_prodigy"]

_SKIPPED = "tasks were ignored"
_ONLY_NOT = "rejects say only which class it is not"
_UNCLEAR = "tasks do not have exactly one choice"


def write_prodigy(made: Outgoing, path: Path) -> None:
    """Write a choice task for each item, and one line for each answer: accepted labels, ignored skips."""
    path.write_text(as_lines(_lines(made)), encoding="utf-8")


def read_prodigy(path: Path, items: Items, labels: LabelSpace, *, several: bool = False) -> RawTable:
    """Read answers: choices, and binary decisions on one label.

    A binary *reject* is a class only where there are two; where items have several labels it says that this one does
    not hold. *ignore* is a skip.

    Raises
    ------
    DataError
        No such file, or a task that is about no item.
    """
    finder = ItemFinder(items)
    counts = dict.fromkeys((_SKIPPED, _ONLY_NOT, _UNCLEAR), 0)
    answers = []
    for task in read_json_records(path):
        said = _said(task, labels, counts, several=several)
        if not said:
            continue
        offered = (task.get("meta", ID_KEY), task.get(ID_KEY), task.get("meta", "id"), task.get("id"))
        item = finder.find(offered, task.get("text"), where=task.where)
        who, why = _person(task), str(task.get("meta", "rationale") or "")
        when = _time(task.get("_timestamp"))
        answers += [ForeignAnswer(task.line, item, label, who, why, when) for label in said]
    return answer_table(path, answers, count_notes(counts))


def _lines(made: Outgoing) -> list[dict[str, Any]]:
    options = [{"id": name, "text": name} for name in made.labels]
    lines = []
    for row, text in enumerate(made.texts):
        item, score, chosen = made.ids[row], made.confidence(row), made.chosen(row)
        label: object = chosen if made.several else None if chosen is None else chosen[0]
        task: dict[str, Any] = {
            "text": text,
            "options": options,
            "meta": {ID_KEY: str(item), "run": made.run, "label": label, "score": score},
            "_input_hash": _hash(text),
            "_task_hash": _hash(json.dumps([text, list(made.labels)])),
            "_view_id": "choice",
        }
        lines += [
            {
                **task,
                "meta": {**task["meta"], **({"rationale": one.rationale} if one.rationale else {})},
                "accept": list(one.labels or ()),
                "answer": "ignore" if one.labels is None else "accept",
                "_annotator_id": one.annotator,
                "_timestamp": datetime.fromisoformat(one.time).timestamp(),
            }
            for one in made.given(row)
        ] or [task]
    return lines


def _said(task: JsonRecord, labels: LabelSpace, counts: dict[str, int], *, several: bool) -> tuple[str, ...]:
    """Return what an answer says, or nothing and count why."""
    answer, chosen, named = task.get("answer"), task.get("accept"), task.get("label")
    binary = named is not None and not isinstance(chosen, list)
    if answer is None:
        return ()
    if answer == "ignore":
        counts[_SKIPPED] += 1
    elif several and answer == "accept" and isinstance(chosen, list):
        return statements_of([str(one) for one in chosen], labels, several=True) or ()
    elif several and binary:
        return (str(named) if answer == "accept" else absent(str(named)),)
    elif answer == "accept" and (binary or (isinstance(chosen, list) and len(chosen) == 1)):
        return (str(named if binary else chosen[0]),)
    elif binary and len(labels) == 2 and named in labels:
        return (next(name for name in labels if name != named),)
    else:
        counts[_ONLY_NOT if binary else _UNCLEAR] += 1
    return ()


def _person(task: JsonRecord) -> str:
    return str(task.get("_annotator_id") or task.get("_session_id") or "")


def _time(stamp: object) -> str:
    return datetime.fromtimestamp(stamp, UTC).isoformat() if isinstance(stamp, int | float) else ""


def _hash(text: str) -> int:
    """Return a number for a text, the same in every process; Prodigy only compares them with each other."""
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big", signed=True)
