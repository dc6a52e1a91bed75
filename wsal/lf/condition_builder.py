"""Build conditions from their models, checking what the shape alone cannot tell."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from wsal.errors import Location, PackError
from wsal.lf import schema
from wsal.lf.conditions import (
    AllCondition,
    AnyCondition,
    Condition,
    InListCondition,
    KeywordsCondition,
    NotCondition,
    NumberCondition,
    PythonCondition,
    RegexCondition,
    RuleCondition,
    TokensCondition,
)
from wsal.lf.conditions.token_patterns import token_problems
from wsal.lf.data_conditions import DataConditionBuilder
from wsal.lf.pack_places import PackPlaces
from wsal.lf.pipelines import PackPipeline, find_pipeline
from wsal.lf.resources import PackFolder
from wsal.lf.search.parse_tree import compile_pattern
from wsal.lf.yaml_source import Keys, YamlSource

__all__ = ["MAX_PATTERN_LENGTH", "ConditionBuilder"]

MAX_PATTERN_LENGTH: Final = 20_000
_THRESHOLDS: Final = ("above", "below", "at_least", "at_most", "equals")


class ConditionBuilder(PackPlaces):
    """Builds the conditions of one pack.

    Parameters
    ----------
    source : YamlSource
        For the places of errors.
    folder : PackFolder
        Where lists and functions are found.
    text : str
        The column that conditions read where they name no field.
    allow_python : bool
    condition_of : callable
        From a rule's id, and the place that names it, to that rule's condition.
    label_of : callable
        From a rule's id to its label, where it has one.
    pipeline : str, optional
        What the pack names; loaded when the first tokens rule needs it.
    """

    def __init__(
        self,
        source: YamlSource,
        folder: PackFolder,
        text: str,
        *,
        allow_python: bool,
        condition_of: Callable[[str, Keys], Condition],
        label_of: Callable[[str], str | None],
        pipeline: str | None = None,
    ) -> None:
        super().__init__(source, folder, allow_python=allow_python)
        self._text = text
        self._condition_of = condition_of
        self._pipeline_name = pipeline
        self._data = DataConditionBuilder(self, text=text, label_of=label_of)

    @property
    def data(self) -> DataConditionBuilder:
        """Builds what reads other things than one text."""
        return self._data

    def build(  # noqa: C901, PLR0911  # one case a kind
        self, model: schema.AnyConditionModel, path: Keys, rule: str
    ) -> Condition:
        """Build a condition and all its parts.

        Parameters
        ----------
        model : condition model
        path : tuple
            Where it stands in the pack.
        rule : str
            Id of the rule it belongs to.

        Raises
        ------
        PackError
            With the place of what is wrong.
        """
        location = self.source.location(path)
        match model:
            case schema.KeywordsModel():
                return self._keywords(model, path, rule, location)
            case schema.RegexModel():
                return self._regex(model, path, rule, location)
            case schema.TokensModel():
                return self._tokens(model, path, rule, location)
            case schema.NumberModel():
                return self._number(model, path, rule, location)
            case schema.InListModel():
                return self._in_list(model, path, rule, location)
            case schema.PythonModel():
                function = self.function(model.python, model.args, path, kind="python")
                return PythonCondition(field=model.field, function=function, rule=rule, location=location)
            case schema.DateModel() | schema.CompareModel() | schema.ModelModel() | schema.GraphModel():
                return self._data.build(model, path, rule)
            case schema.AllModel():
                parts = self._parts(model.all_, (*path, "all"), rule)
                return AllCondition(conditions=parts, rule=rule, location=location)
            case schema.AnyModel():
                parts = self._parts(model.any_, (*path, "any"), rule)
                return AnyCondition(conditions=parts, rule=rule, location=location)
            case schema.NotModel():
                part = self.build(model.not_, (*path, "not"), rule)
                return NotCondition(condition=part, rule=rule, location=location)
            case schema.RuleReferenceModel():
                target = self._condition_of(model.rule, (*path, "rule"))
                return RuleCondition(target=model.rule, condition=target, rule=rule, location=location)
            case schema.ColumnModel():
                raise PackError(
                    "a column of votes is no condition inside another",
                    location=self.source.location((*path, "column"), key=True),
                    hint="make it the whole 'when:' of a rule, or compare with {number: …} or {in_list: …}",
                )

    def _parts(
        self, models: Sequence[schema.AnyConditionModel], path: Keys, rule: str
    ) -> tuple[Condition, ...]:
        return tuple(self.build(model, (*path, i), rule) for i, model in enumerate(models))

    def _keywords(self, model: schema.KeywordsModel, path: Keys, rule: str, location: Location) -> Condition:
        here = (*path, "keywords")
        any_case = model.case == "any"
        first: dict[str, int] = {}
        for i, word in enumerate(model.keywords):
            if not word.strip():
                self.fail("a keyword of white space alone", (*here, i), "remove it")
            folded = word.lower() if any_case else word
            if folded in first:
                other = self.source.location((*here, first[folded]))
                self.fail(
                    f"keyword {word!r} stands twice; first at {other}", (*here, i), "remove one of the two"
                )
            first[folded] = i
        if model.at_least > len(model.keywords):
            self.fail(
                f"at_least is {model.at_least}, but there are only {len(model.keywords)} keywords",
                (*path, "at_least"),
                "at_least counts different keywords; lower it, or add keywords",
            )
        return KeywordsCondition(
            field=model.field or self._text,
            keywords=tuple(model.keywords),
            at_least=model.at_least,
            any_case=any_case,
            rule=rule,
            location=location,
        )

    def _regex(self, model: schema.RegexModel, path: Keys, rule: str, location: Location) -> Condition:
        here = (*path, "regex")
        any_case = model.case == "any"
        if len(model.regex) > MAX_PATTERN_LENGTH:
            self.fail(
                f"the pattern has {len(model.regex)} characters; at most {MAX_PATTERN_LENGTH} are allowed",
                here,
                "put the words into a list: {in_list: words.txt, contains: true}",
            )
        try:
            compile_pattern(model.regex, re.IGNORECASE if any_case else 0)
        except re.error as error:
            place = f" at position {error.pos + 1} of {model.regex!r}" if error.pos is not None else ""
            hint = r"a literal bracket, dot, + or ? needs a backslash: \( \. \+"
            raise PackError(
                f"invalid regex: {error.msg}{place}", location=self._inside(here, error.pos), hint=hint
            ) from error
        except (OverflowError, RecursionError) as error:
            self.fail(
                f"the pattern is too large: {error}", here, "make its repeats smaller and its groups flatter"
            )
        return RegexCondition(
            field=model.field or self._text,
            pattern=model.regex,
            any_case=any_case,
            rule=rule,
            location=location,
        )

    def _inside(self, path: Keys, position: int | None) -> Location:
        """Point at a character of a text, where it is written as it is: plain or in quotes, in one line."""
        location = self.source.location(path)
        written = self.source.source_of(path)
        value = self.source.data
        for step in path:
            value = value[step]
        quotes = written[:1] if written[:1] in {"'", '"'} else ""
        if position is None or written != f"{quotes}{value}{quotes}" or location.column is None:
            return location
        return Location(location.file, location.line, location.column + len(quotes) + position, location.text)

    def _tokens(self, model: schema.TokensModel, path: Keys, rule: str, location: Location) -> Condition:
        here = (*path, "tokens")
        pipeline = self._pipeline
        provided = pipeline.attributes if pipeline is not None else frozenset()
        name = pipeline.name if pipeline is not None else None
        for problem in token_problems(model.tokens, provided=provided, pipeline=name):
            is_key = problem.message.startswith(
                ("unknown token", "unknown key", "token attribute", "unknown comp")
            )
            self.fail(problem.message, (*here, *problem.path), problem.hint, key=is_key)
        pattern = json.dumps(model.tokens, sort_keys=True)
        return TokensCondition(
            field=model.field or self._text,
            pattern_json=pattern,
            pipeline=pipeline,
            rule=rule,
            location=location,
        )

    @cached_property
    def _pipeline(self) -> PackPipeline | None:
        name = self._pipeline_name
        if name is None:
            return None
        return self.resource(lambda: find_pipeline(name, self.folder.path), ("pipeline",))

    def _number(self, model: schema.NumberModel, path: Keys, rule: str, location: Location) -> Condition:
        given = {name: value for name in _THRESHOLDS if (value := getattr(model, name)) is not None}
        for name, value in given.items():
            self.finite(value, (*path, name), name)
        if model.between is not None:
            for i, value in enumerate(model.between):
                self.finite(value, (*path, "between", i), "between")
            low, high = model.between
            if low > high:
                self.fail(
                    f"between [{low:g}, {high:g}] holds for no number",
                    (*path, "between"),
                    f"write [{high:g}, {low:g}]",
                )
            for name in ("at_least", "at_most"):
                if name in given:
                    self.fail(f"both between and {name}", (*path, name), "keep one of them", key=True)
            given |= {"at_least": low, "at_most": high}
        if not given:
            self.fail(
                f"the condition on {model.number!r} has no threshold",
                (*path, "number"),
                "add one of above, below, at_least, at_most, between, equals",
            )
        self._require_some_number(given, path)
        return NumberCondition(field=model.number, rule=rule, location=location, **given)

    def _require_some_number(self, given: Mapping[str, float], path: Keys) -> None:
        """Refuse thresholds that no number meets together."""
        exact = [given["equals"]] if "equals" in given else []
        low = max(
            [*exact, *(given[name] for name in ("above", "at_least") if name in given)], default=-math.inf
        )
        high = min(
            [*exact, *(given[name] for name in ("below", "at_most") if name in given)], default=math.inf
        )
        open_ = given.get("above") == low or given.get("below") == high
        if low > high or (low == high and open_):
            written = ", ".join(f"{name} {value:g}" for name, value in given.items())
            self.fail(
                f"{written} holds for no number",
                (*path, "number"),
                "widen the thresholds; what lies outside of two is any: [{number: …}, {number: …}]",
            )

    def _in_list(self, model: schema.InListModel, path: Keys, rule: str, location: Location) -> Condition:
        here = (*path, "in_list")
        given: Any = model.in_list
        if isinstance(given, str):
            entries = self.resource(lambda: self.folder.entries(given), here)
        elif isinstance(given, list) and given:
            for i, entry in enumerate(given):
                if not isinstance(entry, str) or not entry.strip():
                    self.fail(
                        f"entry {i + 1} is a text, got {entry!r}", (*here, i), f'put it in quotes: "{entry}"'
                    )
            entries = frozenset(entry.strip() for entry in given)
        else:
            self.fail(
                f"in_list is a file or a list of texts, got {given!r}",
                here,
                'write "names.txt", "names.csv:column", or the entries themselves: [ana, ben]',
            )
        return InListCondition(
            field=model.field or self._text,
            entries=entries,
            any_case=model.case == "any",
            contains=model.contains,
            rule=rule,
            location=location,
        )
