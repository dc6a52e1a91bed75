"""What goes out to other tools, whatever the format: items with their labels and answers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from wsal.errors import DataError, InputError
from wsal.items import Items
from wsal.labels import SoftLabels, TiePolicy
from wsal.store import AnswerRow
from wsal.types import ItemId, LabelSpace, is_missing
from wsal.votes import VoteMatrix

__all__ = ["GivenAnswer", "LabelledItems", "LabelledSets", "Outgoing"]


@dataclass(frozen=True)
class GivenAnswer:
    """What a person said of an item, as other tools keep it: labels, or None where the item was skipped."""

    labels: tuple[str, ...] | None
    annotator: str
    rationale: str
    time: str
    seconds: float | None


class Outgoing(ABC):
    """Items with any number of labels each, as they go out to tools that know choices among labels.

    Parameters
    ----------
    items : Items
        n items.
    run : str
        The fit that made the labels.
    """

    items: Items
    run: str
    several: ClassVar[bool]
    """Whether an item may have several labels, or none."""

    @property
    @abstractmethod
    def labels(self) -> LabelSpace:
        """The k labels."""

    @abstractmethod
    def chosen(self, row: int) -> tuple[str, ...] | None:
        """Return the labels of an item; None where nothing says which."""

    @abstractmethod
    def confidence(self, row: int) -> float | None:
        """Return the probability of the labels of an item; None where it has none."""

    @abstractmethod
    def source(self, row: int) -> str:
        """Return where the labels of an item come from; see `wsal.labels.Source`."""

    @abstractmethod
    def given(self, row: int) -> Sequence[GivenAnswer]:
        """Return labels and skips that people gave, in the order of the ledger."""

    @property
    def ids(self) -> list[ItemId]:
        """The ids of the n items."""
        ids: list[ItemId] = self.items.item_ids.tolist()
        return ids

    @property
    def texts(self) -> list[str]:
        """The text of each item, empty where it is missing.

        Raises
        ------
        InputError
            The items have no text column.
        """
        column = self.items.text_column
        if column is None:
            raise InputError(
                "this format needs texts, and the items have no text column",
                hint='name it in wsal.toml: [data] text = "…"',
            )
        return ["" if is_missing(cell) else _whole(str(cell)) for cell in self.items.column(column)]

    def fields(self, row: int) -> dict[str, Any]:
        """Return the cells of an item as JSON knows them; missing ones are left out."""
        return {name: _plain(cell) for name, cell in self.items.row(row).items() if not is_missing(cell)}


@dataclass(frozen=True, eq=False)
class LabelledItems(Outgoing):
    """Items with their labels and answers, as they go out.

    Parameters
    ----------
    items : Items
        n items.
    soft : SoftLabels
        Of the same items in the same order.
    answers : tuple of AnswerRow
        Those that stand, in the order of the ledger.
    run : str
        The fit that made the labels.
    ties : {"abstain", "first", "random"}
        What the label is where the best classes tie.
    votes : VoteMatrix, optional
        Of the rules on the items, in any order; few formats hold them.

    Raises
    ------
    DataError
        Labels of other items.
    """

    items: Items
    soft: SoftLabels
    answers: tuple[AnswerRow, ...]
    run: str
    ties: TiePolicy = "abstain"
    votes: VoteMatrix | None = None
    several: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.items.item_ids.tolist() != self.soft.item_ids.tolist():
            raise DataError(
                "the labels are of other items than the data",
                hint="the data changed: run `wsal apply` and `wsal fit`",
            )

    @property
    def labels(self) -> LabelSpace:
        """The k classes."""
        return self.soft.labels

    @cached_property
    def hard(self) -> list[str | None]:
        """The label of each item; None where there is none."""
        return [self.labels.name(y) for y in self.soft.hard(ties=self.ties).tolist()]

    def known(self, row: int) -> bool:
        """Return whether anything speaks for an item."""
        return bool(self.soft.sources[row] != "none")

    def probabilities(self, row: int) -> dict[str, float]:
        """Return the probability of each class of an item."""
        return dict(zip(self.labels, self.soft.probabilities[row].tolist(), strict=True))

    def confidence(self, row: int) -> float | None:
        """Return the probability of the label of an item; None where it has none."""
        label = self.hard[row]
        return None if label is None else self.probabilities(row)[label]

    def chosen(self, row: int) -> tuple[str, ...] | None:
        """Return the label of an item; None where there is none."""
        label = self.hard[row]
        return None if label is None else (label,)

    def source(self, row: int) -> str:
        """Return where the label of an item comes from."""
        return str(self.soft.sources[row])

    def given(self, row: int) -> Sequence[GivenAnswer]:
        """Return labels and skips that people gave, in the order of the ledger."""
        return [
            GivenAnswer(
                None if one.label is None else (one.label,),
                one.annotator,
                one.rationale,
                one.time,
                one.seconds,
            )
            for one in self.answers_of(row)
            if one.outcome in {"label", "skip"}
        ]

    @cached_property
    def _answers(self) -> Mapping[ItemId, list[AnswerRow]]:
        found: dict[ItemId, list[AnswerRow]] = {}
        for answer in self.answers:
            found.setdefault(answer.item, []).append(answer)
        return found

    def answers_of(self, row: int) -> Sequence[AnswerRow]:
        """Return the answers that stand on an item, labels and others, in the order of the ledger."""
        return self._answers.get(self.ids[row], [])


@dataclass(frozen=True, eq=False)
class LabelledSets(Outgoing):
    """Items with any number of labels, as they go out.

    Parameters
    ----------
    items : Items
        n items.
    soft : mapping of str to SoftLabels
        By label, k of them, of the same items in the same order: whether it holds.
    answers : mapping of str to tuple of AnswerRow
        By label, those that stand.
    run : str
        The fits that made the labels.

    Raises
    ------
    DataError
        The labels are of other items.
    """

    items: Items
    soft: Mapping[str, SoftLabels]
    answers: Mapping[str, tuple[AnswerRow, ...]]
    run: str
    several: ClassVar[bool] = True

    def __post_init__(self) -> None:
        ids = self.items.item_ids.tolist()
        if any(soft.item_ids.tolist() != ids for soft in self.soft.values()):
            raise DataError(
                "the labels are of other items than the data",
                hint="the data changed: run `wsal apply` and `wsal fit`",
            )

    @property
    def labels(self) -> LabelSpace:
        """The k labels."""
        return LabelSpace(tuple(self.soft))

    def chosen(self, row: int) -> tuple[str, ...] | None:
        """Return the labels that are more likely to hold than not; None where nothing speaks of any."""
        known = [name for name, soft in self.soft.items() if soft.sources[row] != "none"]
        if not known:
            return None
        return tuple(name for name in known if self.soft[name].probabilities[row, 1] > 0.5)

    def confidence(self, row: int) -> float | None:
        """Return the probability that all of them are right, were they independent; None where nothing speaks."""
        known = [soft for soft in self.soft.values() if soft.sources[row] != "none"]
        return float(np.prod([soft.probabilities[row].max() for soft in known])) if known else None

    def source(self, row: int) -> str:
        """Return where the labels come from: the same for all, or one after another."""
        sources = dict.fromkeys(str(soft.sources[row]) for soft in self.soft.values())
        return ", ".join(sources)

    def given(self, row: int) -> Sequence[GivenAnswer]:
        """Return sets of labels and skips that people gave; of a person who did not speak of all labels, nothing."""
        return self._given.get(self.ids[row], [])

    @cached_property
    def _given(self) -> Mapping[ItemId, list[GivenAnswer]]:
        said: dict[tuple[ItemId, str], dict[str, AnswerRow]] = {}
        for label, answers in self.answers.items():
            for one in answers:
                if one.outcome in {"label", "skip"}:
                    said.setdefault((one.item, one.annotator), {})[label] = one
        found: dict[ItemId, list[GivenAnswer]] = {}
        for (item, annotator), parts in said.items():
            if len(parts) < len(self.labels):
                continue
            skipped = any(one.outcome == "skip" for one in parts.values())
            chosen = tuple(label for label in self.labels if parts[label].label == label)
            last = max(parts.values(), key=lambda one: one.time)
            reason = next((one.rationale for one in parts.values() if one.rationale), "")
            found.setdefault(item, []).append(
                GivenAnswer(None if skipped else chosen, annotator, reason, last.time, last.seconds)
            )
        return found


def _plain(cell: Any) -> Any:  # noqa: ANN401  # whatever a cell holds
    if isinstance(cell, np.generic | np.ndarray):
        return _plain(cell.tolist())
    if isinstance(cell, float) and not math.isfinite(cell):
        return None if math.isnan(cell) else str(cell)  # JSON has neither
    if isinstance(cell, list):
        return [_plain(one) for one in cell]
    if isinstance(cell, int | float | bool | dict):
        return cell
    return _whole(str(cell))


def _whole(text: str) -> str:
    """Return a text that UTF-8 can hold: a half of a surrogate pair, as JSON can write, becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
