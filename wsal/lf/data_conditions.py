"""Build the conditions that read other things than one text: dates, two columns, models, graphs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from wsal.errors import Location, did_you_mean
from wsal.lf import schema_data as schema
from wsal.lf.conditions.base import Condition
from wsal.lf.conditions.compare import COMPARISONS, CompareCondition
from wsal.lf.conditions.dates import DateCondition
from wsal.lf.conditions.graph import (
    ItemGraph,
    KnowledgeGraph,
    NeighboursCondition,
    NeighboursVotes,
    RelatedCondition,
)
from wsal.lf.conditions.model import ModelCondition, ModelVotes, PackModel, TrainingRows
from wsal.lf.conditions.vote_source import VoteSource
from wsal.lf.dates import WEEKDAYS, read_threshold
from wsal.lf.pack_places import PackPlaces
from wsal.lf.resources import CsvRows, ResourceError
from wsal.lf.table import as_number
from wsal.lf.yaml_source import Keys

__all__ = ["DataConditionBuilder"]

_ANY_RELATION = "*"


class DataConditionBuilder:
    """Builds conditions on dates, pairs of columns, models and graphs.

    Parameters
    ----------
    places : PackPlaces
    text : str
        The column that a model reads where it names none.
    label_of : callable
        From a rule's id to its label, where it has one.
    """

    def __init__(self, places: PackPlaces, *, text: str, label_of: Callable[[str], str | None]) -> None:
        self._places = places
        self._text = text
        self._label_of = label_of

    def build(
        self,
        model: schema.DateModel | schema.CompareModel | schema.ModelModel | schema.GraphModel,
        path: Keys,
        rule: str,
    ) -> Condition:
        """Build a condition; see `ConditionBuilder.build`."""
        location = self._places.source.location(path)
        match model:
            case schema.DateModel():
                return self._date(model, path, rule, location)
            case schema.CompareModel():
                return self._compare(model, path, rule, location)
            case schema.ModelModel():
                return self._model(model, path, rule, location)
            case schema.GraphModel():
                return self._graph(model, path, rule, location)

    def votes(self, model: schema.ModelModel | schema.GraphModel, path: Keys, rule: str) -> VoteSource:
        """Build what names labels itself: a model, or the answers of neighbours."""
        location = self._places.source.location(path)
        if isinstance(model, schema.ModelModel):
            for key in ("class", "unknown_from"):
                if getattr(model, {"class": "class_"}.get(key, key)) is not None:
                    self._places.fail(
                        f"{key} in a rule without 'label:', where the model names the label",
                        (*path, key),
                        "add 'label:', or remove the key",
                        key=True,
                    )
            return ModelVotes(
                model=self._estimator(model, path, location),
                at_least=model.at_least,
                rule=rule,
                location=location,
            )
        if model.neighbours is None:
            self._places.fail(
                f"rule {rule!r} has no label", path[:2], "add 'label:' with one of the task's labels"
            )
        return NeighboursVotes(
            items=self._item_graph(model, path),
            item=model.item,
            at_least=model.at_least,
            min_neighbours=model.min_neighbours,
            rule=rule,
            location=location,
        )

    # Dates

    def _date(self, model: schema.DateModel, path: Keys, rule: str, location: Location) -> Condition:
        start: datetime | None = None
        stop: datetime | None = None
        bounds = {name: getattr(model, name) for name in ("after", "before", "at_least", "at_most")}
        given: list[tuple[str, str, Keys]] = [
            (name, text, (*path, name)) for name, text in bounds.items() if text is not None
        ]
        if model.between is not None:
            for i, name in enumerate(("at_least", "at_most")):
                given.append((name, model.between[i], (*path, "between", i)))
        for name, text, place in given:
            moments = read_threshold(text)
            if moments is None:
                self._places.fail(
                    f"{text!r} is no date", place, "write ISO 8601: 2024-03-31, or 2024-03-31T18:00"
                )
            first, following = moments
            if name in {"at_least", "after"}:
                bound = first if name == "at_least" else following
                start = bound if start is None else max(start, bound)
            else:
                bound = first if name == "before" else following
                stop = bound if stop is None else min(stop, bound)
        if start is not None and stop is not None and start >= stop:
            self._places.fail("the bounds hold for no date", given[0][2], "write the earlier date first")
        if not given and model.weekdays is None:
            self._places.fail(
                f"the condition on {model.date!r} has no bound",
                (*path, "date"),
                "add one of after, before, at_least, at_most, between, weekdays",
            )
        return DateCondition(
            field=model.date,
            start=start,
            stop=stop,
            weekdays=frozenset(
                self._weekday(name, (*path, "weekdays", i)) for i, name in enumerate(model.weekdays or ())
            ),
            format_=model.format,
            rule=rule,
            location=location,
        )

    def _weekday(self, name: str, path: Keys) -> int:
        if name.lower() not in WEEKDAYS:
            self._places.fail(
                f"{name!r} is no day of the week",
                path,
                did_you_mean(name.lower(), WEEKDAYS) or f"write one of {', '.join(WEEKDAYS)}",
            )
        return WEEKDAYS.index(name.lower())

    # Two columns

    def _compare(self, model: schema.CompareModel, path: Keys, rule: str, location: Location) -> Condition:
        given = [(name, other) for name in COMPARISONS if (other := getattr(model, name)) is not None]
        if len(given) != 1:
            what = " and ".join(name for name, _ in given) or "none"
            self._places.fail(
                f"compare takes one comparison with another column, got {what}",
                (*path, given[1][0] if len(given) > 1 else "compare"),
                f"write one of {', '.join(COMPARISONS)}; join several with all: [{{…}}, {{…}}]",
                key=True,
            )
        ((comparison, other),) = given
        if other == model.compare:
            self._places.fail(
                f"column {other!r} is compared with itself", (*path, comparison), "name another column"
            )
        if model.as_ == "text" and comparison not in {"equals", "differs_from"}:
            self._places.fail(
                f"texts are not {comparison} each other",
                (*path, comparison),
                "use equals or differs_from",
                key=True,
            )
        return CompareCondition(
            left=model.compare,
            right=other,
            comparison=comparison,
            read_as=model.as_,
            any_case=model.case == "any",
            rule=rule,
            location=location,
        )

    # Models

    def _model(self, model: schema.ModelModel, path: Keys, rule: str, location: Location) -> Condition:
        class_ = model.class_ or self._label_of(rule)
        if class_ is None:
            self._places.fail(
                "the model names no class", (*path, "model"), "add class: with the label to ask for"
            )
        low = model.at_least if model.unknown_from is None else model.unknown_from
        if low > model.at_least:
            self._places.fail(
                f"unknown_from {low:g} lies above at_least {model.at_least:g}",
                (*path, "unknown_from"),
                "write the lower probability: unknown below at_least, false below unknown_from",
            )
        return ModelCondition(
            model=self._estimator(model, path, location),
            class_=class_,
            at_least=model.at_least,
            unknown_from=low,
            rule=rule,
            location=location,
        )

    def _estimator(self, model: schema.ModelModel, path: Keys, location: Location) -> PackModel:
        if model.field is not None and model.fields is not None:
            self._places.fail("both field and fields", (*path, "fields"), "keep one of them", key=True)
        fields = tuple(model.fields or (model.field or self._text,))
        function = self._places.function(model.model, model.args, path, kind="model")
        training = None
        if model.train is not None:
            given = model.train
            training = self._places.resource(lambda: self._training(given, fields), (*path, "train"))
        return PackModel(function, fields, training, location)

    def _training(self, name: str, fields: tuple[str, ...]) -> TrainingRows:
        table, labels = self._labelled(name)
        columns = [_typed(table.column(field)) for field in fields]
        rows = tuple(zip(*columns, strict=True))
        for i, row in enumerate(rows):
            if "" in row:
                raise ResourceError(
                    f"{table.name!r}: training row {i + 1} has an empty cell", "fill it, or remove the row"
                )
        if len(set(labels)) < 2:
            raise ResourceError(
                f"{name!r} holds fewer than two labels", "a model needs rows of two labels to learn from"
            )
        return TrainingRows(rows, tuple(labels), table.source_hash)

    def _labelled(self, name: str) -> tuple[CsvRows, list[str]]:
        """Read ``FILE.csv:LABEL_COLUMN``."""
        file, _, column = name.rpartition(":")
        if not file:
            raise ResourceError(
                f"{name!r} names no column of labels", f'write it after a colon: "{name}:label"'
            )
        table = self._places.folder.csv(file)
        labels = [label.strip() for label in table.column(column)]
        if not labels:
            raise ResourceError(f"{file!r} has no rows", "write one labelled item a line")
        if "" in labels:
            raise ResourceError(
                f"{file!r}: row {labels.index('') + 1} has no label", "write its label, or remove the row"
            )
        return table, labels

    # Graphs

    def _graph(self, model: schema.GraphModel, path: Keys, rule: str, location: Location) -> Condition:
        if (model.related is None) == (model.neighbours is None):
            self._places.fail(
                "a graph is asked for related or for neighbours",
                (*path, "graph"),
                "add one of them: related: RELATION, or neighbours: FILE.csv:LABEL_COLUMN",
                key=True,
            )
        if model.related is not None:
            return self._related(model, path, rule, location)
        label = self._label_of(rule)
        if label is None:
            self._places.fail(
                f"rule {rule!r} has no label", path[:2], "add 'label:' with one of the task's labels"
            )
        return NeighboursCondition(
            field=model.item,
            items=self._item_graph(model, path),
            label=label,
            at_least=model.at_least,
            min_neighbours=model.min_neighbours,
            rule=rule,
            location=location,
        )

    def _related(self, model: schema.GraphModel, path: Keys, rule: str, location: Location) -> Condition:
        if model.from_ is None or model.to is None:
            missing = "from" if model.from_ is None else "to"
            self._places.fail(
                f"related needs two columns of entities; '{missing}' is not given",
                path,
                f"add {missing}: COLUMN",
            )
        named = model.related if isinstance(model.related, list) else [model.related]
        for i, name in enumerate(named):
            if not isinstance(name, str) or not name.strip():
                place = (*path, "related", i) if isinstance(model.related, list) else (*path, "related")
                self._places.fail(f"a relation is a text, got {name!r}", place, "put it in quotes")
        relations = () if _ANY_RELATION in named else tuple(named)
        any_case = model.case == "any"
        knowledge = self._places.resource(
            lambda: self._knowledge(model.graph, relations, any_case=any_case, both_ways=model.both_ways),
            (*path, "graph"),
        )
        return RelatedCondition(
            knowledge=knowledge,
            relations=relations,
            start=model.from_,
            end=model.to,
            hops=model.hops,
            any_case=any_case,
            both_ways=model.both_ways,
            rule=rule,
            location=location,
        )

    def _knowledge(
        self, file: str, relations: tuple[str, ...], *, any_case: bool, both_ways: bool
    ) -> KnowledgeGraph:
        import networkx as nx

        table = self._places.folder.csv(file)
        ends = [_names(table, name, any_case=any_case) for name in ("source", "target")]
        kinds = [name.strip() for name in table.column("relation")] if relations else [""] * len(ends[0])
        for name in relations:
            if name not in kinds:
                known = sorted(set(kinds))
                raise ResourceError(
                    f"{file!r} has no relation {name!r}",
                    did_you_mean(name, known) or f"it has {', '.join(known[:20])}",
                )
        graph: nx.DiGraph[str] = nx.DiGraph()
        for start, end, kind in zip(*ends, kinds, strict=True):
            if not relations or kind in relations:
                graph.add_edge(start, end)
                if both_ways:
                    graph.add_edge(end, start)
        return KnowledgeGraph(graph, frozenset(ends[0] + ends[1]), table.source_hash)

    def _item_graph(self, model: schema.GraphModel, path: Keys) -> ItemGraph:
        answers_file = model.neighbours or ""
        answers = self._places.resource(
            lambda: self._answers(answers_file, model.item), (*path, "neighbours")
        )
        return self._places.resource(lambda: self._links(model.graph, answers), (*path, "graph"))

    def _answers(self, name: str, item: str) -> tuple[dict[str, str], str]:
        table, labels = self._labelled(name)
        answers: dict[str, str] = {}
        for cell, label in zip(table.column(item), labels, strict=True):
            if answers.setdefault(cell.strip(), label) != label:
                raise ResourceError(
                    f"{table.name!r} answers item {cell.strip()!r} twice: {answers[cell.strip()]!r} and {label!r}",
                    "keep one answer an item",
                )
        return answers, table.source_hash

    def _links(self, file: str, answers: tuple[dict[str, str], str]) -> ItemGraph:
        import networkx as nx

        table = self._places.folder.csv(file)
        ends = [_names(table, name, any_case=False) for name in ("source", "target")]
        weights = table.column("weight") if "weight" in table.header else ["1"] * len(table.rows)
        graph: nx.Graph[str] = nx.Graph()
        for i, (start, end, weight) in enumerate(zip(*ends, weights, strict=True)):
            number = as_number(weight)
            if number is None or not 0 < number < float("inf"):
                raise ResourceError(
                    f"{file!r}: the weight of row {i + 1} is {weight!r}", "a weight is a number above 0"
                )
            if start != end:  # an item is no neighbour of its own
                graph.add_edge(start, end, weight=number)
        source = hashlib.sha256(f"{table.source_hash} {answers[1]}".encode()).hexdigest()
        return ItemGraph(graph, answers[0], source)


def _names(table: CsvRows, column: str, *, any_case: bool) -> list[str]:
    names = [name.strip() for name in table.column(column)]
    if "" in names:
        raise ResourceError(
            f"{table.name!r}: row {names.index('') + 1} has no {column}", "fill it, or remove the row"
        )
    return [name.casefold() for name in names] if any_case else names


def _typed(cells: list[str]) -> list[Any]:
    """Return a column as numbers where every cell writes one, as items are read from CSV."""
    numbers = [as_number(cell) for cell in cells]
    return cells if None in numbers else numbers
