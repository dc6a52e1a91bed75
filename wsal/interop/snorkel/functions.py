"""Labelling and slicing functions with Snorkel's signatures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from wsal import lf
from wsal.errors import InputError
from wsal.lf.nlp import SpacyPreprocessor as DocPreprocessor

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = [
    "LabelingFunction",
    "NLPLabelingFunction",
    "SlicingFunction",
    "SpacyPreprocessor",
    "labeling_function",
    "nlp_labeling_function",
    "preprocessor",
    "slicing_function",
]

_ENGLISH = "en_core_web_sm"
_BLANK = "blank:"

preprocessor = lf.preprocessor
"""As `wsal.preprocessor`, which has Snorkel's parameters; what is set on an item never reaches the item itself."""


class LabelingFunction(lf.LabelingFunction):
    """`wsal.LabelingFunction` that prints as Snorkel's does.

    Examples
    --------
    >>> LabelingFunction("big", lambda x: 1 if x.num > 42 else -1)
    LabelingFunction big, Preprocessors: []
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.name}, Preprocessors: {list(self.pre)}"


class NLPLabelingFunction(LabelingFunction):
    """A labelling function whose item also has a spaCy Doc, one a text for all such functions.

    Parameters
    ----------
    name, f, resources, pre
        As `LabelingFunction`; ``pre`` runs before spaCy.
    text_field, doc_field : str
        The text is in ``x.text``, the Doc goes to ``x.doc``, unless named otherwise.
    language : str or spacy Language
        An installed spaCy package, the folder of a saved pipeline, a pipeline, or ``"blank:en"``.
    disable : list of str, optional
        Components that are left out.
    memoize, memoize_key, gpu
        Accepted for Snorkel's sake: Docs are always kept, by their text, in a store of bounded size; spaCy itself
        is told about a GPU with ``spacy.prefer_gpu()``.

    Raises
    ------
    InputError
        The pipeline is not installed: with its name, how to install it, and what works without it.
    """

    def __init__(
        self,
        name: str,
        f: Callable[..., Any],
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[Callable[[Any], Any]] | None = None,
        text_field: str = "text",
        doc_field: str = "doc",
        language: str | Language = _ENGLISH,
        disable: Sequence[str] | None = None,
        memoize: bool = True,  # noqa: ARG002  # Snorkel's signature
        memoize_key: Callable[[Any], Hashable] | None = None,  # noqa: ARG002  # Snorkel's signature
        gpu: bool = False,  # noqa: ARG002  # Snorkel's signature
    ) -> None:
        pipeline = _pipeline(language, disable)
        reader = lf.nlp_labeling_function(
            pre=pre, text_field=text_field, doc_field=doc_field, pipeline=pipeline
        )(f).pre
        super().__init__(name, f, resources, reader)


class SlicingFunction(LabelingFunction):
    """A function that says whether an item belongs to a slice; what it returns is passed on as it is."""

    def __call__(self, x: Any) -> Any:  # noqa: ANN401  # as the function returns it
        """Return what the function says of an item: true or false, or a number."""
        for before in self.pre:
            x = before(x)
        return self.f(x, **self.resources)


class SpacyPreprocessor(DocPreprocessor):
    """Add a spaCy Doc of ``text_field`` as ``doc_field``; parameters as `NLPLabelingFunction`."""

    def __init__(
        self,
        text_field: str,
        doc_field: str,
        language: str | Language = _ENGLISH,
        disable: Sequence[str] | None = None,
        pre: Sequence[Callable[[Any], Any]] | None = None,
        memoize: bool = False,  # noqa: ARG002  # Snorkel's signature
        memoize_key: Callable[[Any], Hashable] | None = None,  # noqa: ARG002  # Snorkel's signature
        gpu: bool = False,  # noqa: ARG002  # Snorkel's signature
    ) -> None:
        super().__init__(text_field, doc_field, pipeline=_pipeline(language, disable), pre=pre)


class labeling_function:
    """Make a `LabelingFunction` of a function, named as the function unless ``name`` is given.

    Examples
    --------
    >>> @labeling_function(resources={"limit": 42})
    ... def big(x, limit):
    ...     return 1 if x["num"] > limit else -1
    >>> big, big({"num": 50})
    (LabelingFunction big, Preprocessors: [], 1)
    """

    kind: type[LabelingFunction] = LabelingFunction

    def __init__(
        self,
        name: str | None = None,
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[Callable[[Any], Any]] | None = None,
        **options: Any,  # noqa: ANN401  # those of the kind
    ) -> None:
        if callable(name):
            raise InputError(
                f"the decorator of {getattr(name, '__name__', name)!r} has no parentheses",
                hint=f"write @{type(self).__name__}()",
            )
        self._name, self._given = name, {"resources": resources, "pre": pre, **options}

    def __call__(self, f: Callable[..., Any]) -> LabelingFunction:
        """Return the labelling function."""
        return self.kind(self._name or f.__name__, f, **self._given)


class nlp_labeling_function(labeling_function):
    """Make an `NLPLabelingFunction` of a function; parameters as there.

    Examples
    --------
    >>> @nlp_labeling_function(language="blank:en")
    ... def has_number(x):
    ...     return 1 if any(token.like_num for token in x.doc) else -1
    >>> has_number({"text": "Call 0800 now"})
    1
    """

    kind = NLPLabelingFunction


class slicing_function(labeling_function):
    """Make a `SlicingFunction` of a function; parameters as `labeling_function`."""

    kind = SlicingFunction


def _pipeline(language: str | Language, disable: Sequence[str] | None) -> Any:  # noqa: ANN401  # a Language
    return _load(language, tuple(disable or ())) if isinstance(language, str) else language


@cache
def _load(language: str, disable: tuple[str, ...]) -> Any:  # noqa: ANN401  # a Language
    """Load a pipeline once a process, so that functions share its Docs.

    Raises
    ------
    InputError
    """
    import spacy

    try:
        if language.startswith(_BLANK):
            return spacy.blank(language.removeprefix(_BLANK))
        return spacy.load(language, disable=list(disable))
    except (OSError, ImportError, ValueError) as error:
        raise InputError(
            f"spaCy has no pipeline {language!r}: {error}",
            hint=f"install it (python -m spacy download {language}), or name another with language=…; "
            'language="blank:en" cuts text into tokens and needs no download, but has no tags, lemmas or entities',
        ) from error
