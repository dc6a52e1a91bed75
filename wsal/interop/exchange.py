"""What comes back from other tools, whatever the format: answers, and the items that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from wsal.errors import DataError
from wsal.items import Items, RawTable
from wsal.items.columns import Column
from wsal.types import LabelSpace, absent

__all__ = [
    "ID_KEY",
    "ForeignAnswer",
    "ItemFinder",
    "answer_table",
    "count_notes",
    "statements_of",
]

ID_KEY: Final = "wsal_id"
"""Where an item's id is written for tools that give records ids of their own."""


def statements_of(chosen: Sequence[str], labels: LabelSpace, *, several: bool) -> tuple[str, ...] | None:
    """Return what a choice among labels says: the label; where items have several, of each whether it holds.

    None where a task with one label an item has no such choice. Unknown labels are kept, for the error that names them.

    Examples
    --------
    >>> space = LabelSpace(("sports", "money"))
    >>> statements_of(["money"], space, several=False)
    ('money',)
    >>> statements_of(["money"], space, several=True)
    ('not sports', 'money')
    """
    if not several:
        return (chosen[0],) if len(chosen) == 1 else None
    unknown = tuple(name for name in chosen if name not in labels)
    return (*(name if name in chosen else absent(name) for name in labels), *unknown)


@dataclass(frozen=True)
class ForeignAnswer:
    """An answer as another tool wrote it.

    Parameters
    ----------
    line : int
        Where it stands: the line of a file of lines, else the number of the record, from 1.
    item, label : str
    annotator, rationale, time : str
        Empty where not said; times in ISO 8601.
    """

    line: int
    item: str
    label: str
    annotator: str = ""
    rationale: str = ""
    time: str = ""


class ItemFinder:
    """Finds the item a record is about: by the id that it names, else by its text.

    Parameters
    ----------
    items : Items
    """

    def __init__(self, items: Items) -> None:
        self._ids = {str(item) for item in items.item_ids.tolist()}
        self._items = items

    @cached_property
    def _by_text(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        if self._items.text_column is not None:
            cells = self._items.column(self._items.text_column)
            for item, cell in zip(self._items.item_ids.tolist(), cells, strict=True):
                found.setdefault(str(cell), []).append(str(item))
        return found

    def find(self, ids: Iterable[object], text: object, *, where: str) -> str:
        """Return the id of an item.

        Parameters
        ----------
        ids : iterable
            What the record offers as ids, the best first; None for those it has not.
        text : object
            The record's text, or None.
        where : str
            Names the record in errors.

        Raises
        ------
        DataError
            No id is known, and the text is none or that of several items.
        """
        offered = [str(one) for one in ids if one is not None]
        for one in offered:
            if one in self._ids:
                return one
        same = self._by_text.get(str(text), []) if text is not None else []
        if len(same) == 1:
            return same[0]
        if same:
            raise DataError(
                f"{where}: {len(same)} items have this text, among them {same[0]!r} and {same[1]!r}",
                hint=f"name the item: a key {ID_KEY} with its id",
            )
        named = f"unknown item {offered[0]!r}" if offered else "no id"
        raise DataError(
            f"{where}: {named}, and no item has its text",
            hint=f"a key {ID_KEY} names the item, as in files that wsal wrote",
        )


def answer_table(path: Path, answers: Sequence[ForeignAnswer], notes: Sequence[str] = ()) -> RawTable:
    """Return answers as the table that a CSV file of answers would be.

    Raises
    ------
    DataError
        There is no answer.
    """
    if not answers:
        raise DataError(
            f"{path} holds no answer" + (f" ({'; '.join(notes)})" if notes else ""),
            hint="export the annotations, not the tasks alone",
        )
    columns = {
        "id": [answer.item for answer in answers],
        "label": [answer.label for answer in answers],
        "annotator": [answer.annotator for answer in answers],
        "rationale": [answer.rationale for answer in answers],
        "time": [answer.time for answer in answers],
    }
    return RawTable(
        {name: Column.from_values(cells) for name, cells in columns.items()},
        len(answers),
        str(path),
        [answer.line for answer in answers],
        notes=tuple(notes),
    )


def count_notes(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Say how many records were passed over, and why: ``3 skipped``."""
    return tuple(f"{count} {why}" for why, count in counts.items() if count)
