"""``wsal.toml``: what a project is about, where its data and rules are, and where its work is kept."""

from __future__ import annotations

import getpass
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from wsal.errors import ConfigError, InputError, Location, did_you_mean
from wsal.types import LabelSpace

__all__ = ["CONFIG_NAME", "Config", "find_config", "read_config", "user_name"]

CONFIG_NAME = "wsal.toml"

_KEYS: Mapping[str, Mapping[str, str]] = {
    "task": {
        "name": "text",
        "labels": "list of texts",
        "description": "text",
        "class_balance": 'list of numbers or "audit"',
    },
    "data": {"path": "text", "id": "text", "text": "text"},
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
    "stop": {
        "target_accuracy": "share between 0 and 1",
        "budget": "whole number above 0",
        "min_gain": "share between 0 and 1",
    },
}
_REQUIRED = (("task", "name"), ("task", "labels"), ("data", "path"))


@dataclass(frozen=True)
class Config:
    """The settings of a project.

    Parameters
    ----------
    folder : Path
        Where ``wsal.toml`` stands; every relative path starts here.
    name : str
        The task.
    labels : LabelSpace
    data_path : Path
    description : str
    class_balance : tuple of float or "audit", optional
        Share of each class among the items that rules cover, where it is known from elsewhere; or that it is to be
        estimated from the audit draws.
    id_column, text_column : str, optional
    text_features, numeric_features : tuple of str
    vector_feature : str, optional
    find_duplicates : bool
        Whether items that are copies of each other are labelled once and counted once.
    duplicate_threshold : float, optional
        Least similarity of near duplicates; that of the kind of data where not given.
    duplicate_same : tuple of str
        Columns that duplicates must have in common besides.
    image_column : str, optional
        Column of images to find duplicates by.
    rule_paths : tuple of Path
    allow_python : bool
        Whether rules may run code.
    strategy : str
        How items are chosen: ``default``, or the name of a classic strategy.
    store_url : str
    target_accuracy, min_gain : float, optional
        When to stop labelling: the accuracy that is enough, and the share of labels that answers must still be
        expected to put right.
    budget : int, optional
        Answers that may be spent.
    """

    folder: Path
    name: str
    labels: LabelSpace
    data_path: Path
    description: str = ""
    class_balance: tuple[float, ...] | Literal["audit"] = "audit"
    id_column: str | None = None
    text_column: str | None = None
    text_features: tuple[str, ...] = ()
    numeric_features: tuple[str, ...] = ()
    vector_feature: str | None = None
    find_duplicates: bool = True
    duplicate_threshold: float | None = None
    duplicate_same: tuple[str, ...] = ()
    image_column: str | None = None
    rule_paths: tuple[Path, ...] = field(default=())
    allow_python: bool = True
    strategy: str = "default"
    store_url: str = "sqlite:///.wsal/store.db"
    target_accuracy: float | None = None
    budget: int | None = None
    min_gain: float | None = None

    @property
    def file(self) -> Path:
        """The file that these settings were read from."""
        return self.folder / CONFIG_NAME


def user_name() -> str:
    """Return who is at work: the environment's WSAL_ANNOTATOR, else the login name."""
    try:
        return os.environ.get("WSAL_ANNOTATOR") or getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"uid-{os.getuid()}"


def find_config(start: Path) -> Path:
    """Find the project that a folder is in: ``wsal.toml`` there or in a folder above.

    Raises
    ------
    ConfigError
        There is none.
    """
    for folder in [start.resolve(), *start.resolve().parents]:
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME
    raise ConfigError(
        f"there is no {CONFIG_NAME} in {start.resolve()} or above it",
        hint="make a project with `wsal init DIR`, or name one with `--project DIR`",
    )


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
        try:
            labels = LabelSpace(tuple(task["labels"]))
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
            class_balance=self._balance(task.get("class_balance"), labels),
            id_column=data.get("id"),
            text_column=text,
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
            store_url=store.get("url", Config.store_url),
            **tables.get("stop", {}),
        )

    @staticmethod
    def _default_text(features: dict[str, Any], text: str | None) -> tuple[str, ...]:
        return (text,) if text is not None and not features else ()

    def _balance(
        self, given: list[float] | Literal["audit"] | None, labels: LabelSpace
    ) -> tuple[float, ...] | Literal["audit"]:
        if given is None or given == "audit":
            return "audit"
        balance = tuple(float(share) for share in given)
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
    "labels": 'labels = ["ham", "spam"]',
    "path": 'path = "messages.csv"',
    "paths": 'paths = ["labeling_functions"]',
    "class_balance": "class_balance = [0.9, 0.1]",
    "target_accuracy": "target_accuracy = 0.95",
    "budget": "budget = 500",
    "min_gain": "min_gain = 0.005",
    "threshold": "threshold = 0.8",
    "find": "find = false",
    "same": 'same = ["sender"]',
}


def _list(known: Mapping[str, object]) -> str:
    return f"there are {', '.join(known)}"
