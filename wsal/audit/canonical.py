"""Canonical JSON: one value, one sequence of bytes, in every process and on every machine."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np

from wsal.errors import DataError

__all__ = ["Json", "Plain", "canonical", "parse", "plain"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A value that JSON can hold."""

_AS_IS: Final = frozenset({bool, int})


class Plain(dict[str, Json]):
    """A mapping that `plain` made, or that was read from JSON: it need not be looked through again."""


# Made once: json.dumps makes an encoder anew for every call with other settings than its own.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: object) -> bytes:
    """Write a value as canonical JSON.

    Keys are sorted by code point, no spaces, UTF-8 without escapes that JSON does not ask for; floats as the
    shortest text that reads back as the same double.

    Parameters
    ----------
    value : object
        JSON values, tuples, mappings, frozen dataclasses and numpy scalars.

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        NaN, an infinity, a text that UTF-8 or a database cannot hold, or a type that JSON does not know.

    Examples
    --------
    >>> canonical({"b": (1, None), "a": "ä"}).decode()
    '{"a":"ä","b":[1,null]}'
    """
    return _ENCODER.encode(plain(value)).encode("utf-8")


def parse(body: bytes) -> Json:
    """Read JSON bytes.

    Raises
    ------
    DataError
        They are not UTF-8, not JSON, or name a key twice.
    """
    try:
        value: Json = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"this is no JSON: {error}") from error
    return value


def plain(value: object, where: str = "") -> Json:
    """Turn a value into a tree of JSON values: a copy that shares nothing with it.

    Parameters
    ----------
    value : object
        As for `canonical`.
    where : str
        Path of the value in what is written; stands in errors.

    Raises
    ------
    DataError
        As for `canonical`.
    """
    if value is None or type(value) in _AS_IS or (type(value) is str and _is_plain(value)):
        return value  # type: ignore[return-value]  # most values by far; each event passes here before it is written
    if type(value) is Plain:
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | int | float | str):
        return _scalar(value, where)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name), f"{where}.{name}") for name in _names(type(value))}
    if isinstance(value, Mapping):
        return {_key(key, where): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    raise DataError(
        f"{_named(where)} is of type {type(value).__name__}, which JSON does not know: {value!r}",
        hint="give texts, numbers, true or false, None, lists or mappings",
    )


def _is_plain(value: str) -> bool:
    return value.isascii() and "\0" not in value


@cache
def _names(record: type[Any]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record))


def _scalar(value: float | str, where: str) -> Json:
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, bool):
        return value
    return int(value) if isinstance(value, int) else _number(value, where)


def _named(where: str) -> str:
    return where.lstrip(".") or "the value"


def _text(value: str, where: str) -> str:
    if "\0" in value:
        raise DataError(
            f"{_named(where)} holds a NUL character, which PostgreSQL cannot store: {value!r}",
            hint="take it out; it is usually a sign of a file read in the wrong encoding",
        )
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise DataError(
            f"{_named(where)} is no valid Unicode text: {value!r}",
            hint="it holds half of a surrogate pair; read its file as UTF-8",
        ) from None
    return str(value)


def _number(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise DataError(
            f"{_named(where)} is {value}, which JSON cannot hold", hint="write None where nothing is known"
        )
    return float(value)


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise DataError(f"{_named(where)} has the key {key!r}; keys are texts", hint=f"write {str(key)!r}")
    return _text(key, where)


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise DataError(f"a key stands twice in {[key for key, _ in pairs]}")
    return tree


def _no_constant(name: str) -> Json:
    raise DataError(f"{name} is no JSON value")
