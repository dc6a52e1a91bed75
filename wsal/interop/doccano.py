"""doccano: text classification as JSON lines, out and in."""

from __future__ import annotations

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
from wsal.interop.json_records import as_lines, read_json_records
from wsal.interop.outgoing import Outgoing
from wsal.items import Items, RawTable
from wsal.types import LabelSpace

__all__ = ["read_doccano", "write_doccano"]


def write_doccano(made: Outgoing, path: Path) -> None:
    """Write texts, with the labels that people gave; what is neither becomes metadata in doccano.

    What rules or a model say is metadata (``wsal_suggestion``): doccano does not say who gave a label, so it would
    come back as somebody's answer. Where people disagree, the labels are those of them that wsal has chosen, if any.
    """
    lines: list[dict[str, Any]] = []
    for row, text in enumerate(made.texts):
        chosen = made.chosen(row) or ()
        given = {one.labels for one in made.given(row) if one.labels is not None}
        lines.append(
            {
                "text": text,
                "label": list(next(iter(given)) if len(given) == 1 else chosen if chosen in given else ()),
                ID_KEY: str(made.ids[row]),
                "wsal_suggestion": ", ".join(chosen),
                "wsal_score": made.confidence(row),
                "wsal_source": made.source(row),
                "wsal_run": made.run,
            }
        )
    path.write_text(as_lines(lines), encoding="utf-8")


def read_doccano(path: Path, items: Items, labels: LabelSpace, *, several: bool = False) -> RawTable:
    """Read labels of texts; comments become rationales.

    A text without labels was not labelled, also where items may have none of the labels: doccano does not tell these
    apart.
    doccano says neither who labelled nor when; export per user, and name the person with ``--annotator``.

    Raises
    ------
    DataError
        No such file, or a text that is no item's.
    """
    finder = ItemFinder(items)
    counts = {"texts have no label": 0, "texts do not have exactly one label": 0}
    none, unclear = counts
    answers: list[ForeignAnswer] = []
    for record in read_json_records(path):
        given = record.get("label")
        named = given if isinstance(given, list) else [] if given is None else [given]
        texts = named and all(isinstance(one, str) for one in named)
        said = statements_of(named, labels, several=several) if texts else None
        if said is None:
            counts[unclear if named else none] += 1
            continue
        item = finder.find(
            (record.get(ID_KEY), record.get("meta", ID_KEY), record.get("id")),
            record.get("text") or record.get("data"),
            where=record.where,
        )
        comments = record.get("Comments") or record.get("comments") or []
        reason = "\n".join(map(str, comments)) if isinstance(comments, list) else str(comments)
        answers += [ForeignAnswer(record.line, item, label, rationale=reason) for label in said]
    return answer_table(path, answers, count_notes(counts))
