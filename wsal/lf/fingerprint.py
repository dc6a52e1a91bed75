"""Fingerprints of Python objects: equal in every process as long as they do the same.

A fingerprint stands for what a labelling function computes, so it covers its source, defaults, closure, the
globals it reads, resources and preprocessors. Never ``id``, ``hash`` or the address in a ``repr``: where an
object can only be told apart by those, there is no fingerprint, and votes are not cached.
"""

from __future__ import annotations

import dataclasses
import dis
import enum
import functools
import hashlib
import inspect
import linecache
import os
import re
import sys
import sysconfig
import textwrap
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from pathlib import Path, PurePath
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

__all__ = ["fingerprint_of", "source_of"]


class _UnstableError(Exception):
    """An object that another process could not tell apart."""


def fingerprint_of(*parts: object) -> str | None:
    """Return a sha256 over objects, or None where one of them has no stable description.

    Parameters
    ----------
    *parts : object
        Plain values, containers, arrays, functions, classes, and objects made of them; an object with an
        attribute ``fingerprint`` (a text) is described by it.

    Examples
    --------
    >>> fingerprint_of({"b": 1, "a": {2, 3}}) == fingerprint_of({"a": {3, 2}, "b": 1})
    True
    >>> fingerprint_of(object()) is None
    True
    """
    try:
        return _Describer().sequence(parts)
    except (_UnstableError, RecursionError):
        return None


def source_of(function: object) -> str | None:
    """Return the source of a function as it stands in its file now, without its indentation.

    None for a lambda, whose line may hold several, and where there is no file.
    """
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType) or code.co_name == "<lambda>":
        return None
    try:
        linecache.checkcache(code.co_filename)
        return textwrap.dedent(inspect.getsource(code))
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def _hash(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


class _Describer:
    """Describes one graph of objects; an object met again is named by its number."""

    def __init__(self) -> None:
        self._met: dict[int, int] = {}
        self._kept: list[object] = []  # keeps ids from being used again

    def sequence(self, values: Iterable[object]) -> str:
        return _hash("sequence", *(self.describe(value) for value in values))

    def describe(self, value: object) -> str:
        plain = _plain(value)
        if plain is not None:
            return plain
        if id(value) in self._met:
            return f"met {self._met[id(value)]}"
        self._met[id(value)] = len(self._met)
        self._kept.append(value)
        return self.structured(value)

    def structured(self, value: object) -> str:  # noqa: C901, PLR0911  # one case a type
        match value:
            case list() | tuple():
                return _hash(type(value).__qualname__, self.sequence(value))
            case set() | frozenset():
                return _hash("set", *sorted(_by_itself(item) for item in value))
            case dict():
                return self.mapping("dict", value)
            case FunctionType():
                return self.function(value)
            case MethodType():
                return _hash("method", self.describe(value.__func__), self.describe(value.__self__))
            case functools.partial():
                return _hash(
                    "partial",
                    self.describe(value.func),
                    self.sequence(value.args),
                    self.describe(value.keywords),
                )
            case CodeType():
                return self.code(value)
            case ModuleType():
                return _module(value)
            case type():
                return self.class_(value)
            case np.ndarray():
                return _array(value)
            case _:
                return self.instance(value)

    def mapping(self, kind: str, value: Mapping[Any, object]) -> str:
        # In the order of the keys' own fingerprints, so that the order of insertion does not count.
        entries = sorted(((_by_itself(key), key) for key in value), key=itemgetter(0))
        return _hash(kind, *(text for name, key in entries for text in (name, self.describe(value[key]))))

    def function(self, function: FunctionType) -> str:
        if _is_library(function.__code__.co_filename):
            return _named(function)
        source = source_of(function)
        body = source if source is not None else self.code(function.__code__)
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        closure = {name: _cell(cell) for name, cell in cells.items()}
        return _hash(
            "function",
            body,
            self.describe(function.__defaults__),
            self.describe(function.__kwdefaults__),
            self.mapping("closure", closure),
            self.mapping("globals", _globals_read(function)),
        )

    def code(self, code: CodeType) -> str:
        constants = [const for const in code.co_consts if const != code.co_name]
        return _hash(
            "code",
            code.co_code.hex(),
            repr((code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)),
            repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)),
            self.sequence(constants),
        )

    def class_(self, kind: type) -> str:
        if _is_library(getattr(sys.modules.get(kind.__module__), "__file__", None)):
            return _named(kind)
        members = {
            name: member.__func__ if isinstance(member, staticmethod | classmethod) else member
            for name, member in vars(kind).items()
            if name not in _CLASS_PLUMBING and not isinstance(member, _SLOT_TYPES)
        }
        return _hash(
            "class", kind.__qualname__, self.sequence(kind.__mro__[1:]), self.mapping("members", members)
        )

    def instance(self, value: object) -> str:
        own = getattr(value, "fingerprint", None)
        if isinstance(own, str):
            return _hash("fingerprint", own)
        if isinstance(value, property):
            return _hash("property", self.sequence((value.fget, value.fset, value.fdel)))
        kind = type(value)
        if dataclasses.is_dataclass(value):
            state = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        else:
            state = _state(value)
        return _hash("instance", self.describe(kind), self.mapping("state", state))


_SLOT_TYPES = (MemberDescriptorType, GetSetDescriptorType)
_CLASS_PLUMBING = frozenset(
    {
        "_abc_impl",
        "__abstractmethods__",
        "__annotations__",
        "__dataclass_fields__",  # what they say is in __init__ and the other methods
        "__dataclass_params__",
        "__dict__",
        "__doc__",
        "__firstlineno__",
        "__module__",
        "__orig_bases__",
        "__parameters__",
        "__qualname__",
        "__static_attributes__",
        "__weakref__",
    }
)


def _by_itself(value: object) -> str:
    """Describe a value by itself, apart from what else was met."""
    return _Describer().describe(value)


def _plain(value: object) -> str | None:  # noqa: C901, PLR0911  # one case a type
    """Describe a value that needs no looking into; None for any other."""
    match value:
        case None | bool() | str() | bytes() | complex() if type(value) in {
            type(None),
            bool,
            str,
            bytes,
            complex,
        }:
            return _hash(type(value).__name__, repr(value))
        case int() | float() if type(value) in {int, float}:
            return _hash(type(value).__name__, value.hex() if isinstance(value, float) else hex(value))
        case re.Pattern():
            return _hash("pattern", repr(value.pattern), str(value.flags))
        case PurePath():
            return _hash("path", str(value))
        case enum.Enum():
            return _hash("enum", type(value).__module__, type(value).__qualname__, value.name)
        case date() | time():
            return _hash(type(value).__name__, value.isoformat())
        case timedelta() | Decimal() | Fraction() | range() | slice():
            return _hash(type(value).__name__, repr(value))
        case np.generic() if value.dtype != object:
            return _hash("scalar", str(value.dtype), value.tobytes().hex())
        case BuiltinFunctionType() if isinstance(value.__self__, ModuleType | None):
            return _named(value)
        case MethodDescriptorType():
            return _named(value.__objclass__) + value.__name__
        case _ if value is Ellipsis or value is NotImplemented:
            return _hash("constant", repr(value))
        case _:
            return None


def _array(array: np.ndarray[Any, np.dtype[Any]]) -> str:
    if array.dtype.hasobject:
        raise _UnstableError("array of objects")
    content = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return _hash("array", str(array.dtype), str(array.shape), content)


def _named(value: Any) -> str:  # noqa: ANN401  # a function or class of a library
    module = value.__module__ or ""
    version = getattr(sys.modules.get(module.partition(".")[0]), "__version__", "")
    return _hash("library", module, value.__qualname__, str(version))


def _module(module: ModuleType) -> str:
    file = getattr(module, "__file__", None)
    if file is None or _is_library(file):
        version = getattr(sys.modules.get(module.__name__.partition(".")[0]), "__version__", "")
        return _hash("module", module.__name__, str(version))
    try:
        return _hash("module", hashlib.sha256(Path(file).read_bytes()).hexdigest())
    except OSError:
        raise _UnstableError(module.__name__) from None


@functools.lru_cache(maxsize=1)
def _library_folders() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    # With the separator: /usr/lib/python3.11-mine is not inside /usr/lib/python3.11.
    return tuple({str(Path(sysconfig.get_path(name)).resolve()) + os.sep for name in names})


def _is_library(file: str | None) -> bool:
    """Whether code comes with Python or an installed package, and so is known by its name and version."""
    if file is None or file.startswith("<frozen"):
        return True
    return not file.startswith("<") and str(Path(file).resolve()).startswith(_library_folders())


def _cell(cell: Any) -> object:  # noqa: ANN401  # types.CellType
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _globals_read(function: FunctionType) -> dict[str, object]:
    """Return the global names that a function or a function inside it reads, with their values."""
    names: set[str] = set()
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        waiting.extend(const for const in code.co_consts if isinstance(const, CodeType))
        names.update(i.argval for i in dis.get_instructions(code) if i.opname in {"LOAD_GLOBAL", "LOAD_NAME"})
    return {name: function.__globals__[name] for name in sorted(names) if name in function.__globals__}


def _state(value: object) -> dict[str, object]:
    """Return all that an object of a class in Python holds; raise for one that may hold more in C."""
    kind = type(value)
    slots = [name for base in kind.__mro__ for name in _slots(base)]
    pointers = 2 + len(slots)  # one to its __dict__, one for weak references
    known = hasattr(value, "__dict__") or slots
    if not known or kind.__itemsize__ or kind.__basicsize__ > object.__basicsize__ + 8 * pointers:
        raise _UnstableError(repr(kind))
    held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return {**held, **getattr(value, "__dict__", {})}


def _slots(base: type) -> list[str]:
    declared = vars(base).get("__slots__", ())
    names = [declared] if isinstance(declared, str) else list(declared)
    return [name for name in names if name not in {"__dict__", "__weakref__"}]
