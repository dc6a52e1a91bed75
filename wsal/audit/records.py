"""From a tree of JSON values to a frozen dataclass, with every type checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from wsal.errors import DataError, did_you_mean

__all__ = ["read_record"]

T = TypeVar("T")

Reader: TypeAlias = Callable[[object, str], Any]
"""Checks a value and gives it back; the text says where it stands."""


def read_record(record: type[T], tree: object, *, where: str = "") -> T:
    """Make a dataclass from a tree of JSON values.

    Parameters
    ----------
    record : type
        A dataclass whose fields are texts, numbers, booleans, literals, optional values, dataclasses, and
        tuples of these.
    tree : object
        What `wsal.audit.canonical.plain` made of such a dataclass.
    where : str
        Stands in errors.

    Raises
    ------
    DataError
        A field is missing, unknown or of another type; the message names it.

    Examples
    --------
    >>> from wsal.audit import FileRef
    >>> read_record(FileRef, {"path": "votes.parquet", "sha256": "ab"})
    FileRef(path='votes.parquet', sha256='ab')
    """
    place = where or record.__name__
    if not isinstance(tree, Mapping):
        raise DataError(f"{place} is {tree!r}, not a mapping")
    hints = _hints(record)  # type: ignore[arg-type]  # every class is hashable
    for key in tree:
        if key not in hints:
            raise DataError(f"{place} has no field {key!r}", hint=did_you_mean(str(key), hints))
    values = {}
    for name, (read, required) in hints.items():
        if name in tree:
            values[name] = read(tree[name], f"{place}.{name}")
        elif required:
            raise DataError(f"{place} lacks the field {name!r}")
    return record(**values)


# Readers are made once for each hint: to look into a hint anew for every value takes longer than to read it.
@cache
def _hints(record: type[Any]) -> dict[str, tuple[Reader, bool]]:
    hints = get_type_hints(record)
    return {f.name: (_reader(hints[f.name]), f.default is MISSING) for f in fields(record)}


@cache
def _reader(hint: Any) -> Reader:  # noqa: ANN401  # types as values
    if is_dataclass(hint):
        record = cast("type[Any]", hint)
        return lambda value, where: read_record(record, value, where=where)
    origin = get_origin(hint)
    if origin is tuple:
        inner = _reader(get_args(hint)[0])
        return lambda value, where: _read_tuple(inner, value, where)
    if origin is Literal:
        choices = get_args(hint)
        return lambda value, where: _read_choice(choices, value, where)
    if origin in (Union, UnionType):
        return _union_reader(get_args(hint))
    return lambda value, where: _read_scalar(hint, value, where)


def _read_tuple(read: Reader, value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise DataError(f"{where} is {value!r}, not a list")
    return tuple([read(item, f"{where}[{i}]") for i, item in enumerate(value)])


def _read_choice(choices: tuple[Any, ...], value: object, where: str) -> object:
    if value not in choices:
        raise DataError(
            f"{where} is {value!r}; it is one of {', '.join(map(str, choices))}",
            hint=did_you_mean(str(value), map(str, choices)),
        )
    return value


def _union_reader(options: tuple[Any, ...]) -> Reader:
    optional = NoneType in options
    rest = tuple(option for option in options if option is not NoneType)
    one = _reader(rest[0]) if len(rest) == 1 else None

    def read(value: object, where: str) -> object:
        if value is None and optional:
            return None
        if one is not None:
            return one(value, where)
        for option in rest:  # only unions of scalars are in use: a text or a whole number
            if _fits(option, value):
                return value
        raise DataError(f"{where} is {value!r}, not {' or '.join(option.__name__ for option in rest)}")

    return read


def _read_scalar(hint: Any, value: object, where: str) -> object:  # noqa: ANN401  # types as values
    if hint is float and _fits(int, value):
        return float(value)  # type: ignore[arg-type]  # a whole number
    if not _fits(hint, value):
        raise DataError(f"{where} is {value!r}, not {getattr(hint, '__name__', hint)}")
    return value


def _fits(hint: Any, value: object) -> bool:  # noqa: ANN401  # types as values
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
