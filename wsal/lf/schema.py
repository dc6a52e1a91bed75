"""The shape of a rule pack: pydantic models, and the JSON Schema that editors check packs with.

Only the shape: what needs the pack's folder, its labels or its other rules is checked where rules are built.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from wsal.errors import did_you_mean
from wsal.lf.conditions.token_patterns import token_schema
from wsal.lf.schema_base import Case, Strict, Text, short
from wsal.lf.schema_data import CompareModel, DateModel, GraphModel, ModelModel

__all__ = [
    "AllModel",
    "AnyConditionModel",
    "AnyModel",
    "ColumnModel",
    "CompareModel",
    "DateModel",
    "GraphModel",
    "InListModel",
    "KeywordsModel",
    "ModelModel",
    "NotModel",
    "NumberModel",
    "PackModel",
    "PythonModel",
    "RegexModel",
    "RuleModel",
    "RuleReferenceModel",
    "TestsModel",
    "TokensModel",
    "pack_schema",
]

TAG_PREFIX: Final = "kind:"
"""Marks what pydantic adds to the place of an error, and the file does not have."""


class KeywordsModel(Strict):
    """Words or phrases found as whole words."""

    keywords: list[Text] = Field(min_length=1, description="Taken literally; whole words.")
    at_least: int = Field(1, ge=1, description="How many different keywords must be found.")
    case: Case = Field("any", description="exact: capitals count.")
    field: Text | None = Field(None, description="Column of text.")


class RegexModel(Strict):
    """A regular expression, as Python's re.search."""

    regex: Text
    case: Case = Field("exact", description="any: capitals do not count.")
    field: Text | None = Field(None, description="Column of text.")


class TokensModel(Strict):
    """A sequence of tokens, as spaCy's Matcher on plain English tokens, or on the pack's pipeline."""

    tokens: Annotated[
        list[dict[str, Any]],
        Field(min_length=1),
        WithJsonSchema({"type": "array", "minItems": 1, "items": token_schema()}),
    ]
    field: Text | None = Field(None, description="Column of text.")


class NumberModel(Strict):
    """A numeric column against thresholds, all of which must hold."""

    number: Text = Field(description="Column of numbers.")
    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    between: list[float] | None = Field(None, min_length=2, max_length=2, description="Both ends included.")
    equals: float | None = None


class InListModel(Strict):
    """A field against a list: ``file.csv:column``, ``file.txt`` (an entry a line), or the entries."""

    in_list: Annotated[
        Any,
        WithJsonSchema(
            {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
        ),
    ]
    field: Text | None = Field(None, description="Column to look up.")
    case: Case = Field("any", description="exact: capitals count.")
    contains: bool = Field(
        False, description="The field contains an entry as whole words, instead of being one."
    )


class ColumnModel(Strict):
    """A column that already holds votes."""

    column: Text
    values: Annotated[
        dict[Any, str | None] | None,
        WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "null"]}}),
    ] = Field(None, description="From the column's values to labels; null abstains.")
    confidence: Text | None = Field(None, description="Numeric column that is cut into bins.")
    bins: list[float] | None = Field(None, min_length=1, description="Where to cut, ascending.")


class PythonModel(Strict):
    """A function in a file beside the pack: ``module:function``."""

    python: Text
    args: dict[str, Any] = Field(default_factory=dict)
    field: Text | None = Field(
        None, description="Give the function this column's value instead of the whole item."
    )


class RuleReferenceModel(Strict):
    """The condition of another rule of this pack."""

    rule: Text


class AllModel(Strict):
    """All conditions hold."""

    all_: list[AnyConditionModel] = Field(alias="all", min_length=1)


class AnyModel(Strict):
    """At least one condition holds."""

    any_: list[AnyConditionModel] = Field(alias="any", min_length=1)


class NotModel(Strict):
    """The condition does not hold."""

    not_: AnyConditionModel = Field(alias="not")


_MODELS: Final[dict[str, type[Strict]]] = {
    "keywords": KeywordsModel,
    "regex": RegexModel,
    "tokens": TokensModel,
    "number": NumberModel,
    "date": DateModel,
    "compare": CompareModel,
    "in_list": InListModel,
    "column": ColumnModel,
    "model": ModelModel,
    "graph": GraphModel,
    "python": PythonModel,
    "all": AllModel,
    "any": AnyModel,
    "not": NotModel,
    "rule": RuleReferenceModel,
}


def _one_kind(data: Any) -> Any:  # noqa: ANN401  # anything YAML can say
    """Check that a condition is of exactly one kind, before pydantic looks into it."""
    if not isinstance(data, dict):
        raise PydanticCustomError(
            "no_condition",
            "a condition is a mapping, got {got}",
            {"got": short(data), "hint": "write {keywords: [free, prize]}"},
        )
    kinds = [key for key in data if key in _MODELS]
    if not kinds:
        key = next(iter(data), None)
        hint = (
            did_you_mean(str(key), _MODELS) if key is not None else None
        ) or f"the kinds are {', '.join(_MODELS)}"
        what = "an empty condition" if key is None else f"unknown kind of condition {key!r}"
        raise PydanticCustomError("unknown_kind", "{what}", {"what": what, "at": key, "hint": hint})
    if len(kinds) > 1:
        raise PydanticCustomError(
            "two_kinds",
            "a condition has one kind, got {kinds}",
            {
                "kinds": " and ".join(kinds),
                "at": kinds[1],
                "hint": "join them: all: [{…}, {…}], or any: [{…}, {…}]",
            },
        )
    return data


def _tag(data: Any) -> str:  # noqa: ANN401  # a mapping of one kind, or a model
    keys = (
        data
        if isinstance(data, dict)
        else {field.alias or name for name, field in type(data).model_fields.items()}
    )
    return TAG_PREFIX + next(kind for kind in _MODELS if kind in keys)


AnyConditionModel: TypeAlias = Annotated[
    Annotated[KeywordsModel, Tag("kind:keywords")]
    | Annotated[RegexModel, Tag("kind:regex")]
    | Annotated[TokensModel, Tag("kind:tokens")]
    | Annotated[NumberModel, Tag("kind:number")]
    | Annotated[DateModel, Tag("kind:date")]
    | Annotated[CompareModel, Tag("kind:compare")]
    | Annotated[InListModel, Tag("kind:in_list")]
    | Annotated[ColumnModel, Tag("kind:column")]
    | Annotated[ModelModel, Tag("kind:model")]
    | Annotated[GraphModel, Tag("kind:graph")]
    | Annotated[PythonModel, Tag("kind:python")]
    | Annotated[AllModel, Tag("kind:all")]
    | Annotated[AnyModel, Tag("kind:any")]
    | Annotated[NotModel, Tag("kind:not")]
    | Annotated[RuleReferenceModel, Tag("kind:rule")],
    Discriminator(_tag),
    BeforeValidator(_one_kind),
]

_EXAMPLES_SCHEMA: Final = {
    "type": "array",
    "items": {"anyOf": [{"type": "string"}, {"type": "object"}]},
    "description": "A text for the rule's text field, or a mapping of column to value.",
}


class TestsModel(Strict):
    """Examples that the rule must match, and must not match."""

    __test__ = False  # pytest collects classes by their name

    match: Annotated[list[Any], WithJsonSchema(_EXAMPLES_SCHEMA)] = Field(default_factory=list)
    no_match: Annotated[list[Any], WithJsonSchema(_EXAMPLES_SCHEMA)] = Field(default_factory=list)


class RuleModel(Strict):
    """One rule: it votes for its label where its condition holds."""

    id: Text = Field(max_length=200)
    label: str | None = Field(None, description="Left out for a column, or a function that names the label.")
    when: AnyConditionModel
    why: str = Field("", description="The reason, for reviewers and the audit.")
    author: str = Field("", description="Who wrote it.")
    tests: TestsModel | None = None


class PackModel(Strict):
    """A rule pack."""

    wsal: Literal[1] = Field(description="Version of the format.")
    task: str | None = Field(None, description="Name of the task.")
    labels: list[str] | None = Field(None, description="The labels of the task, at least two.")
    text: Text | None = Field(None, description="Column that conditions read where they name no field.")
    pipeline: Text | None = Field(
        None, description="spaCy pipeline for tokens rules: a package, or a folder beside the pack."
    )
    rules: list[RuleModel] = Field(min_length=1)


for _model in (AllModel, AnyModel, NotModel, RuleModel, PackModel):
    _model.model_rebuild()


def pack_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rule pack, for editors.

    Examples
    --------
    >>> sorted(pack_schema()["properties"])
    ['labels', 'pipeline', 'rules', 'task', 'text', 'wsal']
    """
    schema = PackModel.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "wsal rule pack"
    return schema
