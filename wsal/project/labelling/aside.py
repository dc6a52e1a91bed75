"""Items that are not asked for: those that nobody could label, and those that rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wsal.audit import ItemsReturned
from wsal.errors import InputError
from wsal.project.history import History
from wsal.store import AnswerRow
from wsal.types import ItemId

__all__ = ["AsideItem", "Remark", "Standing", "put_back", "standing_of"]

_ENOUGH = 2  # times "unsure", by whomever


@dataclass(frozen=True)
class Remark:
    """What a person said instead of a label."""

    annotator: str
    time: str
    outcome: str
    rationale: str


@dataclass(frozen=True)
class AsideItem:
    """An item that is not asked for.

    Parameters
    ----------
    item_id : str or int
    why : str
        ``unsure twice`` (or more often), ``flagged``, or ``not applicable``.
    said : tuple of Remark
        Who said so, and when.
    """

    item_id: ItemId
    why: str
    said: tuple[Remark, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the item for JSON."""
        return {"item": self.item_id, "why": self.why, "said": [asdict(remark) for remark in self.said]}


@dataclass(frozen=True)
class Standing:
    """Which items are not asked for, and why.

    Parameters
    ----------
    aside : tuple of AsideItem
        Not asked for until they are put back: unsure twice, flagged, or not applicable.
    resting : frozenset of (str or int)
        Asked for when nothing else is left: skipped; or unsure once, and that in the last batch.
    """

    aside: tuple[AsideItem, ...]
    resting: frozenset[ItemId]


def standing_of(history: History) -> Standing:
    """Find out which items are set aside.

    Answers that were taken back count for nothing. Saying "unsure" counts each time it is said, by the same
    person or another, unless that person has said something definite of the item since: a label, a flag, or
    "not applicable". An item that somebody labelled is answered, whatever others said. What was said before
    an item was put back is forgotten.
    """
    returned = history.returned()
    last_batch = history.last_batch()
    by_item: defaultdict[ItemId, list[AnswerRow]] = defaultdict(list)
    for answer in history.store.answers(current=False):
        if answer.undone_by is None:
            by_item[answer.item].append(answer)
    aside, resting = [], set()
    for item, answers in by_item.items():
        last = _last_words(answers)
        if any(answer.outcome == "label" for answer in last.values()):
            continue
        if any(answer.outcome == "skip" for answer in last.values()):
            resting.add(item)
        after = [answer for answer in answers if answer.seq > returned.get(item, 0)]
        unsure = _unsure(after)
        definite = [a for a in _last_words(after).values() if a.outcome in ("flag", "not_applicable")]
        if definite or len(unsure) >= _ENOUGH:
            aside.append(_aside(item, definite, unsure))
        elif unsure and any((a.draw_id or "").startswith(f"{last_batch}/") for a in unsure):
            resting.add(item)
    return Standing(tuple(aside), frozenset(resting))


def put_back(items: Iterable[ItemId], history: History) -> tuple[ItemId, ...]:
    """Record that items that were set aside may be asked for again.

    Raises
    ------
    InputError
        One was not set aside.
    """
    ids = tuple(items)
    there = {a.item_id for a in standing_of(history).aside}
    for item in ids:
        if item not in there:
            raise InputError(f"item {item} is not set aside", hint="`wsal aside` lists those that are")
    history.append(ItemsReturned(ids))
    return ids


def _last_words(answers: Iterable[AnswerRow]) -> Mapping[str, AnswerRow]:
    return {answer.annotator: answer for answer in answers}


def _unsure(answers: Iterable[AnswerRow]) -> list[AnswerRow]:
    """Return the times that people said "unsure" and nothing definite since, in the order of the ledger."""
    standing: defaultdict[str, list[AnswerRow]] = defaultdict(list)
    for answer in answers:
        if answer.outcome == "unsure":
            standing[answer.annotator].append(answer)
        elif answer.outcome != "skip":
            standing[answer.annotator].clear()
    return sorted((a for said in standing.values() for a in said), key=lambda a: a.seq)


def _aside(item: ItemId, definite: list[AnswerRow], unsure: list[AnswerRow]) -> AsideItem:
    why = (
        "flagged"
        if any(a.outcome == "flag" for a in definite)
        else "not applicable"
        if definite
        else f"unsure {'twice' if len(unsure) == _ENOUGH else f'{len(unsure)} times'}"
    )
    said = definite or unsure
    return AsideItem(item, why, tuple(Remark(a.annotator, a.time, a.outcome, a.rationale) for a in said))
