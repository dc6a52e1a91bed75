"""Rule: a labelling function that is data, not code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from wsal.errors import Location
from wsal.lf.conditions import TRUE, Condition, Faults, NarrowedVotes, VoteSource, evaluate, leaves
from wsal.lf.labeling_function import LabelingFunction
from wsal.lf.table import Table, as_table
from wsal.types import ABSTAIN, LabelSpace, VoteArray

__all__ = ["Rule", "RuleExample", "vote_rules"]

_FINGERPRINT_SCHEME: Final = "wsal-rule-1"  # changes when the meaning of packs does


@dataclass(frozen=True)
class RuleExample:
    """One example among a rule's tests.

    Parameters
    ----------
    columns : tuple of (str, object)
        Column and value; a text stands for the rule's text field.
    matches : bool
        What the expert expects.
    written : str
        As in the pack, for messages.
    location : Location
    """

    columns: tuple[tuple[str, object], ...]
    matches: bool
    written: str
    location: Location


@dataclass(frozen=True, eq=False, repr=False)
class Rule(LabelingFunction):
    """One rule of a pack. It votes for its label where its condition is TRUE, and abstains elsewhere.

    Made by `wsal.load_rules`; the constructor trusts its arguments.

    Parameters
    ----------
    name : str
        The rule's id; a bin of a column rule adds the bin: ``llm[0.5,0.8)``.
    source_id : str
        The id as written.
    label : str or None
        The label it votes for; None for a vote source, which names labels itself.
    labels : LabelSpace or None
        The task's labels, where they are known.
    condition : Condition or None
        None for a vote source.
    source : VoteSource or None
        A column of votes, or a function that names labels; None for a rule with a condition.
    why, author : str
    tests : tuple of RuleExample
    location : Location
        Where it is written.
    source_text : str
        As written.
    version : str, optional
        Always None: a rule's fingerprint is its version.
    """

    name: str
    source_id: str
    label: str | None
    labels: LabelSpace | None
    condition: Condition | None
    source: VoteSource | None
    why: str
    author: str
    tests: tuple[RuleExample, ...]
    location: Location
    source_text: str
    version: str | None = None

    @property
    def f(self) -> Callable[..., Any]:
        """The rule itself."""
        return self.__call__

    @property
    def resources(self) -> Mapping[str, Any]:
        """None: a rule's lists are part of its condition."""
        return MappingProxyType({})

    @property
    def pre(self) -> tuple[Callable[[Any], Any], ...]:
        """None."""
        return ()

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of what the votes depend on: label and condition, with the content of files and other rules.

        The order of keys, spelt-out defaults, ``id``, ``why``, ``author`` and ``tests`` do not change it.
        """
        votes_by = self.condition or self.source
        content = [_FINGERPRINT_SCHEME, self.label, votes_by.digest if votes_by else None]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def fields(self) -> tuple[str, ...] | None:
        """The columns it reads, in order; None where a Python function reads whole items."""
        if self.source is not None:
            return self.source.fields or None
        read = [leaf.reads for leaf in leaves(self.condition)] if self.condition is not None else []
        named = [fields for fields in read if fields is not None]
        return tuple(dict.fromkeys(chain.from_iterable(named))) if len(named) == len(read) else None

    def __call__(self, x: Any) -> int | str:  # noqa: ANN401  # items are the user's
        """Vote on one item: a class index, or the label's name where labels are not known; -1 to abstain."""
        name = self.label_names(as_table(x))[0]
        if name is None:
            return ABSTAIN
        return name if self.labels is None else self.labels.index(name)

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))  # not its parent's, whose state a rule does not have

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def label_names(self, table: Table, *, faults: Faults | None = None) -> list[str | None]:
        """Vote on every item of a table, by label name; None abstains."""
        if self.source is not None:
            reports = faults if faults is not None else Faults(getattr(table, "item_ids", None))
            return self.source.label_names(table, self.labels, reports)
        if self.condition is None:
            raise TypeError(f"rule '{self.name}' has neither a condition nor a source")
        (truth,) = evaluate([self.condition], table, faults=faults)
        return [self.label if answer == TRUE else None for answer in truth.tolist()]

    def narrowed(self, labels: LabelSpace) -> Rule | None:
        """Return the rule as one of a task with some of its labels alone; None where it says nothing of them.

        A source of votes stays: what it will name is not known before it votes.
        """
        if self.source is None:
            return replace(self, labels=labels) if self.label in labels else None
        if self.labels is None:
            return replace(self, labels=labels)
        votes = NarrowedVotes(
            source=self.source,
            vocabulary=self.labels,
            labels=labels.names,
            rule=self.source.rule,
            location=self.source.location,
        )
        return replace(self, labels=labels, source=votes)

    def votes(
        self, table: Table, labels: LabelSpace | None = None, *, faults: Faults | None = None
    ) -> VoteArray:
        """Vote on every item of a table.

        Parameters
        ----------
        table : Table
            n items.
        labels : LabelSpace, optional
            The rule's own where not given.
        faults : Faults, optional
            As `wsal.lf.conditions.evaluate`.

        Returns
        -------
        ndarray of int8, shape (n,)
            Class index in ``labels``, or -1.

        Raises
        ------
        DataError, LabelingFunctionError
            As `wsal.lf.conditions.evaluate`.
        InputError
            A label that ``labels`` does not have.
        """
        return vote_rules([self], table, labels, faults=faults)[:, 0]


def vote_rules(
    rules: Sequence[Rule], table: Table, labels: LabelSpace | None = None, *, faults: Faults | None = None
) -> VoteArray:
    """Let rules vote together: conditions of one kind on one field share a pass.

    Parameters
    ----------
    rules : sequence of m rules
    table : Table
        n items.
    labels : LabelSpace, optional
        Each rule's own where not given.
    faults : Faults, optional
        As `wsal.lf.conditions.evaluate`.

    Returns
    -------
    ndarray of int8, shape (n, m)
        Class index, or -1; each rule's votes lie together.
    """
    reports = faults if faults is not None else Faults(getattr(table, "item_ids", None))
    votes = np.full((len(rules), table.n_items), ABSTAIN, dtype=np.int8)
    conditions = [rule.condition for rule in rules if rule.condition is not None]
    truths = iter(evaluate(conditions, table, faults=reports))
    for j, rule in enumerate(rules):
        space = labels if labels is not None else rule.labels
        if space is None:
            raise TypeError(f"rule '{rule.name}' knows no labels; pass them")
        if rule.condition is not None and rule.label is not None:
            votes[j, next(truths) == TRUE] = space.index(rule.label)
        elif rule.source is not None:
            names = rule.source.label_names(table, space, reports)
            votes[j] = [ABSTAIN if name is None else space.index(name) for name in names]
    return votes.T
