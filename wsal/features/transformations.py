"""Transformation functions: from an item to a changed copy that is still of its class, for training alone.

What they make is no item: nobody labels it, no rule votes on it, no estimate counts it. Its id says so
(`wsal.types.SYNTHETIC_PREFIX`), and whatever takes ids of items refuses it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.items import Items
from wsal.items.columns import Column
from wsal.lf import ItemView, fingerprint_of
from wsal.lf.fingerprint import source_of
from wsal.lf.row import row_maker
from wsal.lf.table import row_content
from wsal.types import SYNTHETIC_PREFIX, ItemId, Rng, as_generator, is_missing

__all__ = [
    "ApplyAllPolicy",
    "ApplyOnePolicy",
    "Origin",
    "Policy",
    "RandomPolicy",
    "SyntheticItems",
    "TransformationFunction",
    "augment",
    "transformation_function",
]


class TransformationFunction:
    """A named function from an item to a changed copy of the same class; Snorkel's signature.

    Parameters
    ----------
    name : str
    f : callable
        Takes an item (a view: what is set on it leaves the item itself alone) and the resources as keywords;
        returns the changed item, or a mapping of all its columns, or None where it cannot be applied. If it
        has a parameter ``rng`` it gets a ``numpy.random.Generator``: use that one, so that a seed repeats what
        was made.
    resources : mapping, optional
        Passed to ``f`` as keywords.
    pre : sequence of callable, optional
        Preprocessors, run in this order. Fields that they add are not kept.

    Raises
    ------
    InputError
        No name, or ``f`` cannot be called.

    Examples
    --------
    >>> shout = TransformationFunction("shout", lambda x: {"text": x.text.upper()})
    >>> shout({"text": "free"})
    {'text': 'FREE'}
    """

    def __init__(
        self,
        name: str,
        f: Callable[..., Any],
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[Callable[[Any], Any]] | None = None,
    ) -> None:
        if not str(name).strip():
            raise InputError(
                f"a transformation function needs a name, got {name!r}",
                hint='name it: TransformationFunction("swap-words", f)',
            )
        if not callable(f):
            raise InputError(
                f"transformation function {name!r}: {f!r} cannot be called", hint="pass a function"
            )
        self.name = name
        self.f = f
        self.resources = MappingProxyType(dict(resources or {}))
        self.pre = tuple(pre or ())
        self._source = source_of(f)
        self._wants_rng = _has_parameter(f, "rng") and "rng" not in self.resources

    def __call__(self, x: Any, *, rng: Rng = None) -> dict[str, object] | None:  # noqa: ANN401  # items are the user's
        """Return the columns of the changed copy, or None where the function cannot be applied.

        Raises
        ------
        TypeError
            The function returned something that is no item.
        """
        for before in self.pre:
            x = before(x)
        extra = {"rng": as_generator(rng)} if self._wants_rng else {}
        made = self.f(ItemView(x), **self.resources, **extra)
        if made is None:
            return None
        content = row_content(made)
        if content is None:
            raise TypeError(
                f"transformation function '{self.name}' returned {made!r}; return the changed item, or None"
            )
        return content

    @cached_property
    def fingerprint(self) -> str | None:
        """Stands for what it computes (sha256, hex); None where that cannot be told."""
        return fingerprint_of("tf", self._source, self.f, dict(self.resources), self.pre)

    def __repr__(self) -> str:
        return f"TransformationFunction({self.name!r})"


@overload
def transformation_function(name: Callable[..., Any]) -> TransformationFunction: ...
@overload
def transformation_function(
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Sequence[Callable[[Any], Any]] | None = None,
) -> Callable[[Callable[..., Any]], TransformationFunction]: ...
def transformation_function(
    name: str | Callable[..., Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Sequence[Callable[[Any], Any]] | None = None,
) -> TransformationFunction | Callable[[Callable[..., Any]], TransformationFunction]:
    """Make a transformation function of a function; parameters as `TransformationFunction`.

    Examples
    --------
    >>> @transformation_function()
    ... def without_digits(x):
    ...     x.text = "".join(c for c in x.text if not c.isdigit())
    ...     return x
    >>> without_digits.name, without_digits({"text": "win 500"})
    ('without_digits', {'text': 'win '})
    """

    def wrap(f: Callable[..., Any]) -> TransformationFunction:
        return TransformationFunction(name if isinstance(name, str) else f.__name__, f, resources, pre)

    return wrap(name) if callable(name) else wrap


class Policy(Protocol):
    """Says which functions are applied to an item, one after the other."""

    def sequences(self, n_functions: int, generator: np.random.Generator) -> list[tuple[int, ...]]:
        """Return, for one item, the functions of each synthetic item to make."""
        ...


@dataclass(frozen=True)
class ApplyOnePolicy:
    """Every function by itself: an item gives ``n_per_original`` synthetic ones for each function."""

    n_per_original: int = 1

    def sequences(self, n_functions: int, generator: np.random.Generator) -> list[tuple[int, ...]]:
        """Return one sequence of length 1 for each function and repeat."""
        del generator
        return [(j,) for j in range(n_functions) for _ in range(self.n_per_original)]


@dataclass(frozen=True)
class ApplyAllPolicy:
    """All functions in a row, in their order, ``n_per_original`` times."""

    n_per_original: int = 1

    def sequences(self, n_functions: int, generator: np.random.Generator) -> list[tuple[int, ...]]:
        """Return the sequence of all functions, repeated."""
        del generator
        return [tuple(range(n_functions))] * self.n_per_original


@dataclass(frozen=True)
class RandomPolicy:
    """Functions drawn at random with replacement: ``n_per_original`` sequences of ``sequence_length``."""

    n_per_original: int = 1
    sequence_length: int = 1

    def sequences(self, n_functions: int, generator: np.random.Generator) -> list[tuple[int, ...]]:
        """Draw the sequences."""
        drawn = generator.integers(n_functions, size=(self.n_per_original, self.sequence_length))
        return [tuple(row) for row in drawn.tolist()]


@dataclass(frozen=True)
class Origin:
    """Where a synthetic item comes from.

    Parameters
    ----------
    parent : str or int
        The item that it was made from.
    functions : tuple of (str, str or None)
        Name and fingerprint of each transformation function that changed it, in order.
    """

    parent: ItemId
    functions: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, eq=False)
class SyntheticItems:
    """Items made from others. They have columns as items have, but are none: `wsal.apply` refuses them.

    Parameters
    ----------
    ids : tuple of str
        s ids, each beginning with `wsal.types.SYNTHETIC_PREFIX`.
    data : mapping of str to Column
        The columns of the items that they were made from, but for the id.
    parents : ndarray of int64, shape (s,)
        Row of each one's parent.
    origins : tuple of Origin
    n_unchanged, n_not_applicable : int
        Copies that came out like their parent, and calls that returned None; neither is kept.
    """

    ids: tuple[str, ...]
    data: Mapping[str, Column] = field(repr=False)
    parents: NDArray[np.int64] = field(repr=False)
    origins: tuple[Origin, ...] = field(repr=False)
    n_unchanged: int = 0
    n_not_applicable: int = 0

    @property
    def n_items(self) -> int:
        """Number of synthetic items, s."""
        return len(self.ids)

    def __len__(self) -> int:
        return self.n_items

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.data)

    def column(self, name: str) -> tuple[object, ...]:
        """Return the s cells of a column."""
        if name not in self.data:
            raise DataError(f"no column {name!r}; there are {', '.join(self.columns)}")
        return self.data[name].values


def augment(
    items: Items,
    functions: Sequence[TransformationFunction],
    *,
    policy: Policy | None = None,
    rows: NDArray[np.int64] | None = None,
    rng: Rng = 0,
) -> SyntheticItems:
    """Make synthetic items.

    Parameters
    ----------
    items : Items
        n items; they stay as they are.
    functions : sequence of TransformationFunction
        Their names differ.
    policy : Policy, optional
        Every function by itself, once, where not given (`ApplyOnePolicy`).
    rows : ndarray of int64, optional
        The items to transform; all where not given. Leave out what is held out.
    rng : Generator, int or None
        One seed, one result.

    Returns
    -------
    SyntheticItems
        A copy that is like its parent, or like one made of the same parent before, is not kept.

    Raises
    ------
    InputError
        No functions, two of one name, or a policy that makes nothing.
    DataError
        A function raised or returned no item: with its name, the item, and what it raised.

    Examples
    --------
    >>> import pandas as pd
    >>> from wsal.items import read_items
    >>> items = read_items(pd.DataFrame({"id": ["a", "b"], "text": ["win 500", "hello"]}))
    >>> @transformation_function()
    ... def without_digits(x):
    ...     x.text = "".join(c for c in x.text if not c.isdigit()).strip()
    ...     return x
    >>> made = augment(items, [without_digits])
    >>> made.column("text"), made.parents.tolist(), made.origins[0].parent, made.n_unchanged
    (('win',), [0], 'a', 1)
    """
    _check(functions)
    chosen, generator = policy if policy is not None else ApplyOnePolicy(), as_generator(rng)
    names = tuple(name for name in items.columns if name != items.id_column)
    make_row = row_maker({name: items.column(name) for name in names})
    kept: list[tuple[int, tuple[int, ...], dict[str, object]]] = []
    n_unchanged = n_none = 0
    for row in range(items.n_items) if rows is None else rows.tolist():
        parent = {name: items.column(name)[row] for name in names}
        siblings = [parent]
        for sequence in chosen.sequences(len(functions), generator):
            made: dict[str, object] | None = {}
            x: Any = make_row(row)
            for j in sequence:
                made = _call(functions[j], x, items.item_ids[row], generator)
                if made is None:
                    break
                x = made
            if made is None:
                n_none += 1
                continue
            child = {name: made.get(name) for name in names}
            if not sequence or any(_alike(child, other) for other in siblings):
                n_unchanged += 1
                continue
            siblings.append(child)
            kept.append((row, sequence, child))
    return _gathered(items, functions, names, kept, n_unchanged, n_none)


def _gathered(
    items: Items,
    functions: Sequence[TransformationFunction],
    names: tuple[str, ...],
    kept: list[tuple[int, tuple[int, ...], dict[str, object]]],
    n_unchanged: int,
    n_not_applicable: int,
) -> SyntheticItems:
    ids: list[ItemId] = items.item_ids.tolist()
    count: dict[int, int] = {}
    own, origins = [], []
    for row, sequence, _ in kept:
        count[row] = count.get(row, 0) + 1
        made_by = "+".join(functions[j].name for j in sequence)
        own.append(f"{SYNTHETIC_PREFIX}{ids[row]}:{made_by}:{count[row]}")
        steps = tuple((functions[j].name, functions[j].fingerprint) for j in sequence)
        origins.append(Origin(ids[row], steps))
    data = {name: Column.from_values([child[name] for _, _, child in kept]) for name in names}
    parents = np.array([row for row, _, _ in kept], dtype=np.int64)
    return SyntheticItems(tuple(own), data, parents, tuple(origins), n_unchanged, n_not_applicable)


def _check(functions: Sequence[TransformationFunction]) -> None:
    if not functions:
        raise InputError("there are no transformation functions", hint="give one at least")
    seen: set[str] = set()
    for function in functions:
        if not isinstance(function, TransformationFunction):
            raise InputError(
                f"{function!r} is no transformation function",
                hint="decorate it with @transformation_function()",
            )
        if function.name in seen:
            raise InputError(f"two transformation functions are called {function.name!r}", hint="rename one")
        seen.add(function.name)


def _call(
    function: TransformationFunction, x: object, item: ItemId, generator: np.random.Generator
) -> dict[str, object] | None:
    try:
        return function(x, rng=generator)
    except Exception as cause:
        raise DataError(
            f"transformation function {function.name!r} raised on item {item!r}: {type(cause).__name__}: {cause}",
            hint="mend the function, or return None for an item that it cannot change",
        ) from cause


def _alike(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return all(_same(value, other[name]) for name, value in one.items())


def _same(one: object, other: object) -> bool:
    if is_missing(one) or is_missing(other):
        return is_missing(one) and is_missing(other)
    if isinstance(one, np.ndarray | list | tuple) or isinstance(other, np.ndarray | list | tuple):
        return np.array_equal(np.asarray(one), np.asarray(other))
    return bool(one == other)


def _has_parameter(f: Callable[..., Any], name: str) -> bool:
    try:
        return name in inspect.signature(f).parameters
    except (TypeError, ValueError):  # a built-in without a signature
        return False
