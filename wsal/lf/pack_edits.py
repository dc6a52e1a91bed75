"""Other classes in a rule pack: only the words that name them are replaced, every other byte of the file stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from wsal.errors import Location, PackError
from wsal.lf.yaml_source import Keys, YamlSource, read_yaml

__all__ = ["LabelUse", "PackEdit", "Relabelling", "label_uses", "relabel_pack"]

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NOT_TEXT: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True)
class Relabelling:
    """What becomes of names of classes.

    Parameters
    ----------
    names : mapping of str to str or None
        The new name of each class that goes; None where each rule is to say which.
    labels : tuple of str
        All classes afterwards.
    by_rule : mapping of str to str
        For rules of a class that went without a name: the class that they vote for now.
    set_aside : bool
        Take rules of such classes that ``by_rule`` does not name out of the pack.
    """

    names: Mapping[str, str | None]
    labels: tuple[str, ...]
    by_rule: Mapping[str, str]
    set_aside: bool = False


@dataclass(frozen=True)
class LabelUse:
    """A rule that votes for a class, and where; ``value`` is the column's value that stands for it, if one does."""

    rule: str
    label: str
    location: Location
    value: object = None


@dataclass(frozen=True)
class PackEdit:
    """A pack with other classes.

    Parameters
    ----------
    path : Path
    text : str
        The whole file afterwards.
    changes : tuple of str
        ``LINE: what``.
    removed : str
        Rules that were taken out, as they were written; empty where none was.
    undecided : tuple of str
        Rules of a class that was split, which nobody gave a new one: with them the pack cannot be read afterwards.
    """

    path: Path
    text: str
    changes: tuple[str, ...]
    removed: str = ""
    undecided: tuple[str, ...] = ()


def label_uses(path: Path, labels: frozenset[str]) -> Iterator[LabelUse]:
    """Yield the rules of a pack that vote for some classes; code and data that name them are not looked into."""
    source = read_yaml(path)
    for i, rule in enumerate(_rules(source)):
        if rule.get("label") in labels:
            yield LabelUse(str(rule.get("id")), rule["label"], source.location(("rules", i, "label")))
        for key, label in _values(rule).items():
            if label in labels:
                place = source.location(("rules", i, "when", "values", key))
                yield LabelUse(str(rule.get("id")), label, place, key)


def relabel_pack(path: Path, how: Relabelling) -> PackEdit | None:
    """Return a pack with other classes; None where it names none of those that go.

    Parameters
    ----------
    path : Path
    how : Relabelling

    Raises
    ------
    PackError
        A place that cannot be edited safely: an alias, or a rule in a list of one line.
    """
    source = read_yaml(path)
    work = _Work(source, how)
    work.labels()
    for i, rule in enumerate(_rules(source)):
        work.rule(i, rule)
    if not work.edits and not work.undecided:
        return None
    text = source.text
    for start, end, new in sorted(work.edits, reverse=True):
        text = text[:start] + new + text[end:]
    return PackEdit(path, text, tuple(work.changes), "".join(work.removed), tuple(work.undecided))


class _Work:
    """Gathers the places that change."""

    def __init__(self, source: YamlSource, how: Relabelling) -> None:
        self.source, self.how = source, how
        self.edits: list[tuple[int, int, str]] = []
        self.changes: list[str] = []
        self.removed: list[str] = []
        self.undecided: list[str] = []

    def labels(self) -> None:
        """Replace ``labels:``, where a name in it goes."""
        own = self.source.data.get("labels")
        if not isinstance(own, list) or not any(name in self.how.names for name in own):
            return
        path: Keys = ("labels",)
        first, last = self._place((*path, 0)), self._place((*path, len(own) - 1))
        start, end = first[0], last[1]
        flow = self.source.text[self.source.spans[path].start.index] == "["
        column = self.source.spans[*path, 0].start.column
        gap = ", " if flow else "\n" + " " * max(column - 2, 0) + "- "
        kept = [name for name in self.how.labels if name in own or name in self._came(own)]
        self._replace(start, end, gap.join(map(_scalar, kept)), path, f"labels: {', '.join(kept)}")

    def rule(self, i: int, rule: Mapping[str, Any]) -> None:
        """Replace the label of a rule, and the labels that its column's values stand for."""
        name, label = str(rule.get("id")), str(rule.get("label"))
        path: Keys = ("rules", i)
        if label in self.how.names:
            new = self.how.names[label] or self.how.by_rule.get(name)
            if new is None and self.how.set_aside:
                self._take_out(path, name)
                return
            if new is None:
                self.undecided.append(name)
                return
            start, end = self._place((*path, "label"))
            self._replace(start, end, _scalar(new), (*path, "label"), f"rule {name}: {label} → {new}")
        for key, value in _values(rule).items():
            if value in self.how.names:
                place: Keys = (*path, "when", "values", key)
                to = self.how.names[value] or self.how.by_rule.get(name)
                start, end = self._place(place)
                said = f"rule {name}, value {key}: {value} → {to or 'abstains'}"
                self._replace(start, end, "null" if to is None else _scalar(to), place, said)

    def _came(self, own: list[str]) -> set[str]:
        if any(self.how.names.get(name, name) is None for name in own):
            return set(self.how.labels)  # a class was split: all that came in its place
        return {new for name in own if (new := self.how.names.get(name)) is not None}

    def _take_out(self, path: Keys, name: str) -> None:
        text, span = self.source.text, self.source.spans[path]
        line_start = text.rfind("\n", 0, span.start.index) + 1
        if text[line_start : span.start.index].strip() != "-":
            self._fail(path, f"rule {name!r} stands in a line with others", "take it out of the pack by hand")
        inside = [
            s.end.index for place, s in self.source.spans.items() if place[:2] == path and self._ends(place)
        ]
        end = text.find("\n", len(text[: max(inside)].rstrip()))
        end = len(text) if end < 0 else end + 1
        self.removed.append(text[line_start:end])
        self._replace(line_start, end, "", path, f"rule {name}: taken out")

    def _ends(self, place: Keys) -> bool:
        """Whether a part ends where its mark says: all do but mappings and lists over several lines."""
        value: Any = self.source.data
        for key in place:
            value = value[key]
        return (
            not isinstance(value, dict | list)
            or self.source.text[self.source.spans[place].start.index] in "[{"
        )

    def _place(self, path: Keys) -> tuple[int, int]:
        """Return where a text stands; refuse one that is written elsewhere, as aliases are."""
        span = self.source.spans[path]
        written = self.source.text[span.start.index : span.end.index].rstrip()
        value: Any = self.source.data
        for key in path:
            value = value[key]
        try:
            # A node with an anchor stands for its aliases, too, and their marks are its own.
            same = not written.startswith("&") and YAML(typ="safe", pure=True).load(written) == value
        except YAMLError:
            same = False
        if not same or any(start <= span.start.index < end for start, end, _ in self.edits):
            self._fail(path, f"{value!r} cannot be edited safely here", "edit it by hand")
        return span.start.index, span.start.index + len(written)

    def _replace(self, start: int, end: int, new: str, path: Keys, what: str) -> None:
        self.edits.append((start, end, new))
        self.changes.append(f"{self.source.location(path).line}: {what}")

    def _fail(self, path: Keys, message: str, hint: str) -> NoReturn:
        raise PackError(message, location=self.source.location(path), hint=hint)


def _rules(source: YamlSource) -> list[dict[str, Any]]:
    rules = source.data.get("rules") if isinstance(source.data, dict) else None
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []


def _values(rule: Mapping[str, Any]) -> dict[Any, Any]:
    when = rule.get("when")
    values = when.get("values") if isinstance(when, dict) else None
    return values if isinstance(values, dict) else {}


def _scalar(name: str) -> str:
    """Write a name so that YAML reads it back as a text."""
    if _PLAIN.fullmatch(name) and name.lower() not in _NOT_TEXT:
        return name
    return json.dumps(name, ensure_ascii=False)
