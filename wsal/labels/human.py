"""HumanLabels: what people answered, one row for each item and annotator."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.labels.cells import class_index, read_item, read_label, read_propensity
from wsal.types import Floats, ItemId, LabelSpace, as_item_id

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HumanLabels"]

_RANDOM_WEIGHT, _TARGETED_WEIGHT = 1.0, 0.5  # DESIGN §5: H_u


@dataclass(frozen=True, eq=False)
class HumanLabels:
    """Answers of people: one row for each (item, annotator).

    Parameters
    ----------
    item_ids : tuple of str or int
        B answered items; an item stands once for each annotator.
    values : ndarray of int64, shape (B,)
        Class index of each answer.
    annotators : tuple of str
        Who answered; empty text where unknown.
    purposes : tuple of str
        Why the item was asked for (``audit``, ``uncertain``, …); empty text where imported.
    propensities : ndarray of float64, shape (B,)
        Probability of a single draw of the item at its batch; NaN where there was no random draw.
    reliabilities : ndarray of float64, shape (B,), optional
        What each answer counts beside others on its item; all alike where not given.
    """

    item_ids: tuple[ItemId, ...]
    values: NDArray[np.int64]
    annotators: tuple[str, ...]
    purposes: tuple[str, ...]
    propensities: Floats
    reliabilities: Floats | None = None

    @classmethod
    def from_pairs(cls, pairs: Mapping[ItemId, int]) -> HumanLabels:
        """Take answers without annotator or draw: weight ½, no propensity.

        Parameters
        ----------
        pairs : mapping of item id to class index

        Raises
        ------
        DataError
            An answer that is no class index.

        Examples
        --------
        >>> human = HumanLabels.from_pairs({"a": 1, "b": 0})
        >>> human.shares(2)["a"].tolist(), human.weight("a")
        ([0.0, 1.0], 0.5)
        """
        items, values = [], []
        for key, answer in pairs.items():
            item, value = as_item_id(key), class_index(answer)
            if item is None:
                raise DataError(f"the item {key!r} is no id", hint="an id is a text or a whole number")
            if value is None:
                raise DataError(
                    f"the answer {answer!r} for item {item!r} is no class index",
                    hint="answers are 0..k-1; leave out items without an answer",
                )
            items.append(item)
            values.append(value)
        return cls._build(items, values, None, None, None)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, labels: LabelSpace | Sequence[str] | None = None) -> HumanLabels:
        """Read answers from a data frame.

        Parameters
        ----------
        frame : pandas.DataFrame
            Columns ``item`` (or ``id``) and ``label`` (class index, or name if ``labels`` is given); optional
            ``annotator``, ``purpose``, and ``propensity``: the probability of a single draw of the item, in
            (0, 1], missing where there was no random draw. Where there is no column ``propensity``, a column
            ``draw`` says it; ids of draws can stand there only beside it. The last row of an annotator on an
            item counts.
        labels : LabelSpace or sequence of str, optional

        Raises
        ------
        DataError
            A column is missing; a row has no item, no label, or a label that is no class; a propensity is
            none.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"item": ["a", "b"], "label": ["spam", "ham"], "draw": [0.01, None]})
        >>> human = HumanLabels.from_frame(frame, ["ham", "spam"])
        >>> human.weight("a"), human.weight("b")
        (1.0, 0.5)
        """
        key = "item" if "item" in frame.columns else "id"
        for name in (key, "label"):
            if name not in frame.columns:
                raise DataError(
                    f"no column {name!r} among the answers; there are {', '.join(map(str, frame.columns))}",
                    hint="answers need the columns item (or id) and label",
                )
        space = LabelSpace.of(labels) if labels is not None else None
        items = [read_item(cell, row) for row, cell in enumerate(frame[key].tolist(), start=1)]
        values = [read_label(cell, row, space) for row, cell in enumerate(frame["label"].tolist(), start=1)]
        chance = next((name for name in ("propensity", "draw") if name in frame.columns), None)
        cells = frame[chance].tolist() if chance is not None else []

        def texts(name: str) -> list[str] | None:
            if name not in frame.columns:
                return None
            return ["" if gone else str(v) for v, gone in zip(frame[name], frame[name].isna(), strict=True)]

        return cls._build(
            items,
            values,
            texts("annotator"),
            texts("purpose"),
            [read_propensity(cell, row, str(chance)) for row, cell in enumerate(cells, start=1)] or None,
        )

    @classmethod
    def _build(
        cls,
        items: Sequence[ItemId],
        values: Sequence[int],
        annotators: Sequence[str] | None,
        purposes: Sequence[str] | None,
        propensities: Sequence[float] | None,
    ) -> HumanLabels:
        people = list(annotators) if annotators is not None else [""] * len(items)
        last = {(item, person): i for i, (item, person) in enumerate(zip(items, people, strict=True))}
        keep = sorted(last.values())
        return cls(
            tuple(items[i] for i in keep),
            np.array([values[i] for i in keep], dtype=np.int64),
            tuple(people[i] for i in keep),
            tuple(purposes[i] if purposes is not None else "" for i in keep),
            np.array(
                [propensities[i] if propensities is not None else np.nan for i in keep], dtype=np.float64
            ),
        )

    def __len__(self) -> int:
        """Return the number of different answered items, B."""
        return len(self._weights)

    def __contains__(self, item: object) -> bool:
        return item in self._weights

    @cached_property
    def _weights(self) -> dict[ItemId, float]:
        weights: dict[ItemId, float] = {}
        for item, propensity in zip(self.item_ids, self.propensities.tolist(), strict=True):
            weight = _TARGETED_WEIGHT if math.isnan(propensity) else _RANDOM_WEIGHT
            weights[item] = max(weight, weights.get(item, 0.0))
        return weights

    def items(self) -> tuple[ItemId, ...]:
        """Return the different answered items in the order of their first answer."""
        return tuple(self._weights)

    def weight(self, item: ItemId) -> float:
        """Return the weight of an item: 1 if any of its answers came from a random draw, else ½."""
        return self._weights[item]

    def propensity(self, item: ItemId) -> float:
        """Return the probability of a single draw of an item, the first where it was drawn often; NaN if never."""
        return self._propensities.get(item, math.nan)

    @cached_property
    def _propensities(self) -> dict[ItemId, float]:
        found: dict[ItemId, float] = {}
        for item, propensity in zip(self.item_ids, self.propensities.tolist(), strict=True):
            if not math.isnan(propensity):
                found.setdefault(item, propensity)
        return found

    def shares(self, k: int) -> dict[ItemId, Floats]:
        """Return, for each answered item, the share of its answers by class; arrays of shape (k,).

        An answer counts as much as it is reliable, beside others on its item.

        Raises
        ------
        DataError
            An answer is no class of a task with k classes.
        """
        counts: dict[ItemId, Floats] = {}
        worth = [1.0] * len(self.values) if self.reliabilities is None else self.reliabilities.tolist()
        for item, value, counted in zip(self.item_ids, self.values.tolist(), worth, strict=True):
            if value >= k:
                raise DataError(f"the answer {value} for item {item!r} is no class index below {k}")
            counts.setdefault(item, np.zeros(k))[value] += counted
        return {item: count / count.sum() for item, count in counts.items()}

    def only(self, known: Mapping[ItemId, Any] | set[ItemId]) -> HumanLabels:
        """Return the answers for the items that are in ``known``."""
        return self.only_rows([i for i, item in enumerate(self.item_ids) if item in known])

    def only_rows(self, rows: Sequence[int] | NDArray[np.int64]) -> HumanLabels:
        """Return the answers of some rows, by their numbers."""
        keep = np.asarray(rows, dtype=np.int64)
        return HumanLabels(
            tuple(self.item_ids[i] for i in keep),
            self.values[keep],
            tuple(self.annotators[i] for i in keep),
            tuple(self.purposes[i] for i in keep),
            self.propensities[keep],
            None if self.reliabilities is None else self.reliabilities[keep],
        )

    def without_second_opinions(self) -> HumanLabels:
        """Return the answers but those that were asked for because evidence contradicted an earlier one.

        They were not drawn at random: people differ most and rules look best on such items, so neither may be measured
        there. These are the answers of purpose ``overlap`` that have no propensity.
        """
        asked_again = [
            purpose == "overlap" and propensity != propensity  # noqa: PLR0124  # NaN is unequal to itself
            for purpose, propensity in zip(self.purposes, self.propensities.tolist(), strict=True)
        ]
        return self.only_rows([i for i, again in enumerate(asked_again) if not again])

    def without_chosen(self) -> HumanLabels:
        """Return the answers but those to items that were chosen for what they may be.

        Among items that were hunted for, or that a model was unsure of, classes have other shares than among items like
        them. These are the answers with a purpose and no propensity; imported ones have neither, and stay.
        """
        chosen = [
            purpose != "" and propensity != propensity  # noqa: PLR0124  # NaN is unequal to itself
            for purpose, propensity in zip(self.purposes, self.propensities.tolist(), strict=True)
        ]
        return self.only_rows([i for i, one in enumerate(chosen) if not one])

    def weighing(self, people: Mapping[str, float]) -> HumanLabels:
        """Return the answers, each counting beside others on its item as its annotator does.

        Parameters
        ----------
        people : mapping of annotator to weight
            As `wsal.analysis.annotator_weights` returns it. 1 for people who are not in it.

        Raises
        ------
        DataError
            A weight that is not a positive number.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"item": ["a", "a"], "label": [0, 1], "annotator": ["ana", "ben"]})
        >>> HumanLabels.from_frame(frame).weighing({"ana": 3.0}).shares(2)["a"].tolist()
        [0.75, 0.25]
        """
        for name, weight in people.items():
            if not 0 < weight < np.inf:
                raise DataError(f"the weight of annotator {name!r} is {weight!r}; it is above 0 and finite")
        return replace(self, reliabilities=np.array([people.get(who, 1.0) for who in self.annotators]))
