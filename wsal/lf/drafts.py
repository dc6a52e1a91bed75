"""Drafts: the text of one rule, read beside the rules of its pack without reading all of them again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from wsal.errors import InputError, Location, PackError
from wsal.lf.pack_text import PackText, references_of
from wsal.lf.resources import PackFolder
from wsal.lf.rule import Rule
from wsal.lf.rule_builder import RuleBuilder
from wsal.lf.schema_errors import validate_pack
from wsal.lf.yaml_source import YamlSource, parse_yaml
from wsal.types import LabelSpace

__all__ = ["DRAFT", "MAX_DRAFT", "Draft", "at_draft", "locked_because", "read_draft", "refuse", "with_author"]

DRAFT: Final = "draft"
"""How a draft is named in the places of errors."""

MAX_DRAFT: Final = 20_000
"""Characters."""

_CODE: Final = ("python", "model")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z_-]*")
_WORDS: Final = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True, eq=False)
class Draft:
    """A rule as somebody is writing it.

    Parameters
    ----------
    rule_id : str
    rules : tuple of Rule
        One, or one a bin.
    text : str
    source : YamlSource
        Of the draft alone, as the first rule of a pack.
    """

    rule_id: str
    rules: tuple[Rule, ...]
    text: str
    source: YamlSource


def read_draft(
    text: str,
    pack: PackText,
    *,
    folder: Path,
    text_column: str = "text",
    labels: LabelSpace | None = None,
    vocabulary: LabelSpace | None = None,
) -> Draft:
    """Read the text of one rule, which no code belongs to.

    Parameters
    ----------
    text : str
        Keys and values, without the dash.
    pack : PackText
        The pack that it stands in, or shall stand in.
    folder : Path
        Where the files are that it names.
    text_column : str
        As `wsal.lf.load_pack` has ``text``.
    labels, vocabulary : LabelSpace, optional
        As `wsal.lf.load_pack`.

    Raises
    ------
    PackError
        With a line and column of the draft.

    Notes
    -----
    Of the pack only the rules are read that the draft refers to: O(draft), not O(pack).
    """
    if len(text) > MAX_DRAFT:
        raise PackError(
            f"the rule has {len(text)} characters; one has at most {MAX_DRAFT}",
            location=Location(DRAFT, 1, 1),
            hint="put long lists into a file beside the pack: in_list: names.txt",
        )
    head = ["wsal: 1"]
    if (pipeline := pack.source.data.get("pipeline")) is not None:
        head.append(f"pipeline: {json.dumps(pipeline)}")
    head.append("rules:")
    own = "\n".join([*head, *_item(text)]) + "\n"
    try:
        alone = parse_yaml(own, DRAFT)
        validate_pack(alone)
        rule = alone.data["rules"][0]
        _require_no_code(alone)
        references = _references(rule, pack)
        whole = "\n".join([own, *(line for name in references for line in _item(pack.rule_text(name)))])
        source = parse_yaml(whole, DRAFT)
        builder = RuleBuilder(
            source,
            validate_pack(source),
            PackFolder(folder),
            text=str(pack.source.data.get("text") or text_column),
            labels=labels,
            allow_python=False,
            vocabulary=vocabulary,
        )
        rules = tuple(rule for rule in builder.build() if rule.source_id == alone.data["rules"][0]["id"])
    except PackError as error:
        raise _placed(error, text, len(head)) from error
    return Draft(str(rule["id"]), rules, text, alone)


def at_draft(error: InputError, draft: Draft) -> PackError:
    """Give an error about a rule of a draft its place in the draft."""
    return _placed(error, draft.text, _n_head(draft))


def refuse(message: str, draft: Draft, key: str, hint: str) -> NoReturn:
    """Raise an error at a key of a draft.

    Raises
    ------
    PackError
        Always.
    """
    place = draft.source.location(("rules", 0, key))
    raise at_draft(PackError(message, location=place, hint=hint), draft)


def locked_because(rule: str, pack: PackText) -> str:
    """Say why a rule cannot be edited as text; empty where it can."""
    data = pack.rules[rule]
    for name in (rule, *_references(data, pack)):
        kind = next((kind for kind in _kinds(pack.rules[name].get("when")) if kind in _CODE), None)
        if kind is not None:
            whose = "it" if name == rule else f"rule {name!r}, which it refers to,"
            return f"{whose} runs code ({kind}:); who can edit the folder of the project can edit it"
    return ""


def with_author(draft: Draft, author: str) -> str:
    """Return the text of a draft with its author; the rest of it stays as it is."""
    written = author if _PLAIN.fullmatch(author) and author.lower() not in _WORDS else json.dumps(author)
    text = draft.text.strip()
    here = ("rules", 0, "author")
    if here in draft.source.spans:
        head = _n_head(draft)
        span = draft.source.spans[here]
        lines = text.splitlines(keepends=True)
        begin = sum(map(len, lines[: span.start.line - head])) + span.start.column - 2
        end = sum(map(len, lines[: span.end.line - head])) + span.end.column - 2
        return text[:begin] + written + text[end:]
    if text.startswith("{"):
        return text.rstrip().removesuffix("}").rstrip().removesuffix(",") + f", author: {written}}}"
    return f"{text}\nauthor: {written}"


def _n_head(draft: Draft) -> int:
    """Return the number of lines before the draft in what was read."""
    return int(draft.source.spans["rules", 0].start.line)


def _item(text: str) -> Iterator[str]:
    """Write a rule as an entry of a list; whatever it holds, it cannot leave its indentation."""
    first, *rest = text.strip().splitlines() or [""]
    yield f"- {first}"
    yield from (f"  {line}" for line in rest)


def _require_no_code(source: YamlSource) -> None:
    kind = next((kind for kind in _kinds(source.data["rules"][0]["when"]) if kind in _CODE), None)
    if kind is not None:
        raise PackError(
            f"a rule that runs code ({kind}:) cannot be written here",
            location=source.location(("rules", 0, "when")),
            hint="write it into the file of the pack, or say the condition without code",
        )


def _references(rule: Mapping[str, Any], pack: PackText) -> tuple[str, ...]:
    """Return the other rules of the pack that a rule refers to, directly or through others."""
    found: dict[str, None] = {}
    waiting = list(references_of(rule.get("when")))
    while waiting:
        name = waiting.pop()
        if name in pack.rules and name != rule.get("id") and name not in found:
            found[name] = None
            waiting += references_of(pack.rules[name].get("when"))
    return tuple(found)


def _kinds(condition: Any) -> Iterator[str]:  # noqa: ANN401  # anything YAML can say
    if isinstance(condition, dict):
        yield from map(str, condition)
        for key in ("all", "any", "not"):
            yield from _kinds(condition.get(key))
    elif isinstance(condition, list):
        for part in condition:
            yield from _kinds(part)


def _placed(error: InputError, text: str, n_head: int) -> PackError:
    """Move the place of an error from the small pack that was read to the draft itself."""
    lines = text.strip().splitlines() or [""]
    there = error.location
    line = 1 if there is None or there.line is None else there.line - n_head
    inside = 1 <= line <= len(lines)
    column = 1 if there is None or there.column is None or not inside else max(there.column - 2, 1)
    line = min(max(line, 1), len(lines))
    return PackError(error.message, location=Location(DRAFT, line, column, lines[line - 1]), hint=error.hint)
