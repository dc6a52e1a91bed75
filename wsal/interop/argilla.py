"""Argilla 2: records with suggestions and responses, as ``Record.to_dict`` writes them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from wsal.interop.exchange import (
    ForeignAnswer,
    ItemFinder,
    answer_table,
    count_notes,
    statements_of,
)
from wsal.interop.json_records import JsonRecord, read_json_records
from wsal.interop.outgoing import Outgoing
from wsal.items import Items, RawTable
from wsal.types import LabelSpace

__all__ = ["read_argilla", "write_argilla"]

_QUESTION: Final = "label"
_PEOPLE: Final = "wsal_people"
_PERSON = uuid.UUID("7f0c1f0e-54d1-5b60-9a3e-5f0f6d8b2c11")
"""Names of people become ids in this space, always the same: Argilla knows people by a UUID."""


def write_argilla(made: Outgoing, path: Path) -> None:
    """Write a record for each item: its text, a suggestion, and the answers as responses.

    ``metadata`` keeps who stands behind each user id, with time and rationale, which Argilla's responses do not hold.
    """
    records = [_record(made, row, text) for row, text in enumerate(made.texts)]
    path.write_text(json.dumps(records, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def read_argilla(path: Path, items: Items, labels: LabelSpace, *, several: bool = False) -> RawTable:
    """Read the submitted responses to the question ``label``, as records or with flat keys.

    Raises
    ------
    DataError
        No such file, or a record that is about no item.
    """
    finder = ItemFinder(items)
    counts = {"responses were not submitted": 0, "responses do not hold what the question asks for": 0}
    answers = [
        replace(answer, label=label)
        for record in read_json_records(path)
        for answer, chosen in _responses(record, finder, counts, several=several)
        for label in statements_of(chosen, labels, several=several) or ()
    ]
    return answer_table(path, answers, count_notes(counts))


def _record(made: Outgoing, row: int, text: str) -> dict[str, Any]:
    chosen, score = made.chosen(row), made.confidence(row)
    given = [answer for answer in made.given(row) if answer.labels is not None]
    people = {
        str(uuid.uuid5(_PERSON, one.annotator)): [one.annotator, one.time, one.rationale] for one in given
    }
    metadata: dict[str, Any] = {"wsal_run": made.run, "wsal_source": made.source(row)}
    return {
        "id": str(made.ids[row]),
        "fields": {"text": text},
        "metadata": metadata | ({_PEOPLE: json.dumps(people)} if people else {}),
        "suggestions": {}
        if chosen is None
        else {_QUESTION: {"value": _value(made, chosen), "score": score, "agent": f"wsal-{made.run}"}},
        "responses": {
            _QUESTION: [
                {"value": _value(made, one.labels or ()), "user_id": str(uuid.uuid5(_PERSON, one.annotator))}
                for one in given
            ]
        }
        if given
        else {},
        "vectors": {},
        "status": "completed" if given else "pending",
    }


def _value(made: Outgoing, labels: tuple[str, ...]) -> object:
    """Return what Argilla keeps: a list for a question with several labels, else the label."""
    return list(labels) if made.several else labels[0]


def _responses(
    record: JsonRecord, finder: ItemFinder, counts: dict[str, int], *, several: bool
) -> Iterator[tuple[ForeignAnswer, list[str]]]:
    """Yield the responses that are answers, each with what was chosen."""
    drafts, unclear = counts
    people = _people(record.get("metadata", _PEOPLE) or record.get(_PEOPLE))
    flat = record.get(f"{_QUESTION}.responses") or record.get(f"{_QUESTION}.response") or []
    users = record.get(f"{_QUESTION}.responses.users") or []
    given = record.get("responses", _QUESTION) or [
        {"value": value, "user_id": users[i] if i < len(users) else ""}
        for i, value in enumerate(flat if isinstance(flat, list) else [flat])
    ]
    for response in given:
        if response.get("status", "submitted") != "submitted":
            counts[drafts] += 1
            continue
        value = response.get("value")
        if not (isinstance(value, list) if several else isinstance(value, str)):
            counts[unclear] += 1
            continue
        text = record.get("fields", "text") or record.get("text")
        item = finder.find((record.get("id"),), text, where=record.where)
        user = str(response.get("user_id") or "")
        name, time, rationale = people.get(user, (user, "", ""))
        chosen = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        yield ForeignAnswer(record.line, item, "", name, rationale, time), chosen


def _people(kept: object) -> Mapping[str, tuple[str, str, str]]:
    """Read who stands behind the user ids, where wsal wrote the file; nothing where somebody changed it."""
    try:
        found = json.loads(str(kept)) if kept else {}
        return {
            str(user): (str(name), str(time), str(reason)) for user, (name, time, reason) in found.items()
        }
    except (ValueError, AttributeError, TypeError):
        return {}
