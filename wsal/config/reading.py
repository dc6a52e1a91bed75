"""Reads and checks ``wsal.toml``; every error names the line and the cure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from wsal.config.settings import CONFIG_NAME, Config, SpanSettings
from wsal.errors import ConfigError, InputError, Location, did_you_mean
from wsal.types import LabelSpace, statements

__all__ = ["read_config"]

_KEYS: Mapping[str, Mapping[str, str]] = {
    "task": {
        "name": "text",
        "labels": "list of texts",
        "description": "text",
        "class_balance": 'list of numbers or "audit"',
        "multi_label": "true or false",
    },
    "label": {"of": "text", "name": "text"},
    "spans": {"documents": "text", "id": "text", "text": "text", "rules": "list of texts", "none": "text"},
    "data": {"path": "text", "id": "text", "text": "text", "stream": "true or false"},
    "features": {"text": "list of texts", "numeric": "list of texts", "vectors": "text"},
    "duplicates": {
        "find": "true or false",
        "threshold": "number above 0 and at most 1",
        "same": "list of texts",
        "images": "text",
    },
    "rules": {"paths": "list of texts", "python": "true or false"},
    "selection": {"strategy": "text"},
    "store": {"url": "text"},
    "workbench": {"overlap": "share between 0 and 1", "refit_after": "whole number above 0"},
    "stop": {
        "target_accuracy": "share between 0 and 1",
        "budget": "whole number above 0",
        "min_gain": "share between 0 and 1",
    },
}
_REQUIRED = (("task", "name"), ("task", "labels"), ("data", "path"))


def read_config(path: Path) -> Config:
    """Read and check ``wsal.toml``.

    Raises
    ------
    ConfigError
        The file cannot be read, is no TOML, or has an unknown key, a wrong type or a missing value; with the
        line and the cure.
    """
    return _ConfigReader(path).read()


class _ConfigReader:
    """Checks one file; remembers its text, so that every error can point at its line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[str] = []

    def read(self) -> Config:
        tables = self._parse()
        for table in tables:
            if table not in _KEYS:
                raise self._error(
                    f"unknown table [{table}]", (table,), did_you_mean(table, _KEYS) or _list(_KEYS)
                )
            self._check_table(table, tables[table])
        if "label" in tables:
            return self._of_label(tables)
        for table, key in _REQUIRED:
            if key not in tables.get(table, {}):
                raise self._error(f"[{table}] needs `{key}`, a {_KEYS[table][key]}", (table,), _EXAMPLES[key])
        return self._build(tables)

    def _parse(self) -> dict[str, Any]:
        try:
            text = self.path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            raise ConfigError(f"no file {self.path}", hint="make a project with `wsal init DIR`") from None
        except OSError as error:
            raise ConfigError(
                f"{self.path} cannot be read: {error.strerror}", hint="ask its owner for the right to read it"
            ) from None
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"not UTF-8: byte {error.start + 1} is {error.object[error.start]:#04x}",
                location=Location(str(self.path), error.object[: error.start].count(b"\n") + 1),
                hint="save the file as UTF-8",
            ) from None
        self.lines = text.splitlines()
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(
                f"this is no TOML: {error}",
                location=self._where_toml(str(error)),
                hint='texts stand in quotes: name = "spam"',
            ) from None

    def _where_toml(self, message: str) -> Location:
        found = re.search(r"line (\d+), column (\d+)", message)
        if found is None:  # "at end of document"
            return Location(str(self.path), max(len(self.lines), 1))
        line, column = int(found[1]), int(found[2])
        return Location(
            str(self.path), line, column, self.lines[line - 1] if line <= len(self.lines) else None
        )

    def _check_table(self, table: str, values: object) -> None:
        if not isinstance(values, dict):
            raise self._error(f"`{table}` is a table, got {values!r}", (table,), f"write it as [{table}]")
        for key, value in values.items():
            if key not in _KEYS[table]:
                hint = did_you_mean(key, _KEYS[table]) or _list(_KEYS[table])
                raise self._error(f"unknown key `{key}` in [{table}]", (table, key), hint)
            wanted = _KEYS[table][key]
            if not _IS[wanted](value):
                raise self._error(f"`{key}` is a {wanted}, got {value!r}", (table, key), _EXAMPLES.get(key))

    def _build(self, tables: dict[str, Any]) -> Config:
        task, data = tables["task"], tables["data"]
        features, rules, selection, store = (
            tables.get(name, {}) for name in ("features", "rules", "selection", "store")
        )
        multi = task.get("multi_label", False)
        try:
            labels = LabelSpace(tuple(task["labels"]))
            vocabulary = statements(labels) if multi else None
        except InputError as error:
            raise self._error(error.message, ("task", "labels"), error.hint) from None
        duplicates = tables.get("duplicates", {})
        folder = self.path.resolve().parent
        text = data.get("text")
        return Config(
            folder=folder,
            name=task["name"],
            labels=labels,
            data_path=folder / data["path"],
            description=task.get("description", ""),
            class_balance=self._balance(task.get("class_balance"), labels, multi=multi),
            id_column=data.get("id"),
            text_column=text,
            stream=data.get("stream"),
            text_features=tuple(features["text"])
            if "text" in features
            else self._default_text(features, text),
            numeric_features=tuple(features.get("numeric", ())),
            vector_feature=features.get("vectors"),
            find_duplicates=duplicates.get("find", True),
            duplicate_threshold=duplicates.get("threshold"),
            duplicate_same=tuple(duplicates.get("same", ())),
            image_column=duplicates.get("images"),
            rule_paths=tuple(folder / path for path in rules.get("paths", ["labeling_functions"])),
            allow_python=rules.get("python", True),
            strategy=selection.get("strategy", Config.strategy),
            store_url=self._store_url(store.get("url", Config.store_url), multi=multi),
            multi_label=multi,
            vocabulary=vocabulary,
            spans=self._spans(tables["spans"], labels) if "spans" in tables else None,
            **tables.get("stop", {}),
            **tables.get("workbench", {}),
        )

    def _of_label(self, tables: dict[str, Any]) -> Config:
        """Read the settings of one label's task, which stand in the file of the project that has the labels."""
        own = tables["label"]
        for key in ("of", "name"):
            if key not in own:
                raise self._error(f"[label] needs `{key}`, a text", ("label",), _EXAMPLES[key])
        others = [table for table in tables if table != "label"]
        if others:
            raise self._error(
                f"[{others[0]}] stands beside [label]", (others[0],), f"write it in {own['of']}/{CONFIG_NAME}"
            )
        folder = self.path.resolve().parent
        whole = read_config(folder / own["of"] / CONFIG_NAME)
        try:
            return whole.of_label(own["name"], folder)
        except InputError as error:
            raise self._error(error.message, ("label", "name"), error.hint) from None

    def _spans(self, given: dict[str, Any], labels: LabelSpace) -> SpanSettings:
        if "documents" not in given:
            raise self._error("[spans] needs `documents`, a text", ("spans",), _EXAMPLES["documents"])
        none = given.get("none", "none")
        if none not in labels:
            raise self._error(
                f"[spans] none = {none!r} is no label; the labels are {', '.join(labels)}",
                ("spans", "none"),
                "it says that nothing stands at a place: name it under [task] labels too",
            )
        folder = self.path.resolve().parent
        return SpanSettings(
            folder / given["documents"],
            given.get("id", "id"),
            given.get("text", "text"),
            tuple(folder / path for path in given.get("rules", ["span_rules"])),
            none,
        )

    def _store_url(self, url: str, *, multi: bool) -> str:
        if multi and url != Config.store_url:
            raise self._error(
                f"where items have several labels, each label keeps its work in a file of its own; got {url!r}",
                ("store", "url"),
                "leave out [store], or make a project for each label",
            )
        return url

    @staticmethod
    def _default_text(features: dict[str, Any], text: str | None) -> tuple[str, ...]:
        return (text,) if text is not None and not features else ()

    def _balance(
        self, given: list[float] | Literal["audit"] | None, labels: LabelSpace, *, multi: bool
    ) -> tuple[float, ...] | Literal["audit"]:
        if given is None or given == "audit":
            return "audit"
        balance = tuple(float(share) for share in given)
        if multi:
            if len(balance) != len(labels) or not all(0 < share < 1 for share in balance):
                raise self._error(
                    f"class_balance has {len(balance)} shares, {given}; where items have several labels it needs "
                    f"{len(labels)} between 0 and 1",
                    ("task", "class_balance"),
                    f"the share of covered items that have each of {', '.join(labels)}, in this order",
                )
            return balance
        if len(balance) != len(labels) or not (min(balance) > 0 and abs(sum(balance) - 1) <= 1e-6):
            raise self._error(
                f"class_balance has {len(balance)} shares that sum to {sum(balance):g}; "
                f"it needs {len(labels)} positive shares that sum to 1",
                ("task", "class_balance"),
                f"one share for each of {', '.join(labels)}, in this order",
            )
        return balance

    def _error(self, message: str, keys: tuple[str, ...], hint: str | None) -> ConfigError:
        return ConfigError(message, location=self._where(keys), hint=hint)

    def _where(self, keys: tuple[str, ...]) -> Location:
        """Find the line of ``[table]``, or of ``key =`` below it."""
        table = re.compile(rf"\s*\[\s*{re.escape(keys[0])}\s*\]|\s*{re.escape(keys[0])}\s*[.=]")
        start = next((i for i, line in enumerate(self.lines) if table.match(line)), None)
        if start is None:
            return Location(str(self.path))
        row = start
        if len(keys) > 1:
            key = re.compile(rf"\s*\"?{re.escape(keys[1])}\"?\s*=")
            row = next((i for i in range(start, len(self.lines)) if key.match(self.lines[i])), start)
        line = self.lines[row]
        return Location(str(self.path), row + 1, len(line) - len(line.lstrip()) + 1, line)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_numbers(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in value
    )


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


_IS: Mapping[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
    "list of texts": _is_texts,
    'list of numbers or "audit"': lambda value: value == "audit" or (_is_numbers(value) and bool(value)),
    "share between 0 and 1": lambda value: _is_numbers([value]) and 0 < float(str(value)) < 1,
    "whole number above 0": lambda value: _is_numbers([value]) and isinstance(value, int) and value > 0,
    "number above 0 and at most 1": _is_share,
    "true or false": lambda value: isinstance(value, bool),
}

_EXAMPLES = {
    "name": 'name = "spam"',
    "of": 'of = "../.."',
    "documents": 'documents = "documents.csv"',
    "multi_label": "multi_label = true",
    "labels": 'labels = ["ham", "spam"]',
    "path": 'path = "messages.csv"',
    "paths": 'paths = ["labeling_functions"]',
    "class_balance": "class_balance = [0.9, 0.1]",
    "target_accuracy": "target_accuracy = 0.95",
    "budget": "budget = 500",
    "min_gain": "min_gain = 0.005",
    "overlap": "overlap = 0.1",
    "refit_after": "refit_after = 20",
    "threshold": "threshold = 0.8",
    "find": "find = false",
    "stream": "stream = true",
    "same": 'same = ["sender"]',
}


def _list(known: Mapping[str, object]) -> str:
    return f"there are {', '.join(known)}"
