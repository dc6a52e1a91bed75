"""Label Studio: tasks with predictions out, annotations in.

What maps to what: docs/how-to/exchange-with-other-tools.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, Final

from wsal.interop.exchange import (
    ID_KEY,
    ForeignAnswer,
    ItemFinder,
    answer_table,
    count_notes,
    statements_of,
)
from wsal.interop.json_records import JsonRecord, read_json_records
from wsal.interop.outgoing import GivenAnswer, Outgoing
from wsal.items import Items, RawTable
from wsal.types import LabelSpace

__all__ = ["read_label_studio", "write_config", "write_tasks"]

_FROM, _TO, _RATIONALE = "label", "text", "rationale"
_ANNOTATOR: Final = "wsal_annotator"


def write_tasks(made: Outgoing, path: Path) -> None:
    """Write tasks with a prediction each, and the answers as annotations; `write_config` writes what fits them."""
    tasks = [_task(made, row, text) for row, text in enumerate(made.texts)]
    path.write_text(json.dumps(tasks, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")


def write_config(made: Outgoing, path: Path) -> None:
    """Write the labelling interface: one text, one choice among the classes or several, a reason in free words."""
    choices = "".join(f'\n    <Choice value="{escape(name)}"/>' for name in made.labels)
    several = ' choice="multiple"' if made.several else ""
    path.write_text(
        f'<View>\n  <Text name="{_TO}" value="$text"/>\n'
        f'  <Choices name="{_FROM}" toName="{_TO}"{several}>{choices}\n  </Choices>\n'
        f'  <TextArea name="{_RATIONALE}" toName="{_TO}"/>\n</View>\n',
        encoding="utf-8",
    )


def read_label_studio(path: Path, items: Items, labels: LabelSpace, *, several: bool = False) -> RawTable:
    """Read the annotations of exported tasks.

    A cancelled annotation is a skip and no answer; one with several choices is none for a task with one class an item.
    Where an item may have several, no choice at all says that it has none of the labels.

    Raises
    ------
    DataError
        No such export, or a task that is about no item.
    """
    finder = ItemFinder(items)
    counts = {"annotations were cancelled": 0, "annotations do not have exactly one choice": 0}
    answers = [
        replace(answer, label=label)
        for task in read_json_records(path)
        for answer, chosen in _annotations(task, finder, counts, several=several)
        for label in statements_of(chosen, labels, several=several) or ()
    ]
    return answer_table(path, answers, count_notes(counts))


def _task(made: Outgoing, row: int, text: str) -> dict[str, Any]:
    item, chosen = made.ids[row], made.chosen(row)
    data = {**made.fields(row), "text": text, ID_KEY: str(item), "wsal_source": made.source(row)}
    predictions = (
        []
        if chosen is None
        else [
            {
                "model_version": made.run,
                "score": made.confidence(row),
                "result": [_choice(f"p{row}", chosen)] if chosen else [],
            }
        ]
    )
    given = [_annotation(answer, f"a{row}-{number}") for number, answer in enumerate(made.given(row))]
    return {"id": row + 1, "data": data, "predictions": predictions, "annotations": given}


def _annotation(answer: GivenAnswer, name: str) -> dict[str, Any]:
    result = [_choice(name, answer.labels)] if answer.labels else []
    if answer.rationale:
        result.append(
            {
                "id": f"{name}r",
                "from_name": _RATIONALE,
                "to_name": _TO,
                "type": "textarea",
                "value": {"text": [answer.rationale]},
            }
        )
    return {
        "completed_by": {"email": answer.annotator} if answer.annotator else None,
        "was_cancelled": answer.labels is None,
        "ground_truth": False,
        "created_at": answer.time,
        "updated_at": answer.time,
        "lead_time": answer.seconds,
        "result": result,
    }


def _choice(name: str, labels: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": name,
        "from_name": _FROM,
        "to_name": _TO,
        "type": "choices",
        "value": {"choices": list(labels)},
    }


def _annotations(
    task: JsonRecord, finder: ItemFinder, counts: dict[str, int], *, several: bool
) -> Iterator[tuple[ForeignAnswer, list[str]]]:
    """Yield the annotations that are answers, each with what was chosen."""
    cancelled, unclear = counts
    item = ""
    for annotation in task.get("annotations") or []:
        if annotation.get("was_cancelled"):
            counts[cancelled] += 1
            continue
        choices = [
            str(choice)
            for result in annotation.get("result") or []
            if result.get("type") == "choices"
            for choice in result.get("value", {}).get("choices", [])
        ]
        if not several and len(choices) != 1:
            counts[unclear] += 1
            continue
        offered = (task.get("data", ID_KEY), task.get("data", "id"), task.get("data", "uid"), task.get("id"))
        item = item or finder.find(offered, task.get("data", "text"), where=task.where)
        answer = ForeignAnswer(
            task.line,
            item,
            "",
            _person(annotation.get("completed_by")),
            _reason(annotation.get("result") or []),
            str(annotation.get("created_at") or ""),
        )
        yield answer, choices


def _person(completed_by: object) -> str:
    """Return who made an annotation: a mail address where the export has it, else the number of the account."""
    if isinstance(completed_by, Mapping):
        return str(completed_by.get("email") or completed_by.get("id") or "")
    return "" if completed_by is None else str(completed_by)


def _reason(result: list[Mapping[str, Any]]) -> str:
    texts = [
        text
        for one in result
        if one.get("type") == "textarea"
        for text in _as_list(one.get("value", {}).get("text"))
    ]
    return "\n".join(texts)


def _as_list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
