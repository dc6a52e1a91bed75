"""What the models of every part of a pack share: unknown keys are errors, with a hint."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from wsal.errors import did_you_mean

__all__ = ["Case", "Strict", "Text", "short"]


class Strict(BaseModel):
    """A mapping whose keys are all known, and whose values are taken as they are."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:  # noqa: ANN401  # anything YAML can say
        if not isinstance(data, dict):
            raise PydanticCustomError(
                "wrong_type", "expected keys and values, got {got}", {"got": short(data)}
            )
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data:
            if key not in known:
                hint = did_you_mean(str(key), known) or f"the keys here are {', '.join(known)}"
                raise PydanticCustomError(
                    "unknown_key", "unknown key {key}", {"key": repr(key), "at": key, "hint": hint}
                )
        return data


Case: TypeAlias = Literal["any", "exact"]
Text: TypeAlias = Annotated[str, Field(min_length=1)]


def short(value: object) -> str:
    """Write a value for a message: cut to 60 characters, with its type in words."""
    written = repr(value)
    written = written if len(written) <= 60 else written[:57] + "…"
    return f"{written} ({_TYPES.get(type(value), type(value).__name__)})"


_TYPES: Final = {
    str: "a text",
    list: "a list",
    dict: "a mapping",
    int: "a number",
    float: "a number",
    bool: "true/false",
    type(None): "nothing",
}
