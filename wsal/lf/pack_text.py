"""The text of a pack, edited one rule at a time: every other byte of it stays, comments among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wsal.errors import InputError
from wsal.lf.yaml_source import YamlSource, parse_yaml, stands_beyond

__all__ = ["PackText", "references_of"]


@dataclass(frozen=True, eq=False)
class PackText:
    r"""A pack as it is written. Make one with `PackText.of`.

    Parameters
    ----------
    source : YamlSource
        Of a pack whose shape is right.

    Examples
    --------
    >>> pack = PackText.of("wsal: 1\nrules:\n# the first\n- id: a\n  label: x\n# the last\n- id: b\n", "p.yaml")
    >>> pack.ids, pack.rule_text("a")
    (('a', 'b'), 'id: a\nlabel: x')
    >>> print(pack.replaced("a", "id: a\nlabel: y"))
    wsal: 1
    rules:
    # the first
    - id: a
      label: y
    # the last
    - id: b
    <BLANKLINE>
    """

    source: YamlSource

    @classmethod
    def of(cls, text: str, file: str) -> PackText:
        """Read the text of a pack; ``file`` names it in errors, which are those of `wsal.lf.yaml_source.read_yaml`."""
        return cls(parse_yaml(text, file))

    @property
    def text(self) -> str:
        """The whole file."""
        return self.source.text

    @cached_property
    def rules(self) -> dict[str, dict[str, Any]]:
        """What each rule says, by its id, in the order of the file."""
        return {str(rule["id"]): rule for rule in self.source.data["rules"]}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the rules, in the order of the file."""
        return tuple(self.rules)

    def line(self, rule: str) -> int:
        """Return the line in which a rule begins, from 1."""
        return int(self.source.spans["rules", self._index(rule)].start.line) + 1

    def rule_text(self, rule: str) -> str:
        """Return a rule as it is written, with the comments inside it, without its indentation."""
        start, stop, column = self._extent(self._index(rule))
        return re.sub(rf"(\r?\n) {{0,{column}}}", r"\1", self.text[start:stop]).replace("\r\n", "\n")

    def replaced(self, rule: str, text: str) -> str:
        """Return the pack with one rule written otherwise.

        Raises
        ------
        InputError
            The text would change more than this rule.
        """
        i = self._index(rule)
        start, stop, column = self._extent(i)
        edited = self.text[:start] + self._indented(text, column) + self.text[stop:]
        return self._checked(edited, [*range(i), None, *range(i + 1, len(self.ids))], text)

    def appended(self, text: str) -> str:
        """Return the pack with a rule more, at its end.

        Raises
        ------
        InputError
            The rules of the pack stand in brackets, or the text would change more than that.
        """
        rules = self.source.spans["rules",]
        if self.text[rules.start.index] == "[":
            raise InputError(
                f"the rules of {self.source.page.file} stand in brackets, so none can be added here",
                hint="write each on lines of its own, after a dash; or add it to another pack",
            )
        _, stop, _ = self._extent(len(self.ids) - 1)
        column = rules.start.column
        added = "\n\n" + " " * column + "- " + self._indented(text, column + 2)
        rest = self.text[stop:]
        edited = self.text[:stop] + self._ends(added) + (rest or "\n")
        return self._checked(edited, [*range(len(self.ids)), None], text)

    def without(self, rule: str) -> str:
        """Return the pack without a rule.

        Raises
        ------
        InputError
            It is the only one, or cannot be cut out of its brackets.
        """
        i = self._index(rule)
        if len(self.ids) == 1:
            raise InputError(
                f"rule {rule!r} is the only one of {self.source.page.file}",
                hint="a pack has at least one rule: add another first, or take the file away",
            )
        start, stop, _ = self._extent(i)
        begin = self.text.rfind("\n", 0, start) + 1
        if self.text[begin:start].strip() != "-":
            raise InputError(
                f"rule {rule!r} stands in brackets with others", hint="write each after a dash of its own"
            )
        end = self.text.find("\n", stop)
        edited = self.text[:begin] + (self.text[end + 1 :] if end >= 0 else "")
        return self._checked(edited, [*range(i), *range(i + 1, len(self.ids))], None)

    def _index(self, rule: str) -> int:
        return self.ids.index(rule)

    def _extent(self, i: int) -> tuple[int, int, int]:
        """Return where a rule begins and ends, without what follows it, and its column from 0."""
        span = self.source.spans["rules", i]
        start, column = span.start.index, span.start.column
        lines = self.text[start : span.end.index].splitlines(keepends=True)
        while len(lines) > 1 and stands_beyond(lines[-1], column):
            lines.pop()
        return start, start + len("".join(lines).rstrip()), column

    def _indented(self, text: str, column: int) -> str:
        first, *rest = text.strip().splitlines()
        return self._ends("\n".join([first, *(" " * column + line if line.strip() else "" for line in rest)]))

    def _ends(self, text: str) -> str:
        """Give a text the line ends of the file."""
        return text.replace("\n", "\r\n") if "\r\n" in self.text else text

    def _checked(self, edited: str, kept: list[int | None], text: str | None) -> str:
        """See that an edit changes what it is meant to change, and nothing else."""
        then = parse_yaml(edited, self.source.page.file).data
        wanted = dict(self.source.data)
        own = None if text is None else parse_yaml(text, self.source.page.file).data
        wanted["rules"] = [own if i is None else self.source.data["rules"][i] for i in kept]
        if repr(then) != repr(wanted):  # NaN equals itself there
            raise InputError(
                f"this text would change more of {self.source.page.file} than one rule",
                hint="write it as keys and values on lines of their own, without anchors",
            )
        return edited


def references_of(condition: Any) -> Iterator[str]:  # noqa: ANN401  # anything YAML can say
    """Yield the ids of the rules that a condition names."""
    if isinstance(condition, dict):
        for key, value in condition.items():
            if key == "rule" and isinstance(value, str):
                yield value
            elif key in {"all", "any", "not"}:
                yield from references_of(value)
    elif isinstance(condition, list):
        for value in condition:
            yield from references_of(value)
