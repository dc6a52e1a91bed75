"""YAML 1.2 with the place of every value, and nothing that runs code.

The nodes come from ruamel.yaml's composer. Values are made here, of plain types only: a tag that would make
anything else is an error, dates stay texts, and aliases may not grow a small file into a large one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from wsal.errors import Location, PackError

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "YamlSource", "read_yaml"]

MAX_BYTES: Final = 5_000_000
MAX_NODES: Final = 200_000
"""Values after aliases are expanded."""
MAX_DEPTH: Final = 40

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what the composer counts as a line
_TAG: Final = "tag:yaml.org,2002:"
_DEPTH_HINT: Final = "make parts of it rules of their own, and name them with {rule: …}"
_SPLIT_HINT: Final = "split the pack into several files"

Keys = tuple[Any, ...]


@dataclass(frozen=True)
class _Span:
    """Where a value stands: its start, its end, and the start of its key in a mapping."""

    start: Any
    end: Any
    key: Any = None


@dataclass(frozen=True, eq=False)
class YamlSource:
    """A YAML file: its value, and where each part of it stands.

    Parameters
    ----------
    file : str
        As the user named it.
    data : object
        Plain dicts, lists, texts, numbers, booleans and None.
    text : str
    spans : dict
        From the keys and positions that lead to a part, to its place.
    """

    file: str
    data: Any
    text: str
    spans: dict[Keys, _Span] = field(repr=False)

    def location(self, path: Keys, *, key: bool = False) -> Location:
        """Return where a part stands: the nearest one above where there is none, or its key."""
        while path not in self.spans and path:
            path = path[:-1]
        span = self.spans[path]
        mark = span.key if key and span.key is not None else span.start
        return self._located(mark)

    def source_of(self, path: Keys) -> str:
        """Return a part as it is written, without its indentation."""
        span = self.spans[path]
        written = self.text[span.start.index : span.end.index]
        return (
            textwrap.dedent(" " * span.start.column + written).strip() if "\n" in written else written.strip()
        )

    def _located(self, mark: Any) -> Location:  # noqa: ANN401  # ruamel's StringMark
        return _locate(self.file, self.text, mark.line, mark.column)


def read_yaml(path: Path) -> YamlSource:
    """Read a YAML file.

    Raises
    ------
    PackError
        It cannot be read, is empty, too large, not UTF-8 or not YAML, or holds tags, merge keys, repeated
        keys or runaway aliases.
    """
    text = _read_text(path)
    root = _compose(str(path), text)
    if root is None:
        raise PackError("the file is empty", location=Location(str(path), 1), hint="start it with 'wsal: 1'")
    reader = _Reader(str(path), text)
    try:
        data = reader.value(root, (), frozenset())
    except RecursionError:
        _too_deep(str(path))
    return YamlSource(str(path), data, text, reader.spans)


def _read_text(path: Path) -> str:
    location = Location(str(path))
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PackError(
            f"the file cannot be read: {error.strerror}",
            location=location,
            hint="check the path and its permissions",
        ) from error
    if len(raw) > MAX_BYTES:
        raise PackError(
            f"the file has {len(raw)} bytes; a pack has at most {MAX_BYTES}",
            location=location,
            hint=_SPLIT_HINT,
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        lines = _LINE_END.split(before)
        raise PackError(
            f"the file is not UTF-8: byte 0x{raw[error.start]:02x}",
            location=Location(str(path), len(lines), len(lines[-1]) + 1),
            hint="save it as UTF-8 (in most editors: Save with encoding)",
        ) from error


def _compose(file: str, text: str) -> Any:  # noqa: ANN401  # ruamel's Node
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        if _may_be_deep(text):
            _refuse_depth(file, text, YAML(typ="safe", pure=True).parse(text))
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        location = _locate(file, text, mark.line, mark.column) if mark else Location(file)
        problem = f"bad YAML: {error.problem or error.context}"
        raise PackError(problem, location=location, hint=_yaml_hint(str(error.problem), location)) from error
    except ReaderError as error:
        before = _LINE_END.split(text[: error.position])
        location = _locate(file, text, len(before) - 1, len(before[-1]))
        raise PackError(
            f"bad YAML: the character U+{ord(text[error.position]):04X} is not allowed",
            location=location,
            hint=r'remove it, or write it as an escape in double quotes: "\x07"',
        ) from error
    except RecursionError:
        _too_deep(file)


def _may_be_deep(text: str) -> bool:
    """Whether nesting could be so deep that composing it takes long; reading such a file twice is cheaper."""
    return text.count("[") + text.count("{") > 500 or "- - - - - - " in text


def _refuse_depth(file: str, text: str, events: Iterable[Any]) -> None:
    from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH + 1:
            location = _locate(file, text, event.start_mark.line, event.start_mark.column)
            raise PackError(f"nested more than {MAX_DEPTH} levels deep", location=location, hint=_DEPTH_HINT)


def _yaml_hint(problem: str, location: Location) -> str:  # noqa: PLR0911  # one case a cure
    if "\\t" in problem or "'\t'" in problem:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return "a text with ': ' in it needs quotes"
    if "undefined alias" in problem or "alias" in problem:
        return "a text that starts with * or & needs quotes"
    if "another document" in problem:
        return "a pack is one document: remove the line '---'"
    if "escape" in problem:
        return "write regular expressions in single quotes: regex: '\\bfree\\b'"
    if location.text is not None and location.text.lstrip().startswith(("@", "`", "%")):
        return "a text that starts with a special character needs quotes"
    return "check brackets, quotes and indentation here and in the lines above"


def _too_deep(file: str) -> NoReturn:
    raise PackError(
        "the file is nested too deeply",
        location=Location(file),
        hint=_DEPTH_HINT,
    )


def _locate(file: str, text: str, line: int, column: int) -> Location:
    lines = _LINE_END.split(text)
    return Location(file, line + 1, column + 1, lines[line] if line < len(lines) else "")


class _Reader:
    """Makes plain values of nodes, and notes their places."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._n_nodes = 0
        self.spans: dict[Keys, _Span] = {}

    def value(self, node: Any, path: Keys, above: frozenset[int], key: Any = None) -> Any:  # noqa: ANN401  # nodes
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES:
            self._fail(node, f"the file has more than {MAX_NODES} values", _SPLIT_HINT)
        if id(node) in above:
            self._fail(node, "an alias stands for a value that holds the alias itself", "write the value out")
        if len(path) > MAX_DEPTH:
            self._fail(node, f"nested more than {MAX_DEPTH} levels deep", _DEPTH_HINT)
        self.spans[path] = _Span(node.start_mark, node.end_mark, key)
        above = above | {id(node)}
        tag = str(node.tag)
        if tag == _TAG + "map" and isinstance(node.value, list):
            return self._mapping(node, path, above)
        if tag == _TAG + "seq" and isinstance(node.value, list):
            return [self.value(child, (*path, i), above) for i, child in enumerate(node.value)]
        return self._scalar(node, tag)

    def _mapping(self, node: Any, path: Keys, above: frozenset[int]) -> dict[Any, Any]:  # noqa: ANN401  # as above
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node.value, list):
                self._fail(
                    key_node, "a key is a single word or number, not a list or mapping", "put it in quotes"
                )
            tag = str(key_node.tag)
            if tag == _TAG + "merge":
                self._fail(key_node, "merge keys (<<) are not part of YAML 1.2", "repeat the keys")
            key = self._scalar(key_node, tag)
            if key in mapping:
                first = self.location((*path, key))
                self._fail(
                    key_node, f"key {key!r} stands twice; first in line {first.line}", "remove one of the two"
                )
            mapping[key] = self.value(value_node, (*path, key), above, key_node.start_mark)
        return mapping

    def location(self, path: Keys) -> Location:
        mark = self.spans[path].key
        return _locate(self._file, self._text, mark.line, mark.column)

    def _scalar(self, node: Any, tag: str) -> Any:  # noqa: ANN401  # as above
        text = node.value
        match tag.removeprefix(_TAG):
            # A date stays the text that it is; nothing in a pack is a date.
            case "str" | "timestamp" | "value" if isinstance(text, str):
                return self._text_of(node, text)
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on"}
            case "int":
                return self._integer(node, text)
            case "float":
                return self._float(node, text)
            case _:
                return self._fail(
                    node,
                    f"the tag {tag.replace(_TAG, '!!')} is not allowed",
                    "a pack holds plain values; remove the tag",
                )

    def _text_of(self, node: Any, text: str) -> str:  # noqa: ANN401  # as above
        r"""Join surrogate pairs, which is how JSON escapes what lies beyond U+FFFF: "\ud83d\ude00"."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            return self._fail(
                node, "half of a surrogate pair is no character", r'write the whole: "\U0001F600"'
            )

    def _integer(self, node: Any, text: str) -> int:  # noqa: ANN401  # as above
        digits = text.replace("_", "")
        try:
            return int(digits, 10) if digits.lstrip("+-").isdigit() else int(digits, 0)
        except ValueError:
            return self._fail(node, f"{text[:40]!r} is no number", f'put it in quotes: "{text[:40]}"')

    def _float(self, node: Any, text: str) -> float:  # noqa: ANN401  # as above
        digits = text.replace("_", "").lower()
        try:
            return float(re.sub(r"\.(inf|nan)$", r"\1", digits))
        except ValueError:
            return self._fail(node, f"{text[:40]!r} is no number", f'put it in quotes: "{text[:40]}"')

    def _fail(self, node: Any, message: str, hint: str) -> NoReturn:  # noqa: ANN401  # as above
        mark = node.start_mark
        location = _locate(self._file, self._text, mark.line, mark.column)
        raise PackError(message, location=location, hint=hint)
