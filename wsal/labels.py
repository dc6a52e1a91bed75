"""HumanLabels: what people answered. SoftLabels: the probability of each class for each item."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.types import (
    ABSTAIN,
    MAX_CLASSES,
    Floats,
    ItemId,
    LabelSpace,
    Rng,
    as_generator,
    as_item_id,
    is_missing,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HumanLabels", "SoftLabels", "Source", "TiePolicy", "UncoveredPolicy", "hard_labels"]

Source: TypeAlias = Literal["human", "duplicate", "rules", "model", "none"]
"""Where a delivered label comes from: a person, a person's answer to a duplicate of the item, the rules (pooled
with the end model where there is one), the end model alone, or nothing."""

TiePolicy: TypeAlias = Literal["abstain", "first", "random"]
"""What a hard label is where the best classes tie."""

UncoveredPolicy: TypeAlias = Literal["abstain", "guess"]
"""What a hard label is where every function abstains: ABSTAIN, or the best class all the same."""

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
            item, value = as_item_id(key), _class_index(answer)
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
        items = [_item(cell, row) for row, cell in enumerate(frame[key].tolist(), start=1)]
        values = [_label(cell, row, space) for row, cell in enumerate(frame["label"].tolist(), start=1)]
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
            [_propensity(cell, row, str(chance)) for row, cell in enumerate(cells, start=1)] or None,
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


def _item(cell: object, row: int) -> ItemId:
    item = as_item_id(cell)
    if item is None:
        what = "no item" if is_missing(cell) else f"the item {cell!r} ({type(cell).__name__})"
        raise DataError(
            f"row {row} of the answers has {what}", hint="an item's id is a text or a whole number"
        )
    return item


def _label(cell: Any, row: int, labels: LabelSpace | None) -> int:  # noqa: ANN401  # a frame's cells are anything
    """Read a label: the name of a class, or its index."""
    if is_missing(cell):
        raise DataError(f"row {row} of the answers has no label", hint="leave out rows without an answer")
    known = labels.names if labels is not None else ()
    if isinstance(cell, str) and cell in known:
        return known.index(cell)
    if isinstance(cell, str):
        listed = f"unknown label {cell!r}; the labels are {', '.join(known)}"
        raise DataError(
            f"row {row} of the answers: {listed if known else f'the label {cell!r} is no class index'}",
            hint=did_you_mean(cell, known) if known else "pass the labels, so that names can be read",
        )
    value = _class_index(cell)
    if value is None or value >= (len(known) or MAX_CLASSES):
        raise DataError(
            f"row {row} of the answers: the label {cell!r} is no class index",
            hint=f"write 0..{(len(known) or MAX_CLASSES) - 1}, or the name of a label",
        )
    return value


def _class_index(value: Any) -> int | None:  # noqa: ANN401  # checked here
    """Read a class index; 1.0 is one, as pandas writes whole numbers so where a column has gaps."""
    if isinstance(value, float | np.floating) and np.isfinite(value) and value == int(value):
        value = int(value)
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return int(value) if whole and value >= 0 else None


def _propensity(cell: Any, row: int, column: str) -> float:  # noqa: ANN401  # as above
    """Read the probability of an item's draw; NaN where there was no random draw."""
    if is_missing(cell):
        return np.nan
    if column == "draw" and isinstance(cell, str):
        raise DataError(
            f"row {row} of the answers has the draw {cell!r}: a draw's id does not say how probable it was",
            hint="add a column propensity: the probability of the item's draw, empty where it was not random",
        )
    try:
        chance = np.nan if isinstance(cell, bool | np.bool_) else float(cell)
    except (TypeError, ValueError, OverflowError):
        chance = np.nan
    if not 0 < chance <= 1:
        raise DataError(
            f"row {row} of the answers has the {column} {cell!r}, which is no probability of a draw",
            hint="write a number above 0 and at most 1, or leave it empty where there was no random draw",
        )
    return chance


@dataclass(frozen=True, eq=False)
class SoftLabels:
    """Delivered labels: the probability of each class for each item, and where it comes from.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
        Rows sum to 1. A row whose source is ``none`` is no statement about its item.
    labels : LabelSpace
    item_ids : ndarray, shape (n,)
    sources : ndarray of str, shape (n,)
        See `Source`.
    """

    probabilities: Floats
    labels: LabelSpace
    item_ids: NDArray[Any]
    sources: NDArray[np.str_]

    def hard(self, *, ties: TiePolicy = "abstain", rng: Rng = 0) -> NDArray[np.int64]:
        """Return the best class of each item, shape (n,); ABSTAIN where the source is ``none``.

        Parameters
        ----------
        ties : {"abstain", "first", "random"}
        rng : Generator, int or None
            Used where ``ties="random"``.
        """
        return hard_labels(
            self.probabilities, self.sources != "none", ties=ties, uncovered="abstain", rng=rng
        )


def hard_labels(
    probabilities: Floats,
    covered: NDArray[np.bool_],
    *,
    ties: TiePolicy = "abstain",
    uncovered: UncoveredPolicy = "abstain",
    rng: Rng = 0,
    tolerance: float = 1e-9,
) -> NDArray[np.int64]:
    """Turn probabilities into classes under explicit policies.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
    covered : ndarray of bool, shape (n,)
        Whether anything spoke for the item.
    ties : {"abstain", "first", "random"}
        What to do where the best classes lie within ``tolerance`` of each other.
    uncovered : {"abstain", "guess"}
        What to do where nothing spoke.
    rng : Generator, int or None
        Used where ``ties="random"``.
    tolerance : float

    Returns
    -------
    ndarray of int64, shape (n,)
        Class index, or ABSTAIN.

    Raises
    ------
    DataError
        A policy that does not exist.

    Examples
    --------
    >>> P = np.array([[0.9, 0.1], [0.5, 0.5]])
    >>> hard_labels(P, np.array([True, True])).tolist()
    [0, -1]
    """
    _refuse_unknown("ties", ties, ("abstain", "first", "random"))
    _refuse_unknown("uncovered", uncovered, ("abstain", "guess"))
    best = probabilities >= probabilities.max(axis=1, keepdims=True) - tolerance
    tied = best.sum(axis=1) > 1
    lots = as_generator(rng).random(best.shape) if ties == "random" else np.ones(best.shape)
    chosen: NDArray[np.int64] = np.argmax(best * lots, axis=1).astype(np.int64)
    if ties == "abstain":
        chosen[tied] = ABSTAIN
    if uncovered == "abstain":
        chosen[~covered] = ABSTAIN
    return chosen


def _refuse_unknown(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise DataError(
            f"{name}={value!r} is no policy; use one of {', '.join(known)}", hint=did_you_mean(value, known)
        )
