"""The token patterns that a pack may use: spaCy's Matcher on plain tokens, checked without loading spaCy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wsal.errors import did_you_mean
from wsal.lf.pipelines import NEEDED
from wsal.lf.search.parse_tree import compile_pattern

__all__ = ["TokenProblem", "token_problems", "token_schema"]

TEXT_ATTRIBUTES: Final = ("TEXT", "ORTH", "LOWER", "NORM", "SHAPE")
YES_NO_ATTRIBUTES: Final = (
    "IS_ALPHA", "IS_ASCII", "IS_BRACKET", "IS_CURRENCY", "IS_DIGIT", "IS_LEFT_PUNCT", "IS_LOWER", "IS_PUNCT",
    "IS_QUOTE", "IS_RIGHT_PUNCT", "IS_SPACE", "IS_STOP", "IS_TITLE", "IS_UPPER", "LIKE_EMAIL", "LIKE_NUM",
    "LIKE_URL", "SPACY",
)  # fmt: skip
TRAINED_ATTRIBUTES: Final = (
    "POS",
    "TAG",
    "MORPH",
    "DEP",
    "LEMMA",
    "ENT_TYPE",
    "ENT_IOB",
    "ENT_ID",
    "IS_SENT_START",
)
COMPARISONS: Final = ("==", "!=", ">=", "<=", ">", "<")
_OPERATOR = re.compile(r"[!?+*]|\{(\d{1,3}|\d{1,3},\d{1,3}|\d{1,3},|,\d{1,3})\}", re.ASCII)


@dataclass(frozen=True)
class TokenProblem:
    """What is wrong with a token pattern, where in it, and what to do."""

    path: tuple[str | int, ...]
    message: str
    hint: str


def token_problems(
    tokens: Sequence[Mapping[str, Any]],
    *,
    provided: frozenset[str] = frozenset(),
    pipeline: str | None = None,
) -> Iterator[TokenProblem]:
    """Find what spaCy's Matcher would refuse, or take and never match.

    Parameters
    ----------
    tokens : sequence of mapping
    provided : frozenset of str
        The attributes that the pack's pipeline gives beyond those of plain tokens.
    pipeline : str, optional
        Its name, for messages.

    Examples
    --------
    >>> [problem.message for problem in token_problems([{"LOWR": "meeting"}])]
    ["unknown token attribute 'LOWR'"]
    """
    for position, token in enumerate(tokens):
        for name, value in token.items():
            if name in TRAINED_ATTRIBUTES and name not in provided:
                yield _lacking((position, name), name, pipeline)
            else:
                yield from _attribute_problems((position, name), name, value)


def _lacking(path: tuple[str | int, ...], name: str, pipeline: str | None) -> TokenProblem:
    if pipeline is None or name not in NEEDED:
        return TokenProblem(
            path,
            f"token attribute {name} needs a trained spaCy pipeline; tokens rules use plain English tokens",
            (
                "name one at the top of the pack (pipeline: en_core_web_sm), or use LOWER, SHAPE or IS_…"
                if name in NEEDED
                else "use LOWER, SHAPE or IS_…, or a Python function with nlp_labeling_function"
            ),
        )
    return TokenProblem(
        path,
        f"token attribute {name} needs a {' or '.join(sorted(NEEDED[name]))}, "
        f"which the pipeline {pipeline!r} lacks",
        "name a pipeline that has one, or use LOWER, SHAPE or IS_…",
    )


def _attribute_problems(path: tuple[str | int, ...], name: str, value: Any) -> Iterator[TokenProblem]:  # noqa: ANN401  # from YAML
    if name in TEXT_ATTRIBUTES or (name in TRAINED_ATTRIBUTES and name != "IS_SENT_START"):
        yield from _text_problems(path, name, value)
    elif name in YES_NO_ATTRIBUTES or name == "IS_SENT_START":
        if not isinstance(value, bool):
            yield TokenProblem(path, f"{name} is true or false, got {value!r}", f"write {{{name}: true}}")
    elif name == "LENGTH":
        yield from _length_problems(path, value)
    elif name == "OP":
        if not isinstance(value, str) or not _OPERATOR.fullmatch(value):
            yield TokenProblem(
                path, f"unknown operator {value!r}", "OP is one of '!', '?', '+', '*', '{2}', '{1,3}'"
            )
    else:
        known = (*TEXT_ATTRIBUTES, *YES_NO_ATTRIBUTES, "LENGTH", "OP")
        hint = did_you_mean(name.upper(), known) or f"the attributes are {', '.join(known)}"
        yield TokenProblem(path, f"unknown token attribute {name!r}", hint)


def _text_problems(path: tuple[str | int, ...], name: str, value: Any) -> Iterator[TokenProblem]:  # noqa: ANN401  # from YAML
    if isinstance(value, str):
        yield from _case_problems(path, name, value)
        return
    if not isinstance(value, dict):
        yield TokenProblem(path, f"{name} is a text, got {value!r}", f'put it in quotes: "{value}"')
        return
    for key, wanted in value.items():
        here = (*path, key)
        if key in {"IN", "NOT_IN"}:
            if not isinstance(wanted, list) or not all(isinstance(word, str) for word in wanted):
                yield TokenProblem(
                    here, f"{key} is a list of texts, got {wanted!r}", f"write {key}: [one, two]"
                )
            else:
                for i, word in enumerate(wanted):
                    yield from _case_problems((*here, i), name, word)
        elif key == "REGEX":
            yield from _regex_problems(here, wanted)
        else:
            yield TokenProblem(
                here,
                f"unknown key {key!r} under {name}",
                did_you_mean(str(key), ("IN", "NOT_IN", "REGEX"))
                or "write a text, or one of IN, NOT_IN, REGEX",
            )


def _case_problems(path: tuple[str | int, ...], name: str, word: str) -> Iterator[TokenProblem]:
    if name == "LOWER" and word != word.lower():
        yield TokenProblem(
            path, f"LOWER never equals {word!r}, which has capitals", f"write {word.lower()!r}"
        )


def _regex_problems(path: tuple[str | int, ...], pattern: Any) -> Iterator[TokenProblem]:  # noqa: ANN401  # from YAML
    if not isinstance(pattern, str):
        yield TokenProblem(path, f"REGEX is a text, got {pattern!r}", "put the pattern in quotes")
        return
    try:
        compile_pattern(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        yield TokenProblem(
            path, f"invalid regex: {error}", "mend the pattern; a literal dot or bracket needs a backslash"
        )


def _length_problems(path: tuple[str | int, ...], value: Any) -> Iterator[TokenProblem]:  # noqa: ANN401  # from YAML
    wanted = value if isinstance(value, dict) else {"==": value}
    for key, number in wanted.items():
        if key not in COMPARISONS:
            yield TokenProblem(
                (*path, key), f"unknown comparison {key!r}", f"write one of {' '.join(COMPARISONS)}"
            )
        elif type(number) is not int or number < 0:
            where = (*path, key) if isinstance(value, dict) else path
            yield TokenProblem(
                where, f"LENGTH is a whole number, got {number!r}", 'write {LENGTH: {">=": 4}}'
            )


def token_schema() -> dict[str, Any]:
    """Return the JSON Schema of one token."""
    words = {"type": "array", "items": {"type": "string"}}
    text = {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {"IN": words, "NOT_IN": words, "REGEX": {"type": "string"}},
                "additionalProperties": False,
            },
        ]
    }
    whole = {"type": "integer", "minimum": 0}
    length = {
        "anyOf": [
            whole,
            {
                "type": "object",
                "properties": dict.fromkeys(COMPARISONS, whole),
                "additionalProperties": False,
            },
        ]
    }
    operator = {"type": "string", "pattern": f"^(?:{_OPERATOR.pattern})$"}
    return {
        "type": "object",
        "properties": {
            **dict.fromkeys((*TEXT_ATTRIBUTES, *(name for name in NEEDED if name != "IS_SENT_START")), text),
            **{name: {"type": "boolean"} for name in (*YES_NO_ATTRIBUTES, "IS_SENT_START")},
            "LENGTH": length,
            "OP": operator,
        },
        "additionalProperties": False,
    }
