"""From a tree of JSON values to a frozen dataclass, with every type checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from wsal.errors import DataError, did_you_mean

__all__ = ["read_record"]

T = TypeVar("T")


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
    for name, (hint, required) in hints.items():
        if name in tree:
            values[name] = _read(hint, tree[name], f"{place}.{name}")
        elif required:
            raise DataError(f"{place} lacks the field {name!r}")
    return record(**values)


@cache
def _hints(record: type[Any]) -> dict[str, tuple[Any, bool]]:
    hints = get_type_hints(record)
    return {f.name: (hints[f.name], f.default is MISSING) for f in fields(record)}


def _read(hint: Any, value: object, where: str) -> Any:  # noqa: ANN401  # types as values
    if is_dataclass(hint):
        return read_record(hint, value, where=where)  # type: ignore[arg-type]  # a type, not an instance
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise DataError(f"{where} is {value!r}, not a list")
        return tuple(_read(get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is Literal:
        if value not in get_args(hint):
            raise DataError(
                f"{where} is {value!r}; it is one of {', '.join(map(str, get_args(hint)))}",
                hint=did_you_mean(str(value), map(str, get_args(hint))),
            )
        return value
    if origin in (Union, UnionType):
        return _read_union(get_args(hint), value, where)
    return _read_scalar(hint, value, where)


def _read_union(options: tuple[Any, ...], value: object, where: str) -> Any:  # noqa: ANN401  # types as values
    if value is None and NoneType in options:
        return None
    rest = tuple(option for option in options if option is not NoneType)
    if len(rest) == 1:
        return _read(rest[0], value, where)
    for option in rest:  # only unions of scalars are in use: a text or a whole number
        if _fits(option, value):
            return value
    raise DataError(f"{where} is {value!r}, not {' or '.join(option.__name__ for option in rest)}")


def _read_scalar(hint: Any, value: object, where: str) -> Any:  # noqa: ANN401  # types as values
    if hint is float and _fits(int, value):
        return float(value)  # type: ignore[arg-type]  # a whole number
    if not _fits(hint, value):
        raise DataError(f"{where} is {value!r}, not {getattr(hint, '__name__', hint)}")
    return value


def _fits(hint: Any, value: object) -> bool:  # noqa: ANN401  # types as values
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
