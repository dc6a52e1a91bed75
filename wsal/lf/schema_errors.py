"""Turn pydantic's errors about a pack into one error an expert can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wsal.errors import PackError
from wsal.lf.schema import TAG_PREFIX, PackModel
from wsal.lf.schema_base import short
from wsal.lf.yaml_source import Keys, YamlSource

__all__ = ["validate_pack"]

_REQUIRED_HINTS = {
    "wsal": "write 'wsal: 1' at the top",
    "rules": "write 'rules:' and a list of rules under it",
    "id": "give the rule a short name: id: prize-words",
    "when": "say when it votes: when: {keywords: [free, prize]}",
}


def validate_pack(source: YamlSource) -> PackModel:
    """Check the shape of a pack.

    Raises
    ------
    PackError
        The first thing that is wrong, in the order of the file.
    """
    try:
        return PackModel.model_validate(source.data)
    except ValidationError as error:
        errors = [_translate(details, source) for details in error.errors(include_url=False)]
    raise min(errors, key=lambda e: (e.location.line or 0, e.location.column or 0) if e.location else (0, 0))


def _translate(details: ErrorDetails, source: YamlSource) -> PackError:
    path, beyond = _path_in_file(details["loc"], source.data)
    context: Mapping[str, Any] = details.get("ctx", {})
    if "at" in context and context["at"] is not None:
        return PackError(
            details["msg"], location=source.location((*path, context["at"]), key=True), hint=context["hint"]
        )
    if details["type"] == "missing":
        name = beyond[-1] if beyond else path[-1]
        return PackError(
            f"{_described(path)} has no '{name}'",
            location=source.location(path),
            hint=_REQUIRED_HINTS.get(str(name), f"add '{name}:'"),
        )
    message, hint = _wording(details, path, context)
    return PackError(message, location=source.location(path), hint=hint)


def _path_in_file(loc: tuple[int | str, ...], data: Any) -> tuple[Keys, Keys]:  # noqa: ANN401  # anything YAML can say
    """Split pydantic's place into what the file has, and what lies beyond it."""
    path: list[Any] = []
    wanted = [step for step in loc if not (isinstance(step, str) and step.startswith(TAG_PREFIX))]
    for i, step in enumerate(wanted):
        in_mapping = isinstance(data, dict) and step in data
        if in_mapping or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]
        else:
            return tuple(path), tuple(wanted[i:])
        path.append(step)
    return tuple(path), ()


def _described(path: Keys) -> str:
    if not path:
        return "the pack"
    if len(path) == 2 and path[0] == "rules":
        return f"rule {path[1] + 1}"
    return f"'{path[-1]}'" if isinstance(path[-1], str) else f"entry {path[-1] + 1} of '{path[-2]}'"


def _wording(  # noqa: C901, PLR0911, PLR0912  # one case a kind of error
    details: ErrorDetails, path: Keys, context: Mapping[str, Any]
) -> tuple[str, str]:
    what, got = _described(path), short(details["input"])
    bare = details["input"]
    match details["type"]:
        case "string_type" if bare is None:
            return f"{what} is empty", "write a text, or remove the key"
        case "string_type" if isinstance(bare, bool | int | float):
            quoted = str(bare).lower() if isinstance(bare, bool) else str(bare)
            return f"{what} is a text, got {got}", f'put it in quotes: "{quoted}"'
        case "string_type":
            return f"{what} is a text, got {got}", "write a single text"
        case "string_too_short":
            return f"{what} is empty", "write at least one character"
        case "string_too_long":
            return f"{what} is longer than {context['max_length']} characters", "shorten it"
        case "list_type":
            return f"{what} is a list, got {got}", "put it in brackets: [one, two]"
        case "dict_type":
            return f"{what} is a mapping, got {got}", "write keys and values: {key: value}"
        case "bool_type":
            return f"{what} is true or false, got {got}", "write true or false"
        case "int_type" | "float_type":
            whole = "whole " if details["type"] == "int_type" else ""
            return f"{what} is a {whole}number, got {got}", "write the number without quotes"
        case "greater_than_equal":
            return f"{what} is at least {context['ge']}, got {bare!r}", f"write {context['ge']} or more"
        case "less_than_equal":
            return f"{what} is at most {context['le']:g}, got {bare!r}", f"write {context['le']:g} or less"
        case "greater_than":
            return f"{what} is above {context['gt']:g}, got {bare!r}", f"write more than {context['gt']:g}"
        case "too_short" if path == ("rules",):
            return "the pack has no rules", "write at least one: - {id: …, label: …, when: …}"
        case "too_short" if context["min_length"] == 1:
            return f"{what} is empty", "write at least one entry, or remove the key"
        case "too_short":
            return (
                f"{what} has fewer than {context['min_length']} entries",
                "add what is missing, or remove the key",
            )
        case "too_long":
            return f"{what} has more than {context['max_length']} entries", "write [low, high]"
        case "literal_error" if path == ("wsal",):
            return f"this pack has format {bare!r}; this wsal reads format 1", "write 'wsal: 1'"
        case "literal_error":
            return f"{what} is {context['expected']}, got {got}", f"write {context['expected']}"
        case _:
            return f"{what}: {details['msg']}", str(
                context.get("hint", "see 'wsal check --schema' for what goes here")
            )
