"""``model``: a scikit-learn estimator says how probable a label is."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self

import numpy as np

from wsal.errors import DataError, Location, did_you_mean
from wsal.lf.conditions.base import FALSE, TRUE, UNKNOWN, Faults, LeafCondition, Truth
from wsal.lf.conditions.python import PackFunction
from wsal.lf.conditions.vote_source import VoteSource
from wsal.lf.table import Table, read_column
from wsal.types import Floats, LabelSpace, is_missing

__all__ = ["FOLDS", "ModelCondition", "ModelVotes", "PackModel", "TrainingRows"]

FOLDS: Final = 5

Cells = tuple[object, ...]
"""What an estimator is given of one item: the cells of its fields."""


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """What an estimator is trained on: rows of a file beside the pack.

    Parameters
    ----------
    rows : tuple of tuple
        The cells of the model's fields.
    labels : tuple of str
    source_hash : str
        sha256 of the file.
    """

    rows: tuple[Cells, ...]
    labels: tuple[str, ...]
    source_hash: str

    @cached_property
    def folds(self) -> dict[Cells, int]:
        """The fold of each different row, by `_alike`; whatever their order in the file."""
        return {alike: _fold(alike) for alike in map(_alike, self.rows)}


@dataclass(frozen=True, eq=False)
class PackModel:
    """An estimator that a function beside the pack makes, trained there or on a file of labelled rows.

    With training rows, an item that is one of them (the same cells in all fields, but for case and white space)
    is judged by an estimator that did not see it: a clone trained on the other folds. So no answer comes back
    as a vote on its own item.

    Parameters
    ----------
    function : PackFunction
        Returns the estimator; called once, when it is first needed.
    fields : tuple of str
        One: the estimator is given the list of its values (texts, or vectors as a matrix). Several: a data frame.
    training : TrainingRows, optional
    location : Location, optional
    """

    function: PackFunction
    fields: tuple[str, ...]
    training: TrainingRows | None = None
    location: Location | None = None
    _trained: dict[int | None, Any] = field(default_factory=dict, init=False, repr=False)

    def normal_form(self) -> dict[str, Any]:
        """Return what the probabilities depend on."""
        made = self.function.normal_form()
        trained = None if self.training is None else [self.training.source_hash, FOLDS]
        return {
            "model": made["python"],
            "source": made["source"],
            "args": made["args"],
            "fields": list(self.fields),
            "train": trained,
        }

    def rows(self, table: Table, rule: str) -> list[Cells | None]:
        """Return what the estimator is given of each item; None where a cell is missing."""
        columns = [read_column(table, name, rule=rule, location=self.location) for name in self.fields]
        return [
            None if any(map(is_missing, row)) else tuple(map(_hashable, row))
            for row in zip(*columns, strict=True)
        ]

    def probabilities(self, table: Table, rule: str, faults: Faults) -> tuple[tuple[str, ...], Floats]:
        """Return the classes, and the probability of each for every item.

        Returns
        -------
        classes : tuple of k str
        probabilities : ndarray, shape (n, k)
            NaN where a cell is missing, or the estimator failed on the item.

        Raises
        ------
        DataError
            The function does not give a classifier with probabilities, or it is not trained.
        """
        rows = self.rows(table, rule)
        classes = self.classes(rule)
        found = np.full((len(rows), len(classes)), np.nan)
        folds = {} if self.training is None else self.training.folds
        asked: dict[int | None, list[int]] = {}
        for i, row in enumerate(rows):
            if row is not None:
                asked.setdefault(folds.get(_alike(row)), []).append(i)
        for fold, members in asked.items():
            estimator = self._estimator(fold, rule)
            given = [row for i in members if (row := rows[i]) is not None]
            columns = [classes.index(name) for name in _class_names(estimator)]
            try:
                found[np.ix_(members, columns)] = estimator.predict_proba(self._matrix(given))
            except Exception:  # noqa: BLE001  # the expert's estimator may raise anything; asked item by item, it is reported
                found[np.ix_(members, columns)] = self._one_by_one(
                    estimator, given, members, rule=rule, faults=faults
                )
            found[members] = np.where(
                np.isnan(found[members]).all(axis=1, keepdims=True), np.nan, np.nan_to_num(found[members])
            )
        return classes, found

    def classes(self, rule: str) -> tuple[str, ...]:
        """Return the names of the classes, in the order of the trained estimator."""
        return _class_names(self._estimator(None, rule))

    def _one_by_one(
        self,
        estimator: Any,  # noqa: ANN401  # scikit-learn publishes no types
        given: list[Cells],
        members: list[int],
        *,
        rule: str,
        faults: Faults,
    ) -> Floats:
        found = np.full((len(given), len(estimator.classes_)), np.nan)
        for i, row in enumerate(given):
            try:
                found[i] = estimator.predict_proba(self._matrix([row]))[0]
            except Exception as cause:  # noqa: BLE001  # as above
                faults.report(rule, members[i], cause)
        return found

    def _matrix(self, rows: Sequence[Cells]) -> Any:  # noqa: ANN401  # what scikit-learn takes
        if len(self.fields) > 1:
            import pandas as pd

            return pd.DataFrame(rows, columns=list(self.fields))
        values = [row[0] for row in rows]
        if values and isinstance(values[0], tuple):
            return np.array(values)
        return values if values and isinstance(values[0], str) else np.array(values).reshape(-1, 1)

    def _estimator(self, fold: int | None, rule: str) -> Any:  # noqa: ANN401  # scikit-learn publishes no types
        """Return the estimator that did not see a fold; for None the one trained on everything."""
        if fold not in self._trained:
            self._trained[fold] = self._made(rule) if self.training is None else self._fitted(fold, rule)
        return self._trained[fold]

    def _made(self, rule: str) -> Any:  # noqa: ANN401  # as above
        try:
            estimator = self.function.function(**dict(self.function.args))
        except Exception as error:
            raise DataError(
                f"rule '{rule}': {self.function.name} made no estimator: {type(error).__name__}: {error}",
                location=self.location,
                hint="it is called without an item, with args alone, and returns a scikit-learn classifier",
            ) from error
        if not hasattr(estimator, "predict_proba"):
            raise DataError(
                f"rule '{rule}': what {self.function.name} returned ({type(estimator).__name__}) "
                "has no predict_proba",
                location=self.location,
                hint="return a classifier with probabilities; wrap one without in CalibratedClassifierCV",
            )
        if self.training is None and not hasattr(estimator, "classes_"):
            raise DataError(
                f"rule '{rule}': the estimator of {self.function.name} is not trained",
                location=self.location,
                hint='train it in the function, or name labelled rows: train: "FILE.csv:LABEL_COLUMN"',
            )
        return estimator

    def _fitted(self, fold: int | None, rule: str) -> Any:  # noqa: ANN401  # as above
        from sklearn.base import clone

        training = self.training
        if training is None:
            raise TypeError("only a model with training rows is fitted here")
        kept = [
            i for i, row in enumerate(training.rows) if fold is None or training.folds[_alike(row)] != fold
        ]
        labels = [training.labels[i] for i in kept]
        if len(set(labels)) < 2:
            raise DataError(
                f"rule '{rule}': without fold {fold} the training rows hold fewer than two labels",
                location=self.location,
                hint=f"label more rows: each of {FOLDS} folds is left out in turn",
            )
        estimator = clone(self._made(rule))
        try:
            return estimator.fit(self._matrix([training.rows[i] for i in kept]), labels)
        except Exception as error:
            raise DataError(
                f"rule '{rule}': the estimator of {self.function.name} cannot be trained: {error}",
                location=self.location,
                hint="try it by hand on the training rows; texts need a vectorizer in a pipeline",
            ) from error

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_trained": {}}  # another process trains its own, and gets the same


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelCondition(LeafCondition):
    """The estimator holds a label for probable enough.

    TRUE from ``at_least`` on, FALSE below ``unknown_from``, UNKNOWN in the band between them.

    Parameters
    ----------
    model : PackModel
    class_ : str
    at_least, unknown_from : float
        Probabilities, ``unknown_from <= at_least``.
    """

    kind = "model"
    model: PackModel
    class_: str
    at_least: float
    unknown_from: float

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        band = {"at_least": self.at_least, "unknown_from": self.unknown_from}
        return {**self.model.normal_form(), "class": self.class_, **band}

    @property
    def group_key(self) -> Hashable:
        """What conditions that share a pass have in common: the model."""
        return (self.kind, str(self.model.normal_form()))

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads."""
        return self.model.fields

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        first = conditions[0]
        classes, found = first.model.probabilities(column, first.rule, faults)
        truth = np.full((len(conditions), len(found)), UNKNOWN, dtype=np.int8)
        for i, condition in enumerate(conditions):
            if condition.class_ not in classes:
                raise DataError(
                    f"rule '{condition.rule}': the model knows no class {condition.class_!r}",
                    location=condition.location,
                    hint=did_you_mean(condition.class_, classes) or f"its classes are {', '.join(classes)}",
                )
            p = found[:, classes.index(condition.class_)]
            truth[i, p >= condition.at_least] = TRUE
            truth[i, p < condition.unknown_from] = FALSE
        return truth


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelVotes(VoteSource):
    """Votes for the most probable class where it is probable enough; abstains elsewhere, and at ties.

    Parameters
    ----------
    model : PackModel
    at_least : float
    """

    model: PackModel
    at_least: float

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns it reads."""
        return self.model.fields

    def normal_form(self) -> dict[str, Any]:
        """Return what the votes depend on, as plain JSON."""
        return {**self.model.normal_form(), "at_least": self.at_least, "votes": True}

    def label_names(self, table: Table, labels: LabelSpace | None, faults: Faults) -> list[str | None]:
        """Return n label names, None to abstain."""
        classes, found = self.model.probabilities(table, self.rule, faults)
        for name in classes:
            if labels is not None and name not in labels:
                raise DataError(
                    f"rule '{self.rule}': the model's class {name!r} is no label of the task",
                    location=self.location,
                    hint=did_you_mean(name, labels) or f"the labels are {', '.join(labels)}",
                )
        best = np.nan_to_num(found, nan=-1.0).max(axis=1, initial=-1.0)
        alone = (found == best[:, None]).sum(axis=1) == 1
        winners = np.nan_to_num(found, nan=-1.0).argmax(axis=1)
        return [
            classes[winner] if sure else None
            for winner, sure in zip(winners, alone & (best >= self.at_least), strict=True)
        ]


def _class_names(estimator: Any) -> tuple[str, ...]:  # noqa: ANN401  # scikit-learn publishes no types
    return tuple(str(name) for name in np.asarray(estimator.classes_).tolist())


def _hashable(cell: object) -> object:
    return tuple(cell) if isinstance(cell, list | np.ndarray) else cell


def _alike(row: Cells) -> Cells:
    """Make equal what is one item to a reader: texts that differ in case and white space alone."""
    return tuple(" ".join(cell.split()).casefold() if isinstance(cell, str) else cell for cell in row)


def _fold(row: Cells) -> int:
    return (
        int.from_bytes(hashlib.sha256(repr(row).encode("utf-8", "surrogatepass")).digest()[:8], "big") % FOLDS
    )
