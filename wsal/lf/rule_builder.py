"""Build the rules of a pack: labels, references between rules, columns of votes, and tests."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NoReturn

from wsal.errors import InputError, PackError, did_you_mean
from wsal.lf import schema
from wsal.lf.condition_builder import ConditionBuilder
from wsal.lf.conditions import (
    ColumnVotes,
    Condition,
    DateCondition,
    InListCondition,
    NeighboursCondition,
    NumberCondition,
    PythonVotes,
    VoteSource,
    leaves,
)
from wsal.lf.resources import PackFolder
from wsal.lf.rule import Rule, RuleExample
from wsal.lf.yaml_source import Keys, YamlSource
from wsal.types import LabelSpace

__all__ = ["RuleBuilder"]

_ID_HINT: Final = "an id is one line without white space around it: prize-words"
Cell = str | int | float | bool | None


class RuleBuilder:
    """Builds the rules of one pack.

    Parameters
    ----------
    source : YamlSource
    model : PackModel
        Its shape is checked.
    folder : PackFolder
    text : str
        The column that conditions read where they name no field; the pack's own ``text:`` goes first.
    labels : LabelSpace or None
        The task's labels, where they are known from elsewhere.
    allow_python : bool
    vocabulary : LabelSpace, optional
        All labels that rules may name, where the pack serves several tasks; rules that say nothing of this task's
        labels are left out.
    """

    def __init__(  # what a pack depends on
        self,
        source: YamlSource,
        model: schema.PackModel,
        folder: PackFolder,
        *,
        text: str,
        labels: LabelSpace | None,
        allow_python: bool,
        vocabulary: LabelSpace | None = None,
    ) -> None:
        self._source = source
        self._model = model
        self._text = model.text or text
        self.labels = self._label_space(vocabulary or labels)
        self._narrow = labels if vocabulary is not None else None
        self._index = self._unique_ids()
        self._built: dict[str, Condition] = {}
        self._open: dict[str, Keys] = {}  # rules being built, and the place that named each
        self._conditions = ConditionBuilder(
            source,
            folder,
            self._text,
            allow_python=allow_python,
            condition_of=self._condition_of,
            label_of=lambda rule: self._model.rules[self._index[rule]].label,
            pipeline=model.pipeline,
        )

    def build(self) -> tuple[Rule, ...]:
        """Build all rules, in the order of the file; a column rule with bins makes one a bin.

        Raises
        ------
        PackError
            With the place of what is wrong.
        """
        rules = (rule for i in range(len(self._model.rules)) for rule in self._rules(i))
        if self._narrow is None:
            return tuple(rules)
        narrowed = [rule.narrowed(self._narrow) for rule in rules]
        return tuple(rule for rule in narrowed if rule is not None)

    def _label_space(self, known: LabelSpace | None) -> LabelSpace | None:
        own = self._model.labels
        if own is None:
            return known
        try:
            space = LabelSpace(tuple(own))
        except InputError as error:
            raise PackError(
                error.message,
                location=self._source.location(("labels",)),
                hint=error.hint or "remove some labels",
            ) from error
        for i, name in enumerate(own):
            if known is not None and name not in known:
                self._fail(
                    f"label {name!r} is none of the task's labels: {', '.join(known)}",
                    ("labels", i),
                    did_you_mean(name, known)
                    or "write the same labels as in wsal.toml, or remove 'labels:' here",
                )
        return known or space

    def _unique_ids(self) -> dict[str, int]:
        index: dict[str, int] = {}
        for i, rule in enumerate(self._model.rules):
            here = ("rules", i, "id")
            if rule.id != rule.id.strip() or not rule.id.isprintable():
                self._fail(f"{rule.id!r} cannot be an id", here, _ID_HINT)
            if rule.id in index:
                first = self._source.location(("rules", index[rule.id], "id"))
                self._fail(
                    f"rule id {rule.id!r} stands twice; first at {first}", here, "rename one of the two rules"
                )
            index[rule.id] = i
        return index

    def _condition_of(self, target: str, place: Keys) -> Condition:
        """Return the condition of a rule that another one names at a place."""
        if target not in self._index:
            self._fail(
                f"rule {self._id_at(place)!r} refers to rule {target!r}, which is not in this pack",
                place,
                did_you_mean(target, self._index) or f"the rules are {', '.join(list(self._index)[:20])}",
            )
        if target in self._open:
            opened = list(self._open)
            chain = [*opened[opened.index(target) :], target]
            starts = self._source.location(("rules", self._index[target], "id"))
            self._fail(
                f"rules refer to each other in a cycle: {' → '.join(chain)}; {target!r} stands at {starts}",
                place,
                "let one of them say its condition itself",
            )
        model = self._model.rules[self._index[target]]
        if self._is_vote_source(model):
            there = self._source.location(("rules", self._index[target], "id"))
            self._fail(
                f"rule {target!r} (at {there}) has no condition to refer to: it names labels itself",
                place,
                "refer to a rule with a condition and a label",
            )
        return self._condition(self._index[target])

    def _condition(self, i: int) -> Condition:
        model = self._model.rules[i]
        if model.id not in self._built:
            path = ("rules", i, "when")
            self._open[model.id] = path
            try:
                self._built[model.id] = self._conditions.build(model.when, path, model.id)
            except RecursionError:
                self._fail(
                    "rules refer to each other in too long a chain",
                    path,
                    "let some say their condition themselves",
                )
            finally:
                del self._open[model.id]
        return self._built[model.id]

    def _id_at(self, place: Keys) -> str:
        return self._model.rules[place[1]].id

    @staticmethod
    def _is_vote_source(model: schema.RuleModel) -> bool:
        return isinstance(model.when, schema.ColumnModel) or (
            isinstance(model.when, schema.PythonModel | schema.ModelModel | schema.GraphModel)
            and model.label is None
        )

    def _rules(self, i: int) -> Iterator[Rule]:
        model = self._model.rules[i]
        if not self._is_vote_source(model):
            self._check_label(model, i)
            yield self._rule(i, self._condition(i), None, "")
            return
        if isinstance(model.when, schema.ColumnModel):
            for source, suffix in self._column_sources(model, model.when, i):
                yield self._rule(i, None, source, suffix)
        elif isinstance(model.when, schema.PythonModel):
            path = ("rules", i, "when")
            when = model.when
            function = self._conditions.function(when.python, when.args, path, kind="python")
            place = self._source.location(path)
            yield self._rule(
                i,
                None,
                PythonVotes(function=function, field=when.field, rule=model.id, location=place),
                "",
            )
        elif isinstance(model.when, schema.ModelModel | schema.GraphModel):
            votes = self._conditions.data.votes(model.when, ("rules", i, "when"), model.id)
            yield self._rule(i, None, votes, "")

    def _check_label(self, model: schema.RuleModel, i: int) -> None:
        if model.label is None:
            self._fail(
                f"rule {model.id!r} has no label", ("rules", i), "add 'label:' with one of the task's labels"
            )
        if not model.label.strip():
            self._fail(
                f"the label of rule {model.id!r} is empty",
                ("rules", i, "label"),
                "write one of the task's labels",
            )
        self._known_label(model.label, ("rules", i, "label"))

    def _known_label(self, label: str, path: Keys) -> None:
        if self.labels is not None and label not in self.labels:
            names = ", ".join(self.labels)
            hint = did_you_mean(label, self.labels) or f"the labels are {names}"
            self._fail(f"unknown label {label!r}; the labels are {names}", path, hint)

    def _column_sources(
        self, model: schema.RuleModel, column: schema.ColumnModel, i: int
    ) -> Iterator[tuple[VoteSource, str]]:
        path = ("rules", i, "when")
        if model.label is not None:
            self._fail(
                f"rule {model.id!r} has a label, but its column names the labels",
                ("rules", i, "label"),
                "remove 'label:', and say what the column's values mean with 'values:'",
                key=True,
            )
        for cell, label in (column.values or {}).items():
            if label is not None:
                self._known_label(label, (*path, "values", cell))
        if (column.confidence is None) != (column.bins is None):
            given, missing = ("bins", "confidence") if column.confidence is None else ("confidence", "bins")
            self._fail(
                f"{given} without {missing}",
                (*path, given),
                "write both: confidence: p, bins: [0.5, 0.8]",
                key=True,
            )
        cuts = column.bins or []
        if not all(map(math.isfinite, cuts)) or any(low >= high for low, high in pairwise(cuts)):
            self._fail(
                f"bins {cuts} do not ascend", (*path, "bins"), "write finite numbers in ascending order"
            )
        edges: list[float | None] = [None, *cuts, None]
        for low, high in pairwise(edges):
            votes = ColumnVotes(
                column=column.column,
                values=None if column.values is None else tuple(column.values.items()),
                confidence=column.confidence,
                low=low,
                high=high,
                rule=model.id,
                location=self._source.location(path),
            )
            yield votes, _bin_name(low, high)

    def _rule(self, i: int, condition: Condition | None, source: VoteSource | None, suffix: str) -> Rule:
        model = self._model.rules[i]
        path = ("rules", i)
        rule = Rule(
            name=model.id + suffix,
            source_id=model.id,
            label=model.label,
            labels=self.labels,
            condition=condition,
            source=source,
            why=model.why,
            author=model.author,
            tests=(),
            location=self._source.location(path),
            source_text=self._source.source_of(path),
        )
        tests = tuple(self._examples(model, i, rule)) if model.tests is not None else ()
        object.__setattr__(rule, "tests", tests)
        return rule

    def _examples(self, model: schema.RuleModel, i: int, rule: Rule) -> Iterator[RuleExample]:
        if model.tests is None:
            return
        for key, matches, examples in (
            ("match", True, model.tests.match),
            ("no_match", False, model.tests.no_match),
        ):
            for j, example in enumerate(examples):
                path = ("rules", i, "tests", key, j)
                yield RuleExample(
                    columns=tuple(self._example_columns(example, path, rule).items()),
                    matches=matches,
                    written=self._source.source_of(path),
                    location=self._source.location(path),
                )

    def _example_columns(self, example: Any, path: Keys, rule: Rule) -> dict[str, Cell]:  # noqa: ANN401  # from YAML
        if isinstance(example, str):
            return {self._text_field(rule, path): example}
        if not isinstance(example, dict):
            self._fail(
                f"a test example is a text or a mapping of column to value, got {example!r}",
                path,
                f'put it in quotes: "{example}"',
            )
        for name, value in example.items():
            if not isinstance(name, str) or (rule.fields is not None and name not in rule.fields):
                known = rule.fields or ()
                self._fail(
                    f"the test names column {name!r}, which rule {rule.source_id!r} does not read",
                    (*path, name),
                    did_you_mean(str(name), known) or f"it reads {', '.join(known)}",
                    key=True,
                )
            if isinstance(value, dict | list):
                self._fail(
                    f"the value of {name!r} in a test is a text or a number",
                    (*path, name),
                    "write a single value",
                )
        return example

    def _text_field(self, rule: Rule, path: Keys) -> str:
        """Return the column that a test's bare text stands for."""
        if rule.fields is None or self._text in rule.fields:
            return self._text
        texts = _text_fields(rule)
        if len(texts) == 1:
            return texts[0]
        raise PackError(
            f"the test is a text, but rule {rule.source_id!r} reads {', '.join(rule.fields)}",
            location=self._source.location(path),
            hint=f"write a mapping of column to value: {{{rule.fields[0]}: …}}",
        )

    def _fail(self, message: str, path: Keys, hint: str, *, key: bool = False) -> NoReturn:
        raise PackError(message, location=self._source.location(path, key=key), hint=hint)


def _text_fields(rule: Rule) -> list[str]:
    if rule.condition is None:
        return [rule.fields[0]] if rule.fields is not None and len(rule.fields) == 1 else []
    told = NumberCondition | DateCondition | NeighboursCondition  # from a number, a date or an id
    read = [leaf.field for leaf in leaves(rule.condition) if not isinstance(leaf, told)]
    wanted = [leaf.field for leaf in leaves(rule.condition) if not isinstance(leaf, told | InListCondition)]
    return list(dict.fromkeys(field for field in wanted or read if field is not None))


def _bin_name(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return f"[<{high:g}]"
    return f"[>={low:g}]" if high is None else f"[{low:g},{high:g})"
