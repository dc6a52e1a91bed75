"""``graph``: an item's entities are related in a knowledge graph, or its neighbours are labelled alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from wsal.errors import DataError, did_you_mean
from wsal.lf.conditions.base import FALSE, TRUE, UNKNOWN, Faults, LeafCondition, Truth
from wsal.lf.conditions.in_list import as_written
from wsal.lf.conditions.vote_source import VoteSource
from wsal.lf.table import Table, read_column
from wsal.types import LabelSpace, is_missing

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["ItemGraph", "KnowledgeGraph", "NeighboursCondition", "NeighboursVotes", "RelatedCondition"]


@dataclass(frozen=True, eq=False)
class KnowledgeGraph:
    """Entities, and the relations between them that a rule asks about.

    Parameters
    ----------
    graph : networkx.DiGraph
        An edge for each pair that stands in one of the relations; names without white space around them, and
        casefolded where case does not count.
    entities : frozenset of str
        All that the file names, also those that stand in other relations alone.
    source_hash : str
        sha256 of the file.
    """

    graph: nx.DiGraph[str]
    entities: frozenset[str]
    source_hash: str
    _reached: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict, init=False, repr=False)

    def reached(self, entity: str, hops: int) -> frozenset[str]:
        """Return the entities that 1 to ``hops`` relations in a row lead to; remembered."""
        import networkx as nx

        key = (entity, hops)
        if key not in self._reached:
            lengths = (
                nx.single_source_shortest_path_length(self.graph, entity, cutoff=hops - 1)
                if entity in self.graph
                else {}
            )
            # One relation on from all that hops - 1 lead to: so an entity is related to itself only by a circle.
            self._reached[key] = frozenset(end for start in lengths for end in self.graph.successors(start))
        return self._reached[key]


@dataclass(frozen=True, eq=False, kw_only=True)
class RelatedCondition(LeafCondition):
    """An entity of one column stands in a relation to one of another column.

    A cell is the name of an entity, or a list of names. TRUE where a pair is related; FALSE where a pair of
    entities that the file knows is not; UNKNOWN where the file does not know them, or a cell is missing.

    Parameters
    ----------
    knowledge : KnowledgeGraph
    relations : tuple of str
        For the fingerprint: what ``knowledge`` was made of; empty for any relation.
    start, end : str
        Columns: the relation leads from the one to the other.
    hops : int
        Relations in a row at most.
    any_case : bool
    both_ways : bool
        The direction of relations does not count.
    """

    kind = "related"
    knowledge: KnowledgeGraph
    relations: tuple[str, ...]
    start: str
    end: str
    hops: int = 1
    any_case: bool = True
    both_ways: bool = False

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        return {
            "graph": self.knowledge.source_hash,
            "related": sorted(self.relations),
            "from": self.start,
            "to": self.end,
            "hops": self.hops,
            "case": "any" if self.any_case else "exact",
            "both_ways": self.both_ways,
        }

    @property
    def group_key(self) -> Hashable:
        """What conditions that share a pass have in common: each is by itself."""
        return (self.kind, self.key)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.start, self.end)

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        return np.stack([condition._answer(column) for condition in conditions])  # noqa: SLF001  # its own class

    def _answer(self, table: Table) -> Truth:
        starts, ends = (
            [self._names(cell) for cell in read_column(table, name, rule=self.rule, location=self.location)]
            for name in (self.start, self.end)
        )
        return np.array([self._holds(*pair) for pair in zip(starts, ends, strict=True)], dtype=np.int8)

    def _names(self, cell: object) -> list[str]:
        if is_missing(cell):
            return []
        several = cell if isinstance(cell, list | tuple | np.ndarray) else [cell]
        names = [as_written(name) for name in several if not is_missing(name)]
        return [name.casefold() for name in names] if self.any_case else names

    def _holds(self, starts: list[str], ends: list[str]) -> int:
        known = self.knowledge.entities
        pairs = [(a, b) for a, b in product(starts, ends) if a in known and b in known]
        if any(b in self.knowledge.reached(a, self.hops) for a, b in pairs):
            return TRUE
        return FALSE if pairs else UNKNOWN


@dataclass(frozen=True, eq=False)
class ItemGraph:
    """Which items are linked, and what people said about some of them.

    Parameters
    ----------
    graph : networkx.Graph
        Items by their id, as texts; edges have a ``weight``. No item is linked to itself.
    answers : mapping of str to str
        From item to label: a snapshot, which is part of the fingerprint.
    source_hash : str
        sha256 of both files.
    """

    graph: nx.Graph[str]
    answers: Mapping[str, str]
    source_hash: str

    def shares(self, item: str, *, least: int) -> dict[str, float] | None:
        """Return the weight of each label among an item's answered neighbours; it sums to 1.

        The item's own answer has no part in it. None where fewer than ``least`` neighbours are answered.
        """
        if item not in self.graph:
            return None
        weights: defaultdict[str, float] = defaultdict(float)
        answered = 0
        for neighbour, edge in self.graph[item].items():
            label = self.answers.get(neighbour)
            if label is not None and neighbour != item:
                answered += 1
                weights[label] += edge["weight"]
        total = sum(weights.values())
        if answered < least or not total:
            return None
        return {label: weight / total for label, weight in weights.items()}

    def normal_form(self, *, item: str, at_least: float, min_neighbours: int) -> dict[str, Any]:
        """Return what answers depend on, as plain JSON."""
        bounds = {"at_least": at_least, "min_neighbours": min_neighbours}
        return {"neighbours": self.source_hash, "item": item, **bounds}


@dataclass(frozen=True, eq=False, kw_only=True)
class NeighboursCondition(LeafCondition):
    """Enough of an item's answered neighbours have a label.

    UNKNOWN where too few neighbours are answered, or the item's id is missing.

    Parameters
    ----------
    items : ItemGraph
    label : str
    at_least : float
        Share, by weight.
    min_neighbours : int
    """

    kind = "neighbours"
    items: ItemGraph
    label: str
    at_least: float = 0.5
    min_neighbours: int = 1

    def normal_form(self) -> dict[str, Any]:
        """Return what the answer depends on, as plain JSON."""
        form = self.items.normal_form(
            item=self.field or "", at_least=self.at_least, min_neighbours=self.min_neighbours
        )
        return {**form, "label": self.label}

    @classmethod
    def evaluate_together(cls, conditions: Sequence[Self], column: Any, faults: Faults) -> Truth:  # noqa: ANN401, ARG003  # as its base
        """Answer several conditions on every item; see `LeafCondition`."""
        return np.stack([condition._answer(column) for condition in conditions])  # noqa: SLF001  # its own class

    def _answer(self, ids: Sequence[object]) -> Truth:
        truth = np.full(len(ids), UNKNOWN, dtype=np.int8)
        for row, cell in enumerate(ids):
            shares = None
            if not is_missing(cell):
                shares = self.items.shares(as_written(cell), least=self.min_neighbours)
            if shares is not None:
                truth[row] = TRUE if shares.get(self.label, 0.0) >= self.at_least else FALSE
        return truth


@dataclass(frozen=True, eq=False, kw_only=True)
class NeighboursVotes(VoteSource):
    """Votes for the label that most of an item's answered neighbours have; abstains at ties.

    Parameters
    ----------
    items : ItemGraph
    item : str
        The column of ids.
    at_least : float
    min_neighbours : int
    """

    items: ItemGraph
    item: str
    at_least: float = 0.5
    min_neighbours: int = 1

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.item,)

    def normal_form(self) -> dict[str, Any]:
        """Return what the votes depend on, as plain JSON."""
        form = self.items.normal_form(
            item=self.item, at_least=self.at_least, min_neighbours=self.min_neighbours
        )
        return {**form, "votes": True}

    def label_names(self, table: Table, labels: LabelSpace | None, faults: Faults) -> list[str | None]:  # noqa: ARG002  # as its base
        """Return n label names, None to abstain."""
        if labels is not None:
            self._require_known(self.items.answers.values(), labels)
        return [self._name(cell) for cell in self.read(table, self.item)]

    def _require_known(self, names: Collection[str], labels: LabelSpace) -> None:
        for name in sorted(set(names)):
            if name not in labels:
                raise DataError(
                    f"rule '{self.rule}': the answer {name!r} is no label of the task",
                    location=self.location,
                    hint=did_you_mean(name, labels) or f"the labels are {', '.join(labels)}",
                )

    def _name(self, cell: object) -> str | None:
        shares = None if is_missing(cell) else self.items.shares(as_written(cell), least=self.min_neighbours)
        if shares is None:
            return None
        best = max(shares.values())
        winners = [label for label, share in shares.items() if share == best]
        return winners[0] if len(winners) == 1 and best >= self.at_least else None
