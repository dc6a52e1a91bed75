"""Preprocessors: steps that add fields to an item before a labelling function sees it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, overload

from wsal.errors import InputError
from wsal.lf.fingerprint import fingerprint_of, source_of
from wsal.lf.row import Row
from wsal.lf.table import row_content

__all__ = ["DEFAULT_MEMO_SIZE", "ItemView", "Preprocessor", "preprocessor"]

DEFAULT_MEMO_SIZE = 10_000
"""Results a memoizing preprocessor keeps; the least recently used goes first."""


class ItemView:
    """An item that can be written to: what is set stays in the view, the item beneath is never changed.

    Examples
    --------
    >>> view = ItemView({"text": "Free"})
    >>> view.lower = view.text.lower()
    >>> view["lower"], view["text"]
    ('free', 'Free')
    """

    __slots__ = ("_added", "_item")

    def __init__(self, item: object) -> None:
        object.__setattr__(self, "_item", item)
        object.__setattr__(self, "_added", {})

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the item holds
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._added:
            return self._added[name]
        if isinstance(self._item, Mapping) and name in self._item:
            return self._item[name]
        return getattr(self._item, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._added[name] = value

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # whatever the item holds
        if name in self._added:
            return self._added[name]
        if hasattr(type(self._item), "__getitem__"):
            return self._item[name]
        return getattr(self._item, name)

    def __setitem__(self, name: str, value: object) -> None:
        self._added[name] = value

    def _asdict(self) -> dict[str, object]:
        return {**(row_content(self._item) or {}), **self._added}


class Preprocessor:
    """A function from item to item, run before labelling functions that name it in ``pre``.

    The function gets a view: it may set attributes on it and return it, without changing the item.

    Parameters
    ----------
    name : str
    f : callable
        Takes an item, returns an item.
    pre : sequence of callable
        Run before it.
    memoize : bool
        Keep results, by the item's whole content or by ``memoize_key``.
    memoize_key : callable, optional
        From item to something hashable.
    memo_size : int
        Results kept at most.

    Raises
    ------
    InputError
        No name, or no room for a single result.
    """

    def __init__(  # Snorkel's signature, and a bound
        self,
        name: str,
        f: Callable[[Any], Any],
        *,
        pre: Sequence[Callable[[Any], Any]] | None = None,
        memoize: bool = False,
        memoize_key: Callable[[Any], Hashable] | None = None,
        memo_size: int = DEFAULT_MEMO_SIZE,
    ) -> None:
        if not name:
            raise InputError(
                f"a preprocessor needs a name, got {name!r}", hint='name it: preprocessor(name="lower")'
            )
        if memo_size < 1:
            raise InputError(
                f"memo_size is at least 1, got {memo_size}", hint="leave memoize out to keep nothing"
            )
        self.name = name
        self.f = f
        self.pre = tuple(pre or ())
        self.memoize = memoize
        self.memoize_key = memoize_key
        self.memo_size = memo_size
        self._source = source_of(f)
        self._memo: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def __call__(self, x: Any) -> Any:  # noqa: ANN401  # items are the user's
        """Return the item with what the preprocessor adds.

        Raises
        ------
        ValueError
            The function returned None.
        """
        key = self._key(x) if self.memoize else None
        if key is None:
            return self._run(x)
        with self._lock:
            if key in self._memo:
                self._memo.move_to_end(key)
                return self._memo[key]
        result = self._run(x)
        with self._lock:
            self._memo[key] = result
            while len(self._memo) > self.memo_size:
                self._memo.popitem(last=False)
        return result

    def _run(self, x: Any) -> Any:  # noqa: ANN401  # as above
        for before in self.pre:
            x = before(x)
        result = self.f(ItemView(x))
        if result is None:
            raise ValueError(f"preprocessor '{self.name}' returned None; return the item")
        return result

    def _key(self, x: Any) -> Hashable | None:  # noqa: ANN401  # as above
        """Return a key for the memo; None for an item that has no hashable content, which is not kept."""
        if self.memoize_key is not None:
            return ("key", self.memoize_key(x))
        key: Hashable = x.content() if isinstance(x, Row) else None
        if key is None:
            content = row_content(x)
            if content is None:
                return None
            key = tuple((name, type(value), value) for name, value in sorted(content.items()))
        try:
            hash(key)
        except TypeError:
            return None
        return key

    @cached_property
    def fingerprint(self) -> str | None:
        """Stands for what it computes; None where that cannot be told."""
        return fingerprint_of("preprocessor", self._source, self.f, self.pre)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in {"_memo", "_lock"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._memo = OrderedDict()
        self._lock = Lock()

    def __iter__(self) -> Iterator[Preprocessor]:
        raise TypeError(f"preprocessor '{self.name}' is not a list; write pre=[{self.name}]")

    def __repr__(self) -> str:
        return f"Preprocessor({self.name!r})"


@overload
def preprocessor(name: Callable[[Any], Any]) -> Preprocessor: ...
@overload
def preprocessor(
    name: str | None = None,
    *,
    pre: Sequence[Callable[[Any], Any]] | None = None,
    memoize: bool = False,
    memoize_key: Callable[[Any], Hashable] | None = None,
    memo_size: int = DEFAULT_MEMO_SIZE,
) -> Callable[[Callable[[Any], Any]], Preprocessor]: ...
def preprocessor(
    name: str | Callable[[Any], Any] | None = None,
    *,
    pre: Sequence[Callable[[Any], Any]] | None = None,
    memoize: bool = False,
    memoize_key: Callable[[Any], Hashable] | None = None,
    memo_size: int = DEFAULT_MEMO_SIZE,
) -> Preprocessor | Callable[[Callable[[Any], Any]], Preprocessor]:
    """Make a preprocessor of a function; parameters as `Preprocessor`, named as the function unless given.

    Examples
    --------
    >>> @preprocessor(memoize=True)
    ... def lower(x):
    ...     x.text_lower = x.text.lower()
    ...     return x
    >>> lower({"text": "Free"}).text_lower
    'free'
    """
    if callable(name):
        return Preprocessor(name.__name__, name)

    def wrap(f: Callable[[Any], Any]) -> Preprocessor:
        return Preprocessor(
            name if isinstance(name, str) else f.__name__,
            f,
            pre=pre,
            memoize=memoize,
            memoize_key=memoize_key,
            memo_size=memo_size,
        )

    return wrap
