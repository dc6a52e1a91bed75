"""``python``: a function from a file beside the pack decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Self

import numpy as np

from wsal.lf.conditions.base import FALSE, TRUE, UNKNOWN, Faults, LeafCondition, Truth
from wsal.lf.conditions.vote_source import VoteSource
from wsal.lf.row import rows_between
from wsal.lf.table import Table, cells
from wsal.types import LabelSpace, is_missing

__all__ = ["PackFunction", "PythonCondition", "PythonVotes"]


@dataclass(frozen=True, eq=False)
class PackFunction:
    """A function loaded by path from the pack's folder.

    Parameters
    ----------
    name : str
        ``module:function``.
    function : callable
        Takes an item (or the value of the rule's field) and ``args`` as keywords.
    source_hash : str
        sha256 of the whole file, hex.
    args_json : str
        Canonical JSON of the arguments.
    args : tuple of (str, object)
    """

    name: str
    function: Callable[..., Any]
    source_hash: str
    args_json: str
    args: tuple[tuple[str, Any], ...] = ()

    @cached_property
    def as_called(self) -> Callable[[object], Any]:
        """The function with its arguments, to be called with an item or a value."""
        return partial(self.function, **dict(self.args)) if self.args else self.function

    def normal_form(self) -> dict[str, Any]:
        """Return what the answers depend on."""
        return {"python": self.name, "source": self.source_hash, "args": self.args_json}


@dataclass(frozen=True, eq=False, kw_only=True)
class PythonCondition(LeafCondition):
    """The function returns true.

    Without ``field`` the function gets the whole item, whose columns are attributes and keys; with it, the
    value of that column, and is not called where the value is missing. It returns True, False, or None for
    unknown.

    Parameters
    ----------
    function : PackFunction
    """

    kind = "python"
    function: PackFunction

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {**self.function.normal_form(), "field": self.field}

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        inputs = _inputs(column, whole=conditions[0].field is None)
        answers = [condition._answers(inputs(), faults) for condition in conditions]  # noqa: SLF001  # its own class
        return np.array(answers, dtype=np.int8)

    def _answers(self, inputs: Iterator[object], faults: Faults) -> list[int]:
        function, answers = self.function.as_called, list[int]()
        for x in inputs:
            if self.field is not None and is_missing(x):
                answers.append(UNKNOWN)
                continue
            try:
                answers.append(_as_truth(function(x), self.function.name))
            except Exception as cause:  # noqa: BLE001  # the expert's code may raise anything; it is reported
                faults.report(self.rule, len(answers), cause)
                answers.append(UNKNOWN)
        return answers


@dataclass(frozen=True, eq=False, kw_only=True)
class PythonVotes(VoteSource):
    """A function that names the label itself, or returns None to abstain."""

    function: PackFunction
    field: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns it reads; empty where it reads whole items."""
        return () if self.field is None else (self.field,)

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {**self.function.normal_form(), "field": self.field, "votes": True}

    def label_names(self, table: Table, labels: LabelSpace | None, faults: Faults) -> list[str | None]:
        """Return n label names, None to abstain."""
        read = table if self.field is None else self.read(table, self.field)
        names: list[str | None] = []
        function = self.function.as_called
        for x in _inputs(read, whole=self.field is None)():
            name = None
            if self.field is None or not is_missing(x):
                try:
                    name = _as_label(function(x), self.function.name, labels)
                except Exception as cause:  # noqa: BLE001  # as above
                    faults.report(self.rule, len(names), cause)
            names.append(name)
        return names


def _inputs(read: Any, *, whole: bool) -> Callable[[], Iterator[object]]:  # noqa: ANN401  # a table or a column
    """Return what yields all that a function is given, for a ``for`` loop and nothing else: see `rows_between`."""
    if not whole:
        return partial(iter, cells(read))
    return partial(rows_between, {name: cells(read.column(name)) for name in read.columns}, 0, read.n_items)


def _as_truth(answer: Any, name: str) -> int:  # noqa: ANN401  # whatever the expert's function returned
    if answer is None:
        return UNKNOWN
    if isinstance(answer, bool | np.bool_):
        return TRUE if answer else FALSE
    raise TypeError(f"{name} returned {answer!r}; a condition returns True, False or None")


def _as_label(answer: Any, name: str, labels: LabelSpace | None) -> str | None:  # noqa: ANN401  # as above
    if answer is None:
        return None
    if not isinstance(answer, str):
        raise TypeError(f"{name} returned {answer!r}; a rule without 'label:' returns a label name or None")
    if labels is not None:
        labels.index(answer)
    return answer
