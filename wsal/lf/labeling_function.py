"""LabelingFunction: a function that votes for a label of an item, or abstains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, overload

import numpy as np

from wsal.errors import InputError
from wsal.lf.fingerprint import fingerprint_of, source_of
from wsal.types import ABSTAIN

__all__ = ["LabelingFunction", "as_labeling_function", "as_vote", "labeling_function"]


class LabelingFunction:
    """A named function from an item to a vote; Snorkel's signature, with author and reason.

    Parameters
    ----------
    name : str
        Unique among the functions applied together.
    f : callable
        Takes an item (its columns are attributes) and the resources as keywords; returns a class index, a
        label name, or -1 or None to abstain.
    resources : mapping, optional
        Passed to ``f`` as keywords.
    pre : sequence of callable, optional
        Preprocessors, run in this order.
    author, why : str
        For the audit: who wrote it, and for what reason.
    version : str, optional
        Part of the fingerprint: change it when something outside the source changes.

    Raises
    ------
    InputError
        No name, or ``f`` cannot be called.

    Examples
    --------
    >>> lf = LabelingFunction("short", lambda x: 1 if len(x["text"]) < 5 else None)
    >>> lf({"text": "Hi"}), lf({"text": "Hello there"})
    (1, -1)
    """

    def __init__(  # Snorkel's signature, and what an audit asks for
        self,
        name: str,
        f: Callable[..., Any],
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[Callable[[Any], Any]] | None = None,
        *,
        author: str = "",
        why: str = "",
        version: str | None = None,
    ) -> None:
        if not str(name).strip():
            raise InputError(
                f"a labelling function needs a name, got {name!r}",
                hint='name it: LabelingFunction("short-text", f)',
            )
        if not callable(f):
            raise InputError(f"labelling function {name!r}: {f!r} cannot be called", hint="pass a function")
        self.name = name
        self.author = author
        self.why = why
        self.version = version
        self._f = f
        self._resources = MappingProxyType(dict(resources or {}))
        self._pre = tuple(pre or ())
        # Read now: later the file may have been edited, while this code goes on running.
        self._source = source_of(f)

    @property
    def f(self) -> Callable[..., Any]:
        """The function itself."""
        return self._f

    @property
    def resources(self) -> Mapping[str, Any]:
        """What it gets as keywords; read-only."""
        return self._resources

    @property
    def pre(self) -> tuple[Callable[[Any], Any], ...]:
        """Its preprocessors."""
        return self._pre

    def __call__(self, x: Any) -> int | str:  # noqa: ANN401  # items are the user's
        """Vote on one item.

        Returns
        -------
        int or str
            A class index or a label name; -1 to abstain.

        Raises
        ------
        TypeError
            The function returned something that is no vote.
        """
        for before in self._pre:
            x = before(x)
        return as_vote(self._f(x, **self._resources), self.name)

    @cached_property
    def fingerprint(self) -> str | None:
        """Stands for what it computes (sha256, hex); None where that cannot be told: votes are not cached."""
        return fingerprint_of("lf", self._source, self._f, dict(self._resources), self._pre, self.version)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_resources": dict(self._resources)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._resources = MappingProxyType(state["_resources"])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


def as_vote(answer: Any, name: str) -> int | str:  # noqa: ANN401  # whatever the function returned
    """Read what a labelling function returned: a class index, a label name, None for abstain.

    Raises
    ------
    TypeError
        Anything else, also True and False.
    """
    if answer is None:
        return ABSTAIN
    if isinstance(answer, str):
        return str(answer)
    if isinstance(answer, int | np.integer) and not isinstance(answer, bool):
        return int(answer)
    raise TypeError(
        f"labelling function '{name}' returned {answer!r} ({type(answer).__name__}); "
        f"return a label name, a class index, or None to abstain"
    )


@overload
def labeling_function(name: Callable[..., Any]) -> LabelingFunction: ...
@overload
def labeling_function(
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Sequence[Callable[[Any], Any]] | None = None,
    *,
    author: str = "",
    why: str | None = None,
    version: str | None = None,
) -> Callable[[Callable[..., Any]], LabelingFunction]: ...
def labeling_function(  # as LabelingFunction
    name: str | Callable[..., Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Sequence[Callable[[Any], Any]] | None = None,
    *,
    author: str = "",
    why: str | None = None,
    version: str | None = None,
) -> LabelingFunction | Callable[[Callable[..., Any]], LabelingFunction]:
    """Make a labelling function of a function; parameters as `LabelingFunction`.

    The name is the function's, and the reason is the first line of its docstring, unless given.

    Examples
    --------
    >>> @labeling_function(author="ana")
    ... def greeting(x):
    ...     "Greetings come from people."
    ...     return "ham" if x["text"].startswith("Hi") else None
    >>> greeting.name, greeting.why, greeting({"text": "Hi there"})
    ('greeting', 'Greetings come from people.', 'ham')
    """

    def wrap(f: Callable[..., Any]) -> LabelingFunction:
        chosen = name if isinstance(name, str) else f.__name__
        return LabelingFunction(
            chosen,
            f,
            resources,
            pre,
            author=author,
            why=_first_line(f) if why is None else why,
            version=version,
        )

    return wrap(name) if callable(name) else wrap


def as_labeling_function(obj: Any) -> LabelingFunction:  # noqa: ANN401  # any object with a name that can be called
    """Take a labelling function as it is, or wrap any object with a name and a call, such as Snorkel's.

    Raises
    ------
    InputError
        The object has no name or cannot be called.

    Examples
    --------
    >>> class Foreign:
    ...     name = "always-0"
    ...     def __call__(self, x):
    ...         return 0
    >>> as_labeling_function(Foreign())("anything")
    0
    """
    if isinstance(obj, LabelingFunction):
        return obj
    name = getattr(obj, "name", None)
    if not isinstance(name, str) or not callable(obj):
        raise InputError(
            f"{obj!r} is no labelling function: it needs a name and a call",
            hint="decorate the function with @labeling_function()",
        )
    return LabelingFunction(name, obj)


def _first_line(f: Callable[..., Any]) -> str:
    lines = (f.__doc__ or "").strip().splitlines()
    return lines[0].strip() if lines else ""
