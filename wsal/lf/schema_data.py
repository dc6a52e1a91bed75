"""The shape of the conditions that read other things than one text: dates, two columns, models, graphs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from wsal.lf.schema_base import Case, Strict, Text

__all__ = ["CompareModel", "DateModel", "GraphModel", "ModelModel"]


class DateModel(Strict):
    """A column of dates against thresholds, all of which must hold; a day is the whole day."""

    date: Text = Field(description="Column of dates.")
    after: Text | None = None
    before: Text | None = None
    at_least: Text | None = None
    at_most: Text | None = None
    between: list[Text] | None = Field(None, min_length=2, max_length=2, description="Both ends included.")
    weekdays: list[Text] | None = Field(None, min_length=1, description="monday, tuesday, …")
    format: Text | None = Field(None, description="How texts write dates: '%d/%m/%Y'; ISO 8601 unless given.")


class CompareModel(Strict):
    """One column of an item against another; exactly one comparison."""

    compare: Text = Field(description="Column.")
    above: Text | None = Field(None, description="The other column.")
    below: Text | None = None
    at_least: Text | None = None
    at_most: Text | None = None
    equals: Text | None = None
    differs_from: Text | None = None
    as_: Literal["number", "date", "text"] = Field("number", alias="as", description="What the columns hold.")
    case: Case = Field("any", description="For texts; exact: capitals count.")


class ModelModel(Strict):
    """A scikit-learn classifier that a function beside the pack returns: ``module:function``."""

    model: Text
    class_: Text | None = Field(
        None, alias="class", description="Whose probability is asked; the rule's label unless given."
    )
    at_least: float = Field(0.5, gt=0, le=1, description="True from this probability on.")
    unknown_from: float | None = Field(
        None, ge=0, le=1, description="Unknown from this probability on; at_least unless given."
    )
    field: Text | None = Field(None, description="Column the model reads.")
    fields: list[Text] | None = Field(None, min_length=1, description="Columns the model reads as a frame.")
    train: Text | None = Field(
        None, description="FILE.csv:LABEL_COLUMN; items that stand in it are judged by a fold without them."
    )
    args: dict[str, Any] = Field(default_factory=dict)


class GraphModel(Strict):
    """Relations between an item's entities, or the labels of an item's neighbours, in a file of edges."""

    graph: Text = Field(description="CSV file with the columns source and target.")
    related: Annotated[
        Any,
        WithJsonSchema(
            {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
        ),
    ] = Field(None, description="Names of relations (column relation of the file), or '*' for any.")
    from_: Text | None = Field(None, alias="from", description="Column of the first entity.")
    to: Text | None = Field(None, description="Column of the second entity.")
    hops: int = Field(1, ge=1, le=10, description="Relations in a row at most.")
    both_ways: bool = Field(False, description="The direction of relations does not count.")
    case: Case = Field("any", description="exact: capitals of names count.")
    neighbours: Text | None = Field(
        None, description="FILE.csv:LABEL_COLUMN with answers to items, by the column item."
    )
    item: Text = Field("id", description="Column of item ids, in the items and in the answers.")
    at_least: float = Field(0.5, gt=0, le=1, description="Share of the answered neighbours, by weight.")
    min_neighbours: int = Field(1, ge=1, description="Answered neighbours wanted.")
