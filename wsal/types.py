"""Small types that every room shares, and what plain values stand for: nothing, or an item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError, did_you_mean

__all__ = [
    "ABSTAIN",
    "MAX_CLASSES",
    "MAX_CLASS_NAME",
    "SYNTHETIC_PREFIX",
    "Floats",
    "ItemId",
    "LabelSpace",
    "Rng",
    "VoteArray",
    "absent",
    "as_generator",
    "as_item_id",
    "id_array",
    "is_missing",
    "presence",
    "refuse_synthetic",
    "statements",
]

ABSTAIN: Final = -1
"""The vote of a labelling function that has nothing to say about an item."""

MAX_CLASSES: Final = 127
MAX_CLASS_NAME: Final = 200  # characters
"""Votes are int8."""

ItemId: TypeAlias = str | int
"""What names an item: unique in a dataset, stable over time."""

SYNTHETIC_PREFIX: Final = "wsal-synthetic:"
"""How the id of a synthetic item begins. Such items train end models and do nothing else."""

VoteArray: TypeAlias = NDArray[np.int8]
"""Votes: a class index 0..k-1, or ABSTAIN."""

Floats: TypeAlias = NDArray[np.float64]
"""Double-precision array."""

Rng: TypeAlias = np.random.Generator | int | None
"""A source of randomness that is passed in; a seed makes a new generator, None asks the system."""


def as_generator(rng: Rng) -> np.random.Generator:
    """Make a generator from a generator, a seed or None.

    Never touches numpy's global state.

    Raises
    ------
    InputError
        It is none of them.
    """
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise InputError(
            f"rng={rng!r} makes no random numbers",
            hint="give a whole number from 0, a numpy Generator, or None",
        ) from None


_MISSING_TYPES: Final = frozenset({"NAType", "NaTType"})  # pandas' own, recognised without importing pandas


def is_missing(value: object) -> bool:
    """Tell whether a cell holds nothing: None, NaN and NaT of Python, numpy or pandas, and pandas.NA.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), np.float32("nan"), "", 0)]
    [True, True, True, False, False]
    """
    if value is None:
        return True
    if isinstance(value, float | np.floating | np.datetime64 | np.timedelta64):
        return bool(value != value)  # noqa: PLR0124  # NaN and NaT are the only values unequal to themselves
    return type(value).__name__ in _MISSING_TYPES


def refuse_synthetic(item: object) -> None:
    """Refuse the id of an item that was made from another one.

    Raises
    ------
    DataError
        It is one: synthetic items have no votes, answers or draws, and nothing is estimated on them.
    """
    if isinstance(item, str) and item.startswith(SYNTHETIC_PREFIX):
        raise DataError(
            f"{item!r} is a synthetic item: it trains end models, and is never voted on, answered, drawn or counted",
            hint="leave out what wsal.features.augment made, or choose ids that begin otherwise",
        )


def as_item_id(value: object) -> ItemId | None:
    """Take numpy's texts and whole numbers for Python's own; None for what names no item.

    Raises
    ------
    DataError
        The id of a synthetic item, which is none.

    Examples
    --------
    >>> as_item_id(np.int64(7)), as_item_id("a1"), as_item_id(7.5), as_item_id(True)
    (7, 'a1', None, None)
    """
    if isinstance(value, str):
        refuse_synthetic(value)
        return str(value)
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)
    return None


def id_array(ids: Sequence[ItemId]) -> NDArray[Any]:
    """Make a read-only array of n ids: int64 where all are whole numbers that fit, else objects.

    Examples
    --------
    >>> id_array([1, 2]).dtype, id_array(["a", 2]).dtype, id_array([2**63]).dtype
    (dtype('int64'), dtype('O'), dtype('O'))
    """
    array: NDArray[Any] = np.empty(len(ids), dtype=object)
    array[:] = ids
    if set(map(type, ids)) <= {int}:
        with suppress(OverflowError):  # beyond 64 bits
            array = np.array(ids, dtype=np.int64)
    array.flags.writeable = False
    return array


@dataclass(frozen=True)
class LabelSpace:
    """The classes of a task, in order; the index of a name is the value of a vote.

    Parameters
    ----------
    names : tuple of str
        At least two, all different.

    Raises
    ------
    InputError
        Fewer than two names, more than 127, an empty name, one of more than 200 characters, or one that stands twice.

    Examples
    --------
    >>> space = LabelSpace(("ham", "spam"))
    >>> space.index("spam"), len(space), list(space)
    (1, 2, ['ham', 'spam'])
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.names) < 2:
            raise InputError(
                f"a task needs at least two labels, got {list(self.names)}",
                hint='name them all, also the common one: labels = ["ham", "spam"]',
            )
        if len(self.names) > MAX_CLASSES:
            raise InputError(f"a task has at most {MAX_CLASSES} labels, got {len(self.names)}")
        for name in self.names:
            if not (isinstance(name, str) and name.strip()):  # type: ignore[redundant-expr]  # YAML gives others
                raise InputError(f"a label is a non-empty text, got {name!r}", hint="put the name in quotes")
            if len(name) > MAX_CLASS_NAME:
                raise InputError(
                    f"a label has at most {MAX_CLASS_NAME} characters, and {name[:40]!r}… has {len(name)}",
                    hint="name it briefly; what it means belongs into the guidelines or a rule's why",
                )
        seen: set[str] = set()
        for name in self.names:
            if name in seen:
                raise InputError(
                    f"label {name!r} stands twice in {list(self.names)}", hint="remove one of them"
                )
            seen.add(name)

    @classmethod
    def of(cls, labels: LabelSpace | Sequence[str]) -> LabelSpace:
        """Take a label space as it is, or make one from names."""
        return labels if isinstance(labels, LabelSpace) else cls(tuple(labels))

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Return the index of a class.

        Raises
        ------
        InputError
            No class has this name.
        """
        try:
            return self._index[name]
        except (KeyError, TypeError):
            raise InputError(
                f"unknown label {name!r}; the labels are {', '.join(self.names)}",
                hint=did_you_mean(str(name), self.names),
            ) from None

    def name(self, index: int) -> str | None:
        """Return the name of a class; None for ABSTAIN."""
        return None if index == ABSTAIN else self.names[index]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __getstate__(self) -> dict[str, Any]:
        return {"names": self.names}


def absent(label: str) -> str:
    """Return how rules and answers say that a label does not hold, where an item may have several.

    Examples
    --------
    >>> absent("sports")
    'not sports'
    """
    return f"not {label}"


def presence(label: str) -> LabelSpace:
    """Return the two classes of the task whether a label holds: absent, then present.

    Examples
    --------
    >>> list(presence("sports"))
    ['not sports', 'sports']
    """
    return LabelSpace((absent(label), label))


def statements(labels: LabelSpace) -> LabelSpace:
    """Return all that rules can say where an item may have several of k labels: 2k classes, two a label.

    Raises
    ------
    InputError
        A label is called as the absence of another, or there are more than votes can tell apart.

    Examples
    --------
    >>> list(statements(LabelSpace(("sports", "money"))))
    ['not sports', 'sports', 'not money', 'money']
    """
    for label in labels:
        if absent(label) in labels:
            raise InputError(
                f"the label {absent(label)!r} is how rules say that {label!r} does not hold",
                hint="give it another name",
            )
    if 2 * len(labels) > MAX_CLASSES:
        raise InputError(
            f"a task with several labels an item has at most {MAX_CLASSES // 2}, got {len(labels)}"
        )
    return LabelSpace(tuple(name for label in labels for name in presence(label)))
