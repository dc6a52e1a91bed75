"""YAML 1.2 with the place of every value, and nothing that runs code.

The nodes come from ruamel.yaml's composer. Values are made here, of plain types only: a tag that would make
anything else is an error, dates stay texts, and aliases may not grow a small file into a large one.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from wsal.errors import Location, PackError

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "YamlSource", "parse_yaml", "read_yaml", "stands_beyond"]

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
class _Page:
    """The text of a file.

    Parameters
    ----------
    file : str
        As the user named it.
    text : str
    """

    file: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return _LINE_END.split(self.text)

    def location(self, line: int, column: int) -> Location:
        """Return a place; both count from 0, as in ruamel's marks."""
        there = self.lines[line] if line < len(self.lines) else ""
        return Location(self.file, line + 1, column + 1, there)


@dataclass(frozen=True, eq=False)
class YamlSource:
    """A YAML file: its value, and where each part of it stands.

    Parameters
    ----------
    data : object
        Plain dicts, lists, texts, numbers, booleans and None.
    page : _Page
    spans : dict
        From the keys and positions that lead to a part, to its place.
    """

    data: Any
    page: _Page
    spans: dict[Keys, _Span] = field(repr=False)

    @property
    def text(self) -> str:
        """The whole file."""
        return self.page.text

    def location(self, path: Keys, *, key: bool = False) -> Location:
        """Return where a part stands: the nearest one above where there is none, or its key."""
        while path not in self.spans and path:
            path = path[:-1]
        span = self.spans[path]
        mark = span.key if key and span.key is not None else span.start
        return self.page.location(mark.line, mark.column)

    def source_of(self, path: Keys) -> str:
        """Return a part as it is written, without its indentation, and without comments on what follows it."""
        span = self.spans[path]
        written = self.page.text[span.start.index : span.end.index]
        if "\n" not in written:
            return written.strip()
        lines = written.splitlines()
        while len(lines) > 1 and stands_beyond(lines[-1], span.start.column):
            lines.pop()
        return textwrap.dedent("\n".join([" " * span.start.column + lines[0], *lines[1:]])).strip()


def stands_beyond(line: str, column: int) -> bool:
    """Say whether a line behind a part is none of its own: blank, or a comment further left than the part."""
    bare = line.lstrip()
    return not bare or (bare.startswith("#") and len(line) - len(bare) < column)


def read_yaml(path: Path) -> YamlSource:
    """Read a YAML file.

    Raises
    ------
    PackError
        It cannot be read, is empty, too large, not UTF-8 or not YAML, or holds tags, merge keys, repeated
        keys or runaway aliases.
    """
    return parse_yaml(_read_text(path), str(path))


def parse_yaml(text: str, file: str) -> YamlSource:
    """Read YAML that is in memory; ``file`` names it in errors, which are those of `read_yaml`."""
    page = _Page(file, text)
    root = _compose(page)
    if root is None:
        raise PackError("the file is empty", location=Location(file, 1), hint="start it with 'wsal: 1'")
    reader = _Reader(page)
    try:
        data = reader.value(root, (), frozenset())
    except RecursionError:
        _too_deep(file)
    return YamlSource(data, page, reader.spans)


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


class _ShallowComposer(Composer):
    """Stops where the nesting is too deep, before composing takes long or the stack ends."""

    _level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401  # as its base
        self._level += 1
        if self._level > MAX_DEPTH + 1:
            problem = f"nested more than {MAX_DEPTH} levels deep"
            raise ComposerError(problem=problem, problem_mark=self.parser.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self._level -= 1
        return node


def _compose(page: _Page) -> Any:  # noqa: ANN401  # ruamel's Node
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _ShallowComposer
    try:
        return yaml.compose(page.text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        location = page.location(mark.line, mark.column) if mark else Location(page.file)
        problem = f"bad YAML: {error.problem or error.context}"
        raise PackError(problem, location=location, hint=_yaml_hint(str(error.problem), location)) from error
    except ReaderError as error:
        before = _LINE_END.split(page.text[: error.position])
        location = page.location(len(before) - 1, len(before[-1]))
        raise PackError(
            f"bad YAML: the character U+{ord(page.text[error.position]):04X} is not allowed",
            location=location,
            hint=r'remove it, or write it as an escape in double quotes: "\x07"',
        ) from error
    except RecursionError:
        _too_deep(page.file)


def _yaml_hint(problem: str, location: Location) -> str:  # noqa: PLR0911  # one case a cure
    if "levels deep" in problem:
        return _DEPTH_HINT
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


class _Reader:
    """Makes plain values of nodes, and notes their places."""

    def __init__(self, page: _Page) -> None:
        self._page = page
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
        return self._page.location(mark.line, mark.column)

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
        location = self._page.location(node.start_mark.line, node.start_mark.column)
        raise PackError(message, location=location, hint=hint)
